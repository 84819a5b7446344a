// Documents of fixed form, JSON or CBOR: read strictly, so that two readers of one document cannot see different things.
// Objects have no prototype, whole numbers that a JavaScript number cannot hold are BigInt, and bytes are hexadecimal or byte arrays.
import { size, toHex } from "./bytes.mjs";
import { demand, refuse } from "./errors.mjs";

const CODE = "MalformedDocument";
const MAX_DEPTH = 16;
const MAX_ITEMS = 1 << 19; // values in one CBOR document
const MAX_DIGITS = 80; // of a number: 256 bits have 78
const MAX_BYTES = 1 << 26;

const PLAIN_TEXT = /"([^"\\\x00-\x1f]*)"/y;
const ESCAPED_TEXT = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\n\r]*/y;
const HALF_CHARACTER = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const WORDS = { true: true, false: false, null: null };

const whole = (text) => {
  demand(text.length <= MAX_DIGITS, CODE, "a number that is too long");
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
};

/** Read JSON: text, or bytes of UTF-8. No key twice, whole numbers alone, limited depth. */
export function parseJson(given, maxBytes = MAX_BYTES) {
  demand(given.length <= maxBytes, CODE, "too long");
  const text = (typeof given === "string" ? given : textOf(given)).replace(/^\ufeff/, "");
  let at = 0;
  const match = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const sign = () => {
    match(BLANK);
    return text[at];
  };
  const take = (wanted) => {
    demand(sign() === wanted, CODE, `not JSON: needed ${wanted} at character ${at}`);
    at += 1;
  };
  const string = () => {
    const plain = match(PLAIN_TEXT);
    const found = plain ? plain[1] : JSON.parse((match(ESCAPED_TEXT) ?? refuse(CODE, `not JSON at character ${at}`))[0]);
    demand(!HALF_CHARACTER.test(found), CODE, "a text holds half of a character");
    return found;
  };
  const several = (end, one) => { // what stands between brackets, one after the other
    at += 1;
    if (sign() !== end) for (one(); sign() === ","; one()) at += 1;
    take(end);
  };
  const value = (depth) => {
    const first = sign();
    if (first === '"') return string();
    if (first === "{" || first === "[") demand(depth < MAX_DEPTH, CODE, `nested deeper than ${MAX_DEPTH}`);
    if (first === "[") {
      const items = [];
      several("]", () => items.push(value(depth + 1)));
      return items;
    }
    if (first === "{") {
      const members = Object.create(null);
      several("}", () => {
        sign();
        const key = string();
        demand(!(key in members), CODE, "a key stands twice in one object");
        take(":");
        members[key] = value(depth + 1);
      });
      return members;
    }
    const word = match(WORD);
    if (word) return WORDS[word[0]];
    return whole((match(NUMBER) ?? refuse(CODE, `not JSON, or a number that is not whole, at character ${at}`))[0]);
  };
  const found = value(0);
  demand(sign() === undefined, CODE, "something stands behind the document");
  return found;
}

/** Read CBOR in its one deterministic encoding (RFC 8949, 4.2.1). Byte strings are parts of `data`, not copies. */
export function parseCbor(data, maxBytes = MAX_BYTES) {
  demand(data.length <= maxBytes, CODE, "too long");
  let at = 0, items = 0;
  const take = (length) => {
    demand(length <= data.length - at, CODE, "cut short");
    return data.subarray(at, (at += length));
  };
  const head = () => {
    const first = take(1)[0], kind = first >> 5, short = first & 31;
    demand(short < 28, CODE, "a length that is not given");
    if (short < 24) return [kind, short];
    const width = 1 << (short - 24);
    const number = BigInt(toHex(take(width)));
    demand(number >= (width === 1 ? 24n : 1n << BigInt(4 * width)), CODE, "a number that is not in its shortest form");
    return [kind, number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number];
  };
  const value = (depth) => {
    demand(depth <= MAX_DEPTH, CODE, `nested deeper than ${MAX_DEPTH}`);
    const [kind, number] = head();
    if (kind === 0) return number;
    demand(kind >= 2 && kind <= 5, CODE, "a kind of value that these documents do not have");
    demand(number <= data.length - at, CODE, "it announces more than is left");
    if (kind === 2) return take(number);
    if (kind === 3) return textOf(take(number));
    items += number;
    demand(items <= MAX_ITEMS, CODE, `more than ${MAX_ITEMS} values`);
    if (kind === 4) return Array.from({ length: number }, () => value(depth + 1));
    const members = Object.create(null);
    for (let left = number, previous = ""; left > 0; left -= 1) {
      const start = at, [kindOfKey, length] = head();
      demand(kindOfKey === 3, CODE, "a key that is not a text");
      const key = textOf(take(length)), encoded = toHex(data.subarray(start, at));
      demand(encoded > previous, CODE, "keys that are repeated or out of order");
      previous = encoded;
      members[key] = value(depth + 1);
    }
    return members;
  };
  const found = value(0);
  demand(at === data.length, CODE, "bytes follow the end of the document");
  return found;
}

/** Open a document of either form: its values, and how its bytes are read. Text is JSON; of bytes the first one tells. */
export function openDocument(given, maxBytes = MAX_BYTES) {
  const isJson = typeof given === "string" || textStart(given).startsWith("{");
  return isJson ? { value: parseJson(given, maxBytes), binary: hexBinary } : { value: parseCbor(given, maxBytes), binary: rawBinary };
}

const textStart = (bytes) => new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();

function textOf(bytes) {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { return refuse(CODE, "no UTF-8"); }
}

// ---- values, read key by key; each is refused if it has another type or exceeds its bound

/** Demand an object with exactly these keys, with or without the optional ones. */
export function demandKeys(value, required, optional = []) {
  demand(value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array), CODE, "needed an object");
  const keys = Object.keys(value);
  const missing = required.filter((key) => !keys.includes(key));
  const unknown = keys.filter((key) => !required.includes(key) && !optional.includes(key)).map((key) => key.slice(0, 40));
  demand(missing.length === 0, CODE, `it lacks ${missing.join(", ")}`);
  demand(unknown.length === 0, CODE, `it has unknown keys: ${unknown.slice(0, 5).join(", ")}`);
}

const demandSize = (hex, length) => {
  demand(length === undefined || size(hex) === length, CODE, `found ${size(hex)} bytes, needed ${length}`);
  return hex;
};

/** Read bytes that JSON writes as 0x and digits: lower-case hexadecimal. */
export const hexBinary = (value, length) => typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)
  ? demandSize(value.toLowerCase(), length) : refuse(CODE, "needed 0x and an even number of hexadecimal digits");

/** Read bytes of CBOR, as lower-case hexadecimal. */
export const rawBinary = (value, length) =>
  value instanceof Uint8Array ? demandSize(toHex(value), length) : refuse(CODE, "needed bytes");

export const text = (value, most) =>
  typeof value === "string" && value.length >= 1 && [...value].length <= most ? value : refuse(CODE, `needed a text of 1 to ${most} characters`);
export const list = (value, most) =>
  Array.isArray(value) && value.length <= most ? value : refuse(CODE, `needed a list of at most ${most}`);
export const choice = (value, choices) => choices.includes(value) ? value : refuse(CODE, `needed one of ${choices.join(", ")}`);

/** Read a whole number from 0. One above 2^53 is a BigInt, and stays one. */
export function number(value, most) {
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  demand(isWhole && value >= 0 && value <= most, CODE, `needed a whole number from 0 to ${most}`);
  return value === 0 ? 0 : value; // -0 is 0
}
