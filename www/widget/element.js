// <deep-dream>: a photo, a button, and the dream in its place. WIDGET.md tells what it can do.

import { dream, toProgress } from "./dreamer.js";
import { hold } from "./engine.js";
import { mirror, mirrorAttribute, OPTIONS, optionsOf } from "./options.js";
import { imageData } from "./picture.js";
import { View } from "./view.js";
import { DreamError, duration, nameOf, stage } from "./words.js";

/** How long a widget that was taken out of the page may wait to be put back, in ms. */
const GRACE = 1000;

/** So near to the screen that the photo is worth loading. */
const NEAR = { rootMargin: "300px" };

// Where pages are only rendered there are no elements; there, too, the module can be imported.
const Base = globalThis.HTMLElement ?? class {};

/** The custom element. */
export class DeepDreamElement extends Base {
  static observedAttributes = ["src", "alt", "poster", "controls", "allow-upload"];

  /** @type {View | undefined} */
  #view;
  #state = "idle";
  #observer;
  /** Whether the widget is or was near the screen. */
  #near = false;
  #leaving;
  /** Lets go of the engine. */
  #release;
  /** The reader's own photo, in place of `src`: `{file, address}`. */
  #own;
  /** What is under way: two abort controllers, `{abandon, enough}`. */
  #dream;
  #result;

  connectedCallback() {
    clearTimeout(this.#leaving);
    for (const property of PROPERTIES) upgrade(this, property);
    this.#build();
    if (!this.#observer) this.#watch();
  }

  /** Moving within the page takes nothing away. */
  connectedMoveCallback() {}

  disconnectedCallback() {
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.#leave(), GRACE);
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#view || before === after) return;
    if (name === "src" || name === "poster") this.#take(undefined);
    if (name === "alt" && !this.#own) this.#view.image.alt = this.alt;
    this.#show();
  }

  /** The last dream, or `undefined`. */
  get result() {
    return this.#result;
  }

  /** `idle`, `dreaming`, `stopping`, `interrupted` or `done`. */
  get state() {
    return this.#state;
  }

  /**
   * Dreams on the photo. Options here come before the attributes of the same names.
   *
   * @returns {Promise<DreamResult>}
   */
  async dream(options = {}) {
    if (this.#dream) throw new DOMException("This widget dreams already.", "InvalidStateError");
    const current = { abandon: new AbortController(), enough: new AbortController() };
    this.#dream = current;
    this.#release ??= hold();
    this.#clear();
    this.#become("dreaming");
    this.#come();
    try {
      const result = await this.#run(current, { ...optionsOf(this), ...options });
      if (this.#dream === current) this.#finish(result);
      return result;
    } catch (error) {
      // A dream that was given up is no longer this widget's.
      if (this.#dream === current) this.#fail(error);
      throw error;
    } finally {
      if (!this.isConnected && !this.#observer) this.#letGo();
    }
  }

  /** Ends the dream with what it has, with which `dream()` then resolves. */
  stop() {
    if (this.#state === "dreaming") this.#become("stopping");
    this.#dream?.enough.abort();
  }

  /** Back to the photo; a dream under way is given up. */
  reset() {
    this.#dream?.abandon.abort();
    this.#dream = undefined;
    if (!this.#view) return;
    this.#clear();
    this.#become("idle");
  }

  #build() {
    this.#view ??= new View(this.attachShadow({ mode: "open" }), {
      dream: () => this.#press(),
      stop: () => this.stop(),
      save: () => this.#save(),
      reset: () => this.reset(),
      photo: (file) => this.#take(file),
    });
    this.#show();
  }

  /** Waits until the widget is near the screen; nothing is loaded before. */
  #watch() {
    this.#observer = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.#come();
      if (this.autostart && mayStartByItself() && !this.#dream) this.#press();
    }, NEAR);
    this.#observer.observe(this);
  }

  #come() {
    this.#observer?.disconnect();
    if (this.#near) return;
    this.#near = true;
    this.#showPhoto();
  }

  #leave() {
    this.#observer.disconnect();
    this.#observer = undefined;
    this.#near = false;
    this.#take(undefined);
    this.#view.empty();
    this.#letGo();
  }

  #letGo() {
    this.#release?.();
    this.#release = undefined;
  }

  /** Takes the reader's own photo, or the page's again. */
  #take(file) {
    if (this.#own) URL.revokeObjectURL(this.#own.address);
    this.#own = file && { file, address: URL.createObjectURL(file) };
    this.reset();
    this.#showPhoto();
  }

  /** Shows the photo, or the poster where there is one, once the widget is near the screen. */
  async #showPhoto() {
    const address = this.#own?.address ?? (this.poster || this.src);
    if (!address || !this.#near) return;
    const stale = () => address !== (this.#own?.address ?? (this.poster || this.src));
    try {
      const size = await this.#view.photo(address, this.#own ? "Your own photo" : this.alt);
      if (!stale()) this.#tell("ready", size);
    } catch (cause) {
      if (stale()) return;
      const name = this.#own?.file.name ?? nameOf(address);
      const message = `${name} could not be shown. Is it there, and is it a picture?`;
      this.#report(new DreamError("picture", message, { cause }), () =>
        this.#take(this.#own?.file),
      );
    }
  }

  async #run({ abandon, enough }, options) {
    const source = this.#own?.file ?? this.src;
    if (!source) throw new DreamError("picture", "There is no photo yet. Choose one.");
    // The poster has done its work: what the dream is compared with is the photo.
    if (this.poster && !this.#own) this.#view.photo(source, this.alt).catch(() => {});
    const view = this.#view;
    let latest;
    return dream(source, options, {
      signal: abandon.signal,
      enough: enough.signal,
      on: {
        Waiting: () => view.say("Waiting for another dream to end…"),
        Preparing: () => view.say("Starting the engine…"),
        Loading: (fraction) => {
          view.say("Fetching the model…");
          view.advance(fraction);
        },
        Started: () => {
          view.warn("");
          this.#become(enough.signal.aborted ? "stopping" : "dreaming");
        },
        Progress: ({ progress }) => {
          latest = progress;
          view.advance(progress.fraction);
          view.say(stage(progress));
          this.#tell("progress", toProgress(progress));
        },
        Frame: ({ picture }) => {
          const data = imageData(picture);
          if (!prefersStillness() || latest.iteration === latest.iterations) view.dream(data);
          this.#tell("frame", { picture: data });
        },
        Interrupted: ({ failure, picture }, ways) => this.#interrupt(failure, picture, ways),
        Done: (data) => view.dream(data),
      },
    });
  }

  #finish(result) {
    const words = result.stopped ? "Stopped" : `Dreamed in ${duration(result.ms / 1000)}`;
    this.#keep(result, words);
    this.#tell("done", result);
  }

  #fail(error) {
    const isTold = this.#state === "interrupted";
    if (error.result) {
      this.#keep(error.result, "The dream broke off");
      this.#view.warn("");
    } else {
      this.#dream = undefined;
      this.#clear();
      this.#become("idle");
    }
    if (!isTold && error.name !== "AbortError") this.#report(error, () => this.#press());
  }

  #keep(result, words) {
    this.#dream = undefined;
    this.#result = result;
    this.#view.say(words);
    this.#become("done");
  }

  /** The engine has failed on the way: the reader decides how to go on. */
  #interrupt(failure, picture, { goOn, stop }) {
    const go = (engine) => () => goOn(engine);
    this.#view.dream(imageData(picture));
    this.#view.say("The dream is interrupted");
    this.#view.warn(failure.message, [
      ["Continue on the CPU", go("cpu")],
      ["Try again", go("auto")],
      ["Keep this picture", stop],
    ]);
    this.#become("interrupted");
    this.#tell("error", { error: DreamError.of(failure) });
  }

  #report(error, retry) {
    const known = error instanceof DreamError;
    const words = known ? error.message : `Something went wrong (${error.message}).`;
    this.#view.warn(words, [["Try again", retry]]);
    this.#tell("error", { error });
  }

  #press() {
    // What goes wrong is on show and told by an event.
    this.dream().catch(() => {});
  }

  #save() {
    const name = this.#own?.file.name ?? nameOf(this.src);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(this.#result.blob);
    link.download = `${name.replace(/\.\w+$/, "")}-dream.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  #clear() {
    this.#build();
    this.#result = undefined;
    this.#view.wake();
    this.#view.warn("");
    this.#view.say("");
    this.#view.advance(undefined);
  }

  #become(state) {
    this.#state = state;
    this.#show();
  }

  #show() {
    this.#view.show(this.#state, {
      controls: this.controls,
      hasPhoto: Boolean(this.#own ?? this.src),
      takesPhotos: this.allowUpload,
    });
  }

  #tell(name, detail) {
    const event = new CustomEvent(`deep-dream-${name}`, { detail, bubbles: true, composed: true });
    this.dispatchEvent(event);
  }
}

const text = (value) => value ?? "";
const flag = (value) => value !== null;
const controls = (value) => {
  if (value === null || value === "few") return "few";
  return value === "none" ? "none" : "all";
};

/** Attributes that are no options of a dream: how each is read as a property. */
const OTHERS = {
  src: text,
  alt: text,
  poster: text,
  controls,
  autostart: flag,
  "allow-upload": flag,
};

mirror(DeepDreamElement.prototype);
for (const [attribute, read] of Object.entries(OTHERS)) {
  const property = attribute === "allow-upload" ? "allowUpload" : attribute;
  const write = read === flag ? (on) => (on ? "" : null) : undefined;
  mirrorAttribute(DeepDreamElement.prototype, property, attribute, read, write);
}
const PROPERTIES = Object.keys(DeepDreamElement.prototype);

/** All attributes of the element. */
export const ATTRIBUTES = [...Object.keys(OTHERS), ...Object.values(OPTIONS)];

/** Takes over what a page has set before the element was defined. */
function upgrade(element, property) {
  if (!Object.hasOwn(element, property)) return;
  const value = element[property];
  delete element[property];
  element[property] = value;
}

/** Whether a widget may load megabytes without being asked. */
function mayStartByItself() {
  return !prefersStillness() && !navigator.connection?.saveData;
}

function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
