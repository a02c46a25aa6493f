// Journeys as files, which name the network that they were made for.

import { dreamer } from "../dreamer.js";
import { openNetwork } from "../network.js";
import { download } from "../save.js";
import { read } from "./journey.js";

/** Hands a journey to the reader, as `photo-journey.json`. */
export async function saveJourney(tools, journey, photo) {
  const { model } = await dreamer(tools);
  const text = `${JSON.stringify({ ...journey, model }, null, 2)}\n`;
  download(new Blob([text], { type: "application/json" }), `${photo}-journey.json`);
}

/** Takes in what a file says, with `change(journey)`, and chooses its network where that is here. */
export async function openJourney(tools, file, library, change) {
  const { model, ...journey } = read(await file.text(), library);
  change(journey);
  if (!model || (await openNetwork(model.sha256))) return;
  tools.warn(
    `This journey was made with the network ${model.name}, which is not open here. Open its file ` +
      "above, or the journey becomes another one.",
  );
}
