// A widget that fills its window, for sites that allow frames but no scripts: the attributes are in
// the address, `embed.html?src=…&layer=…`.

import { ATTRIBUTES } from "./widget/element.js";
import "./deep-dream.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  body { background: #12141b; margin: 0; }
  deep-dream { border-radius: 0; display: flex; flex-direction: column; height: 100dvh; }
  deep-dream::part(stage) { aspect-ratio: auto; flex: 1; max-height: none; min-height: 0; }
`);
document.adoptedStyleSheets = [sheet];

const asked = new URLSearchParams(location.search);
const widget = document.createElement("deep-dream");
for (const name of ATTRIBUTES) {
  if (asked.has(name)) widget.setAttribute(name, asked.get(name));
}
document.querySelector("main").append(widget);
