// Model files: the built-in one under another name or with other layers, and what goes wrong with files.

import { readFile } from "node:fs/promises";

const BUILT_IN = new URL("../../../crates/mini-inception/mini-inception.onnx", import.meta.url);

const file = (name, buffer) => ({ name, mimeType: "application/octet-stream", buffer });

/** A model that works: the built-in one, brought along as a user would bring it. */
export async function good() {
  return file("brought-along.onnx", await readFile(BUILT_IN));
}

/** A network with layers of its own: the built-in one, `inception_…` called `otherwise_…`. */
export async function renamed() {
  const bytes = (await readFile(BUILT_IN)).toString("latin1");
  return file("renamed.onnx", Buffer.from(bytes.replaceAll("inception_", "otherwise_"), "latin1"));
}

/** Its first half, as a broken download leaves it. */
export async function truncated() {
  const bytes = await readFile(BUILT_IN);
  return file("half.onnx", bytes.subarray(0, bytes.length / 2));
}

/** A file that is no model at all. */
export async function foreign() {
  return file("story.onnx", Buffer.from("Once upon a time there was a file. ".repeat(200)));
}

/** A model with an operator that nobody has heard of: each `Relu` is renamed to `Rely`. */
export async function unsupported() {
  const bytes = Buffer.from(await readFile(BUILT_IN));
  // Field 4 of an ONNX node, its operator: tag 0x22, length 4, the name.
  const [relu, rely] = ["Relu", "Rely"].map((name) => Buffer.from(`\x22\x04${name}`));
  let found = 0;
  for (let at = bytes.indexOf(relu); at >= 0; at = bytes.indexOf(relu, at)) {
    rely.copy(bytes, at);
    found += 1;
  }
  if (found === 0) throw new Error("the built-in model has no Relu to rename");
  return file("rely.onnx", bytes);
}
