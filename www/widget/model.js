// Models of the network: fetched when a dream needs them, kept while anybody may dream with them.

import { DreamError, nameOf } from "./words.js";

/** The model that the worker begins with. */
const BUILT_IN = "mini-inception";

/** Where the script comes from; models of that site are in its folder `models`. */
const HERE = import.meta.url;

/** Models by their address, or the file that they are, as promises of what the worker can read. */
const kept = new Map();

/**
 * The address of a model, or the file that it is; `undefined` for the built-in one.
 *
 * @param {string | File | undefined} model Address of an `.onnx` file, relative to the page, a mere
 *   name, which is one of the models of the widget's own host, or a file.
 */
export function addressOf(model) {
  if (!model || model === BUILT_IN) return undefined;
  if (model instanceof File) return model;
  const isName = /^[\w-]+$/.test(model);
  return isName
    ? new URL(`../models/${model}.onnx`, HERE).href
    : new URL(model, document.baseURI).href;
}

/**
 * The files that a worker is to load for a model; for the built-in one, none.
 *
 * @param {string | File | undefined} address As `addressOf` gives it.
 * @param {(fraction: number | undefined) => void} onProgress How much of it has come, 0 to 1.
 */
export async function filesOf(address, onProgress) {
  if (!address) return [];
  if (!kept.has(address)) {
    const read = address instanceof File ? readable : fetchModel;
    kept.set(address, read(address, onProgress));
    kept.get(address).catch(() => kept.delete(address));
  }
  return [await kept.get(address)];
}

/** Lets go of all models. */
export function forget() {
  for (const file of kept.values()) {
    file.then(({ url }) => URL.revokeObjectURL(url)).catch(() => {});
  }
  kept.clear();
}

const readable = async (file) => ({
  name: file.name,
  bytes: file.size,
  url: URL.createObjectURL(file),
});

async function fetchModel(address, onProgress) {
  const name = nameOf(address);
  const { host } = new URL(address);
  try {
    const response = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!response.ok)
      throw new DreamError("model", `${host} has no model ${name} (${response.status}).`);
    const file = await collect(response, onProgress);
    return { name, bytes: file.size, url: URL.createObjectURL(file) };
  } catch (cause) {
    if (cause instanceof DreamError) throw cause;
    const message =
      `The model ${name} could not be fetched from ${host}. Are you online, and does ${host} ` +
      "let other sites read it (CORS)?";
    throw new DreamError("model", message, { cause });
  }
}

async function collect(response, onProgress) {
  // A length is that of what travels; of what arrives it is only where nothing is compressed.
  const plain = !response.headers.get("content-encoding");
  const total = plain ? Number(response.headers.get("content-length")) : 0;
  const pieces = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    bytes += piece.value.byteLength;
    onProgress(total ? Math.min(1, bytes / total) : undefined);
  }
  return new Blob(pieces);
}
