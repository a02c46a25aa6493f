// Saving frames as a file: a video by the browser's own encoders (WebCodecs, written by mediabunny),
// an animated GIF, or a ZIP of PNGs where that is all there is.
//
//   await formats({width, height})
//       → [{id, name, hint, why}]: `why` says in words why a format cannot be had here
//   await saveFrames({format, width, height, fps, count, frame, sound, onProgress, onFlicker, signal})
//       → Blob. frame(k) → ImageData, or a promise of it; all pass the flash guard, and `onFlicker`
//       is told its words, "" where nothing flashes. `sound(output, mediabunny)` may add tracks
//       before the output starts, and returns a function that is called, and awaited, once it has
//       started (Film passes sound through)
//   await mediabunny()             the library itself
//   download(blob, name)           hands a file to the reader

import { bytes, png } from "./frames.js";
import { calm, openGuard } from "./guard.js";
import { rust } from "./rust.js";
import { zip } from "./zip.js";

const VIDEOS = {
  webm: { name: "WebM video", codecs: ["vp9", "av1", "vp8"], format: "WebMOutputFormat" },
  mp4: { name: "MP4 video", codecs: ["avc", "hevc", "av1", "vp9"], format: "Mp4OutputFormat" },
};

/** How the browser calls each at a high level, to be asked for before mediabunny is needed. */
const NAMES = {
  vp8: "vp8",
  vp9: "vp09.00.51.08",
  av1: "av01.0.13M.08",
  avc: "avc1.640034",
  hevc: "hvc1.1.6.L153.B0",
};

const NO_ENCODER =
  "This browser cannot write such videos (WebCodecs). Save a GIF or the single pictures instead.";

let library;

export function mediabunny() {
  library ??= import("./mediabunny.js").catch((cause) => {
    library = undefined;
    const message = "The part that writes videos could not be loaded. Are you online? Try again.";
    throw new Error(message, { cause });
  });
  return library;
}

export async function formats({ width, height }) {
  const videos = Object.entries(VIDEOS).map(async ([id, { name }]) => {
    const codec = await likelyCodec(id, width, height);
    return {
      id,
      name,
      hint: codec ? `(${codec.toUpperCase()})` : "",
      why: codec ? "" : NO_ENCODER,
    };
  });
  return [
    ...(await Promise.all(videos)),
    { id: "gif", name: "Animated GIF", hint: "(256 colours, no sound)", why: "" },
    { id: "zip", name: "ZIP of PNGs", hint: "(every frame, nothing lost)", why: "" },
  ];
}

export async function saveFrames(options) {
  const { format, onProgress, onFlicker, signal, count, fps } = options;
  const guard = await openGuard();
  const frames = async function* () {
    for (let k = 0; k < count; k++) {
      signal?.throwIfAborted();
      const picture = await options.frame(k);
      const passed = guard.pass(picture, k / fps);
      yield [k, calm() ? passed : picture];
      onProgress?.((k + 1) / count);
    }
  };
  try {
    const write = format in VIDEOS ? asVideo : { gif: asGif, zip: asZip }[format];
    const file = await write(frames(), options);
    onFlicker?.(guard.words());
    return file;
  } finally {
    guard.close();
  }
}

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The first codec that the browser says it can write. */
async function likelyCodec(id, width, height) {
  for (const codec of globalThis.VideoEncoder ? VIDEOS[id].codecs : []) {
    const config = { codec: NAMES[codec], width, height };
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({}));
    if (supported) return codec;
  }
  return undefined;
}

async function codecFor(id, width, height) {
  if (!globalThis.VideoEncoder) return null;
  const { getFirstEncodableVideoCodec } = await mediabunny();
  return getFirstEncodableVideoCodec(VIDEOS[id].codecs, { width, height });
}

async function asVideo(frames, { format, width, height, fps, sound }) {
  const library = await mediabunny();
  const codec = await codecFor(format, width, height);
  if (!codec) throw new Error(NO_ENCODER);
  const { Output, BufferTarget, CanvasSource, QUALITY_VERY_HIGH } = library;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const video = new CanvasSource(canvas, { codec, quality: QUALITY_VERY_HIGH });
  const container = new library[VIDEOS[format].format]();
  const output = new Output({ format: container, target: new BufferTarget() });
  try {
    output.addVideoTrack(video, { frameRate: fps });
    const pump = await sound?.(output, library);
    await output.start();
    const sounding = pump?.();
    // A failure is told below; until then it must not count as one that nobody hears.
    sounding?.catch(() => {});
    for await (const [k, picture] of frames) {
      context.putImageData(picture, 0, 0);
      await video.add(k / fps, 1 / fps);
    }
    video.close();
    await sounding;
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => {});
    throw error;
  }
  return new Blob([output.target.buffer], { type: container.mimeType });
}

async function asGif(frames, { width, height, fps }) {
  const { Gif } = await rust();
  const gif = new Gif(width, height, fps);
  for await (const [, picture] of frames) {
    gif.add(bytes(picture));
    // The page stays alive between frames.
    await new Promise((done) => setTimeout(done));
  }
  return new Blob([gif.finish()], { type: "image/gif" });
}

async function asZip(frames) {
  const files = [];
  for await (const [k, picture] of frames) {
    files.push([`frame-${String(k).padStart(5, "0")}.png`, await png(picture)]);
  }
  return zip(files);
}
