// The network that the tools of the page dream with: the built-in one, one that the main page has
// downloaded, or a file of the reader's. One for the page.
//
//   networkChoice({load, warn})   its control, one for the page; `await load()` loads the network that
//                                 is chosen now, and rejects with words where that cannot be
//   BUILT_IN                      the one that there always is
//   network()                     → {key, name, model, hash}: the same key, the same network, also after
//                                 a reload; `model` as `createDreamer` takes it; its SHA-256, once it
//                                 is known
//   await openNetwork(hash)       chooses the network with that hash; whether there is one
//   onNetwork({leave, enter})     another one was chosen: `leave()` gives up what is under way,
//                                 `enter()` takes in the new one

import { keptModels } from "./kept.js";
import { choice, make } from "./make.js";

export const BUILT_IN = { key: "", name: "Built-in network" };
const DAMAGED =
  "What this browser keeps of that network is damaged. Remove it on the main page, and download it again.";

let current = BUILT_IN;
let choosing;
const offered = new Map([[BUILT_IN.key, BUILT_IN]]);
const listeners = [];

export const network = () => current;

export const onNetwork = (listener) => listeners.push(listener);

export async function openNetwork(hash) {
  const found = [...offered.values()].find((it) => it.hash === hash);
  if (found && found !== current) await choosing(found.key);
  return current === found;
}

export function networkChoice({ load, warn }) {
  choosing = choose;
  const control = choice({ name: "Network", options: options(), onChange: choose });
  const input = make("input", {
    type: "file",
    class: "unseen",
    accept: ".onnx",
    "aria-label": "Open a network",
  });
  const title = "Open another network, an .onnx file";
  const own = make("label", { class: "file", title }, make("span", {}, "Open"), input);
  input.addEventListener("change", () => {
    const [file] = input.files;
    // The same file may be chosen again.
    input.value = "";
    if (file) choose(offer({ key: `${file.name}:${file.size}`, name: file.name, model: file }));
  });
  keptModels().then(
    (models) =>
      models.forEach(({ name, sha256: hash, file }) =>
        offer({ key: hash, name, model: file, hash }),
      ),
    (error) => warn(error),
  );
  return make("div", { class: "network" }, control.element, own);

  function options() {
    return [...offered.values()].map(({ key, name }) => [key, name]);
  }

  /** Adds a network to the choice; gives its key. */
  function offer(network) {
    offered.set(network.key, network);
    control.fill(options());
    return network.key;
  }

  /** Changes to a network; to the one before where that cannot be loaded. */
  async function choose(key) {
    const before = current;
    current = offered.get(key);
    control.set(key);
    listeners.forEach(({ leave }) => leave());
    try {
      if (!(await isSound(current))) throw new Error(DAMAGED);
      await load();
    } catch (error) {
      warn(error);
      if (current.key !== key) return;
      current = before;
      control.set(before.key);
      await load().catch(() => {});
    }
    listeners.forEach(({ enter }) => enter());
  }
}

/** Whether a downloaded network is the one that was asked for. */
async function isSound({ model, hash }) {
  if (!model || !hash) return true;
  const digest = await crypto.subtle.digest("SHA-256", await model.arrayBuffer());
  const digits = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("") === hash;
}
