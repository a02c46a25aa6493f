// Elements and controls, all with names that can be heard.
//
//   make(tag, attributes, ...children)       an element; `true` sets an attribute, `false` and
//                                            `undefined` leave it out
//   button(label, act, {kind, title})        kind: "primary" for the one that matters most, "link"
//   slider({name, min, max, step, value, unit, hint, show, onInput, onChange})
//                                            → {element, input, value, set(value)}: `hint` explains
//                                            the name in a few words, `show(value)` says the value
//   choice({name, options, value, hint, onChange})   options: pairs of a value and a label
//                                            → {element, select, value, set(value), fill(options)}
//   check({name, hint, checked, onChange})   → {element, input}
//   progress(name)                           → {element, show(fraction)}; undefined: not under way

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

export function button(label, act, { kind = "", title, ...more } = {}) {
  const element = make(
    "button",
    { type: "button", class: kind || undefined, title, ...more },
    label,
  );
  // The second click of a double click is none on what has come in its place.
  element.addEventListener("click", (event) => event.detail > 1 || act(event));
  return element;
}

let ids = 0;

export function slider({ name, min, max, step, value, unit = "", hint, show, onInput, onChange }) {
  const id = `slider-${++ids}`;
  const input = make("input", { type: "range", id, min, max, step, value });
  const shown = make("output", { class: "value", for: id });
  const element = make(
    "div",
    { class: "slider" },
    make("label", { for: id }, name),
    hint ? make("small", { id: `${id}-hint` }, hint) : make("span"),
    shown,
    input,
  );
  if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
  const text = show ?? ((number) => `${number}${unit}`);
  const refresh = () => {
    const number = Number(input.value);
    shown.textContent = text(number);
    if (show || unit) input.ariaValueText = text(number);
    const [low, high] = [Number(input.min), Number(input.max)];
    input.style.setProperty(
      "--filled",
      `${high > low ? (100 * (number - low)) / (high - low) : 0}%`,
    );
  };
  input.addEventListener("input", () => {
    refresh();
    onInput?.(Number(input.value));
  });
  input.addEventListener("change", () => onChange?.(Number(input.value)));
  refresh();
  return {
    element,
    input,
    get value() {
      return Number(input.value);
    },
    set(number, limits = {}) {
      Object.assign(input, limits);
      input.value = number;
      refresh();
    },
  };
}

export function choice({ name, options, value, hint, onChange }) {
  const id = `choice-${++ids}`;
  const select = make("select", { id });
  const element = make(
    "div",
    { class: "choice" },
    make("label", { class: "field", for: id }, name),
    select,
    hint ? make("p", { class: "hint", id: `${id}-hint` }, hint) : undefined,
  );
  if (hint) select.setAttribute("aria-describedby", `${id}-hint`);
  select.addEventListener("change", () => onChange?.(select.value));
  const fill = (offered) => {
    const kept = select.value;
    select.replaceChildren(...offered.map(([value, label]) => make("option", { value }, label)));
    if (offered.some(([value]) => String(value) === kept)) select.value = kept;
  };
  fill(options);
  if (value !== undefined) select.value = value;
  return {
    element,
    select,
    fill,
    get value() {
      return select.value;
    },
    set(wanted) {
      select.value = wanted;
    },
  };
}

export function check({ name, hint, checked = false, onChange }) {
  const input = make("input", { type: "checkbox", checked });
  const words = make("span", {}, name, hint ? make("small", {}, ` ${hint}`) : undefined);
  const element = make("label", { class: "check" }, input, words);
  input.addEventListener("change", () => onChange?.(input.checked));
  return { element, input };
}

export function progress(name) {
  const element = make("div", {
    class: "progress",
    role: "progressbar",
    "aria-label": name,
    "aria-valuemin": "0",
    "aria-valuemax": "100",
    hidden: true,
  });
  return {
    element,
    show(fraction) {
      element.hidden = fraction === undefined;
      element.classList.toggle("shown", fraction !== undefined);
      element.ariaValueNow = String(Math.round(100 * (fraction ?? 0)));
      element.style.setProperty("--done", `${100 * (fraction ?? 0)}%`);
    },
  };
}
