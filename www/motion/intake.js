// How files come in: by a button, dropped, or pasted.
//
//   intake({section, tools, label, accept, multiple, wants, onFiles})
//       → the element of the button, to be put where the tool wants it. Files dropped on the section
//       or pasted while the tool is on show come the same way. `wants(file)` says whether one of
//       those is meant; `onFiles(files)` gets an array that is never empty.

import { make } from "./make.js";

export function intake({ section, tools, label, accept, multiple = false, wants, onFiles }) {
  const input = make("input", { type: "file", class: "unseen", accept, multiple });
  const element = make("label", { class: "file" }, make("span", {}, label), input);
  const take = (list) => {
    const files = [...list].filter((file) => !wants || wants(file));
    const some = multiple ? files : files.slice(0, 1);
    if (some.length > 0) onFiles(some);
    else if (list.length > 0) tools.warn(`“${list[0].name}” is not a file for this.`);
  };
  input.addEventListener("change", () => {
    const files = [...input.files];
    // The same file may be chosen again.
    input.value = "";
    if (files.length > 0) onFiles(files);
  });
  section.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    section.classList.add("taking");
  });
  section.addEventListener("dragleave", (event) => {
    if (!section.contains(event.relatedTarget)) section.classList.remove("taking");
  });
  section.addEventListener("drop", (event) => {
    section.classList.remove("taking");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    if (!tools.shown() || !event.clipboardData?.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  return element;
}
