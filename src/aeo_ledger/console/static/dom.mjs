// Elements are made one by one, and what a stranger wrote becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

const make = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
};

export const el = (tag, attributes = {}, ...children) => make(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) => make(document.createElementNS(SVG, tag), attributes, children);

export const find = (id) => document.getElementById(id);

export const show = (place, ...children) => place.replaceChildren(...children.flat(Infinity).filter(Boolean));

// A table with its caption; each row is a list of cells, and the first one names the row. On a narrow screen it scrolls in its own box.
export const table = (caption, heads, rows) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
  el("table", {},
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, place) => place === 0 ? el("th", { scope: "row" }, cell) : el("td", {}, cell)))))));

// A list of facts: name and value. A value that is missing leaves its row out.
export const facts = (rows) => el("dl", { class: "facts" }, rows.filter(([, value]) => value !== undefined && value !== null && value !== "")
  .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));

export const hex = (text) => el("code", { class: "hex", translate: "no" }, text);

export const save = (name, content, type) => {
  const address = URL.createObjectURL(new Blob([content], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};
