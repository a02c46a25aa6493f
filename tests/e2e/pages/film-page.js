// The tool Film of the page of moving pictures, by the names of its controls.

import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { ToolPage } from "./tool-page.js";

/** Seconds that a film of a few small frames may take on a slow machine. */
const PATIENCE = 180_000;

export class FilmPage extends ToolPage {
  constructor(page) {
    super(page, "Film");
    this.videoInput = this.tool
      .getByLabel("Open a film", { exact: true })
      .filter({ visible: true });
    this.pictureInput = this.tool.getByLabel("Open pictures").filter({ visible: true });
    this.frames = this.slider("Frame");
    this.picture = this.tool.getByRole("img");
    this.status = page.getByRole("status").and(page.locator("p"));
  }

  /** Shows the tool. */
  static open(page, query) {
    return new FilmPage(page).arrive(query);
  }

  /** Opens a video, or several pictures, given as bytes with names. */
  async take(files) {
    const many = Array.isArray(files) && files.length > 1;
    await (many ? this.pictureInput : this.videoInput).setInputFiles(files);
    await expect(this.button("Dream the film")).toBeEnabled();
  }

  /** What is told of the film: `fact("Becomes")`. */
  fact(name) {
    return this.tool.locator("dt", { hasText: name }).locator("+ dd");
  }

  /** Dreams to the end. */
  async dream() {
    await this.button("Dream the film").click();
    await this.done();
  }

  async done() {
    await expect(this.tool.getByText("All frames are dreamed.")).toBeVisible({ timeout: PATIENCE });
    await expect(this.button("Save the film")).toBeEnabled();
  }

  /** Looks at a frame, from 1, and returns its pixels as shown. */
  async look(number, words) {
    await this.frames.fill(String(number));
    await expect(this.picture).toHaveAccessibleName(new RegExp(`^Frame ${number} of .*${words}$`));
    return this.pixels();
  }

  pixels() {
    return pixelsOf(this.picture);
  }

  /** Saves what there is: `{name, bytes}`. */
  async save(format) {
    await this.choice("Save as").selectOption(format);
    const [download] = await Promise.all([
      this.page.waitForEvent("download", { timeout: PATIENCE }),
      this.button("Save the film").click(),
    ]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
}

/** The pixels of a canvas: `{width, height, data}`. */
export async function pixelsOf(canvas) {
  const picture = await canvas.evaluate((canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return { width, height, data: Array.from(data) };
  });
  return { ...picture, data: Uint8Array.from(picture.data) };
}
