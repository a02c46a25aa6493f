// Hosts of files, as there are many: the built site in any folder, changed as a test likes, and
// hosts of models with their faults.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

/** The folder of the built site. */
export const DIST =
  process.env.PAREIDOLIA_DIST ?? fileURLToPath(new URL("../../../dist", import.meta.url));

const TYPES = {
  css: "text/css",
  html: "text/html",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  onnx: "application/octet-stream",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
};

/** Answers requests on this machine until it is stopped. */
export class Host {
  /** Starts one whose requests `answer(request, response)` serves, on any free port. */
  static async start(answer) {
    const host = new Host();
    host.requests = [];
    host.server = createServer((request, response) => {
      host.requests.push(request);
      answer(request, response);
    });
    await host.listen(0);
    return host;
  }

  async listen(port) {
    await new Promise((done) => this.server.listen(port, "localhost", done));
    this.port = this.server.address().port;
    this.origin = `http://localhost:${this.port}`;
  }

  /** Stops it, connections and all. */
  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Starts it again where it was. */
  async again() {
    await this.listen(this.port);
  }
}

/**
 * Serves the built site in the folder `under`. `host.changes` maps file names to other contents:
 * text or bytes, or a function of the built bytes; what is `null` is not there.
 */
export async function hostSite({ under = "/", changes = {} } = {}) {
  const host = await Host.start(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const name = path.startsWith(under) ? path.slice(under.length) || "index.html" : null;
    const body = name === null ? null : await content(name, host.changes);
    response.setHeader("Cache-Control", "no-cache");
    if (body === null) return response.writeHead(404).end("nothing here");
    response.writeHead(200, { "Content-Type": TYPES[name.split(".").pop()] ?? "text/plain" });
    response.end(body);
  });
  host.changes = changes;
  host.site = host.origin + under;
  return host;
}

/** A file of the built site, as the changes leave it; `null` where there is none. */
export async function content(name, changes = {}) {
  const change = changes[name];
  if (change !== undefined && typeof change !== "function") return change;
  const built = await readFile(`${DIST}/${name}`).catch(() => null);
  return typeof change === "function" ? change(built) : built;
}
