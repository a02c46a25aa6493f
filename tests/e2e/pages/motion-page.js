// The page of moving pictures as a person knows it, and its tool Zoom.

import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { ToolPage } from "./tool-page.js";

/** Settings of Zoom with which a frame takes a moment. */
export const SMALL = { Size: 96, Octaves: 1, Iterations: 2 };
/** The same with frames that take long enough for a test to do things meanwhile. */
export const SLOW = { Size: 128, Octaves: 3, Iterations: 20 };

export class MotionPage extends ToolPage {
  constructor(page, tool) {
    super(page, tool);
    this.status = page.locator("#status");
    this.network = page.getByRole("combobox", { name: "Network", exact: true });
    this.networkInput = page.getByLabel("Open a network");
    this.picture = this.tool.locator("canvas").first();
    this.photoInput = this.tool.getByLabel(/^Open a (photo|picture)$/);
    this.journeyInput = this.tool.getByLabel("Open journey");
  }

  /** Shows a tool, on the CPU unless asked else. */
  static open(page, tool, query, site) {
    return new MotionPage(page, tool).arrive(query, site);
  }

  async openPhoto(photo) {
    await this.photoInput.setInputFiles(photo);
  }

  /** Waits until the words under the picture say so. */
  async says(words) {
    await expect(this.tool.locator(".caption")).toContainText(words, { timeout: 60_000 });
  }

  /** Goes to a frame, from 1, and waits for it to be on show. */
  async goTo(frame) {
    await this.slider("Frame").fill(String(frame - 1));
    await this.says(`Frame ${frame} of`);
  }

  /** Waits until nothing is under way. */
  async rests() {
    await expect(this.button("Stop")).toBeHidden({ timeout: 90_000 });
  }

  /** What is on the canvas, or in a part of it: shares of its width and height. */
  async pixels([left, top, right, bottom] = [0, 0, 1, 1]) {
    const { data, ...size } = await this.picture.evaluate(
      (shown, [left, top, right, bottom]) => {
        const [x, y] = [Math.floor(left * shown.width), Math.floor(top * shown.height)];
        const width = Math.max(1, Math.floor((right - left) * shown.width));
        const height = Math.max(1, Math.floor((bottom - top) * shown.height));
        const canvas = Object.assign(document.createElement("canvas"), { width, height });
        const context = canvas.getContext("2d");
        context.drawImage(shown, -x, -y);
        return { width, height, data: Array.from(context.getImageData(0, 0, width, height).data) };
      },
      [left, top, right, bottom],
    );
    return { ...size, data: Uint8Array.from(data) };
  }

  /** The names of the keyframes on the line of time. */
  async keyframes() {
    const marks = this.tool.getByRole("group", { name: "Keyframes" }).getByRole("button");
    return marks.evaluateAll((marks) => marks.map((mark) => mark.getAttribute("aria-label")));
  }

  /** Presses a button that saves a file, and returns its name and bytes. */
  async file(name) {
    const download = this.page.waitForEvent("download", { timeout: 60_000 });
    await this.button(name).click();
    const saved = await download;
    return { name: saved.suggestedFilename(), bytes: await readFile(await saved.path()) };
  }

  /** How far the page can be scrolled sideways. */
  async overhang() {
    return this.page.evaluate(
      () => document.scrollingElement.scrollWidth - document.documentElement.clientWidth,
    );
  }
}
