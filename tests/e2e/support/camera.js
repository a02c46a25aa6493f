// A camera that shows what a test wants: a file of raw pictures (Y4M) that Chromium takes for one.

import { writeFile } from "node:fs/promises";

/** What {@link film} shows, over and over: seconds without motion, then seconds with. */
export const [STILL, MOVING] = [9, 3];
const [WIDTH, HEIGHT, FPS] = [160, 120, 10];

/** Arguments for a browser whose camera shows a file; `asks` is what it does where pages ask for it. */
export function withCamera(file, asks) {
  return [
    "--use-fake-device-for-media-stream",
    `--use-fake-ui-for-media-stream${asks === "refuse" ? "=deny" : ""}`,
    `--use-file-for-fake-video-capture=${file}`,
  ];
}

/**
 * Writes the film: hills above, which never move and are brighter on the left, and below them a bar,
 * which runs to and fro while there is motion: too faint for the guard against flashes to mind.
 */
export async function film(file) {
  const pieces = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FPS}:1 Ip A1:1 C420jpeg\n`)];
  for (let number = 0; number < (STILL + MOVING) * FPS; number++) {
    const into = Math.max(0, number - STILL * FPS);
    const bar = 60 + Math.round(50 * Math.sin(into / 2));
    const luma = Buffer.alloc(WIDTH * HEIGHT);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const hills = 40 * Math.sin(x / 9) * Math.cos(y / 7) + 20 * Math.sin(x / 3 + y / 5);
        const level = 120 + hills + (x < WIDTH / 3 ? 45 : 0);
        const below = x >= bar && x < bar + 40 ? 110 : 66;
        luma[y * WIDTH + x] = y < HEIGHT / 2 ? level : below;
      }
    }
    pieces.push(Buffer.from("FRAME\n"), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128));
  }
  await writeFile(file, Buffer.concat(pieces));
}
