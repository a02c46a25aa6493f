// A widget as a reader of a blog knows it.

import { expect } from "@playwright/test";
import { decode } from "../support/picture.js";

/** Attributes with which a dream takes a second or two. */
export const QUICK = 'size="96" octaves="2" iterations="3" engine="cpu"';

/** Attributes with which a dream takes so long that a test can do things meanwhile. */
export const LONG = 'size="128" octaves="3" iterations="100" engine="cpu"';

export class Widget {
  constructor(page, selector = "deep-dream") {
    this.page = page;
    this.element = page.locator(selector);
    this.photo = this.element.locator("img");
    this.dreamed = this.element.locator("canvas");
    this.status = this.element.getByRole("status");
    this.alert = this.element.getByRole("alert");
    this.progress = this.element.getByRole("progressbar");
    this.upload = this.element.locator("input[type=file]");
  }

  button(name) {
    return this.element.getByRole("button", { name, exact: true });
  }

  /** Waits until the widget is in a state: `idle`, `dreaming`, `done`, … */
  async becomes(state) {
    await expect(this.element).toHaveJSProperty("state", state, { timeout: 60_000 });
  }

  /** Dreams to the end. */
  async dream() {
    await this.button("Dream").click();
    await this.becomes("done");
  }

  /** Calls a method of the element. */
  call(method, ...args) {
    return this.element.evaluate(
      (element, [method, args]) => element[method](...args),
      [method, args],
    );
  }

  /** The last dream, its PNG decoded. */
  async result() {
    const { png, ...result } = await this.element.evaluate(
      async ({ result: { blob, ...result } }) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        return { ...result, type: blob.type, png: Array.from(bytes) };
      },
    );
    return { ...result, picture: await decode(Buffer.from(png)) };
  }
}

/** Collects what pages break of their Content-Security-Policy; call before loading. */
export async function watchPolicy(page) {
  const violations = [];
  await page.exposeFunction("policyBroken", (what) => violations.push(what));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      globalThis.policyBroken(`${violatedDirective} ${blockedURI}`);
    });
  });
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) violations.push(message.text());
  });
  return violations;
}

/** Collects the names of the widget's events that reach the document; call before loading. */
export async function watchEvents(page) {
  await page.addInitScript(() => {
    globalThis.heard = [];
    for (const name of ["ready", "progress", "frame", "done", "error"]) {
      addEventListener(`deep-dream-${name}`, ({ target, detail }) => {
        globalThis.heard.push({ name, target: target.id, message: detail.error?.message });
      });
    }
  });
  return async () => page.evaluate(() => globalThis.heard);
}
