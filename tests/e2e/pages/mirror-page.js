// The tool Mirror of the page of moving pictures, by the names of its controls.

import { expect } from "@playwright/test";
import { ToolPage } from "./tool-page.js";

export class MirrorPage extends ToolPage {
  constructor(page) {
    super(page, "Mirror");
    this.picture = this.tool.getByRole("img");
  }

  static open(page, query) {
    return new MirrorPage(page).arrive(query);
  }

  async turnOn() {
    await this.button("Turn the camera on").click();
  }

  /** Waits until it is `live` or `dreaming`. */
  async becomes(state, timeout = 30_000) {
    await expect(this.picture).toHaveAccessibleName(`Mirror, ${state}`, { timeout });
  }

  /**
   * Watches the upper half of what is shown for some seconds: pairs of a time in ms and how far it is
   * from what it was at first (mean levels), with what the mirror says that it does.
   */
  watch(seconds) {
    return this.picture.evaluate(async (canvas, seconds) => {
      const upper = () => {
        const { width, height } = canvas;
        return canvas.getContext("2d").getImageData(0, 0, width, height / 2).data;
      };
      const first = upper();
      const [seen, began] = [[], performance.now()];
      while (performance.now() - began < 1000 * seconds) {
        await new Promise((done) => setTimeout(done, 40));
        const now = upper();
        let sum = 0;
        for (let i = 0; i < now.length; i += 4) sum += Math.abs(now[i] - first[i]);
        const says = canvas.ariaLabel.replace("Mirror, ", "");
        seen.push({ ms: performance.now() - began, off: sum / (now.length / 4), says });
      }
      return seen;
    }, seconds);
  }
}
