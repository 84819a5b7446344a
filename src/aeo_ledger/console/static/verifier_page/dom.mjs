// Elements with text. Whatever comes from outside becomes text and nothing else: nothing here reads markup.

export const find = (id) => document.getElementById(id);

/** Make an element with attributes and children, which are elements or text. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

export const show = (place, ...children) => place.replaceChildren(...children);

/** A list of facts: pairs of a name and its text or elements; a pair without a fact is left out. */
export const facts = (pairs) => el("dl", { class: "facts" },
  pairs.filter(([, fact]) => fact !== null && fact !== "" && fact.length !== 0).flatMap(([term, fact]) => [el("dt", {}, term), el("dd", {}, fact)]));

export const mono = (text) => el("span", { class: "mono" }, text);
export const list = (items) => items.length > 1 ? el("ul", {}, items.map((item) => el("li", {}, item))) : items;

/** Fill a select with [value, text]; keep what was chosen. */
export function options(select, rows) {
  const chosen = select.value;
  show(select, ...rows.map(([value, text]) => el("option", { value }, text)));
  if (rows.some(([value]) => value === chosen)) select.value = chosen;
}

/** Let the reader keep a file. */
export function save(filename, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  el("a", { href: url, download: filename }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
