// What a person sees, and what a screen reader would stumble over.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect } from "@playwright/test";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Takes a screenshot and expects axe to find nothing. */
export async function inspect(page, info, name) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${info.project.outputDir}/screens/${name}.png` });
  expect(await violations(page), name).toEqual([]);
}

/** What axe finds wrong. */
export async function violations(page) {
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}
