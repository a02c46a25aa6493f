// Films to dream on: a video file, or several pictures in their order. Whoever has one asks it for
// pictures at moments and need not know which it is.
//
// Film: {kind, name, files, width, height, duration, first, rate, count, sound, picture, pictures,
// close}. `first` is the time stamp of a video's first frame, `rate` its frames a second, `sound`
// its track of sound.

import { DreamError } from "../../widget/words.js";
import { pixelsOf } from "../frames.js";
import { mediabunny } from "../save.js";
import { inOrder } from "./plan.js";
import { openReel } from "./reel.js";

/** Whether this browser can take videos apart. */
export const takesVideos = () => typeof VideoDecoder === "function";

/** A film of fewer frames has no rate but its mean one. */
const FEW = 12;

/** What to do where it cannot. */
export const NO_VIDEOS =
  "This browser cannot take videos apart (it has no WebCodecs). Open the pictures of a film " +
  "instead, numbered in their order, or use a current Chrome, Edge, Firefox or Safari.";

/** Opens a video file, or several pictures. */
export function openFilm(files) {
  const all = [...files];
  const videos = all.filter(({ type, name }) => isVideo(type, name));
  if (videos.length > 0 && all.length > 1) {
    throw new DreamError("picture", "Open one video alone, or several pictures; not both at once.");
  }
  return videos.length === 1 ? openVideo(videos[0]) : openPictures(all);
}

async function openVideo(file) {
  if (!takesVideos()) throw new DreamError("picture", NO_VIDEOS);
  const { ALL_FORMATS, BlobSource, CanvasSink, Input } = await mediabunny();
  const input = new Input({ formats: ALL_FORMATS, source: new BlobSource(file) });
  try {
    const video = await input.getPrimaryVideoTrack();
    if (!video) throw new DreamError("picture", `${file.name} holds no moving pictures.`);
    if (!(await video.canDecode())) {
      const codec = (await video.getCodec()) ?? "unknown to it";
      const message = `This browser cannot read the pictures in ${file.name} (their format is ${codec}). Convert it to MP4 with H.264, or to WebM.`;
      throw new DreamError("picture", message);
    }
    const [width, height, first, end, rate] = await Promise.all([
      video.getDisplayWidth(),
      video.getDisplayHeight(),
      video.getFirstTimestamp(),
      video.computeDuration(),
      rateOf(video),
    ]);
    const sink = ({ width, height }) =>
      new CanvasSink(video, { width, height, fit: "fill", poolSize: 3 });
    const reels = new Map();
    const reelOf = (size) => {
      const key = `${size.width} × ${size.height}`;
      // One for what is shown, and one for previews.
      if (!reels.has(key) && reels.size > 1) reels.clear();
      if (!reels.has(key)) reels.set(key, openReel(sink(size)));
      return reels.get(key);
    };
    const missing = (moment) => {
      const message = `${file.name} has no picture at ${moment.toFixed(2)} s; it may be damaged there. End before that.`;
      return new DreamError("picture", message);
    };
    return {
      kind: "video",
      name: file.name,
      files: [file],
      width,
      height,
      first,
      duration: end - first,
      rate,
      sound: (await input.getPrimaryAudioTrack()) ?? undefined,
      async picture(moment, size) {
        const found = await reelOf(size)(moment, (canvas) => read(canvas, size));
        if (!found) throw missing(moment);
        return found;
      },
      async *pictures(moments, size) {
        let index = 0;
        for await (const found of sink(size).canvasesAtTimestamps(moments)) {
          if (!found) throw missing(moments[index]);
          index += 1;
          yield read(found.canvas, size);
        }
      },
      close: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    if (error instanceof DreamError) throw error;
    const message = `${file.name} could not be read as a video. Try an MP4, WebM or MOV file.`;
    throw new DreamError("picture", message, { cause: error });
  }
}

/** Frames a second: as they were meant, where that is nearly how they come. */
async function rateOf(video) {
  const [metrics, { averagePacketRate }] = await Promise.all([
    video.computeFrameRateMetrics(),
    video.computePacketStats(256),
  ]);
  const { underlyingFrameRate, bestGuessFrameRate: guess, medianFrameRate: median } = metrics;
  // The guess takes some frames to be right.
  if (metrics.probedPacketCount < FEW) return averagePacketRate;
  return underlyingFrameRate ?? (Math.abs(guess / median - 1) < 0.02 ? guess : median);
}

async function openPictures(unsorted) {
  const files = inOrder(unsorted);
  const { width, height } = await pixelsOf(files[0]);
  const picture = async (number, size) => {
    const bitmap = await createImageBitmap(await pixelsOf(files[number]));
    try {
      return read(bitmap, size);
    } finally {
      bitmap.close();
    }
  };
  return {
    kind: "pictures",
    name: files.length === 1 ? files[0].name : seriesOf(files),
    files,
    width,
    height,
    count: files.length,
    picture,
    async *pictures(numbers, size) {
      for (const number of numbers) yield await picture(number, size);
    },
    close() {},
  };
}

/** `holiday` of `holiday-001.png` and its like. */
function seriesOf([{ name }]) {
  return name.replace(/[-_ .(]*\d*\)?\.[^.]*$/, "") || "pictures";
}

function isVideo(type, name) {
  return type.startsWith("video/") || /\.(mp4|m4v|mov|webm|mkv|avi|ts)$/i.test(name);
}

/** The pixels of something drawable, which fills the size; what does not fit is cut off. */
function read(source, { width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const scale = Math.max(width / source.width, height / source.height);
  const [w, h] = [source.width * scale, source.height * scale];
  context.imageSmoothingQuality = "high";
  context.drawImage(source, (width - w) / 2, (height - h) / 2, w, h);
  return context.getImageData(0, 0, width, height);
}
