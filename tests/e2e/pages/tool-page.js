// A tool of the page of moving pictures as a person knows it: by the names of its controls.

import { expect } from "@playwright/test";

export class ToolPage {
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.tool = page.getByRole("tabpanel", { name });
    this.alert = page.getByRole("alert");
  }

  /** Shows it, on the CPU unless asked else. */
  async arrive(query = "?engine=cpu", site = "") {
    await this.page.goto(`${site}motion.html${query}#${this.name.toLowerCase()}`);
    await this.ready();
    return this;
  }

  async ready() {
    await expect(this.tool).toHaveAttribute("aria-busy", "false", { timeout: 30_000 });
  }

  button(name) {
    return this.tool.getByRole("button", { name, exact: true });
  }

  slider(name) {
    return this.tool.getByRole("slider", { name, exact: true });
  }

  choice(name) {
    return this.tool.getByRole("combobox", { name, exact: true });
  }

  async set(settings) {
    for (const [name, value] of Object.entries(settings)) {
      await this.slider(name).fill(String(value));
      // Some are heard of when they are let go.
      await this.slider(name).dispatchEvent("change");
    }
  }
}
