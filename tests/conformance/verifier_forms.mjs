// How a second verifier reads: bytes, RLP, JSON and CBOR, and the evidence in them (README, section 1).
import { getBytes, hexlify } from "ethers";

export const DIRECTIONS = "import export transit".split(" ");
export const ROLES = ("manufacturer importer exporter broker carrier consolidator intermediary port airport terminal_operator " +
  "integrated_operator warehouse distributor freight_forwarder other").split(" ");

export class Refused extends Error {}
export const refuse = (why) => { throw new Refused(why); };
export const demand = (holds, why) => holds || refuse(why);

// ---- bytes, as lower-case hexadecimal with 0x

export const size = (hex) => (hex.length - 2) / 2;
export const hex32 = (number) => "0x" + BigInt(number).toString(16).padStart(64, "0");
export const join = (...parts) => "0x" + parts.map((part) => part.slice(2)).join("");
export const fixed = (number, bytes) => "0x" + BigInt(number).toString(16).padStart(2 * bytes, "0");

export function encodeRlp(item) {
  const payload = Array.isArray(item) ? join(...item.map(encodeRlp)) : item;
  if (!Array.isArray(item) && size(item) === 1 && parseInt(item, 16) < 0x80) return item;
  const offset = Array.isArray(item) ? 0xc0 : 0x80, length = size(payload);
  if (length < 56) return join(fixed(offset + length, 1), payload);
  const digits = length.toString(16), written = digits.length % 2 ? "0" + digits : digits;
  return join(fixed(offset + 55 + written.length / 2, 1), "0x" + written, payload);
}

export function decodeRlp(hex) {
  const data = getBytes(hex);
  const items = decodeItems(data, 0, data.length, 0);
  demand(items.length === 1, "RLP: needed one item");
  return items[0];
}

function decodeItems(data, at, end, depth) {
  demand(depth <= 32, "RLP: too deep");
  const items = [];
  while (at < end) {
    const prefix = data[at++], list = prefix >= 0xc0, short = prefix - (list ? 0xc0 : 0x80);
    if (prefix < 0x80) { items.push(hexlify(data.slice(at - 1, at))); continue; }
    let length = short;
    if (short > 55) {
      const width = short - 55;
      demand(at + width <= end && data[at] !== 0 && width <= 4, "RLP: length");
      length = data.slice(at, at + width).reduce((sum, byte) => sum * 256 + byte, 0);
      demand(length > 55, "RLP: a length is not in its shortest form");
      at += width;
    }
    demand(at + length <= end, "RLP: cut short");
    if (!list && length === 1) demand(data[at] >= 0x80, "RLP: a single byte carries a length");
    items.push(list ? decodeItems(data, at, at + length, depth + 1) : hexlify(data.slice(at, at + length)));
    at += length;
  }
  return items;
}

export function bytesOf(item, length) {
  demand(typeof item === "string" && (length === undefined || size(item) === length), `needed ${length ?? "some"} bytes`);
  return item;
}

export function numberOf(item, most = 32) {
  demand(typeof item === "string" && size(item) <= most && !item.startsWith("0x00"), "needed a number");
  return item === "0x" ? 0n : BigInt(item);
}

// ---- 1. document

export function parseText(text) {
  demand(text.length <= 1 << 26, "too long");
  let depth = 0, keys = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[[{]|[\]}]|[-+.\w]+/gs)) {
    if (token === "[" || token === "{") demand(++depth <= 16, "nested too deep");
    else if (token === "]" || token === "}") depth -= 1;
    else if (token.startsWith('"')) keys += token.endsWith(":") ? 1 : 0;
    else demand(/^(-?\d+|true|false|null)$/.test(token), "a number that is not whole");
  }
  let value;
  try { value = JSON.parse(text); } catch { refuse("no JSON"); }
  const count = (part) => part === null || typeof part !== "object" ? 0
    : Object.values(part).reduce((sum, inner) => sum + count(inner), Array.isArray(part) ? 0 : Object.keys(part).length);
  demand(count(value) === keys, "a key stands twice");
  return value;
}

export function parseCbor(hex) {
  const data = getBytes(hex);
  let at = 0;
  const take = (length) => {
    demand(length <= data.length - at, "cut short");
    return data.slice(at, (at += length));
  };
  const read = (depth) => {
    demand(depth <= 16, "nested too deep");
    const first = take(1)[0], kind = first >> 5;
    let number = first & 31;
    demand(number < 28, "a length that is not given");
    if (number > 23) {
      const width = 1 << (number - 24);
      number = take(width).reduce((sum, byte) => sum * 256 + byte, 0);
      demand(number >= (width === 1 ? 24 : 2 ** (4 * width)), "not in its shortest form");
    }
    if (kind === 0) return number;
    demand(number <= data.length - at, "announces more than is left");
    if (kind === 2) return take(number);
    if (kind === 3) return textOf(take(number));
    if (kind === 4) return Array.from({ length: number }, () => read(depth + 1));
    demand(kind === 5, "a kind of value that evidence does not have");
    const members = {};
    for (let left = number, previous = ""; left > 0; left -= 1) {
      const start = at, key = read(depth + 1), encoded = hexlify(data.slice(start, at));
      demand(typeof key === "string" && encoded > previous, "keys that are no text, or out of order");
      members[key] = read(depth + 1);
      previous = encoded;
    }
    return members;
  };
  const value = read(0);
  demand(at === data.length, "bytes behind the end");
  return value;
}

function textOf(bytes) {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { refuse("no UTF-8"); }
}

function demandKeys(value, required, optional = []) {
  demand(value !== null && typeof value === "object" && !Array.isArray(value), "needed an object");
  const keys = Object.keys(value);
  demand(required.every((key) => keys.includes(key)), "a key is missing");
  demand(keys.every((key) => required.includes(key) || optional.includes(key)), "a key that is not known");
}

// ISO 3166-1 alpha-2, and three that customs use beside it
const PREFIXES = new Set(("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG " +
  "CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL " +
  "GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA " +
  "LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP " +
  "NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV " +
  "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW EU XI XK").split(" "));

// kinds of aliases: number and form
export const KINDS = {
  MID: [1, /^(?!CA)[A-Z]{2}[A-Z0-9]{1,6}[0-9]{0,4}[A-Z]{1,3}$/], "JP-12": [2, /^[A-Z0-9]{12}$/], "JP-14": [3, /^[A-Z0-9]{14}$/],
  AEOCN: [4, /^AEOCN[0-9]{10}$/], AEOSG: [5, /^AEOSG[A-Z0-9]{12}$/], LEI: [6, /^[A-Z0-9]{18}[0-9]{2}$/], GLN: [7, /^[0-9]{13}$/],
  DUNS: [8, /^[0-9]{9}$/],
};

function demandTin(tin) {
  demand(typeof tin === "string" && /^[A-Z]{2}[\x21-\x60\x7b-\x7e]{1,15}$/.test(tin), "no TIN");
  demand(PREFIXES.has(tin.slice(0, 2)), "no country's prefix");
}

export function parseQuestion(value) {
  const about = value !== null && typeof value === "object" && "alias" in value ? ["kind", "alias"] : ["tin"];
  demandKeys(value, [...about, "recogniser", "direction", "role"], ["type", "register", "on"]);
  const name = (text) => typeof text === "string" && text.length >= 1 && text.length <= 20;
  const whole = (number, most) => Number.isInteger(number) && number >= 0 && number <= most;
  if ("tin" in value) demandTin(value.tin);
  else demand(Object.hasOwn(KINDS, value.kind) && typeof value.alias === "string" && KINDS[value.kind][1].test(value.alias), "no alias");
  demand(name(value.recogniser) && DIRECTIONS.includes(value.direction) && ROLES.includes(value.role), "no question");
  demand(!("type" in value) || name(value.type) || whole(value.type, 15), "no type");
  demand(!("register" in value) || name(value.register), "no register");
  demand(!("on" in value) || whole(value.on, 2 ** 32 - 1), "no time");
  return value;
}

export function parseEvidence(value) {
  demandKeys(value, ["format", "questions", "header", "nodes"], ["traders"]);
  const binary = (item) => {
    if (item instanceof Uint8Array) return hexlify(item);
    demand(typeof item === "string" && /^0x([0-9a-fA-F]{2})*$/.test(item), "needed bytes");
    return item.toLowerCase();
  };
  const list = (items, most) => demand(Array.isArray(items) && items.length <= most, "needed a list") && items;
  demand(value.format === "aeo-ledger/recognition-evidence/1", "another format");
  const questions = list(value.questions, 10_000).map(parseQuestion);
  demand(questions.length > 0, "no questions");
  const header = binary(value.header);
  demand(size(header) <= 65_536, "a header that is too long");
  const traders = new Map();
  for (const one of "traders" in value ? list(value.traders, questions.length) : []) {
    demandKeys(one, ["question", "tin"]);
    demand(Number.isInteger(one.question) && one.question > Math.max(-1, ...traders.keys()), "traders out of order");
    demand("alias" in (questions[one.question] ?? {}), "a trader for no alias");
    demandTin(one.tin);
    traders.set(one.question, one.tin);
  }
  demand(!("traders" in value) || traders.size > 0, "no traders");
  return { questions, header, nodes: list(value.nodes, 200_000).map(binary), traders };
}

export const sameQuestion = (one, other) =>
  ["tin", "kind", "alias", "recogniser", "direction", "role", "type", "register", "on"].every((key) => one[key] === other[key]);
