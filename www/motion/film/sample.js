// A film for those who have none at hand: a slow flight across a summer sky, as pictures.

import { png, sample } from "../frames.js";

const [WIDTH, HEIGHT, COUNT] = [320, 180, 24];

/** The pictures as files. */
export async function sampleFilm() {
  const sky = await createImageBitmap(await sample(2 * WIDTH));
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const files = [];
  for (let number = 0; number < COUNT; number++) {
    const [x, y] = [3 * number, number];
    context.drawImage(sky, x, y, 1.6 * WIDTH, 1.6 * HEIGHT, 0, 0, WIDTH, HEIGHT);
    const blob = await png(context.getImageData(0, 0, WIDTH, HEIGHT));
    files.push(new File([blob], `sky-${number + 1}.png`, { type: "image/png" }));
  }
  sky.close();
  return files;
}
