// A picture for those who have no photo at hand: a summer sky, drawn in code.

/** The sky, 4:3, as ImageData. */
export async function sample(width = 640) {
  const height = 2 * Math.round((width * 3) / 8);
  const picture = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      const at = 4 * (y * width + x);
      picture.data.set([...sky(u, v), 255], at);
    }
  }
  return picture;
}

/** The colour of a place, 0 to 1 from the left and from the top. */
function sky(u, v) {
  // Clouds are flatter towards the horizon, and their folds are folded once more.
  const [x, y] = [u * 4.2, v * 6.5];
  const fold = clouds(x + 7, y + 3);
  const thick = clouds(x + 2.2 * fold, y + 1.4 * fold);
  const cover = smooth(0.42, 0.72, thick);
  const light = smooth(0.35, 0.9, thick + 0.25 * (fold - 0.5));
  const blue = [58 + 108 * v, 108 + 88 * v, 186 + 48 * v];
  const white = [176 + 76 * light, 182 + 70 * light, 200 + 52 * light];
  return blue.map((level, i) => level + (white[i] - level) * cover);
}

/** Noise of several sizes, 0 to 1. */
function clouds(x, y) {
  let [sum, weight, total] = [0, 1, 0];
  for (let octave = 0; octave < 5; octave++) {
    sum += weight * noise(x, y);
    total += weight;
    weight *= 0.52;
    [x, y] = [1.9 * x + 11.3, 1.9 * y + 5.7];
  }
  return sum / total;
}

function noise(x, y) {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [s, t] = [x - i, y - j].map((f) => f * f * (3 - 2 * f));
  const mix = (a, b, f) => a + (b - a) * f;
  return mix(mix(hash(i, j), hash(i + 1, j), s), mix(hash(i, j + 1), hash(i + 1, j + 1), s), t);
}

function hash(x, y) {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

function smooth(low, high, value) {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
