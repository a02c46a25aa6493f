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

import { draw, imageData, pixels, png } from "../widget/picture.js";

export { draw, png };
export { sample } from "./sample.js";

export async function pixelsOf(source) {
  return imageData(await pixels(source));
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
