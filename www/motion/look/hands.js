// Looking around by hand: pull the picture, pinch, turn the wheel, press keys.
//
//   hands(element, {view, onLook(changes)}): `view()` gives {right, up, field} in degrees and
//   `onLook` gets what changes of them.

const STEP = 5;
const KEYS = {
  ArrowLeft: { right: -STEP },
  ArrowRight: { right: STEP },
  ArrowUp: { up: STEP },
  ArrowDown: { up: -STEP },
  "+": { field: -STEP },
  "=": { field: -STEP },
  "-": { field: STEP },
};

export function hands(element, { view, onLook }) {
  const fingers = new Map();
  let apart;

  const distance = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) apart = distance();
  });
  element.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [x, y] = [event.clientX, event.clientY];
    fingers.set(event.pointerId, { x, y });
    const { right, up, field } = view();
    if (fingers.size === 2) {
      const now = distance();
      if (now > 0) onLook({ field: (field * apart) / now });
      apart = now;
    } else if (fingers.size === 1) {
      // What is under the finger stays under it.
      const degrees = field / element.clientHeight;
      onLook({ right: right - (x - before.x) * degrees, up: up + (y - before.y) * degrees });
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
  }
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      onLook({ field: view().field * 1.001 ** (event.deltaY * lines) });
    },
    { passive: false },
  );
  element.addEventListener("keydown", (event) => {
    const change = KEYS[event.key];
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const now = view();
    onLook(Object.fromEntries(Object.entries(change).map(([name, by]) => [name, now[name] + by])));
  });
}
