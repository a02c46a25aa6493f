// Dreams without an element: for pages that bring their own picture and their own buttons.

import * as engine from "./engine.js";
import { toRequest } from "./options.js";
import { imageData, pixels, png } from "./picture.js";
import { recipeOf } from "./recipe.js";
import { DreamError } from "./words.js";

const NEVER = new AbortController().signal;

/**
 * Starts the engine, with a model in it.
 *
 * @param {{model?: string | File, signal?: AbortSignal, onLoading?: (fraction?: number) => void}} options
 *   `model`: address of an `.onnx` file, relative to the page, the name of a model of the widget's
 *   host, or a file that the reader has opened; without it the built-in one.
 * @returns {Promise<Dreamer>}
 */
export async function createDreamer({ model, signal, onLoading } = {}) {
  const release = engine.hold();
  try {
    const card = await engine.card(model, { signal, onLoading });
    return new Dreamer(card, model, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Dreams with one model. All dreamers and widgets of a page share one worker and take turns. */
export class Dreamer {
  #card;
  #model;
  #release;

  /** Use {@link createDreamer}. */
  constructor(card, model, release) {
    this.#card = card;
    this.#model = model;
    this.#release = release;
  }

  /**
   * Dreams on a picture.
   *
   * @param source Address, `Blob`, image or canvas element, `ImageBitmap` or `ImageData`.
   * @param options See WIDGET.md.
   * @param {{signal?: AbortSignal, onProgress?: Function, onFrame?: Function, onPicture?: Function}}
   *   callbacks `onPicture` is given the dream as soon as it is there: browsers may take a second
   *   more to make a PNG of it.
   * @returns {Promise<DreamResult>}
   */
  async dream(source, options = {}, { signal, onProgress, onFrame, onPicture } = {}) {
    this.#check();
    return dream(
      source,
      { ...options, model: this.#model },
      {
        signal,
        on: {
          Progress: ({ progress }) => onProgress?.(toProgress(progress)),
          Frame: ({ picture }) => onFrame?.(imageData(picture)),
          Done: (picture) => onPicture?.(picture),
        },
      },
    );
  }

  /** Which model it is: its name, and the SHA-256 of its file. */
  get model() {
    const { name, sha256 } = this.#card;
    return { name, sha256 };
  }

  /** What the model offers to dream with, from shallow to deep. */
  layers() {
    return this.#card.layers.map((layer) => ({
      ...layer,
      isDefault: layer.name === this.#card.default_layer,
    }));
  }

  /** What the network sees in a picture, most likely first. */
  async classify(source, { signal } = {}) {
    this.#check();
    return engine.classify({ picture: await pixels(source), model: this.#model }, { signal });
  }

  /** Lets go of the engine; the last to do so frees its memory. */
  dispose() {
    this.#release?.();
    this.#release = undefined;
  }

  #check() {
    if (!this.#release)
      throw new DOMException("This dreamer was disposed of.", "InvalidStateError");
  }
}

/**
 * From a picture to a {@link DreamResult}; `on.Done` is given its pixels. Where the engine fails on
 * the way and nobody lets it go on, the error carries what there is of the dream, as `result`.
 */
export async function dream(source, options, { signal, enough = NEVER, on }) {
  const recipe = await recipeOf(options.recipe, signal);
  const request = toRequest({ ...options, recipe });
  const picture = await pixels(source);
  signal?.throwIfAborted();
  let [engineInUse, iterations, seconds] = [undefined, 0, 0];
  let [preview, failure] = [];
  const resultOf = async (data, stopped) => ({
    blob: await png(data),
    width: data.width,
    height: data.height,
    engine: engineInUse,
    iterations,
    ms: Math.round(seconds * 1000),
    stopped,
  });
  const heard = {
    ...on,
    Started(event) {
      failure = undefined;
      engineInUse = event.engine.engine;
      on.Started?.(event);
    },
    Progress(event) {
      const { progress } = event;
      iterations = (progress.octave - 1) * progress.iterations + progress.iteration;
      seconds = progress.seconds;
      on.Progress?.(event);
    },
    Frame(event) {
      preview = event.picture;
      on.Frame?.(event);
    },
    Interrupted(event, ways) {
      failure = event.failure;
      if (on.Interrupted) on.Interrupted(event, ways);
      else ways.stop();
    },
  };
  try {
    const done = await engine.dream({ ...request, picture }, { signal, enough, on: heard });
    const data = imageData(done.picture);
    seconds = done.seconds;
    on.Done?.(data);
    const result = await resultOf(data, done.stopped);
    signal?.throwIfAborted();
    if (failure) throw DreamError.of(failure, result);
    return result;
  } catch (error) {
    // The engine is gone, but not what it has shown.
    if (error.kind !== "crash" || !preview) throw error;
    const result = await resultOf(imageData(preview), true);
    signal?.throwIfAborted();
    throw new DreamError(error.kind, error.message, { cause: error, result });
  }
}

/** How far a dream is, in the words of JavaScript. */
export function toProgress(progress) {
  const { seconds_left: secondsLeft, pixels_per_second: pixelsPerSecond, ...same } = progress;
  return { ...same, secondsLeft, pixelsPerSecond };
}
