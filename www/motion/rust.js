// What is computed in Rust, the same as by the command line: dream-motion.
//
//   const {Journey, moved, composed, Carry, FlashGuard, Stillness, Gif} = await rust();

let loaded;

/** The module, ready for use. A failure is told in words, and the next call tries again. */
export function rust() {
  loaded ??= load().catch((error) => {
    loaded = undefined;
    const message = "A part of this page could not be loaded. Are you online? Try again.";
    throw new Error(message, { cause: error });
  });
  return loaded;
}

async function load() {
  const module = await import("../dream-motion.js");
  await module.default();
  return module;
}
