// The service worker: the site works without a network once it has been visited.
//
// `cargo xtask build` puts `self.release` at the head of this file: a version, and the site's files
// with the first digits of their hashes. All files of one version are kept together, and nothing is
// served that is not what the list says: a file that is missing from the cache or damaged there is
// fetched anew.
// A new version waits until the user wants it.

const { version, files } = self.release;
const PREFIX = "pareidolia-site-";
const SITE = PREFIX + version;
/** Where a shared picture waits for the page. */
const SHARED = "pareidolia-shared";
const PAGE = "index.html";

/** Files that have been checked since this worker started. */
const sound = new Set();

const here = (name) => new URL(name, self.registration.scope).href;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.href.split(/[?#]/)[0] === here("share") && request.method === "POST") {
    event.respondWith(receive(request));
    return;
  }
  const name = nameOf(url);
  if (request.method === "GET" && name in files) event.respondWith(serve(name, request));
});

/** The name of one of the site's files, by its address. */
function nameOf(url) {
  const address = url.href.split(/[?#]/)[0];
  const scope = self.registration.scope;
  if (!address.startsWith(scope)) return "";
  return decodeURIComponent(address.slice(scope.length)) || PAGE;
}

/** Keeps all files of this version; those that another version has already are taken from there. */
async function fill() {
  const cache = await caches.open(SITE);
  await Promise.all(
    Object.keys(files).map(async (name) => {
      if (await isSound(name, await cache.match(here(name)))) return;
      const kept = await caches.match(here(name));
      await cache.put(here(name), (await isSound(name, kept)) ? kept : await fetchSound(name));
    }),
  );
}

/** Removes the files of other versions. */
async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== SITE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function serve(name, request) {
  const cache = await caches.open(SITE);
  const kept = await cache.match(here(name));
  if (kept && (sound.has(name) || (await isSound(name, kept)))) {
    sound.add(name);
    return kept;
  }
  try {
    const response = await fetchSound(name);
    // Whether there is room to keep it or not, it can be used.
    await cache.put(here(name), response.clone()).catch(() => {});
    return response;
  } catch {
    // The host has another version already: what it says is better than nothing.
    return fetch(request);
  }
}

/** Fetches a file of this version, past the browser's own cache. */
async function fetchSound(name) {
  const address = name === PAGE ? self.registration.scope : here(name);
  const response = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
  if (!(await isSound(name, response))) throw new Error(`${name} is not of version ${version}`);
  return response;
}

/** Whether an answer is the file that the list names. */
async function isSound(name, response) {
  if (!response?.ok || response.redirected) return false;
  const sum = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
  const text = [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.startsWith(files[name]);
}

/** Keeps the picture that another app shares, and lets the page open it. */
async function receive(request) {
  const photo = (await request.formData()).get("photo");
  if (photo instanceof File) {
    const cache = await caches.open(SHARED);
    const headers = {
      "Content-Type": photo.type || "application/octet-stream",
      "X-File-Name": encodeURIComponent(photo.name),
    };
    await cache.put(here("shared"), new Response(photo, { headers }));
  }
  return Response.redirect(here("./?shared"), 303);
}
