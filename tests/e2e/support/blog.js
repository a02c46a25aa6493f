// Somebody's blog: a small server on an origin of its own, with the policy that WIDGET.md asks of
// it, and pages that hold widgets of another origin.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { landscape } from "./photos.js";

const GUIDE = new URL("../../../www/WIDGET.md", import.meta.url);

const TYPES = {
  css: "text/css",
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  onnx: "application/octet-stream",
  png: "image/png",
};

/** Starts a server for some files, `{path: content}`; `headers(path)` go with each. */
export async function serve(files, headers = () => ({})) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://any");
    const content = files[pathname.slice(1)];
    if (content === undefined) return response.writeHead(404).end("nothing here");
    const type = TYPES[pathname.split(".").pop()] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, ...headers(pathname) }).end(content);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    files,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  };
}

/** The policy of a blog for a widget that comes from `host`, as WIDGET.md writes it down. */
export async function policyFor(host) {
  const [, policy] = (await readFile(GUIDE, "utf8")).match(/```csp\n([^`]+)```/);
  return policy.replaceAll("https://host.example", host).replaceAll(/\s+/g, " ").trim();
}

/** A blog with a photo, `photo.png`, whose posts are written by the test. */
export class Blog {
  /** `host` is where the widget comes from; a `policy` of one's own takes the place of the guide's. */
  static async open(host, policy) {
    const blog = new Blog();
    blog.host = host;
    const csp = policy ?? (await policyFor(host));
    const photo = landscape(120, 90).buffer;
    blog.server = await serve({ "photo.png": photo }, (path) =>
      path.endsWith(".html") ? { "content-security-policy": csp } : {},
    );
    return blog;
  }

  get origin() {
    return this.server.origin;
  }

  /** Puts a file on the blog. */
  put(path, content) {
    this.server.files[path] = content;
  }

  /** Publishes a post, with the widget's script unless there shall be `none`. Returns its address. */
  post(name, body, script = `${this.host}/deep-dream.js`) {
    const tag = script ? `<script type="module" src="${script}"></script>` : "";
    this.put(
      `${name}.html`,
      `<!doctype html>
       <html lang="en">
         <head><meta charset="utf-8" /><title>My travels</title>${tag}</head>
         <body><main><h1>My travels</h1>${body}</main></body>
       </html>`,
    );
    return `${this.origin}/${name}.html`;
  }

  close() {
    return this.server.close();
  }
}
