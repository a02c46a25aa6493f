// Recipes, which a page may keep in files.

import { isPng, textOf } from "./png.js";
import { DreamError, nameOf } from "./words.js";

/** Under which keyword Pareidolia's PNG files carry theirs. */
const KEYWORD = "pareidolia";

/**
 * A recipe, fetched where only its address is known: of a JSON file, or of a dream as a PNG.
 *
 * @param {object | string | URL | undefined} recipe An address is relative to the page.
 */
export async function recipeOf(recipe, signal) {
  if (typeof recipe !== "string" && !(recipe instanceof URL)) return recipe;
  const name = nameOf(recipe);
  const { href, host } = new URL(recipe, document.baseURI);
  try {
    const response = await fetch(href, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal,
    });
    if (!response.ok) {
      throw new DreamError("settings", `${host} has no recipe ${name} (${response.status}).`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = isPng(bytes) ? textOf(bytes, KEYWORD) : new TextDecoder().decode(bytes);
    if (text === undefined) {
      throw new DreamError(
        "settings",
        `The picture ${name} carries no recipe. It must be the very file that Pareidolia saved: many ` +
          "sites take recipes out of pictures.",
      );
    }
    return JSON.parse(text);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DreamError) throw cause;
    const message =
      `The recipe ${name} could not be read from ${host}. Are you online, does ${host} let this ` +
      "page read it (CORS), and is it JSON or a PNG, as Pareidolia writes it?";
    throw new DreamError("settings", message, { cause });
  }
}
