// The command-line program, to compare the page with.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM =
  process.env.PAREIDOLIA_CLI ??
  fileURLToPath(new URL("../../../target/debug/dream", import.meta.url));

/** Dreams with the command line; `settings` as flags without their dashes. */
export async function dream(input, output, settings) {
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await promisify(execFile)(PROGRAM, ["dream", input, "-o", output, "--engine", "cpu", ...flags]);
}
