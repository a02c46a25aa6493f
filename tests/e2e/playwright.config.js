// The end-to-end tests: the built page in a real browser. `cargo xtask test` says where both are.

import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "specs",
  outputDir: "results",
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  maxFailures: 8,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    baseURL: process.env.PAREIDOLIA_URL ?? "http://localhost:8080",
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    serviceWorkers: "block",
    navigationTimeout: 30_000,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.PAREIDOLIA_CHROME,
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
      ],
    },
  },
});
