// What people type, and the one TIN that it stands for; see tests/conformance/vectors/tin/README.md. Where two traders could be meant, none is found.
import { isValid } from "./check_digits.mjs";
import { refuse } from "./errors.mjs";
import { TIN } from "./evidence.mjs";
import { COUNTRIES, LATIN_OF, PREFIXES, RULES } from "./tin_tables.mjs";

const LONGEST = 100; // characters of a text that can stand for a TIN
const MARKS = /[./_()[\]'"\u00b7\u2010-\u2015\u2212-]/g;
const SPACES = /[\s\x1c-\x1f\x85]+/g;
const DIGIT_ZEROS = [0x0660, 0x06f0]; // Arabic-Indic digits, and the extended ones
// Prefixes that people write, what a TIN has instead, and the step from one to the other.
const OTHER_FORMS = [[/^AEO(?=\(?[A-Z]{2})/, "", "aeo"], [/^EL/, "GR", "greece"]];

const isAscii = (text) => /^[\x00-\x7f]*$/.test(text);
const isWhole = (pattern, text) => new RegExp(`^(?:${pattern})$`, "u").test(text);
const each = (text, change) => [...text].map(change).join("");

/** Tell whether an identifier has the form that its register gives. */
const isOfForm = (rule, identifier) =>
  isWhole(rule.form, identifier) && !(rule.others ?? []).some((pattern) => isWhole(pattern, identifier));

// A text on its way to a TIN: what was done to it, and the scripts of the letters that were read as Latin ones.
const become = (spelling, text, step) => text === spelling.text ? spelling : { ...spelling, text, done: [...spelling.done, step] };

function clean(text) {
  let spelling = { text, done: [], scripts: [] };
  spelling = become(spelling, text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0)), "full_width");
  spelling = become(spelling, spelling.text.replace(/\p{Cf}/gu, ""), "invisible");
  spelling = become(spelling, spelling.text.replace(SPACES, ""), "spaces");
  return become(spelling, each(spelling.text, capital), "capitals");
}

// Not where the capital is another letter's too, as for the Turkish dotless i, or two letters.
function capital(character) {
  const upper = character.toUpperCase();
  return [...upper].length === 1 && isAscii(upper) === isAscii(character) ? upper : character;
}

function latinOf(character) {
  const like = LATIN_OF.get(character);
  if (like !== undefined && /[A-Z]/.test(like)) return { latin: like, script: /\p{Script=Greek}/u.test(character) ? "GREEK" : "CYRILLIC" };
  const zero = DIGIT_ZEROS.find((first) => character.codePointAt(0) >= first && character.codePointAt(0) < first + 10);
  return zero === undefined ? null : { latin: String(character.codePointAt(0) - zero), script: "ARABIC" };
}

function readLookAlikes(spelling) {
  const foreign = [...spelling.text].filter((character) => !isAscii(character)).map(latinOf);
  if (foreign.length === 0 || foreign.includes(null)) return spelling;
  const text = each(spelling.text, (character) => isAscii(character) ? character : latinOf(character).latin);
  return { text, done: [...spelling.done, "look_alikes"], scripts: foreign.map(({ script }) => script) };
}

function stands({ text, done, scripts }) {
  if (!TIN.test(text) || !PREFIXES.has(text.slice(0, 2)) || OTHER_FORMS.some(([pattern]) => pattern.test(text))) return false;
  const rule = RULES.get(text.slice(0, 2));
  if (rule === undefined) return /[0-9]/.test(text) && !done.some((step) => ["marks", "aeo", "look_alikes"].includes(step));
  // letters of another script are Latin ones only if the check digit is right too
  const isSure = () => scripts.every((script) => rule.scripts?.includes(script)) && (!rule.isChecked || isValid(text.slice(0, 2), text.slice(2)) === true);
  return isOfForm(rule, text.slice(2)) && (scripts.length === 0 || isSure());
}

function addPrefix(spelling, country) {
  const start = spelling.text.slice(0, 2);
  if (start === country || spelling.text.startsWith(`AEO${country}`)) return null;
  const added = become(spelling, country + spelling.text, "prefix");
  return stands(added) && (!PREFIXES.has(start) || isValid(country, spelling.text) === true) ? added : null;
}

function findSpelling(text, country) {
  if ([...text].length > LONGEST) return null;
  const plain = readLookAlikes(clean(text));
  for (const spelling of [plain, become(plain, plain.text.replace(MARKS, ""), "marks")]) {
    const readings = [spelling, ...OTHER_FORMS.filter(([pattern]) => pattern.test(spelling.text))
      .map(([pattern, prefix, step]) => become(spelling, spelling.text.replace(pattern, prefix), step))].filter(stands);
    const found = readings.find((reading) => !COUNTRIES.has(country) || reading.text.slice(0, 2) === country);
    if (found || readings.length) return found ?? null;
    const added = COUNTRIES.has(country) ? addPrefix(spelling, country) : null;
    if (added) return added;
  }
  return null;
}

/** The kind of fault of a TIN as it stands, null if it has its country's form. */
function faultOf(text) {
  const odd = [...text].find((character) => character > "~" || character < "!" || (character >= "a" && character <= "z"));
  if (odd !== undefined) return odd > "~" ? "script" : "character";
  if (text.length < 3 || text.length > 17) return "length";
  if (!TIN.test(text)) return "prefix";
  if (OTHER_FORMS.some(([pattern]) => pattern.test(text))) return "other-form";
  if (!PREFIXES.has(text.slice(0, 2))) return "prefix";
  const rule = RULES.get(text.slice(0, 2));
  return rule === undefined || isOfForm(rule, text.slice(2)) ? null : "form";
}

function isOtherNumber(text, country) {
  const plain = clean([...text].slice(0, LONGEST).join("")).text;
  const prefix = each(plain.slice(0, 2), (character) => LATIN_OF.get(character) ?? character);
  return [[prefix, plain.slice(2)], ...(country ? [[country, plain]] : [])]
    .some(([code, rest]) => PREFIXES.has(code) && RULES.get(code)?.others?.some((pattern) => isWhole(pattern, rest)));
}

function tellFault(text, country) {
  const plain = clean(text).text;
  if (isOtherNumber(text, country)) return "other-number";
  if (findSpelling(text)) return "other-country";
  if (!isAscii(plain)) return "script";
  const start = plain.slice(0, 2);
  const written = COUNTRIES.has(country) && start !== country && !PREFIXES.has(start) ? country + plain : plain;
  return faultOf(written) ?? (COUNTRIES.has(country) ? "other-country" : "form");
}

/**
 * Find the one TIN that a text stands for, and say what was done to find it: {typed, tin, done}.
 * Refuses with `MalformedTin`; the refusal's `fault` names the kind of fault.
 */
export function normalise(typed, country = null) {
  if (faultOf(typed) === null && (!COUNTRIES.has(country) || typed.slice(0, 2) === country)) return { typed, tin: typed, done: [] };
  const found = findSpelling(typed, country);
  if (found) return { typed, tin: found.text, done: found.done };
  const fault = tellFault(typed, country);
  try { return refuse("MalformedTin", `no trader's number is meant: ${fault}`); } catch (error) { throw Object.assign(error, { fault }); }
}

/** The other registration that the same trader may have, such as GB for XI; null if there is none. */
export function otherForm(tin) {
  const rule = RULES.get(tin.slice(0, 2)), identifier = tin.slice(2);
  const other = rule?.also && isOfForm(rule, identifier) ? rule.also + identifier : null;
  return other && faultOf(other) === null ? other : null;
}
