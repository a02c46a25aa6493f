// Between two frames: the first one moves on as the second one was moved from it, and the second one,
// moved back, fades in over it. So a few dreams a second are smooth motion.

/** How many steps the fading of an edge has. */
const STEPS = 6;

/**
 * Paints the place `t`, 0 to 1, between pictures `from` and `to`. The movement is the one that `to`
 * came from `from` by; without `to`, `from` alone moves.
 */
export function tween(context, from, to, movement, t) {
  const { width, height } = context.canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "medium";
  if (t <= 0 || !movement) return context.drawImage(from, 0, 0, width, height);
  // Under the corners that turning leaves bare.
  if (movement.rotation || movement.zoom < 0) context.drawImage(to ?? from, 0, 0, width, height);
  const inwards = movement.zoom >= 0;
  const layers = [
    [from, t, inwards ? 1 : 1 - t],
    [to, t - 1, inwards ? t : 1],
  ];
  // The one that covers the canvas is the ground of the other.
  for (const [picture, power, alpha] of inwards ? layers : layers.reverse()) {
    if (!picture || alpha <= 0) continue;
    place(context, movement, power);
    if (alpha >= 1) context.drawImage(picture, 0, 0, width, height);
    else soft(context, picture, alpha, Math.abs(movement.zoom) * (inwards ? 1 - t : t));
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
}

/** Moves the canvas by a share of a movement; below 0, back. */
function place(context, { zoom, rotation, center }, power) {
  const { width, height } = context.canvas;
  const [x, y] = [center[0] * width, center[1] * height];
  const scale = (1 - zoom) ** -power;
  context.setTransform(1, 0, 0, 1, x, y);
  context.rotate((rotation * power * Math.PI) / 180);
  context.scale(scale, scale);
  context.translate(-x, -y);
}

/** A picture with an edge that fades: painted again and again, a little thinner and smaller. */
function soft(context, picture, alpha, inset) {
  const { width, height } = context.canvas;
  const share = 1 - (1 - alpha) ** (1 / STEPS);
  context.globalAlpha = share;
  for (let step = 0; step < STEPS; step++) {
    const edge = (inset * step) / STEPS;
    const [x, y, w, h] = [edge, edge, 1 - 2 * edge, 1 - 2 * edge];
    context.drawImage(
      picture,
      x * picture.width,
      y * picture.height,
      w * picture.width,
      h * picture.height,
      x * width,
      y * height,
      w * width,
      h * height,
    );
  }
}
