// Pictures between addresses, elements, canvases and plain pixels.

import { DreamError, nameOf } from "./words.js";

/** Longest side that is handed to the engine; it scales down further, to the size asked for. */
const LARGEST_SIDE = 8192;

/** As the page of Pareidolia reads them: upright, colours as stored, alpha not multiplied in. */
const AS_STORED = {
  imageOrientation: "from-image",
  premultiplyAlpha: "none",
  colorSpaceConversion: "none",
};

/** Loads an address into an image element whose pixels may be read. */
export async function load(address, image = new Image()) {
  const { protocol, origin, host } = new URL(address, document.baseURI);
  const foreign = protocol.startsWith("http") && origin !== self.origin;
  image.crossOrigin = foreign ? "anonymous" : null;
  image.src = address;
  try {
    await image.decode();
  } catch (cause) {
    const advice = foreign
      ? `Is it there, and does ${host} let other sites read it (CORS)?`
      : "Is it there, and is it a picture?";
    const message = `${nameOf(address)} could not be read. ${advice}`;
    throw new DreamError("picture", message, { cause });
  }
  return image;
}

/**
 * The pixels of whatever holds a picture: an address, a file, an image or canvas element, a
 * bitmap, pixels. Returned as the engine takes them.
 */
export async function pixels(source) {
  if (source instanceof ImageData) {
    const { width, height, data } = source;
    return { width, height, rgba: new Uint8Array(data) };
  }
  const isAddress = typeof source === "string" || source instanceof URL;
  const bitmap = await bitmapOf(isAddress ? await load(String(source)) : source);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  try {
    return await pixels(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch (cause) {
    const message = "The browser does not let this page read the picture's pixels.";
    throw new DreamError("picture", message, { cause });
  } finally {
    clear(canvas);
  }
}

/** What the engine tells of a picture, for canvases. */
export function imageData({ width, height, rgba }) {
  const data = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  return new ImageData(data, width, height);
}

/** Shows pixels on a canvas, which takes their size. */
export function draw(canvas, data) {
  if (canvas.width !== data.width || canvas.height !== data.height) {
    Object.assign(canvas, { width: data.width, height: data.height });
  }
  canvas.getContext("2d").putImageData(data, 0, 0);
}

/** Gives back what a canvas holds. */
export function clear(canvas) {
  Object.assign(canvas, { width: 0, height: 0 });
}

/** Pixels as a PNG file. */
export function png(data) {
  const canvas = document.createElement("canvas");
  draw(canvas, data);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      clear(canvas);
      if (blob) resolve(blob);
      else reject(new DreamError("picture", "The browser could not make a PNG of the dream."));
    }, "image/png");
  });
}

async function bitmapOf(source) {
  try {
    const bitmap = await createImageBitmap(source, AS_STORED);
    const { width, height } = bitmap;
    const shrink = LARGEST_SIDE / Math.max(width, height);
    if (shrink >= 1) return bitmap;
    const [resizeWidth, resizeHeight] = [width, height].map((side) =>
      Math.max(1, Math.floor(side * shrink)),
    );
    const options = { ...AS_STORED, resizeWidth, resizeHeight, resizeQuality: "high" };
    const smaller = await createImageBitmap(bitmap, options);
    bitmap.close();
    return smaller;
  } catch (cause) {
    const name = source?.name ?? "This";
    const message = `${name} is not a picture that this browser can read. Try a JPEG, PNG or WebP file.`;
    throw new DreamError("picture", message, { cause });
  }
}
