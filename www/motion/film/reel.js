// Pictures of a video at any moment. Those that follow each other soon, as when it plays, are decoded
// in one go; a video is otherwise decoded from the last key frame for every one of them.

/** Seconds that are rather decoded through than jumped over. */
const NEAR = 1;

/**
 * @param {CanvasSink} sink Whose canvases are its own for three pictures.
 * @returns {(moment: number, read: Function) => Promise} What `read(canvas)` gives of the picture at
 *   a moment, or `undefined` where there is none.
 */
export function openReel(sink) {
  let [strip, now, next] = [];
  let turn = Promise.resolve();

  async function find(moment) {
    if (!now || moment < now.timestamp || moment > now.timestamp + NEAR) {
      await strip?.return();
      strip = sink.canvases(moment);
      [now, next] = [undefined, (await strip.next()).value];
    }
    while (next && next.timestamp <= moment) {
      [now, next] = [next, (await strip.next()).value];
    }
    return now?.canvas;
  }

  return (moment, read) => {
    const mine = turn.then(async () => {
      const canvas = await find(moment);
      return canvas && read(canvas);
    });
    turn = mine.catch(() => (now = undefined));
    return mine;
  };
}
