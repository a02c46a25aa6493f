// What the page's Content-Security-Policy has forbidden.

/** Makes every page loaded from now on note violations of its policy; call before loading. */
export async function watchPolicy(page) {
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      globalThis.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
}

/** The violations noted so far. */
export async function policyViolations(page) {
  return page.evaluate(() => globalThis.violations);
}
