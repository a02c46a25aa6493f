// The choice of what the network shall see more of, for Zoom, Film and Mirror.
//
//   layerChoice({name, onChange}) → a choice; its value is a layer's name, "" for the network's own
//     offer(layers)   what there is to choose from: [{name, channels, isDefault}]
//     set(name)       also a layer that this network lacks

import { choice } from "./make.js";

const OWN = ["", "The network's own choice"];

export function layerChoice({ name = "Layer", onChange }) {
  const hint = "Shallow layers see strokes and textures, deep ones parts of things.";
  const control = choice({ name, options: [OWN], hint, onChange });
  const choose = control.set;
  let known = [];
  return Object.assign(control, {
    offer(layers) {
      known = layers.map(({ name, channels, isDefault }) => [
        name,
        `${name} (${channels} channels${isDefault ? ", its own choice" : ""})`,
      ]);
      control.fill([OWN, ...known]);
    },
    set(layer) {
      const there = [...control.select.options].some(({ value }) => value === layer);
      if (!there) control.fill([OWN, ...known, [layer, layer]]);
      choose(layer);
    },
  });
}
