// Pictures as pixels. A frame is an ImageData.
//
//   await pixelsOf(source)        Blob, address, image, canvas, ImageBitmap → ImageData; upright, at
//                                 most 8192 pixels a side; words for readers where it is no picture
//   await fitted(picture, {longest})        scaled down to that longest side, sides even (videos
//                                           want that); never enlarged beyond `longest`
//   await fitted(picture, {width, height})  scaled to exactly that size
//   await png(picture)            ImageData → PNG Blob
//   draw(canvas, picture)         shows a frame; the canvas takes its size
//   bytes(picture)                its RGBA as Uint8Array, for Rust
//   frameOf(rgba, {width, height})  RGBA from Rust → ImageData
//   await sample(width)           a picture to begin with where there is no photo: a summer sky

import { draw, imageData, pixels, png as pngHere } from "../widget/picture.js";

export { draw };
export { sample } from "./sample.js";

export async function pixelsOf(source) {
  return imageData(await pixels(source));
}

/** Waiting for their PNG, by number. */
const awaited = new Map();
let [writer, last] = [undefined, 0];

/** Made beside the page: on it, browsers put such work off until they are idle, by up to a second. */
export function png(picture) {
  if (!globalThis.OffscreenCanvas || !globalThis.Worker) return pngHere(picture);
  writer ??= openWriter();
  const number = ++last;
  return new Promise((resolve, reject) => {
    awaited.set(number, { resolve, reject });
    writer.postMessage({ number, picture });
  });
}

function openWriter() {
  const worker = new Worker(new URL("./png-writer.js", import.meta.url));
  const failure = () => new Error("The browser could not make a PNG of the picture. Try again.");
  worker.onmessage = ({ data: { number, blob } }) => {
    const { resolve, reject } = awaited.get(number);
    awaited.delete(number);
    if (blob) resolve(blob);
    else reject(failure());
  };
  worker.onerror = (event) => {
    event.preventDefault();
    for (const { reject } of awaited.values()) reject(failure());
    awaited.clear();
    worker.terminate();
    writer = undefined;
  };
  return worker;
}

export async function fitted(picture, { longest, width, height }) {
  if (longest) {
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const even = (side) => Math.max(2, 2 * Math.round((side * scale) / 2));
    [width, height] = [even(picture.width), even(picture.height)];
  }
  if (picture.width === width && picture.height === height) return picture;
  const bitmap = await createImageBitmap(picture, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
    premultiplyAlpha: "none",
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

export function bytes({ data }) {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function frameOf(rgba, { width, height }) {
  const clamped = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  return new ImageData(clamped, width, height);
}
