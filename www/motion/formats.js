// The choice of the kind of file that frames become, for Zoom and Film.
//
//   formatChoice({onChange}) → a choice; its value is the format as `saveFrames` takes it
//     await offer(size)   finds out what can be written at a size; gives all formats that can
//     why()               why the chosen one cannot be had here, "" where it can

import { choice } from "./make.js";
import { formats } from "./save.js";

export function formatChoice({ onChange }) {
  const control = choice({ name: "Save as", options: [["webm", "WebM video"]], onChange });
  let offered = [];
  const why = () => offered.find(({ id }) => id === control.value)?.why ?? "";
  return Object.assign(control, {
    why,
    async offer(size) {
      offered = await formats(size);
      control.fill(
        offered.map(({ id, name, hint, why }) => [
          id,
          why ? `${name}: not here` : `${name} ${hint}`.trim(),
        ]),
      );
      const able = offered.filter(({ why }) => !why).map(({ id }) => id);
      if (why()) control.set(able[0]);
      return able;
    },
  });
}
