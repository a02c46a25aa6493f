// Starts the page's program, whose hashed names the build has left in <template id="program">.

const { script, wasm } = document.getElementById("program").dataset;
try {
  const program = await import(new URL(script, document.baseURI));
  await program.default({ module_or_path: new URL(wasm, document.baseURI) });
} catch (error) {
  const message = document.createElement("p");
  message.role = "alert";
  message.className = "fatal";
  message.textContent = `Pareidolia could not start in this browser (${error}). It needs a current Chrome, Edge, Firefox or Safari.`;
  document.body.append(message);
  throw error;
}
