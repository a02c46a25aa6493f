// Photos to dream on, drawn here so that none has to be kept.

import { encode } from "./picture.js";

/** A landscape with the fine structure of a photo: sky, clouds, sun, hills and grain. */
export function landscape(width = 240, height = 180) {
  const file = encode(width, height, (x, y) => {
    const [u, v] = [x / width, y / height];
    const horizon = 0.62 + 0.12 * (noise(u * 5, 1) - 0.5) + 0.03 * noise(u * 40, 2);
    const grain = 14 * (hash(x, y) - 0.5);
    const sun = 90 * Math.exp(-(((u - 0.72) / 0.09) ** 2) - ((v - 0.25) / 0.12) ** 2);
    const cloud = 110 * Math.max(0, noise(u * 6, v * 9) + 0.5 * noise(u * 17, v * 23) - 0.75);
    const bush = 70 * noise(u * 30, v * 40);
    const colour =
      v < horizon
        ? [90 + 80 * v + cloud + sun, 140 + 60 * v + cloud + sun, 215 + cloud]
        : [60 + bush * 0.7, 80 + bush, 40 + bush * 0.4];
    return [...colour.map((level) => Math.round(Math.min(255, Math.max(0, level + grain)))), 255];
  });
  return { name: "landscape.png", mimeType: "image/png", buffer: file };
}

/** The landscape's size and colours, seen through a round window with a soft edge. */
export function translucent(width = 160, height = 120) {
  const file = encode(width, height, (x, y) => {
    const distance = Math.hypot(x - width / 2, y - height / 2) / (height / 2);
    const opacity = Math.round(255 * Math.min(1, Math.max(0, 1.6 - 1.2 * distance)));
    return [120 + 100 * noise(x / 9, y / 9), 90 + 80 * noise(x / 20, y / 14), 160, opacity];
  });
  return { name: "window.png", mimeType: "image/png", buffer: file };
}

/**
 * The JPEG that the page's own browser makes of a picture, red on its left half and blue on its
 * right, marked as to be turned a quarter clockwise, as phones mark upright photos: shown
 * upright, red is above blue.
 */
export async function turned(page, width = 160, height = 96) {
  const encoded = await page.evaluate(
    ([width, height]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      context.fillStyle = "rgb(200 40 40)";
      context.fillRect(0, 0, width / 2, height);
      context.fillStyle = "rgb(40 40 200)";
      context.fillRect(width / 2, 0, width / 2, height);
      return canvas.toDataURL("image/jpeg", 0.95).split(",")[1];
    },
    [width, height],
  );
  const jpeg = Buffer.from(encoded, "base64");
  // APP1 with a big-endian TIFF of one entry: tag 0x0112 (orientation), one short, value 6.
  const exif = Buffer.from(
    "ffe10022" +
      "457869660000" +
      "4d4d002a00000008" +
      "0001" +
      "011200030000000100060000" +
      "00000000",
    "hex",
  );
  const buffer = Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
  return { name: "turned.jpg", mimeType: "image/jpeg", buffer };
}

/** Smooth noise, 0 to 1. */
function noise(x, y) {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [s, t] = [x - i, y - j].map((f) => f * f * (3 - 2 * f));
  const mix = (a, b, f) => a + (b - a) * f;
  return mix(mix(hash(i, j), hash(i + 1, j), s), mix(hash(i, j + 1), hash(i + 1, j + 1), s), t);
}

/** A number 0 to 1 that belongs to a pair of integers. */
function hash(x, y) {
  let h = Math.imul(x | 0, 374761393) + Math.imul(y | 0, 668265263);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
