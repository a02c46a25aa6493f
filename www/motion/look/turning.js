// Rotations, as nine numbers by columns, from the viewer (x to the right, y up, looking along −z) to
// the world.

const RADIANS = Math.PI / 180;

/** Looking so many degrees to the right, and so many up. */
export function looking(right, up) {
  return times(aboutY(-right), aboutX(up));
}

/** As a device is held, told by its three angles and that of its screen, after the specification. */
export function held({ alpha, beta, gamma }, screen = 0) {
  const device = times(times(aboutZ(alpha), aboutX(beta)), aboutY(gamma));
  // A device lies with its screen up and its top north; the world of pictures has y up.
  return times(times(aboutX(-90), device), aboutZ(-screen));
}

/** The rotation of a pose's matrix, four by four by columns. */
export const ofMatrix = (m) =>
  new Float32Array([m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]]);

export function times(a, b) {
  const product = new Float32Array(9);
  for (let column = 0; column < 3; column++) {
    for (let row = 0; row < 3; row++) {
      for (let k = 0; k < 3; k++) product[3 * column + row] += a[3 * k + row] * b[3 * column + k];
    }
  }
  return product;
}

/** The degrees to the right and up that a rotation looks. */
export function directionOf(turn) {
  const [x, y, z] = [-turn[6], -turn[7], -turn[8]];
  const right = Math.atan2(x, -z) / RADIANS;
  return { right: (right + 360) % 360, up: Math.asin(Math.min(1, Math.max(-1, y))) / RADIANS };
}

function aboutX(degrees) {
  const [c, s] = [Math.cos(degrees * RADIANS), Math.sin(degrees * RADIANS)];
  return new Float32Array([1, 0, 0, 0, c, s, 0, -s, c]);
}

function aboutY(degrees) {
  const [c, s] = [Math.cos(degrees * RADIANS), Math.sin(degrees * RADIANS)];
  return new Float32Array([c, 0, -s, 0, 1, 0, s, 0, c]);
}

function aboutZ(degrees) {
  const [c, s] = [Math.cos(degrees * RADIANS), Math.sin(degrees * RADIANS)];
  return new Float32Array([c, s, 0, -s, c, 0, 0, 0, 1]);
}
