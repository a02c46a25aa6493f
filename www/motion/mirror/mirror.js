// Mirror: the camera's picture, which dreams while nothing moves.
//
// Watching and fading happen on the page's own beat; the dream is made elsewhere and is given up at
// once. So the mirror wakes as quickly on a slow machine as on a fast one.

import { layers } from "../dreamer.js";
import { bytes, png } from "../frames.js";
import { calm, openGuard } from "../guard.js";
import { onNetwork } from "../network.js";
import { rust } from "../rust.js";
import { download } from "../save.js";
import { cameras, openCamera } from "./camera.js";
import { dreamOn } from "./dreaming.js";
import { openGlass } from "./glass.js";
import { openView } from "./view.js";

/** Longest side of what is shown, and of what is watched for motion. */
const [SHOWN, WATCHED] = [640, 96];
/** Seconds between two pictures that are shown, and between two looks for motion. */
const [BEAT, LOOK] = [1 / 40, 1 / 16];
/** After a pause a dream does not come more quickly than this; it goes as quickly as it should. */
const LONGEST_BEAT = 0.1;
/** Milliseconds after which a busy browser's next picture is not waited for: waking must not. */
const LATE = 60;

export function mount(section, tools) {
  const little = matchMedia("(prefers-reduced-motion: reduce)");
  /** While the camera is on: `{camera, guard, stillness, size, …}`. */
  let mirror;
  /** Ends the dream under way. */
  let waking;

  const view = openView({
    section,
    little: little.matches,
    on: {
      start: () => start(),
      stop: close,
      save,
      changed: wake,
      camera: (id) => mirror && start(id),
    },
  });
  const glass = openGlass(() => little.matches);
  const live = new OffscreenCanvas(1, 1);
  const small = new OffscreenCanvas(1, 1);
  const shown = view.canvas.getContext("2d", { willReadFrequently: true });
  view.show("off");
  tools.onHide(close);
  onNetwork({
    leave: wake,
    enter() {
      wake();
      if (mirror) offerLayers().catch((error) => tools.warn(error));
    },
  });
  document.addEventListener("visibilitychange", () => {
    if (!mirror) return;
    mirror.camera.pause(document.hidden);
    if (document.hidden) wake();
  });

  async function start(id) {
    tools.hush();
    view.waiting(true);
    try {
      close();
      const { Stillness } = await rust();
      const lost = (error) => {
        close();
        tools.warn(error);
      };
      const camera = await openCamera(id, lost);
      const guard = await openGuard();
      mirror = { camera, guard, stillness: new Stillness(), still: false };
      // The tool may have been left while the reader was asked.
      if (!tools.shown()) return close();
      const { videoWidth, videoHeight } = camera.video;
      resize(videoWidth, videoHeight);
      view.show("live");
      beat(mirror);
      offer(camera.id).catch((error) => tools.warn(error));
    } catch (error) {
      close();
      tools.warn(error);
    } finally {
      view.waiting(false);
    }
  }

  function close() {
    wake();
    if (!mirror) return;
    const { camera, guard, stillness } = mirror;
    mirror = undefined;
    camera.close();
    guard.close();
    stillness.free();
    view.show("off");
    tools.say("");
  }

  /** Which cameras and layers there are. */
  async function offer(id) {
    view.camera.fill((await cameras()).map(({ id, name }) => [id, name]));
    view.camera.set(id);
    await offerLayers();
  }

  async function offerLayers() {
    view.layer.offer(await layers(tools));
  }

  function resize(width, height) {
    const scaled = (longest) => {
      const scale = Math.min(1, longest / Math.max(width, height));
      const [w, h] = [width, height].map((side) => Math.max(2, 2 * Math.round((side * scale) / 2)));
      return { width: w, height: h };
    };
    Object.assign(view.canvas, scaled(SHOWN));
    Object.assign(live, scaled(SHOWN));
    Object.assign(small, scaled(WATCHED));
    Object.assign(mirror, { width, height, scaled });
    view.ratio(width, height);
  }

  /** Paints for as long as this camera is on. */
  async function beat(own) {
    const began = performance.now();
    let [before, watched] = [0, -1];
    while (mirror === own) {
      const seconds = (await nextFrame()) / 1000 - began / 1000;
      if (mirror !== own) return;
      const passed = seconds - before;
      if (passed < BEAT) continue;
      before = seconds;
      try {
        look();
        if (seconds - watched >= LOOK && !document.hidden) {
          watched = seconds;
          watch(seconds);
        }
        paint(seconds, mirror.dreams ? Math.min(LONGEST_BEAT, passed) : passed);
      } catch (error) {
        close();
        tools.warn(error);
      }
    }
  }

  /** Takes the camera's picture. */
  function look() {
    const { video } = mirror.camera;
    if (video.videoWidth !== mirror.width || video.videoHeight !== mirror.height) {
      wake();
      resize(video.videoWidth, video.videoHeight);
    }
    reflect(live, video);
  }

  /** Whether something moves: the dream begins and ends with it. */
  function watch(seconds) {
    const picture = reflect(small, live, false);
    const still = mirror.stillness.see(bytes(picture), picture.width, picture.height, seconds);
    if (still && !mirror.still) dream();
    if (!still && mirror.still) wake();
    mirror.still = still;
  }

  function paint(seconds, passed) {
    const { guard } = mirror;
    glass.paint(shown, live, Boolean(mirror.dreams), passed);
    const { width, height } = view.canvas;
    const passedOn = guard.pass(shown.getImageData(0, 0, width, height), seconds);
    if (calm()) shown.putImageData(passedOn, 0, 0);
    view.flicker(guard.words());
  }

  /** Dreams on what is seen now, until something moves. */
  async function dream() {
    const own = mirror;
    const asked = view.asked();
    waking = new AbortController();
    const { signal } = waking;
    const canvas = new OffscreenCanvas(1, 1);
    Object.assign(canvas, own.scaled(asked.size));
    const picture = reflect(canvas, live, false);
    try {
      await dreamOn(tools, picture, asked, {
        signal,
        drifts: () => asked.drifts,
        onPicture(dreamt) {
          if (signal.aborted) return;
          if (!own.dreams) {
            glass.begin(picture);
            own.dreams = true;
            view.show("dreaming");
          }
          glass.melt(dreamt).catch((error) => tools.warn(error));
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      wake();
      // Not at once again, but when the reader wants it, or something has moved.
      own.still = true;
      tools.warn(error, [["Try again", () => (own.still = false)]]);
    }
  }

  /** Back to what is live; while nothing moves, the next look begins another dream. */
  function wake() {
    waking?.abort();
    waking = undefined;
    if (!mirror) return;
    mirror.still = false;
    if (mirror.dreams) view.show("live");
    mirror.dreams = false;
  }

  async function save() {
    try {
      const { width, height } = view.canvas;
      download(await png(shown.getImageData(0, 0, width, height)), "mirror.png");
    } catch (error) {
      tools.warn(error);
    }
  }
}

/** Draws something over all of a canvas, as a mirror does unless told not to; gives its pixels. */
function reflect(canvas, source, turned = true) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.setTransform(turned ? -1 : 1, 0, 0, 1, turned ? width : 0, 0);
  context.drawImage(source, 0, 0, width, height);
  return turned ? undefined : context.getImageData(0, 0, width, height);
}

/** The time of the browser's next picture, in ms; or that it is late, when nobody waits for it. */
function nextFrame() {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      cancelAnimationFrame(frame);
      resolve(performance.now());
    }, LATE);
    const frame = requestAnimationFrame((now) => {
      clearTimeout(late);
      resolve(now);
    });
  });
}
