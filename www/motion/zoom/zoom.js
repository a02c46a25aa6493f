// Zoom: a photo, dreamed, moved a little, dreamed again, into ever deeper dreams. Here its parts are
// put together; what is shown is always the best there is of a frame: dreamed, previewed, or moved
// only.

import { duration } from "../../widget/words.js";
import { layers } from "../dreamer.js";
import { draw, fitted, pixelsOf, sample } from "../frames.js";
import { network, onNetwork } from "../network.js";
import { openPlayer } from "../player.js";
import { rust } from "../rust.js";
import { download, saveFrames } from "../save.js";
import { MOST, openEndless } from "./endless.js";
import { openJourney, saveJourney } from "./file.js";
import {
  NEW,
  holding,
  keyframeAt,
  longestOf,
  moved,
  planOf,
  stated,
  without,
} from "./journey.js";
import { openReel } from "./reel.js";
import { PREVIEW, quick, render, small } from "./render.js";
import { tween } from "./tween.js";
import { view } from "./view.js";

/** Longest side of what is painted while it moves: larger, it would not be smooth. */
const MOVING = 800;

const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export async function mount(section, tools) {
  const library = await rust();
  /** The photo as it came and at the size of the frames; all reels of it, by size and network. */
  let now = { original: undefined, name: "", photo: undefined, reels: new Map() };
  let [journey, plan] = [NEW, planOf(NEW, library)];
  let [reel, preview] = [openReel(), openReel()];
  /** How many frames of both are right. */
  let [dreamed, previewed] = [0, 0];
  /** What is under way: `{kind, abort, endless}`. */
  let busy;
  /** Whether the show follows what is dreamed. */
  let following = false;
  /** The layer that the network dreams of where nothing else is said. */
  let ownLayer;
  let history = [];
  const composed = new Map();
  const frame = () => Math.min(journey.frames - 1, Math.round(player.position));

  const seen = view({
    section,
    tools,
    on: {
      photo: ([file]) => open(() => pixelsOf(file), file.name.replace(/\.\w+$/, "") || "photo"),
      sample: () => open(sample, "sky"),
      journeyFile: ([file]) => attempt(() => openJourney(tools, file, library, change)),
      saveJourney: () => attempt(() => saveJourney(tools, journey, now.name)),
      journey: (changes) => change({ ...journey, ...changes }, Object.keys(changes).join()),
      settings(changes) {
        const settings = { ...journey.settings, ...changes };
        change({ ...journey, settings }, Object.keys(changes).join());
      },
      state,
      seek,
      add: () => change(stated(journey, frame(), stating(), {})),
      remove: (at) => keyframeAt(journey, at) && change(without(journey, at)),
      move(from, to) {
        const next = moved(journey, from, to);
        if (next === journey) return from;
        change(next);
        seek(to);
        return to;
      },
      undo,
      play() {
        if (!player.playing) return player.play();
        player.pause();
        attempt(() => player.refresh());
      },
      preview: () => work("preview", () => makePreview()),
      dream: () => work("dream", () => dream()),
      endless: () => work("endless", () => endlessly()),
      stop: () => busy?.abort.abort(),
      save: (how) => work("save", () => save(how)),
    },
  });
  const player = openPlayer({
    canvas: seen.canvas,
    tools,
    fps: () => busy?.endless?.rate(journey.fps) ?? journey.fps,
    count: () => (busy?.endless ? Math.max(1, dreamed) : journey.frames),
    hold: () => Boolean(busy?.endless),
    paint,
    onMove: show,
  });
  tools.onHide(() => busy?.kind === "endless" && busy.abort.abort());
  onNetwork({
    leave: () => busy?.abort.abort(),
    enter: () => offerLayers().then(() => attempt(fit)),
  });
  offerLayers();
  await open(sample, "sky");

  /** The layers of the network, and which one it dreams of by itself. */
  function offerLayers() {
    return attempt(async () => {
      const known = await layers(tools);
      seen.fillLayers(known);
      ownLayer = known.find(({ isDefault }) => isDefault)?.name;
    });
  }

  // What is shown

  function inForce(at = frame()) {
    return holding(journey, plan, at, ownLayer);
  }

  /** What a new keyframe states: all numbers as they are there, so that it holds them. */
  function stating() {
    const { zoom, rotation, center, strength } = inForce();
    return { zoom, rotation, center, strength };
  }

  async function paint(context, position) {
    const { photo } = now;
    if (!photo) return;
    const [from, t] = [Math.floor(position), position % 1];
    const pictures = [still(from), t > 0 ? still(from + 1) : undefined];
    const [first, second] = await Promise.all(pictures);
    if (context.canvas === seen.canvas) {
      const share = player.playing ? Math.min(1, MOVING / Math.max(photo.width, photo.height)) : 1;
      const [width, height] = [photo.width, photo.height].map((side) => Math.round(side * share));
      if (seen.canvas.width !== width || seen.canvas.height !== height) {
        Object.assign(seen.canvas, { width, height });
      }
    }
    tween(context, first, second, t > 0 ? plan.step(from + 1).movement : undefined, t);
  }

  /** The best picture that there is of a frame. */
  function still(index) {
    if (index < dreamed) return reel.bitmap(index);
    if (index < previewed) return preview.bitmap(index);
    if (!composed.has(index)) {
      if (composed.size > 40) composed.delete(composed.keys().next().value);
      composed.set(index, createImageBitmap(plan.composed(now.photo, index)));
    }
    return composed.get(index);
  }

  function show() {
    const at = frame();
    const what =
      at < dreamed ? "dreamed" : at < previewed ? "preview" : "moved only, not yet dreamed";
    seen.show({
      journey,
      frame: at,
      dreamed,
      previewed: Math.max(dreamed, previewed),
      values: inForce(at),
      playing: player.playing,
      busy: busy?.kind,
      what,
      flicker: player.words(),
      undoable: history.length > 0,
    });
  }

  /** Takes in that journey or frames have changed. */
  function refresh() {
    dreamed = reel.right(plan, journey.frames);
    previewed = preview.right(small(plan), journey.frames);
    if (player.playing) show();
    else attempt(() => player.refresh());
  }

  function seek(at) {
    following = false;
    player.pause();
    attempt(() => player.seek(at));
  }

  // What is changed

  /** Another journey; changes of one `kind` in a row are taken back as one. */
  function change(next, kind) {
    attempt(() => {
      const wanted = planOf(next, library);
      const same = kind && history.at(-1)?.kind === kind && Date.now() - history.at(-1).time < 1500;
      if (same) history.at(-1).time = Date.now();
      else history = [...history.slice(-99), { journey, kind, time: Date.now() }];
      use(next, wanted);
      tools.hush();
    });
  }

  function use(next, wanted = planOf(next, library)) {
    plan.free();
    const resized = longestOf(next) !== longestOf(journey);
    [journey, plan] = [next, wanted];
    composed.clear();
    if (player.position > journey.frames - 1) attempt(() => player.seek(journey.frames - 1));
    if (resized) attempt(fit);
    else refresh();
  }

  function undo() {
    const before = history.pop();
    if (before) use(before.journey);
  }

  /** What is wanted of the frame on show; on an endless journey, of the frames to come. */
  function state(values) {
    let wanted = values;
    const others = journey.keyframes.some((key) => key.layer && key.frame !== frame());
    // Among keyframes that name layers, the network's own one has to be named too.
    if ("layer" in wanted && !wanted.layer && (others || busy?.endless)) {
      wanted = { layer: ownLayer };
    }
    if (busy?.endless) return busy.endless.steer(wanted);
    player.pause();
    change(stated(journey, frame(), wanted, inForce()), `${frame()}:${Object.keys(wanted)}`);
  }

  function open(reading, name) {
    return attempt(async () => {
      const original = await reading();
      busy?.abort.abort();
      const before = dreamed > 1 ? now : undefined;
      now = { original, name, photo: undefined, reels: new Map() };
      await fit();
      if (!before) return;
      const words = `A new photo. The frames dreamed of ${before.name} are kept until you close this.`;
      tools.warn(words, [[`Back to ${before.name}`, () => attempt(() => back(before))]]);
    });
  }

  function back(before) {
    busy?.abort.abort();
    now = before;
    return fit();
  }

  /** Brings the photo to the size of the frames, and takes the reels of that size and network. */
  async function fit() {
    const photo = await fitted(now.original, { longest: longestOf(journey) });
    // What is dreamed at another size is of no use now; what is there is kept.
    if (now.photo && now.photo.width !== photo.width) busy?.abort.abort();
    now.photo = photo;
    const reelOf = (size) => {
      const key = `${size} ${network().key}`;
      return now.reels.get(key) ?? now.reels.set(key, openReel()).get(key);
    };
    [reel, preview] = [reelOf(`${photo.width}×${photo.height}`), reelOf("preview")];
    composed.clear();
    seen.ratio(photo);
    refresh();
    await seen.offer(photo);
  }

  // What takes its time

  /** One thing at a time; what goes wrong is told, what is there stays. */
  async function work(kind, act) {
    if (busy) return;
    busy = { kind, abort: new AbortController() };
    tools.hush();
    show();
    await attempt(act);
    if (busy.endless) endEndless();
    busy = undefined;
    tools.say("");
    seen.progress(undefined);
    refresh();
  }

  async function attempt(act) {
    try {
      return await act();
    } catch (error) {
      if (!busy?.abort.signal.aborted) tools.warn(error);
    }
  }

  /** Dreams what a reel lacks; says how far it is. */
  async function fill(what, more) {
    let [spent, done] = [0, 0];
    await render({
      tools,
      rust: library,
      planOf: () => plan,
      count: () => journey.frames,
      signal: busy.abort.signal,
      onProgress: (index, part) => seen.progress((index + part) / journey.frames),
      ...more,
      onFrame(index, ms) {
        [spent, done] = [spent + ms, done + 1];
        const left = ((journey.frames - 1 - index) * spent) / done / 1000;
        const words = left > 0 && done > 1 && !busy?.endless ? `, about ${duration(left)} left` : "";
        tools.say(`${what} ${index + 1} of ${journey.frames}${words}`);
        more.onFrame?.(index, ms);
        refresh();
        if (following) attempt(() => player.seek(index));
      },
    });
  }

  async function makePreview() {
    const photo = await fitted(now.original, { longest: PREVIEW.longest });
    following = !player.playing;
    const planOf = () => small(plan);
    await fill("Previewing frame", { reel: preview, photo, planOf, settingsOf: quick });
  }

  async function dream() {
    following = !player.playing;
    await fill("Dreaming frame", {
      reel,
      photo: now.photo,
      onPicture(index, picture) {
        if (following) draw(seen.canvas, picture);
      },
    });
  }

  async function endlessly() {
    const { signal } = busy.abort;
    const lastKey = journey.keyframes.at(-1)?.frame ?? 0;
    history = [...history, { journey, time: 0 }];
    busy.from = Math.max(1, dreamed, lastKey + 1);
    use({ ...journey, frames: busy.from });
    const endless = openEndless({ position: () => player.position, made: () => dreamed, signal });
    busy.endless = endless;
    following = false;
    if (dreamed > 0) await player.seek(dreamed - 1);
    signal.addEventListener("abort", () => player.pause());
    if (!prefersStillness()) player.play();
    await fill("Dreaming frame", {
      reel,
      photo: now.photo,
      count: () => MOST,
      async before(index) {
        await endless.ready(index);
        if (index < journey.frames || signal.aborted) return;
        const wanted = endless.take();
        const names = Object.keys(wanted);
        const held = Object.fromEntries(names.map((name) => [name, inForce(index - 1)[name]]));
        let next = { ...journey, frames: index + 1 };
        if (names.length > 0)
          next = stated(stated(next, index - 1, held, held), index, wanted, held);
        use(next);
      },
      onProgress() {},
      onFrame: (index, ms) => endless.dreamt(ms),
    });
    tools.warn(
      `That is as far as it goes: ${MOST} frames. Save them, and begin anew from the last.`,
    );
  }

  /** The journey ends with the last frame that was dreamed. */
  function endEndless() {
    player.pause();
    if (dreamed < 1 || dreamed >= journey.frames || busy.from > dreamed) return;
    const keyframes = journey.keyframes.filter((key) => key.frame < dreamed);
    use({ ...journey, frames: dreamed, keyframes });
  }

  async function save({ format, between }) {
    const { width, height } = now.photo;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const blob = await saveFrames({
      format,
      width,
      height,
      fps: journey.fps * between,
      count: (dreamed - 1) * between + 1,
      async frame(k) {
        await paint(context, k / between);
        return context.getImageData(0, 0, width, height);
      },
      onProgress(share) {
        seen.progress(share);
        tools.say(`Saving: ${Math.round(100 * share)} %`);
      },
      onFlicker: (words) => words.startsWith("Careful") && tools.warn(words),
      signal: busy.abort.signal,
    });
    download(blob, `${now.name}-zoom.${format}`);
  }
}
