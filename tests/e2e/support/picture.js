// Pictures as arrays of RGBA bytes: reading, writing, and how far two of them are apart.

import { readFile } from "node:fs/promises";
import { PNG } from "pngjs";

/** Decodes a PNG given as bytes or as a file name. */
export async function decode(png) {
  return PNG.sync.read(typeof png === "string" ? await readFile(png) : png);
}

/** Encodes a picture that `pixel(x, y)` describes by four numbers 0–255: red, green, blue, alpha. */
export function encode(width, height, pixel) {
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      png.data.set(pixel(x, y), (y * width + x) * 4);
    }
  }
  return PNG.sync.write(png);
}

/** Peak signal-to-noise ratio of the colours of two pictures of one size, in dB. */
export function psnr(a, b) {
  if (a.width !== b.width || a.height !== b.height) {
    throw new Error(`${a.width} × ${a.height} cannot be compared with ${b.width} × ${b.height}`);
  }
  let squares = 0;
  for (let i = 0; i < a.data.length; i++) {
    if (i % 4 !== 3) squares += (a.data[i] - b.data[i]) ** 2;
  }
  const mean = squares / ((a.data.length / 4) * 3);
  return mean === 0 ? Infinity : 10 * Math.log10(255 ** 2 / mean);
}

/** The alpha channel alone. */
export function alpha(picture) {
  return picture.data.filter((_, i) => i % 4 === 3);
}
