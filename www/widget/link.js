// The page's end of the worker. They speak the words of crates/dream-protocol/src/message.rs: a
// message is an object with one key, the name of the request or event, and what belongs to it.

import { DreamError } from "./words.js";

// Written like this, bundlers see the files and bring them along.
const SCRIPT = new URL("../dream-worker.js", import.meta.url);
const WASM = new URL("../dream-worker_bg.wasm", import.meta.url);
const MODEL = new URL("../models/mini-inception.onnx", import.meta.url);

/** How many ms a dream may take to stop before its worker is given up. */
const STOP_PATIENCE = 10_000;

/** Events that end what was asked; all others tell how it goes. */
const LAST = new Set(["ModelLoaded", "Planned", "Done", "Classified"]);

/** A worker that listens. */
export class Link {
  /** Aborted when the worker is gone; the reason says why, as a {@link DreamError}. */
  gone;
  /** The model that the worker holds, as its card. */
  model;

  #worker;
  #end = new AbortController();
  #asked = new Map();
  #lastId = 0;

  /** Starts a worker and waits until it listens. */
  static open() {
    return new Promise((resolve, reject) => {
      const link = new Link((model) => {
        link.model = model;
        resolve(link);
      });
      link.gone.addEventListener("abort", () => reject(link.gone.reason));
    });
  }

  constructor(ready) {
    const name = `deep-dream-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    this.gone = this.#end.signal;
    this.#worker = start(name);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(event.message || "the browser did not let it start");
    };
    this.#worker.onmessage = ({ data }) => {
      const [[kind, content]] = Object.entries(data);
      if (kind === "Ready") {
        watch(name, () => this.#die("the browser ended it, perhaps for want of memory"));
        ready(content.model);
      } else {
        this.#hear(kind, content);
      }
    };
  }

  /**
   * Asks the worker for something and waits for the event that ends it. On the way, `on` is called
   * by the names of the other events, with what they tell.
   */
  ask(kind, content, { on = {}, transfer = [] } = {}) {
    const id = ++this.#lastId;
    const outcome = new Promise((resolve, reject) => {
      if (this.gone.aborted) return reject(this.gone.reason);
      this.#asked.set(id, { on, resolve, reject });
      this.#worker.postMessage({ [kind]: { id, ...content } }, transfer);
    });
    return { id, outcome };
  }

  /** Asks a dream to end with what it has; a worker that does not obey is given up. */
  stop(id) {
    this.#tell("Stop", { id });
    setTimeout(() => {
      if (this.#asked.has(id)) this.#die("it did not stop in time");
    }, STOP_PATIENCE);
  }

  /** Lets an interrupted dream go on, on another engine or the same again. */
  goOn(id, engine) {
    this.#tell("Continue", { id, engine });
  }

  /** Ends the worker. */
  close() {
    this.#die("it was closed");
  }

  #tell(kind, content) {
    if (!this.gone.aborted) this.#worker.postMessage({ [kind]: content });
  }

  #hear(kind, { id, ...content }) {
    if (kind === "Failed" && id === undefined) return this.#die(content.failure.message);
    const asked = this.#asked.get(id);
    if (!asked) return;
    if (kind === "Failed") {
      this.#asked.delete(id);
      asked.reject(DreamError.of(content.failure));
    } else if (LAST.has(kind)) {
      this.#asked.delete(id);
      if (kind === "ModelLoaded") this.model = content.model;
      asked.resolve(content);
    } else {
      asked.on[kind]?.(content);
    }
  }

  #die(why) {
    if (this.gone.aborted) return;
    this.#worker.terminate();
    const error = new DreamError("crash", `The engine has stopped: ${why}. Try again.`);
    this.#end.abort(error);
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

/**
 * A worker belongs to the origin of the page, and a page may not start a script of another origin
 * as one. It may start a text of its own that imports that script. The text is no module, because
 * sandboxed frames may not start one from a blob.
 */
function start(name) {
  const [script, wasm, model] = [SCRIPT, WASM, MODEL].map(({ href }) => JSON.stringify(href));
  const text = `
    const fail = ({ message: why }) => {
      const message = "it could not be loaded from ${SCRIPT.host} (" + why + ")";
      postMessage({ Failed: { failure: { kind: "Crash", message } } });
      close();
    };
    const program = fetch(${wasm});
    // The program waits for it; a failure is told there.
    self.builtInModel = fetch(${model}).then((response) => {
      if (!response.ok) throw new Error(response.status + " " + response.statusText);
      return response.arrayBuffer();
    });
    self.builtInModel.catch(() => {});
    import(${script}).then(({ default: start }) => start({ module_or_path: program })).catch(fail);`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return new Worker(trusted(address), { name });
  } finally {
    // The worker has its own hold on the text once it runs.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}

/** For pages with `require-trusted-types-for`, which allow the policy `deep-dream`. */
function trusted(address) {
  const { trustedTypes } = globalThis;
  if (!trustedTypes) return address;
  policy ??= trustedTypes.createPolicy("deep-dream", { createScriptURL: (url) => url });
  return policy.createScriptURL(address);
}
let policy;

/** The worker holds a lock of its name as long as it lives; who waits for it learns of its end. */
function watch(name, ended) {
  // Without locks (outside secure origins, in sandboxed frames) only loud deaths are noticed.
  navigator.locks?.request(name, ended).catch(() => {});
}
