// A question as an officer asks it: read from a form, kept in the part of the address that no server sees, and made canonical here.
import { el, find, show } from "./dom.mjs";
import { pinned } from "./pinned.mjs";
import { beginOf } from "./times.mjs";
import { Refused } from "./verifier/errors.mjs";
import { normalise } from "./verifier/tin.mjs";
import { later, say } from "./words.mjs";

const LAST = "aeo-ledger.recogniser";

// What was done to what was typed.
const DONE = {
  full_width: later("wide letters became plain ones"), invisible: later("invisible characters were left out"), spaces: later("spaces were left out"),
  capitals: later("small letters became capitals"), look_alikes: later("letters of another alphabet became the Latin ones that look like them"),
  marks: later("marks were left out"), aeo: later("AEO before the number was left out"), greece: later("EL became GR"), prefix: later("the country's code was put before it"),
};

export const nameOf = (party) => party.name === party.code ? party.code : `${party.code} – ${party.name}`;

// Fills a list of parties with those that the pinned bundle names.
export function offerParties(list, { chosen, only = () => true } = {}) {
  const parties = pinned()?.trust.parties.filter(only) ?? [];
  const wanted = chosen ?? localStorage.getItem(LAST);
  show(list, parties.map((party) => el("option", { value: party.code, selected: party.code === wanted, lang: "en" }, nameOf(party))));
}

export const rememberRecogniser = (code) => localStorage.setItem(LAST, code);

// Says where to pin a bundle, if none is.
export function demandPin() {
  if (pinned() !== null) return true;
  show(find("unpinned"), el("div", { class: "panel" }, el("h2", {}, say("First pin a trust bundle")),
    el("p", {}, say("This browser has nothing yet by which it could check an answer.")),
    el("p", { class: "actions" }, el("a", { class: "button", href: "trust" }, say("Pin a trust bundle")))));
  return false;
}

// Reads what was typed as a TIN: {tin, done}, or {fault} in words.
export function readTin(typed, country) {
  try {
    const { tin, done } = normalise(typed, country);
    return { tin, done: done.map((step) => say(DONE[step])) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { fault: error.message };
  }
}

// The second at which a day begins in the recogniser's own zone.
export const readDay = (text, zone) => text ? beginOf(text, zone) : undefined;

// The fields of a form, from the part of the address behind #.
export function recall(form) {
  const kept = new URLSearchParams(location.hash.slice(1));
  for (const [field, value] of kept) {
    const element = form.elements[field];
    if (element !== undefined) element.value = value;
  }
  return kept;
}

export function remember(form) {
  const kept = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value !== "");
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
}
