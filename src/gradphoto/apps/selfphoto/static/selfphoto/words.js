// The sentences of a page stand in its template, Chinese and English side by side; scripts ask for them by name.

/** The sentence of this name in the page's language; a name that the page lacks is shown as it is, so that it is noticed. */
export function word(name, values = {}) {
  const found = document.querySelector(`[data-word="${name}"]`);
  const text = found ? found.textContent.trim() : name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
}
