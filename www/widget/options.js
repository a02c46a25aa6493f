// What a dream can be asked to be: the options of `dream()`, which are the attributes and
// properties of <deep-dream> too. Their ranges and defaults are those of dream-protocol, in the
// worker, which answers a number out of range with words.

import { DreamError } from "./words.js";

/** Whole numbers travel as such, or the worker could not read the message. */
const whole = (number) => Number.isInteger(number) && number >= 0 && number <= 0xffffffff;

/** Each numeric option with its attribute, its name in the protocol and what it must be. */
const NUMBERS = {
  octaves: { attribute: "octaves", setting: "octaves", fits: whole },
  octaveScale: { attribute: "octave-scale", setting: "octave_scale", fits: Number.isFinite },
  iterations: { attribute: "iterations", setting: "iterations", fits: whole },
  stepSize: { attribute: "step-size", setting: "step_size", fits: Number.isFinite },
  jitter: { attribute: "jitter", setting: "jitter", fits: whole },
  seed: { attribute: "seed", setting: "seed", fits: whole },
  size: { attribute: "size", setting: "size", fits: whole },
  channel: { attribute: "channel", fits: whole },
};

const ENGINES = ["auto", "cpu", "gpu", "hybrid"];

/** The options that are words, with their attributes; `class` is HTML's own. */
const WORDS = {
  model: "model",
  recipe: "recipe",
  layer: "layer",
  class: "target-class",
  engine: "engine",
};

/** All options with their attributes. */
export const OPTIONS = {
  ...WORDS,
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, { attribute }]) => [name, attribute])),
};

/** What the attributes of an element ask for. */
export function optionsOf(element) {
  const asked = Object.entries(OPTIONS)
    .map(([name, attribute]) => [name, element.getAttribute(attribute)])
    .filter(([, value]) => value);
  return Object.fromEntries(asked);
}

/** Gives an element class a property for each option: of its type, `null` where it is not set. */
export function mirror(prototype) {
  for (const [name, attribute] of Object.entries(WORDS)) {
    const property = name === "class" ? "targetClass" : name;
    mirrorAttribute(prototype, property, attribute, (value) => value);
  }
  for (const [name, { attribute }] of Object.entries(NUMBERS)) {
    mirrorAttribute(prototype, name, attribute, (value) => (value === null ? null : Number(value)));
  }
}

/** Gives an element class a property that is an attribute; `null` removes it. */
export function mirrorAttribute(prototype, property, attribute, read, write = (value) => value) {
  Object.defineProperty(prototype, property, {
    enumerable: true,
    configurable: true,
    get() {
      return read(this.getAttribute(attribute));
    },
    set(value) {
      const text = write(value);
      if (text === null || text === undefined) this.removeAttribute(attribute);
      else this.setAttribute(attribute, text);
    },
  });
}

/**
 * The options as the engine takes them: `{settings, engine, model}`. A recipe says everything that
 * the others do not.
 */
export function toRequest(options) {
  const { model, engine = "auto" } = options;
  const recipe = settingsOf(options.recipe);
  if (!ENGINES.includes(engine)) {
    throw new DreamError(
      "settings",
      `There is no engine “${engine}”; choose ${ENGINES.join(", ")}.`,
    );
  }
  const numbers = Object.entries(NUMBERS)
    .filter(([name]) => options[name] !== undefined && options[name] !== null)
    .map(([name, kind]) => [name, numberOf(name, options[name], kind)]);
  const channel = numbers.find(([name]) => name === "channel")?.[1];
  const settings = Object.fromEntries(
    numbers.map(([name, number]) => [NUMBERS[name].setting, number]).filter(([setting]) => setting),
  );
  const objectives = (card) => {
    const own = objectivesOf({ ...options, channel }, card);
    return own.length > 0 ? own : (recipe.objectives ?? []);
  };
  return {
    settings: (card) => ({ ...recipe, ...settings, objectives: objectives(card) }),
    engine,
    model,
  };
}

/** The settings of a recipe, which may be given alone. */
function settingsOf(recipe) {
  const settings = recipe?.settings ?? recipe ?? {};
  if (!isObject(recipe ?? {}) || !isObject(settings)) {
    const message = "A recipe must be an object, as JSON.parse makes it of its text.";
    throw new DreamError("settings", message);
  }
  const stated = Object.values(NUMBERS).filter(({ setting }) => settings[setting] !== undefined);
  const numbers = stated.map((kind) => {
    return [kind.setting, numberOf(`recipe.${kind.setting}`, settings[kind.setting], kind)];
  });
  return { ...settings, ...Object.fromEntries(numbers) };
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function numberOf(name, value, { fits }) {
  const number = Number(value);
  if (fits(number)) return number;
  const kind = fits === whole ? "a whole number from 0 up" : "a number";
  throw new DreamError("settings", `The option ${name} is “${value}”, but must be ${kind}.`);
}

/** What to raise; nothing in particular is the model's default layer. They add up. */
function objectivesOf({ layer, channel, class: wanted }, card) {
  const objectives = [];
  if (channel !== undefined) {
    objectives.push({ layer: layer ?? "", kind: { type: "channels", channels: [channel] } });
  } else if (layer) {
    objectives.push({ layer });
  }
  if (wanted !== undefined && wanted !== null && wanted !== "") {
    objectives.push({ kind: { type: "class", index: classOf(wanted, card) } });
  }
  return objectives;
}

/** The index of a class that is given as one, or as a label. */
function classOf(wanted, { name, labels = [] }) {
  if (whole(Number(wanted))) return Number(wanted);
  const plain = String(wanted).trim().toLowerCase();
  const names = (label) => [label, ...label.split(/, */)];
  const index = labels.findIndex((label) => names(label.toLowerCase()).includes(plain));
  if (index < 0) throw new DreamError("settings", `${name} knows no class “${wanted}”.`);
  return index;
}
