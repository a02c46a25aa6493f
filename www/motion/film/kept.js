// The film under way, kept in the browser: a tab that is closed or crashes loses no frame of it.
//
// Database "pareidolia-film": "film" holds one record, {asked, plan, name, hasSound, known, files},
// and "frames" the dreams as bytes of PNG files, by their number: private windows of Safari keep no
// files. `known` are names and sizes of the film's own files, which are not there themselves where
// they are too large, or cannot be kept.

import { DreamError } from "../../widget/words.js";

const NAME = "pareidolia-film";
/** Films above this size are not kept themselves; they are asked for again. */
const LARGEST_KEPT = 512 * 2 ** 20;

let opening;

/** The record of the film under way, if there is one. */
export async function film() {
  return inside("film", "readonly", (store) => store.get("now"));
}

/** Numbers of the frames that are there, in their order. */
export async function numbers() {
  return inside("frames", "readonly", (store) => store.getAllKeys());
}

/** A frame as PNG file, or `undefined`. */
export async function frame(number) {
  const bytes = await inside("frames", "readonly", (store) => store.get(number));
  return bytes && new Blob([bytes], { type: "image/png" });
}

export async function keep(number, blob) {
  const bytes = await blob.arrayBuffer();
  await inside("frames", "readwrite", (store) => store.put(bytes, number));
}

/** Begins a film; what was kept of another is gone. */
export async function begin({ asked, plan, film }) {
  await clear();
  const { name, files } = film;
  const known = files.map(({ name, size }) => ({ name, size }));
  const { moment, ...numbers } = plan;
  const record = { asked, plan: numbers, name, hasSound: Boolean(film.sound), known };
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= LARGEST_KEPT) {
    try {
      await inside("film", "readwrite", (store) => store.put({ ...record, files }, "now"));
      return;
    } catch {
      // It is asked for again.
    }
  }
  await inside("film", "readwrite", (store) => store.put(record, "now"));
}

/** Forgets the film and its frames. */
export async function clear() {
  await inside("frames", "readwrite", (store) => store.clear());
  await inside("film", "readwrite", (store) => store.delete("now"));
}

/** Whether files are those that a film was begun with. */
export function isSame({ known }, files) {
  const same = ({ name, size }, index) => files[index].name === name && files[index].size === size;
  return files.length === known.length && known.every(same);
}

async function inside(name, mode, work) {
  try {
    opening ??= open();
    const transaction = (await opening).transaction(name, mode);
    const request = work(transaction.objectStore(name));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  } catch (cause) {
    const full = cause?.name === "QuotaExceededError";
    const message = full
      ? "The browser has no room left for frames. Free some space on the disk, or choose a smaller size; the frames up to here are kept."
      : "The browser does not let this page keep the film (a private window may forbid it). Allow it to store data, or use another window.";
    throw new DreamError("picture", message, { cause });
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const name of ["film", "frames"]) request.result.createObjectStore(name);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => {
      opening = undefined;
      reject(request.error);
    };
  });
}
