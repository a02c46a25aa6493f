// The command-line program, to compare the page with.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM =
  process.env.PAREIDOLIA_CLI ??
  fileURLToPath(new URL("../../../target/debug/dream", import.meta.url));

/**
 * Dreams with the command line, on `input` unless it starts with something else; `settings` as flags
 * without their dashes, `true` for those alone, a list for those that are repeated.
 */
export async function dream(input, output, settings) {
  const flag = ([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().map((it) => `--${name}=${it}`);
  const flags = Object.entries(settings).flatMap(flag);
  const picture = settings.start ? [] : [input];
  await run("dream", ...picture, "-o", output, "--engine", "cpu", ...flags);
}

/** Any other command. */
export async function run(...words) {
  return promisify(execFile)(PROGRAM, words);
}
