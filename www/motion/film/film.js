// Film: a video or several pictures, dreamed frame by frame. What was dreamed in one frame is carried
// on into the next; every frame is kept as soon as it is there, so that nothing that happens to the
// tab loses more than one.

import { duration } from "../../widget/words.js";
import { dreamFrame } from "../dreamer.js";
import { fitted, pixelsOf } from "../frames.js";
import { BUILT_IN, network, onNetwork } from "../network.js";
import { openPlayer } from "../player.js";
import { dreamFilm, settingsOf } from "./dreaming.js";
import * as kept from "./kept.js";
import { openFilm } from "./open.js";
import { fit, inOrder, plan as planOf } from "./plan.js";
import { sampleFilm } from "./sample.js";
import { openSaving } from "./saving.js";
import { openSettings } from "./settings.js";
import { openView, plural } from "./view.js";

/** The longest side of a preview. */
const PREVIEW_SIZE = 160;
/** Frames are shown as they come, but never so quickly that they could flash: seconds between two. */
const BREATH = 0.4;
const BEGUN_ELSEWHERE =
  "Another tab of this page has begun a film meanwhile, and its frames are kept. Reload this page to go on with it, or to give it up.";
/** Only one tab dreams on the film that is kept. */
const LOCK = "pareidolia-film";

export async function mount(section, tools) {
  /**
   * What there is: `begun` is what is kept of the film begun, `missing` whether its files must be
   * asked for, `flicker` what saving told of flashes.
   */
  const state = { done: 0, original: false, busy: undefined, flicker: "" };
  /** Seconds per frame, and per pixel and step, as last measured. */
  let pace;
  let giveUp;

  const settings = openSettings(() => state.film && !state.begun && replan());
  const view = openView({
    section,
    tools,
    settings,
    on: {
      files: (files) => attempt(() => take(files)),
      sample: () => attempt(async () => take(await sampleFilm())),
      dream: () => attempt(dream),
      stop: () => giveUp?.abort(),
      anew: () => attempt(anew),
      preview: () => attempt(preview),
      play,
      seek: (number) => player.seek(number),
      original(pressed) {
        state.original = pressed;
        refresh();
      },
      save: () => attempt(save),
      format: () => saving.explain(),
    },
  });
  const player = openPlayer({
    canvas: view.canvas,
    tools,
    fps: () => state.plan?.fps ?? 1,
    count: () => (player.playing && !state.original ? state.done : (state.plan?.count ?? 0)),
    paint,
    onMove(position, playing) {
      view.frames.set(Math.floor(position) + 1);
      view.playing(playing);
      view.flicker(state.flicker || player.words());
    },
  });
  const saving = openSaving({ tools, view, state });
  onNetwork({
    leave: () => state.busy !== "saving" && giveUp?.abort(),
    enter() {
      state.preview = undefined;
      offerLayers();
      refresh();
    },
  });
  await attempt(restore);
  refresh();

  /** What the film is asked to become: what was asked when it was begun. */
  function asked() {
    return state.begun?.asked ?? settings.value();
  }

  /** Does something that may fail, which is told in words. */
  async function attempt(act) {
    try {
      tools.hush();
      await act();
    } catch (error) {
      tools.warn(error);
    }
    refresh();
  }

  /** Does something that the reader may stop. */
  async function busy(what, act) {
    giveUp = new AbortController();
    state.busy = what;
    refresh();
    try {
      await act(giveUp.signal);
    } finally {
      state.busy = undefined;
      giveUp = undefined;
      view.bar.show();
      tools.say("");
      refresh();
    }
  }

  function refresh() {
    view.show(state);
    if (state.plan) player.refresh().catch((error) => tools.warn(error));
  }

  /** The film that was under way when the page was left. */
  async function restore() {
    const record = await kept.film();
    if (!record) return;
    const { plan, name } = record;
    const done = (await kept.numbers()).length;
    Object.assign(state, { begun: record, plan, done, missing: true });
    settings.set(record.asked);
    if (record.files) return adopt(await openFilm(record.files));
    view.tell(record, plan);
    await saving.offer();
    tools.warn(
      `“${name}” could not be kept with its frames. Open the same file again to go on at frame ${state.done + 1} of ${plan.count}.`,
    );
  }

  async function take(files) {
    const { begun, done } = state;
    if (state.busy) throw new Error("Stop what is under way first; then open another film.");
    if (begun && state.missing && kept.isSame(begun, inOrder(files))) {
      return adopt(await openFilm(files));
    }
    if (!begun || done === 0) return openAnew(files);
    const words = `There are ${plural(done, "frame")} of a film that has been begun. Opening another one discards them.`;
    tools.warn(words, [["Discard them and open it", () => attempt(() => openAnew(files))]]);
  }

  async function openAnew(files) {
    const film = await openFilm(files);
    if (state.begun) await alone(() => kept.clear());
    Object.assign(state, { begun: undefined, done: 0, original: false, flicker: "" });
    settings.suit(film);
    await adopt(film);
    await player.seek(0);
  }

  async function adopt(film) {
    player.pause();
    state.film?.close();
    Object.assign(state, { film, missing: false, preview: undefined });
    if (state.begun) {
      settings.suit(film);
      settings.set(asked());
    }
    replan();
    offerLayers();
    await saving.offer();
  }

  function replan() {
    state.plan = planOf(state.film, asked());
    state.preview = undefined;
    view.tell(state.film, state.plan);
    estimate();
    refresh();
  }

  /** Says how long the frames to come will take, as far as anybody knows. */
  function estimate() {
    const left = state.plan.count - state.done;
    const { octaves, iterations } = asked();
    const seconds =
      pace && pace * state.plan.width * state.plan.height * octaves * iterations * left;
    if (left === 0) view.need("All frames are dreamed.");
    else if (!pace) view.need("“Preview this frame” also finds out how long the film will take.");
    else view.need(`${plural(left, "frame")} to go: about ${duration(seconds)} on this machine.`);
    return seconds;
  }

  function measure(seconds, { width, height }) {
    const { octaves, iterations } = asked();
    const now = seconds / (width * height * octaves * iterations);
    pace = pace ? 0.7 * pace + 0.3 * now : now;
  }

  async function preview() {
    const number = Math.floor(player.position);
    agree();
    await busy("previewing", async (signal) => {
      const size = fit(state.film, Math.min(PREVIEW_SIZE, asked().size));
      const frame = await state.film.picture(state.plan.moment(number), size);
      tools.say(`Looking ahead at frame ${number + 1}…`);
      const began = performance.now();
      const { picture } = await dreamFrame(tools, frame, settingsOf(asked(), number), {
        signal,
        onProgress: ({ fraction }) => view.bar.show(fraction),
      });
      measure((performance.now() - began) / 1000, size);
      state.preview = { number, picture: await fitted(picture, state.plan) };
      state.original = false;
      estimate();
    });
  }

  async function dream() {
    const { film, plan } = state;
    player.pause();
    agree();
    await busy("dreaming", (signal) =>
      alone(async () => {
        if (!state.begun) {
          if (await kept.film()) throw new Error(BEGUN_ELSEWHERE);
          const { key, name } = network();
          await kept.begin({ asked: { ...asked(), network: { key, name } }, plan, film });
          navigator.storage?.persist?.();
          state.begun = await kept.film();
          refresh();
        }
        // Another tab may have gone on with it.
        state.done = (await kept.numbers()).length;
        Object.assign(state, { original: false, preview: undefined });
        const what = { film, plan, asked: asked(), from: state.done };
        let [began, shown, follows] = [performance.now(), 0, undefined];
        await dreamFilm(tools, what, kept.frame, {
          signal,
          onProgress: (fraction) => view.bar.show((state.done + fraction) / plan.count),
          async onFrame({ number, picture, blob, cut }) {
            await kept.keep(number, blob);
            state.done = number + 1;
            measure((performance.now() - began) / 1000, picture);
            const seconds = estimate();
            const left = seconds > 0 ? `, ${duration(seconds)} left` : "";
            tools.say(`Frame ${state.done} of ${plan.count}${cut ? ", a new scene" : ""}${left}`);
            view.show(state);
            // The stage follows the dream, unless the reader looks at something else.
            const { position, playing } = player;
            if ((follows ?? position) === position && !playing && began - shown > 1000 * BREATH) {
              await player.seek(number);
              [follows, shown] = [player.position, performance.now()];
            }
            began = performance.now();
          },
        });
      }),
    );
  }

  /** The network of the film: its frames must go together. */
  function own() {
    return state.begun ? (state.begun.asked.network ?? BUILT_IN) : network();
  }

  function agree() {
    if (own().key === network().key) return;
    const begun = `This film was begun with another network, “${own().name}”.`;
    throw new Error(`${begun} Choose that one above, or “Start anew”.`);
  }

  function offerLayers() {
    if (!state.film || own().key !== network().key) return;
    settings.fillLayers(tools).catch((error) => tools.warn(error));
  }

  async function anew() {
    await alone(() => kept.clear());
    Object.assign(state, { begun: undefined, done: 0, preview: undefined, original: false });
    if (state.film) replan();
    else Object.assign(state, { missing: false, plan: undefined });
  }

  async function save() {
    player.pause();
    await busy("saving", (signal) => saving.save(signal));
  }

  function play() {
    if (player.playing) return player.pause();
    const there = state.original ? state.plan.count : state.done;
    if (player.position >= there - 1) player.seek(0);
    Object.assign(state, { preview: undefined, flicker: "" });
    player.play();
  }

  /** Paints a frame: dreamed if it is, unless the original is wanted. */
  async function paint(context, position) {
    const number = Math.floor(position);
    const [picture, words] = await look(number);
    const { canvas } = context;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      Object.assign(canvas, { width: picture.width, height: picture.height });
    }
    context.putImageData(picture, 0, 0);
    canvas.ariaLabel = `Frame ${number + 1} of ${state.plan.count}, ${words}`;
    view.caption(words[0].toUpperCase() + words.slice(1));
  }

  async function look(number) {
    const { film, plan, original, preview, done } = state;
    if (!original && preview?.number === number) return [preview.picture, "a quick look ahead"];
    if (!original && number < done) return [await pixelsOf(await kept.frame(number)), "dreamed"];
    if (!film) return [new ImageData(plan.width, plan.height), "not here: open the film again"];
    return [
      await film.picture(plan.moment(number), plan),
      original ? "as it was" : "not dreamed yet",
    ];
  }
}

/** Does something to the film that is kept, unless another tab is at it. */
async function alone(act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
    if (lock) return act();
    throw new Error("Another tab of this page is at work on the film. Go on there, or close it.");
  });
}
