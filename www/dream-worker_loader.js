// The worker's script: fetches program and built-in model side by side, then starts the program.

const here = (file) => new URL(file, import.meta.url);
const program = fetch(here("dream-worker_bg.wasm"));

// The program waits for it; a failure is told there.
globalThis.builtInModel = fetch(here("models/mini-inception.onnx")).then((response) => {
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.arrayBuffer();
});
globalThis.builtInModel.catch(() => {});

const { default: start } = await import(here("dream-worker.js"));
await start({ module_or_path: program });
