// A 360° picture for those who have none: evening sky over hills, the same wherever one looks
// through its seam, because it is drawn by directions.

/** At most so many ms at a time, so that the page stays alive. */
const BREATH = 12;

export async function panorama(width = 1024) {
  const height = width / 2;
  const picture = new ImageData(width, height);
  let begun = performance.now();
  for (let y = 0; y < height; y++) {
    const up = Math.PI * (0.5 - (y + 0.5) / height);
    for (let x = 0; x < width; x++) {
      const around = 2 * Math.PI * ((x + 0.5) / width - 0.5);
      picture.data.set([...seen(around, up, Math.PI / height), 255], 4 * (y * width + x));
    }
    if (performance.now() - begun > BREATH) {
      await new Promise((later) => setTimeout(later));
      begun = performance.now();
    }
  }
  return picture;
}

/** The colour of a direction; `grain` is the height of a pixel, over which edges are soft. */
function seen(around, up, grain) {
  const [x, z] = [Math.sin(around), -Math.cos(around)];
  const ridge = (far, tall, seed) =>
    tall *
    (0.25 + noise(far * x + seed, far * z, seed) + 0.4 * noise(3.1 * far * x, seed, 3.1 * far * z));
  const far = ridge(2.2, 0.2, 5);
  const near = ridge(3.4, 0.12, 9) - 0.06;
  const covers = (ridge) => smooth(-0.7 * grain, 0.7 * grain, ridge - up);
  if (covers(near) === 1) return ground(x, z, up, near);
  const [cx, cy, cz] = [x * Math.cos(up), Math.sin(up), z * Math.cos(up)];
  const sun = Math.max(0, cx * 0.5 - cz * 0.85 + cy * 0.18);
  const glow = sun ** 6;
  const high = Math.max(0, Math.min(1, up / 1.2)) ** 0.6;
  const sky = mix([246, 184, 150], [38, 66, 138], high);
  const cloud = smooth(0.5, 0.78, fold(2.2 * cx, 4.2 * cy, 2.2 * cz));
  let color = mix(sky, mix([120, 96, 132], [255, 226, 196], 0.25 + 0.75 * glow), cloud * 0.85);
  color = mix(color, [255, 240, 210], Math.min(1, glow * 0.5 + sun ** 400));
  const haze = mix(mix([74, 72, 116], sky, 0.25), [255, 214, 180], 0.35 * glow);
  color = mix(color, haze, covers(far));
  return mix(color, ground(x, z, up, near), covers(near));
}

function ground(x, z, up, near) {
  const depth = Math.min(1, (near - up) / 0.9);
  // Grass is finer towards the hills.
  const scale = 1.2 / Math.max(0.06, near - up + 0.05);
  const grass =
    noise(scale * x * 3, scale * z * 3, 2) * 0.6 + noise(scale * x * 11, 4, scale * z * 11) * 0.4;
  const meadow = mix([58, 66, 60], [104, 122, 62], grass);
  return mix(mix(meadow, [88, 86, 104], 0.6), meadow, Math.min(1, depth * 3));
}

/** Clouds with folds. */
function fold(x, y, z) {
  const bend = noise(1.7 * x + 3, 1.7 * y, 1.7 * z + 8);
  let [sum, weight, total, size] = [0, 1, 0, 1.6];
  for (let octave = 0; octave < 4; octave++) {
    sum += weight * noise(size * x + 2 * bend, size * y + bend, size * z);
    total += weight;
    [weight, size] = [weight * 0.5, size * 2.1];
  }
  return sum / total;
}

/** Smooth noise in space, 0 to 1. */
function noise(x, y, z) {
  const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const [s, t, r] = [ease(x - i), ease(y - j), ease(z - k)];
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const [a, b, c] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    sum += (a ? s : 1 - s) * (b ? t : 1 - t) * (c ? r : 1 - r) * hash(i + a, j + b, k + c);
  }
  return sum;
}

const ease = (f) => f * f * (3 - 2 * f);
const mix = (a, b, f) => a.map((level, i) => level + (b[i] - level) * f);
const smooth = (low, high, value) => ease(Math.min(1, Math.max(0, (value - low) / (high - low))));

function hash(x, y, z) {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263) + Math.imul(z, 1440662683);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
