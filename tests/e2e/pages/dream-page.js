// The page as a person knows it: by the names of its controls.

import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { decode } from "../support/picture.js";

/** Screens in CSS pixels. */
export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** Settings with which a dream takes a second or two. */
export const QUICK = { Octaves: 2, Iterations: 4 };

/** Settings with which a dream takes so long that a test can do things meanwhile. */
export const LONG = { Octaves: 4, Iterations: 100 };

export class DreamPage {
  constructor(page) {
    this.page = page;
    this.photoInput = page.getByLabel("Open a photo", { exact: true });
    this.modelInput = page.getByLabel("Open a model", { exact: true });
    this.layer = page.getByRole("combobox", { name: "Layer", exact: true });
    this.engine = page.getByRole("combobox", { name: "Engine" });
    this.status = page.getByRole("status");
    this.alert = page.getByRole("alert");
    this.progress = page.getByRole("progressbar");
    this.picture = page.getByRole("img", { name: "Dream", exact: true });
  }

  /** Loads the page and waits until the engine behind it is ready: the CPU, unless asked else. */
  static async open(page, query = "?engine=cpu", site = "/") {
    await page.goto(`${site}${query}`);
    const dreamPage = new DreamPage(page);
    await dreamPage.ready();
    return dreamPage;
  }

  async ready() {
    await expect(this.page.locator("html")).toHaveAttribute("data-ready", "true", {
      timeout: 30_000,
    });
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  slider(name) {
    return this.page.getByRole("slider", { name, exact: true });
  }

  async set(settings) {
    for (const [name, value] of Object.entries(settings)) {
      await this.slider(name).fill(String(value));
    }
  }

  /** Opens a photo, given as a file name or as bytes with a name. */
  async openPhoto(photo) {
    await this.photoInput.setInputFiles(photo);
    await expect(this.button("Dream")).toBeEnabled();
  }

  /** Chooses an engine and waits until the page says which it is and why, or why not. */
  async choose(engine, words) {
    await this.engine.selectOption(engine);
    await this.says(words);
  }

  /** Waits until the page says so about the engine or about what the dream needs. */
  async says(words) {
    const said = this.page.locator("#engine-hint, #need").filter({ hasText: words });
    await expect(said).toHaveCount(1, { timeout: 60_000 });
  }

  /** How many MB the page says that the dream needs. */
  async need() {
    const need = this.page.locator("#need");
    await expect(need).toHaveText(/Needs about \d+ MB/);
    return Number((await need.textContent()).match(/\d+/)[0]);
  }

  /** Starts a dream and waits until it is under way. */
  async start() {
    await this.button("Dream").click();
    await expect(this.button("Stop")).toBeEnabled();
  }

  /** Waits until no dream is under way and a result can be saved. */
  async done() {
    await expect(this.button("Dream")).toBeEnabled({ timeout: 60_000 });
    await expect(this.button("Save PNG")).toBeEnabled();
  }

  /** Stops the dream and returns how many ms the page took to do so. */
  async stop() {
    const time = await this.button("Stop").evaluate((stop) => {
      const start = performance.now();
      const stopped = new Promise((done) => {
        const observer = new MutationObserver(() => stop.hidden && done(performance.now() - start));
        observer.observe(stop, { attributes: true });
      });
      stop.click();
      return stopped;
    });
    await this.done();
    return time;
  }

  /** Dreams to the end. */
  async dream() {
    await this.button("Dream").click();
    await this.done();
    await expect(this.status).toContainText("Dreamed in");
  }

  /** Saves the picture and returns the decoded file. */
  async save() {
    return decode(await this.file("Save PNG", /\.png$/));
  }

  /** Presses a button that saves a file, and returns its bytes. */
  async file(name, ending) {
    const download = this.page.waitForEvent("download", { timeout: 90_000 });
    await this.button(name).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(ending);
    return readFile(await saved.path());
  }

  /** The same from the list behind "Export". */
  async export(name, ending) {
    await this.button("Export").click();
    return this.file(name, ending);
  }

  /** Opens a collapsed part of the settings. */
  async unfold(summary) {
    await this.page.locator("summary").filter({ hasText: summary }).click();
  }

  /** Objective number `at`, from 1, under “More”. */
  objective(at = 1) {
    return this.page.getByRole("group", { name: `Objective ${at}`, exact: true });
  }

  /** Makes an objective of another kind. */
  async kind(name, at = 1) {
    await this.choice("Kind", this.objective(at)).selectOption(name);
  }

  choice(name, within = this.page) {
    return within.getByRole("combobox", { name, exact: true });
  }

  check(name, within = this.page) {
    return within.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) });
  }

  text(name, within = this.page) {
    return within.getByRole("textbox", { name, exact: true });
  }

  /** A part of the page by its name. */
  region(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** The names of what the filmstrip holds. */
  async stills() {
    const cells = this.region("Filmstrip").getByRole("button", { name: /^(Start|Dream)/ });
    return cells.evaluateAll((cells) => cells.map((cell) => cell.getAttribute("aria-label")));
  }
}
