// Looking around by turning the device, where it can be felt and the reader allows it.
//
//   canFeel()                whether this is a device that might be turned
//   await feel(onTurn) → stop()      onTurn gets its rotation; words where it cannot be had

import { held } from "./turning.js";

/** How long the first word of a device may take, in ms. */
const PATIENCE = 2000;
const NOTHING = "This device does not tell how it is turned. Look around with your finger instead.";
const REFUSED =
  "The browser does not let this page feel how the device is turned. Allow “motion and orientation” for it, or look around with your finger.";

export const canFeel = () =>
  "DeviceOrientationEvent" in globalThis && matchMedia("(pointer: coarse)").matches;

export async function feel(onTurn) {
  const { requestPermission } = DeviceOrientationEvent;
  if (requestPermission) {
    const answer = await requestPermission.call(DeviceOrientationEvent).catch(() => "denied");
    if (answer !== "granted") throw new Error(REFUSED);
  }
  const over = new AbortController();
  const { signal } = over;
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      over.abort();
      reject(new Error(NOTHING));
    }, PATIENCE);
    const heard = (event) => {
      if (event.alpha === null || event.beta === null || event.gamma === null) return;
      clearTimeout(timer);
      resolve();
      onTurn(held(event, screen.orientation?.angle ?? 0));
    };
    addEventListener("deviceorientation", heard, { signal });
  });
  return () => over.abort();
}
