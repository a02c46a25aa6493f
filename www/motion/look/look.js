// Look: a viewer for 360° pictures.

export function mount(section) {
  section.textContent = "Soon.";
}
