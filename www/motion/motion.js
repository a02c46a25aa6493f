// The page "Moving pictures": four tools behind tabs, each loaded when it is first shown.
//
// A tool is a module `motion/NAME/NAME.js`, with its style in page.css, that exports
//
//   mount(section, tools)   builds the tool into its empty <section class="tool" role="tabpanel">;
//                           it may return a promise. Called once.
//
// `tools` is what the page lends it:
//
//   say(words)              the page's status line, one line; "" for nothing
//   warn(error, ways)       a message in the page's alert: an Error whose message is for readers, or
//                           words; `ways` are pairs of a label and what to do. It stays until it is
//                           closed, `hush()` is called, or the same tool warns again
//   hush()                  takes this tool's message away
//   shown()                 whether the tool is on show
//   onShow(act), onHide(act)  called when it comes to be shown, also the first time, or goes; a tool
//                           that is not on show must not play, listen or film
//
// Everything else is imported: make.js (elements), intake.js (files), frames.js (pixels),
// dreamer.js (the one engine), network.js (what it dreams with), rust.js (dream-motion), guard.js
// (flashes), player.js, save.js.

import { layers } from "./dreamer.js";
import { guardSwitch } from "./guard.js";
import { button, make } from "./make.js";
import { networkChoice } from "./network.js";

/** Each tool's label, what it is for, and its module. */
const TOOLS = {
  zoom: ["Zoom", "Dream ever deeper into a photo", () => import("./zoom/zoom.js")],
  film: ["Film", "Dream on a video, frame by frame", () => import("./film/film.js")],
  mirror: [
    "Mirror",
    "Your camera, dreaming while you keep still",
    () => import("./mirror/mirror.js"),
  ],
  look: ["Look", "Look around in a 360° picture", () => import("./look/look.js")],
};

const [tabs, main, messages, status, calmPlace, networkPlace] = [
  "tabs",
  "tools",
  "messages",
  "status",
  "calm",
  "network",
].map((id) => document.getElementById(id));
/** The tools, by name: `{section, tab, tools, heard, mounted}`. */
const parts = {};
let current;

/** The tool that the address names, or the first. */
const asked = () => (location.hash.slice(1) in TOOLS ? location.hash.slice(1) : "zoom");

for (const [name, [label, hint]] of Object.entries(TOOLS)) {
  const tab = make(
    "button",
    {
      type: "button",
      role: "tab",
      id: `tab-${name}`,
      "aria-controls": `tool-${name}`,
      title: hint,
    },
    label,
  );
  const section = make("section", {
    id: `tool-${name}`,
    class: `tool ${name}`,
    role: "tabpanel",
    "aria-labelledby": `tab-${name}`,
    hidden: true,
  });
  tab.addEventListener("click", () => (location.hash = name));
  parts[name] = { section, tab, words: "", heard: { show: [], hide: [] } };
  parts[name].tools = lend(name, parts[name]);
  tabs.append(tab);
  main.append(section);
}

tabs.addEventListener("keydown", (event) => {
  const names = Object.keys(TOOLS);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const edge = { Home: names[0], End: names.at(-1) }[event.key];
  if (!step && !edge) return;
  event.preventDefault();
  const at = names.indexOf(current) + (step ?? 0) + names.length;
  const name = edge ?? names[at % names.length];
  parts[name].tab.focus();
  location.hash = name;
});

calmPlace.append(guardSwitch());
addEventListener("hashchange", show);
show();
networkPlace.append(
  networkChoice({
    load: () => layers(parts[current].tools),
    warn: (error) => parts[current].tools.warn(error),
  }),
);

/** Shows the tool that the address names, loading it if need be. */
async function show() {
  const name = asked();
  if (name === current) return;
  if (current) parts[current].heard.hide.forEach((act) => act());
  current = name;
  for (const [other, { section, tab }] of Object.entries(parts)) {
    section.hidden = other !== name;
    tab.ariaSelected = String(other === name);
    tab.tabIndex = other === name ? 0 : -1;
  }
  networkPlace.hidden = name === "look";
  document.title = `${TOOLS[name][0]} · Moving pictures: Pareidolia`;
  const part = parts[name];
  status.textContent = part.words;
  part.mounted ??= mount(name, part);
  await part.mounted;
  if (current === name) part.heard.show.forEach((act) => act());
}

async function mount(name, part) {
  const { section, tools } = part;
  section.ariaBusy = "true";
  try {
    const tool = await TOOLS[name][2]();
    await tool.mount(section, tools);
  } catch (error) {
    console.error(error);
    const words = `${TOOLS[name][0]} could not be loaded. Are you online? Reload the page to try again.`;
    tools.warn(words, [["Reload", () => location.reload()]]);
  } finally {
    section.ariaBusy = "false";
  }
}

/** What the page lends a tool. */
function lend(name, part) {
  let alert;
  const hush = () => alert?.remove();
  return {
    say(words) {
      part.words = words;
      if (current === name && status.textContent !== words) status.textContent = words;
    },
    warn(error, ways = []) {
      if (error?.name === "AbortError") return;
      if (error instanceof Error) console.error(error);
      const words = error instanceof Error ? error.message : String(error);
      const act = (way) => () => {
        hush();
        way();
      };
      const buttons = ways.map(([label, way]) => button(label, act(way)));
      hush();
      alert = make(
        "div",
        { class: "alert" },
        make("p", {}, make("b", {}, `${TOOLS[name][0]}: `), words),
        make("div", { class: "ways" }, ...buttons, button("Close", hush)),
      );
      messages.append(alert);
    },
    hush,
    shown: () => current === name,
    onShow: (act) => part.heard.show.push(act),
    onHide: (act) => part.heard.hide.push(act),
  };
}
