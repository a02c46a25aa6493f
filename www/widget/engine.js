// One worker and one device for the whole page: whoever wants a dream waits for its turn.
//
// Widgets and dreamers hold the engine while they may need it. When the last one lets go, the
// worker ends and its memory is free.

import { Link } from "./link.js";
import { addressOf, filesOf, forget } from "./model.js";

/** Promise of the worker, once somebody has asked for something. */
let worker;
/** Address of the model that the worker holds; `undefined` is the built-in one. */
let loaded;
/** How many hold the engine. */
let holders = 0;
/** How many wait for their turn, and whether one has it. */
let waiting = 0;
let busy = false;
/** The end of the last turn that anybody has taken. */
let queue = Promise.resolve();
/** Ends the dream that is interrupted and waits for a decision, if there is one. */
let giveWay;

/** Keeps the engine alive until the returned function is called. */
export function hold() {
  holders += 1;
  let held = true;
  return () => {
    if (held) holders -= 1;
    held = false;
    if (holders === 0) close();
  };
}

/**
 * Dreams when it is its turn.
 *
 * @param {object} what `{picture, settings, engine, model}`: the settings as a function of the
 *   model's card; the picture is moved away.
 * @param {AbortSignal} signal Gives the dream up.
 * @param {AbortSignal} enough Ends the dream with what it has.
 * @param {object} on Called back by the names of the worker's events, and `Waiting()` for others,
 *   `Preparing()`, `Loading(fraction)` of the model. `Interrupted`, which must be heard, is also given the ways on, `{goOn(engine), stop()}`. It has
 *   to give way when somebody else wants to dream.
 * @returns What `Done` tells.
 */
export function dream({ picture, settings, engine, model }, { signal, enough, on = {} }) {
  if (busy) on.Waiting?.();
  return inTurn({ signal, enough }, async (begin) => {
    on.Preparing?.();
    const link = await ready(model, on.Loading);
    begin();
    const tell = (kind, ...told) => signal?.aborted || on[kind]?.(...told);
    const { id, outcome } = link.ask(
      "Dream",
      { picture, settings: settings(link.model), engine },
      {
        transfer: [picture.rgba.buffer],
        on: {
          Started(event) {
            giveWay = undefined;
            tell("Started", event);
          },
          Progress: (event) => tell("Progress", event),
          Frame: (event) => tell("Frame", event),
          Interrupted(event) {
            giveWay = stop;
            tell("Interrupted", event, { goOn: (engine) => link.goOn(id, engine), stop });
            if (waiting > 0) stop();
          },
        },
      },
    );
    const stop = () => link.stop(id);
    const done = new AbortController();
    for (const ending of [signal, enough]) {
      ending?.addEventListener("abort", stop, { signal: done.signal });
    }
    try {
      return await outcome;
    } finally {
      giveWay = undefined;
      done.abort();
    }
  });
}

/** What the network sees in a picture: classes with their probabilities, most likely first. */
export function classify({ picture, model }, { signal } = {}) {
  return inTurn({ signal }, async () => {
    const link = await ready(model);
    const transfer = [picture.rgba.buffer];
    return (await link.ask("Classify", { picture }, { transfer }).outcome).classes;
  });
}

/** The card of a model: its name, size and layers. */
export function card(model, { signal, onLoading } = {}) {
  return inTurn({ signal }, async () => (await ready(model, onLoading)).model);
}

/**
 * Runs `work` when all earlier work has ended, and not at all once a signal is aborted. When it is
 * under way, `signal` still makes everybody stop waiting for it; `enough` does so only until the
 * work calls the function that it is given.
 */
async function inTurn({ signal, enough }, work) {
  const alive = () => [signal, enough].forEach((ending) => ending?.throwIfAborted());
  alive();
  giveWay?.();
  waiting += 1;
  let begun = false;
  const begin = () => {
    alive();
    begun = true;
  };
  const turn = queue.then(async () => {
    waiting -= 1;
    alive();
    busy = true;
    try {
      return await work(begin);
    } finally {
      busy = false;
    }
  });
  queue = turn.catch(() => {});
  const over = new AbortController();
  queue.then(() => over.abort());
  return new Promise((resolve, reject) => {
    turn.then(resolve, reject);
    const listen = { signal: over.signal };
    signal?.addEventListener("abort", () => reject(signal.reason), listen);
    enough?.addEventListener("abort", () => begun || reject(enough.reason), listen);
  });
}

/** The worker, with the model in it. */
async function ready(model, onLoading = () => {}) {
  worker ??= start();
  const link = await worker;
  const address = addressOf(model);
  if (address !== loaded) {
    await link.ask("LoadModel", { files: await filesOf(address, onLoading) }).outcome;
    loaded = address;
  }
  return link;
}

function start() {
  const starting = Link.open();
  const lost = () => {
    if (worker !== starting) return;
    worker = undefined;
    loaded = undefined;
  };
  starting.then((link) => link.gone.addEventListener("abort", lost), lost);
  return starting;
}

function close() {
  worker?.then(
    (link) => link.close(),
    () => {},
  );
  worker = undefined;
  loaded = undefined;
  forget();
}
