// The widget's look. Everything a page may want to change is a custom property of <deep-dream> or
// a part; WIDGET.md lists both. A constructed sheet needs no exception in a page's CSP.

const CSS = `
:host {
  --accent: var(--deep-dream-accent, #8aa9ff);
  --ground: var(--deep-dream-ground, #12141b);
  --raised: var(--deep-dream-raised, #262a37);
  --ink: var(--deep-dream-ink, #eceef5);
  --soft: var(--deep-dream-soft, #a3aabd);
  --corner: var(--deep-dream-corner, 0.6rem);
  background: var(--ground);
  border-radius: var(--corner);
  color: var(--ink);
  color-scheme: dark;
  contain: content;
  display: block;
  font: var(--deep-dream-font, 0.9375rem / 1.45 system-ui, sans-serif);
  text-align: start;
}

:host([hidden]),
[hidden] {
  display: none !important;
}

*,
*::before {
  box-sizing: border-box;
}

.stage {
  aspect-ratio: var(--deep-dream-aspect-ratio, var(--ratio, auto));
  max-height: 80vh;
  min-height: 6rem;
  overflow: hidden;
  position: relative;
  width: 100%;
}

.picture {
  height: 100%;
  inset: 0;
  object-fit: contain;
  position: absolute;
  width: 100%;
}

.drop {
  align-items: center;
  background: color-mix(in srgb, var(--ground) 85%, transparent);
  border: 2px dashed var(--accent);
  border-radius: var(--corner);
  display: flex;
  inset: 0;
  justify-content: center;
  padding: 1rem;
  pointer-events: none;
  position: absolute;
  text-align: center;
}

.progress {
  background: var(--raised);
  height: 3px;
}

.progress::before {
  background: linear-gradient(100deg, #7be7c8, var(--accent) 52%, #e295ff);
  content: "";
  display: block;
  height: 100%;
  transform: scaleX(var(--fraction, 0));
  transform-origin: left;
}

.bar {
  align-items: center;
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  padding: 0.6rem;
}

button,
.upload {
  background: var(--raised);
  border: 1px solid transparent;
  border-radius: calc(var(--corner) * 0.7);
  color: var(--ink);
  cursor: pointer;
  font: inherit;
  min-height: 2.5rem;
  padding: 0.4rem 0.9rem;
}

button.main {
  background: linear-gradient(100deg, #7be7c8, var(--accent) 52%, #e295ff);
  color: var(--deep-dream-on-accent, #0a0b10);
  font-weight: 650;
  padding-inline: 1.6rem;
}

button[aria-pressed="true"] {
  border-color: var(--accent);
}

.upload {
  align-items: center;
  display: inline-flex;
  position: relative;
}

.upload input {
  cursor: pointer;
  inset: 0;
  opacity: 0;
  position: absolute;
  width: 100%;
}

button:focus-visible,
.upload:focus-within {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

.status {
  color: var(--soft);
  flex: 1 1 8rem;
  font-size: 0.875em;
  font-variant-numeric: tabular-nums;
  margin: 0;
}

.alert {
  border-inline-start: 3px solid #ffb4a8;
  margin: 0.6rem;
  padding: 0.3rem 0.8rem;
}

.alert p {
  margin: 0 0 0.5rem;
}

.alert .ways {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
}

.unseen {
  clip-path: inset(50%);
  height: 1px;
  overflow: hidden;
  position: absolute;
  white-space: nowrap;
  width: 1px;
}

@media (prefers-reduced-motion: no-preference) {
  .progress::before {
    transition: transform 0.2s linear;
  }
}

@media (forced-colors: active) {
  button,
  .upload {
    border-color: currentcolor;
  }
}
`;

let sheet;

/** The style sheet, one for all widgets. */
export function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
