// What the reader sees of a widget: picture, buttons, progress, words. It knows no engine.

import { clear, draw, load } from "./picture.js";
import { styleSheet } from "./style.js";

/** The states of a widget with the buttons that each shows. */
const BUTTONS = {
  idle: ["dream", "upload"],
  dreaming: ["stop"],
  stopping: ["stop"],
  interrupted: [],
  done: ["original", "save", "reset", "upload"],
};

/** The inside of a widget. */
export class View {
  /** Whether a photo may be dropped now. */
  takesDrops = false;

  /** Calls `on.dream()`, `on.stop()`, `on.save()`, `on.reset()` and `on.photo(file)`. */
  constructor(root, on) {
    root.adoptedStyleSheets = [styleSheet()];
    this.root = root;
    this.image = make("img", { part: "picture original", class: "picture", alt: "" });
    this.canvas = make("canvas", { part: "picture dream", class: "picture", role: "img" });
    this.drop = make("div", { part: "drop", class: "drop" }, "Drop a photo to dream on it");
    this.stage = make("div", { part: "stage", class: "stage" }, this.image, this.canvas, this.drop);
    this.progress = make("div", {
      part: "progress",
      class: "progress",
      role: "progressbar",
      "aria-label": "Dream",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    });
    const input = make("input", { type: "file", accept: "image/*" });
    this.buttons = {
      dream: button("dream", "Dream", on.dream, "main"),
      // The second click of a double click on Dream is none on Stop.
      stop: button("stop", "Stop", (event) => event.detail > 1 || on.stop(), "main"),
      original: button("original", "Original", () => this.#compare()),
      save: button("save", "Save PNG", on.save),
      reset: button("reset", "Start over", on.reset),
      upload: make(
        "label",
        { part: "button upload-button", class: "upload" },
        "Your own photo",
        input,
      ),
    };
    this.status = make("p", { part: "status", class: "status", role: "status" });
    const inside = [...Object.values(this.buttons), this.status];
    this.bar = make(
      "div",
      { part: "bar", class: "bar", role: "group", "aria-label": "Dream" },
      ...inside,
    );
    this.alert = make("div", { part: "alert", class: "alert", role: "alert" });
    for (const later of [this.drop, this.progress, this.alert]) later.hidden = true;
    this.wake();
    root.append(this.stage, this.progress, this.bar, this.alert);
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (file) on.photo(file);
      input.value = "";
    });
    acceptDrops(this, on.photo);
  }

  /** Shows what belongs to a state: `{controls, hasPhoto, takesPhotos}` say what is wanted at all. */
  show(state, { controls, hasPhoto, takesPhotos }) {
    const wanted = { dream: hasPhoto, save: controls === "all", upload: takesPhotos };
    const focused = this.root.activeElement;
    for (const [name, control] of Object.entries(this.buttons)) {
      control.hidden = !BUTTONS[state].includes(name) || wanted[name] === false;
    }
    this.bar.hidden = controls === "none";
    this.takesDrops = takesPhotos && BUTTONS[state].includes("upload");
    // It stays where it is, because a button that is switched off loses the keyboard.
    this.buttons.stop.ariaDisabled = String(state === "stopping");
    const busy = state === "dreaming" || state === "stopping";
    this.progress.hidden = !busy;
    this.stage.ariaBusy = String(busy);
    if (focused && !focused.checkVisibility()) this.focus();
  }

  /** Puts the keyboard on the first control that can take it. */
  focus() {
    const controls = [...this.root.querySelectorAll("button, input")];
    controls.find((control) => control.checkVisibility())?.focus();
  }

  /** How far the dream is, 0 to 1, or `undefined` while nobody knows. */
  advance(fraction) {
    this.progress.ariaValueNow = fraction === undefined ? null : String(Math.round(fraction * 100));
    this.progress.style.setProperty("--fraction", fraction ?? 0);
  }

  /** Says what is going on, in one line. */
  say(words) {
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  /** Says what went wrong, with ways on: pairs of a label and what to do. Without words: nothing. */
  warn(words, ways = []) {
    const hadFocus = this.alert.contains(this.root.activeElement);
    const buttons = ways.map(([label, act]) => button("way", label, act));
    const inside = [make("p", {}, words), make("div", { class: "ways" }, ...buttons)];
    this.alert.replaceChildren(...(words ? inside : []));
    this.alert.hidden = !words;
    if (hadFocus) this.focus();
  }

  /** Shows the photo at an address. */
  async photo(address, alt) {
    this.image.alt = alt;
    try {
      await load(address, this.image);
    } catch {
      // One that may not be read may still be shown; dreaming will tell what is wrong.
      this.image.removeAttribute("crossorigin");
      await this.image.decode();
    }
    const { naturalWidth, naturalHeight } = this.image;
    this.stage.style.setProperty("--ratio", `${naturalWidth} / ${naturalHeight}`);
    this.#compare(this.buttons.original.ariaPressed === "true");
    return { width: naturalWidth, height: naturalHeight };
  }

  /** Shows the dream in place of the photo. */
  dream(data) {
    draw(this.canvas, data);
    this.canvas.ariaLabel = this.image.alt ? `Dream of: ${this.image.alt}` : "Dream";
    this.#compare(false);
  }

  /** Takes the dream away; the photo shows again. */
  wake() {
    clear(this.canvas);
    this.#compare(false);
  }

  /** Lets go of photo and dream. */
  empty() {
    this.image.removeAttribute("src");
    this.wake();
  }

  /** Shows the photo for as long as the button is pressed in. */
  #compare(pressed = this.buttons.original.ariaPressed !== "true") {
    const dreamed = this.canvas.width > 0 && this.canvas.height > 0;
    const loaded = this.image.complete && this.image.naturalWidth > 0;
    this.buttons.original.ariaPressed = String(pressed);
    this.canvas.hidden = pressed || !dreamed;
    this.image.hidden = (dreamed && !pressed) || !loaded;
  }
}

function acceptDrops(view, onPhoto) {
  const { stage, drop } = view;
  const hasPhoto = ({ dataTransfer }) => view.takesDrops && dataTransfer?.types.includes("Files");
  stage.addEventListener("dragover", (event) => {
    if (!hasPhoto(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  stage.addEventListener("dragleave", (event) => {
    if (!stage.contains(event.relatedTarget)) drop.hidden = true;
  });
  stage.addEventListener("drop", (event) => {
    drop.hidden = true;
    if (!hasPhoto(event)) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) onPhoto(file);
  });
}

function button(name, label, act, style = "") {
  const element = make(
    "button",
    { type: "button", part: `button ${name}-button`, class: style },
    label,
  );
  element.addEventListener("click", act);
  return element;
}

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
