// The widget's one address: `<script type="module" src="https://host/deep-dream.js">` defines
// <deep-dream>; `import { createDreamer } from "…/deep-dream.js"` dreams without it. WIDGET.md and
// deep-dream.d.ts tell what both can do.
//
// Nothing heavy is loaded by this: the engine comes when somebody asks for a dream.

import { DeepDreamElement } from "./widget/element.js";

export { createDreamer, Dreamer } from "./widget/dreamer.js";
export { DreamError } from "./widget/words.js";
export { DeepDreamElement };

// A page may load the script twice, and a server that only renders has no elements at all.
if (globalThis.customElements && !customElements.get("deep-dream")) {
  customElements.define("deep-dream", DeepDreamElement);
}
