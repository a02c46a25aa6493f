// Zoom: a photo, dreamed, moved a little, dreamed again.

export function mount(section) {
  section.textContent = "Soon.";
}
