// What the widget says, in words.

/** Something that could not be done, with a message for the reader that says what to do. */
export class DreamError extends Error {
  name = "DreamError";

  /**
   * @param {"model" | "picture" | "settings" | "engine" | "crash"} kind What is at fault.
   * @param {string} message One or two sentences.
   * @param {{cause?: Error, result?: DreamResult}} more `result`: what there is of the dream.
   */
  constructor(kind, message, { result, ...options } = {}) {
    super(message, options);
    this.kind = kind;
    this.result = result;
  }

  /** What the worker tells of a failure. */
  static of({ kind, message }, result) {
    return new DreamError(kind.toLowerCase(), message, { result });
  }
}

/** Of an address, what a reader knows it by: its last part, or its host. */
export function nameOf(address) {
  const { protocol, pathname, host } = new URL(address, document.baseURI);
  if (protocol === "blob:" || protocol === "data:") return "the picture";
  return decodeURIComponent(pathname.split("/").pop()) || host;
}

/** `Dreaming: octave 2 of 4`; no more than that, because screen readers say every change. */
export function stage({ octave, octaves }) {
  return `Dreaming: octave ${octave} of ${octaves}`;
}

/** Seconds as people say them: `3 s`, `2 min`. */
export function duration(seconds) {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
