// Recipes, which a page may keep in files.

import { DreamError, nameOf } from "./words.js";

/**
 * A recipe, fetched where only its address is known.
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
    if (response.ok) return await response.json();
    throw new DreamError("settings", `${host} has no recipe ${name} (${response.status}).`);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DreamError) throw cause;
    const message =
      `The recipe ${name} could not be read from ${host}. Are you online, does ${host} let this ` +
      "page read it (CORS), and is it JSON, as Pareidolia writes it?";
    throw new DreamError("settings", message, { cause });
  }
}
