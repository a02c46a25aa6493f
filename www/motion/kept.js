// What the main page keeps in the browser's database. It is only read: the database is neither made
// nor changed here.
//
//   await lastDream() → {name, picture: ImageData}; words where there is none
//   await keptModels() → [{name, sha256, file: File}], those of the shelf that have been downloaded

const DATABASE = "pareidolia";
const NONE =
  "There is no dream kept yet. Dream on a picture on the main page first; it is then found here.";
const UNREADABLE = "What this browser keeps could not be read.";

/** What is said, where that is not an error: there is nothing. */
class Nothing extends Error {}

export async function lastDream() {
  const database = await open();
  try {
    const stills = await answer(database, "stills", (map) => map.getAll());
    const doing = await answer(database, "session", (map) => map.get("doing"));
    const dreams = stills.filter(({ words, file }) => words?.octave?.[0] > 0 && file);
    const shown = dreams.find(({ words }) => words.key === doing?.words?.still);
    const still = shown ?? dreams.toSorted((a, b) => a.words.key - b.words.key).at(-1);
    if (!still) throw new Nothing(NONE);
    const [width, height] = still.words.size;
    const pixels = new Uint8ClampedArray(await new Response(still.file).arrayBuffer());
    return { name: still.words.name, picture: new ImageData(pixels, width, height) };
  } finally {
    database.close();
  }
}

export async function keptModels() {
  let database;
  try {
    database = await open();
    const shelf = await (await fetch("models.json")).json();
    const kept = shelf.map(async ({ name, sha256 }) => {
      const found = await answer(database, "models", (map) => map.get(sha256));
      return { name, sha256, file: found?.file && new File([found.file], `${name}.onnx`) };
    });
    return (await Promise.all(kept)).filter(({ file }) => file);
  } catch (cause) {
    if (cause instanceof Nothing) return [];
    throw new Error(UNREADABLE, { cause });
  } finally {
    database?.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    let isNew = false;
    // It is asked for without a version, so this is a database that has never been there.
    request.onupgradeneeded = () => {
      isNew = true;
      request.transaction.abort();
    };
    request.onerror = () => reject(isNew ? new Nothing(NONE) : new Error(UNREADABLE, { cause: request.error }));
    request.onsuccess = () => {
      const { result } = request;
      // A newer main page is not to wait for this one.
      result.onversionchange = () => result.close();
      resolve(result);
    };
  });
}

/** What a map of the database answers; nothing where there is no such map. */
function answer(database, map, ask) {
  if (!database.objectStoreNames.contains(map)) return Promise.reject(new Nothing(NONE));
  return new Promise((resolve, reject) => {
    const request = ask(database.transaction(map, "readonly").objectStore(map));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(UNREADABLE, { cause: request.error }));
  });
}
