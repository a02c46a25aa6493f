// Types of deep-dream.js. WIDGET.md tells the rest.

/** Who computes: `auto` takes whichever is best here. */
export type EngineChoice = "auto" | "cpu" | "gpu" | "hybrid";

/** How to dream. What is left out has the defaults of Pareidolia's page. */
export interface DreamOptions {
  /** Layer of the network to raise; without it, and without `class`, the model's own default. */
  layer?: string;
  /** One channel of the layer, from 0. */
  channel?: number;
  /** A class of the network to raise: its index, from 0, or its label. */
  class?: number | string;
  /** How many image sizes the dream climbs through. */
  octaves?: number;
  /** Ratio between the sizes of neighbouring octaves. */
  octaveScale?: number;
  /** Gradient-ascent updates per octave. */
  iterations?: number;
  /** Mean change of a pixel per iteration, in levels of 0–255. */
  stepSize?: number;
  /** Largest random roll of the image per iteration, in pixels. */
  jitter?: number;
  /** The same seed gives the same dream. */
  seed?: number;
  /** Longest side of the dream in pixels. */
  size?: number;
  engine?: EngineChoice;
  /**
   * A recipe, as Pareidolia's page and command line write it, its `settings` alone, or the address of
   * one (JSON, or a dream's PNG), relative to the page; the options above come before what it says.
   */
  recipe?: Recipe | RecipeSettings | string | URL;
}

/** Everything that, with its photo and model, remakes a dream. */
export interface Recipe {
  settings: RecipeSettings;
  [more: string]: unknown;
}

/** Settings by their names in recipes, `octave_scale` for example; what is left out has its default. */
export interface RecipeSettings {
  /** What has some is a recipe. */
  settings?: never;
  objectives?: object[];
  octaves?: number;
  octave_scale?: number;
  iterations?: number;
  step_size?: number;
  jitter?: number;
  seed?: number;
  size?: number;
  [more: string]: unknown;
}

/** Options of a widget, which may choose a model for each dream. */
export interface ElementDreamOptions extends DreamOptions {
  /**
   * Address of an `.onnx` file, relative to the page, or the name of a model of the widget's host;
   * without it the built-in one.
   */
  model?: string;
}

export interface DreamResult {
  /** The dream as a PNG file. */
  blob: Blob;
  width: number;
  height: number;
  /** Who has computed it. */
  engine: Exclude<EngineChoice, "auto">;
  /** Iterations done, over all octaves. */
  iterations: number;
  /** Time that it took, without loading. */
  ms: number;
  /** Whether it was ended early, by `stop()`. */
  stopped: boolean;
}

export interface DreamProgress {
  /** Octave under way, from 1. */
  octave: number;
  octaves: number;
  /** Iterations done in this octave. */
  iteration: number;
  /** Iterations of an octave. */
  iterations: number;
  /** How far the dream is, 0 to 1. */
  fraction: number;
  /** Time gone. */
  seconds: number;
  /** Estimated time to go, once there is something to estimate from. */
  secondsLeft: number | undefined;
  /** Pixels times iterations per second. */
  pixelsPerSecond: number;
}

/** Whatever holds a picture. */
export type ImageSource = string | URL | ImageBitmapSource;

export interface Layer {
  /** Name of its tensor in the model. */
  name: string;
  channels: number;
  /** Pixels of the picture per value of the layer, along one side. */
  stride: number;
  /** Whether it is dreamed of unless another is chosen. */
  isDefault: boolean;
}

export interface Classified {
  /** Index of the class, from 0. */
  index: number;
  label: string;
  /** 0 to 1. */
  probability: number;
}

export interface DreamerOptions {
  /**
   * Address of an `.onnx` file, relative to the page, the name of a model of the widget's host, or a
   * file that the reader has opened; without it the built-in one.
   */
  model?: string | File;
  signal?: AbortSignal;
  /** How much of the model has come, 0 to 1, or `undefined` where nobody knows. */
  onLoading?: (fraction: number | undefined) => void;
}

export interface DreamCallbacks {
  /** Gives the dream up; the promise rejects with its reason. */
  signal?: AbortSignal;
  onProgress?: (progress: DreamProgress) => void;
  /** A preview, at the size of the octave under way. */
  onFrame?: (picture: ImageData) => void;
  /** The dream itself, before a PNG is made of it. */
  onPicture?: (picture: ImageData) => void;
}

/** Starts the engine, with a model in it. */
export function createDreamer(options?: DreamerOptions): Promise<Dreamer>;

/** Dreams with one model; all dreamers and widgets of a page share one worker and take turns. */
export class Dreamer {
  private constructor();
  dream(
    source: ImageSource,
    options?: DreamOptions,
    callbacks?: DreamCallbacks,
  ): Promise<DreamResult>;
  /** Which model it is: its name, and the SHA-256 of its file. */
  readonly model: { name: string; sha256: string };
  /** What the model offers to dream with, from shallow to deep. */
  layers(): Layer[];
  /** What the network sees in a picture: at most five classes, most likely first. */
  classify(source: ImageSource, callbacks?: { signal?: AbortSignal }): Promise<Classified[]>;
  /** Lets go of the engine; the last to do so frees its memory. */
  dispose(): void;
}

/** Something that could not be done; `message` says what to do, in words for readers. */
export class DreamError extends Error {
  /** What is at fault. */
  readonly kind: "model" | "picture" | "settings" | "engine" | "crash";
  /** What there is of the dream, where its engine has failed on the way. */
  readonly result?: DreamResult;
}

export type DreamState = "idle" | "dreaming" | "stopping" | "interrupted" | "done";

/** `<deep-dream>`. Properties mirror the attributes; `null` is one that is not set. */
export class DeepDreamElement extends HTMLElement {
  /** Address of the photo. */
  src: string;
  /** What the photo shows, for those who do not see it. */
  alt: string;
  /** Address of a picture to show until the reader asks for a dream. */
  poster: string;
  /** Which buttons there are: `few` without the attribute, `none`, or `all` with it. */
  controls: "few" | "none" | "all";
  /** Whether to dream as soon as the widget is near the screen. */
  autostart: boolean;
  /** Whether the reader may dream on an own photo. */
  allowUpload: boolean;
  model: string | null;
  /** Address of a recipe. */
  recipe: string | null;
  layer: string | null;
  channel: number | null;
  /** The attribute `target-class`. */
  targetClass: string | null;
  octaves: number | null;
  octaveScale: number | null;
  iterations: number | null;
  stepSize: number | null;
  jitter: number | null;
  seed: number | null;
  size: number | null;
  engine: EngineChoice | null;
  readonly state: DreamState;
  /** The dream on show. */
  readonly result: DreamResult | undefined;
  /** Dreams on the photo; the options come before the attributes. */
  dream(options?: ElementDreamOptions): Promise<DreamResult>;
  /** Ends the dream with what it has, with which `dream()` then resolves. */
  stop(): void;
  /** Back to the photo; a dream under way is given up. */
  reset(): void;
}

export interface DeepDreamEventMap {
  /** The photo or poster is on show. */
  "deep-dream-ready": CustomEvent<{ width: number; height: number }>;
  "deep-dream-progress": CustomEvent<DreamProgress>;
  "deep-dream-frame": CustomEvent<{ picture: ImageData }>;
  "deep-dream-done": CustomEvent<DreamResult>;
  "deep-dream-error": CustomEvent<{ error: Error }>;
}

declare global {
  interface HTMLElementTagNameMap {
    "deep-dream": DeepDreamElement;
  }
  // They bubble and cross shadow roots, so they are heard everywhere.
  interface GlobalEventHandlersEventMap extends DeepDreamEventMap {}
}
