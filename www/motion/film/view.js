// What is seen of the film tool: stage, line of frames, actions, and words about the film.

import { formatChoice } from "../formats.js";
import { intake } from "../intake.js";
import { button, make, progress, slider } from "../make.js";
import { NO_VIDEOS, takesVideos } from "./open.js";
import { clock, rate } from "./plan.js";

const PICTURES = "image/*";
const VIDEOS = "video/*,.mkv,.mov,.m4v,.webm,.mp4";
/** For how many ms a button asks whether it is meant. */
const PATIENCE = 5000;

/**
 * Builds it.
 *
 * @param {object} on `files(files)`, `sample()`, `dream()`, `stop()`, `anew()`, `preview()`,
 *   `play()`, `seek(number)`, `original(pressed)`, `save()`, `format()`.
 */
export function openView({ section, tools, settings, on }) {
  const canvas = make("canvas", { role: "img", "aria-label": "The film" });
  const bar = progress("Film");
  const picture = make("figure", { class: "picture", hidden: true }, canvas, bar.element);
  const openers = () => [
    takesVideos() ? opener("Open a film", VIDEOS, false, on.files) : undefined,
    opener("Open pictures", PICTURES, true, on.files),
  ];
  const empty = make(
    "div",
    { class: "welcome" },
    make("h2", {}, "Dream on a film"),
    make(
      "p",
      {},
      "Open a video, or several pictures numbered in their order. Every frame dreams, and what was dreamed moves along with what is seen. Nothing leaves your machine.",
    ),
    takesVideos() ? undefined : make("p", { class: "trouble" }, NO_VIDEOS),
    make("div", { class: "line" }, ...openers(), button("Try a sample", on.sample)),
  );
  const caption = make("p", { class: "caption" });
  const mat = make("div", { class: "mat" }, picture, empty);
  const stage = make("div", { class: "stage" }, mat, caption);

  const facts = make("dl", { class: "facts" });
  const need = make("p", { class: "hint need" });
  const about = make(
    "section",
    { hidden: true },
    make("h2", {}, "The film"),
    facts,
    need,
    make("div", { class: "line" }, ...openers()),
  );
  const panel = make("div", { class: "panel" }, about, settings.element);

  const controls = {
    play: button("Play", on.play),
    original: button("Original", () => on.original(original.ariaPressed !== "true"), {
      "aria-pressed": "false",
      title: "Shows the film as it was",
    }),
    preview: button("Preview this frame", on.preview, {
      title: "Dreams on this frame alone, small and quick",
    }),
  };
  const { original } = controls;
  let total = 1;
  const frames = slider({
    name: "Frame",
    min: 1,
    max: 1,
    step: 1,
    value: 1,
    show: (number) => `${number} of ${total}`,
    onInput: (number) => on.seek(number - 1),
  });
  const flicker = make("p", { class: "flicker" });
  const time = make(
    "div",
    { class: "time" },
    frames.element,
    make(
      "div",
      { class: "line" },
      ...Object.values(controls),
      make("span", { class: "grow" }),
      flicker,
    ),
  );

  const main = {
    dream: button("Dream the film", on.dream, { kind: "primary" }),
    stop: button("Stop", on.stop, { kind: "primary stop" }),
  };
  const format = formatChoice({ onChange: on.format });
  const sound = make("p", { class: "hint", id: "film-sound" });
  const save = button("Save the film", on.save, { "aria-describedby": "film-sound" });
  const anew = twice("Start anew", on.anew);
  const saving = make(
    "section",
    { class: "saving" },
    make("h2", {}, "Save"),
    format.element,
    sound,
  );
  about.after(saving);
  const actions = make("div", { class: "actions" }, main.dream, main.stop, save, anew.element);
  section.append(stage, time, panel, actions);
  // Whatever is dropped on or pasted into the tool; the button itself is not shown.
  const wants = ({ type, name }) => /^(image|video)\//.test(type) || /\.(mkv|mov|m4v)$/i.test(name);
  intake({ section, tools, label: "", accept: "", multiple: true, wants, onFiles: on.files });

  return {
    canvas,
    format,
    frames,
    bar,

    /** Shows what can be done in a state: `{film, plan, done, begun, busy, missing, original}`. */
    show({ film, plan, done, begun, busy, missing, original: asItWas }) {
      const focused = document.activeElement;
      empty.hidden = Boolean(plan);
      picture.hidden = !plan;
      about.hidden = !film && !missing;
      time.hidden = !plan;
      actions.hidden = !film && !missing;
      settings.lock(Boolean(begun || busy));
      const complete = plan && done >= plan.count;
      main.dream.hidden = Boolean(busy) || Boolean(complete);
      main.stop.hidden = !busy;
      main.dream.disabled = !film;
      main.dream.textContent = begun && done > 0 ? "Go on with the film" : "Dream the film";
      anew.element.hidden = !begun || Boolean(busy);
      anew.words(done > 0 ? `Really discard ${plural(done, "frame")}?` : "Really start anew?");
      controls.preview.disabled = Boolean(busy) || !film;
      controls.original.disabled = !film;
      controls.original.ariaPressed = String(asItWas);
      controls.play.disabled = busy === "saving" || (asItWas ? plan?.count : done) < 2;
      saving.hidden = done === 0;
      save.hidden = done === 0 || Boolean(busy);
      save.classList.toggle("primary", Boolean(complete));
      if (plan) {
        total = plan.count;
        frames.set(Math.min(frames.value, plan.count), { max: plan.count });
        mat.style.setProperty("--ratio", plan.width / plan.height);
      }
      if (focused && section.contains(focused) && !focused.checkVisibility()) {
        (busy ? main.stop : main.dream.hidden ? save : main.dream).focus();
      }
    },

    /** Tells what film it is: pairs of a name and what is so called. */
    tell(film, plan) {
      const rows = [
        ["Name", film.name],
        film.width ? ["Size", `${film.width} × ${film.height}`] : undefined,
        film.kind === "video" ? ["Length", clock(film.duration)] : undefined,
        film.kind === "video" ? ["Frames a second", rate(film.rate)] : undefined,
        film.kind === "pictures" ? ["Pictures", film.count] : undefined,
        ["Becomes", `${plural(plan.count, "frame")} of ${plan.width} × ${plan.height}`],
        ["Sound", film.sound || film.hasSound ? "will be kept" : "there is none"],
      ];
      const row = ([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))];
      facts.replaceChildren(...rows.filter(Boolean).flatMap(row));
    },

    /** How long it will take, and what goes on on the stage. */
    need: (words) => (need.textContent = words),
    caption: (words) => (caption.textContent = words),
    /** Whether it can be saved in the format that is chosen; why not, or what of its sound. */
    savable(is, words) {
      save.disabled = !is;
      sound.textContent = words;
    },
    playing: (is) => (controls.play.textContent = is ? "Pause" : "Play"),
    flicker(words) {
      flicker.textContent = words;
      flicker.classList.toggle("careful", words.startsWith("Careful"));
    },
  };
}

/** `1 frame`, `12 frames`. */
export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A button that asks for files. */
function opener(label, accept, multiple, onFiles) {
  const input = make("input", { type: "file", class: "unseen", accept, multiple });
  input.addEventListener("change", () => {
    const files = [...input.files];
    // The same file may be chosen again.
    input.value = "";
    if (files.length > 0) onFiles(files);
  });
  return make("label", { class: "file" }, make("span", {}, label), input);
}

/** A button for what cannot be undone: its second press does it. */
function twice(label, act) {
  let [asking, question] = [undefined, ""];
  const rest = () => {
    clearTimeout(asking);
    asking = undefined;
    element.textContent = label;
  };
  const element = button(label, () => {
    if (asking) {
      rest();
      act();
    } else {
      element.textContent = question;
      asking = setTimeout(rest, PATIENCE);
    }
  });
  return { element, words: (asked) => (question = asked) };
}
