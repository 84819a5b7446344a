// Evidence and its questions in transit (README, section 1): read, and not yet believed.
import { size } from "./bytes.mjs";
import { choice, demandKeys, list, number, openDocument, text } from "./documents.mjs";
import { demand } from "./errors.mjs";
import { parseHistory } from "./history_form.mjs";
import { PREFIXES } from "./tin_tables.mjs";
import { DIRECTIONS, KINDS, ROLES } from "./vocabulary.mjs";

const FORMAT = "aeo-ledger/recognition-evidence/1";
export const MAX_HEADER_BYTES = 65_536;
const MAX_QUESTIONS = 10_000;
const MAX_NODES = 200_000;
const MAX_NAME = 20;
const MAX_TIME = 2 ** 32 - 1;
const PARTS = ["tin", "kind", "alias", "recogniser", "direction", "role", "type", "register", "on", "known"];

export const TIN = /^[A-Z]{2}[\x21-\x60\x7b-\x7e]{1,15}$/;

function demandTin(tin) {
  demand(typeof tin === "string" && TIN.test(tin) && !/^(?:EL|AEO\(?[A-Z]{2})/.test(tin), "MalformedTin", "this is no TIN");
  demand(PREFIXES.has(tin.slice(0, 2)), "MalformedTin", "no country has such a prefix");
}

/** Read a question: about a TIN, or about an alias and its kind. What is not asked is left out. */
export function parseQuestion(value) {
  const about = value !== null && typeof value === "object" && "alias" in value ? ["kind", "alias"] : ["tin"];
  demandKeys(value, [...about, "recogniser", "direction", "role"], ["type", "register", "on", "known"]);
  text(value.recogniser, MAX_NAME);
  choice(value.direction, DIRECTIONS);
  choice(value.role, ROLES);
  if ("type" in value) typeof value.type === "string" ? text(value.type, MAX_NAME) : number(value.type, 15);
  if ("register" in value) text(value.register, MAX_NAME);
  for (const time of ["on", "known"]) if (time in value) number(value[time], MAX_TIME);
  if ("tin" in value) demandTin(value.tin);
  else {
    choice(value.kind, Object.keys(KINDS));
    demand(typeof value.alias === "string" && KINDS[value.kind][1].test(value.alias), "MalformedAlias", "not a code of its kind");
  }
  return Object.freeze(Object.fromEntries(PARTS.filter((part) => part in value).map((part) => [part, value[part]])));
}

/** Tell whether two questions are the same. */
export const sameQuestion = (one, other) => PARTS.every((part) => one[part] === other[part]);

/** Read evidence, JSON or CBOR. A key that is not known is refused: it could be a rule that somebody relies on. */
export function parseEvidence(given) {
  const { value, binary } = openDocument(given);
  demandKeys(value, ["format", "questions", "header", "nodes"], ["traders", "history"]);
  choice(value.format, [FORMAT]);
  const questions = list(value.questions, MAX_QUESTIONS).map(parseQuestion);
  demand(questions.length > 0, "MalformedDocument", "no questions");
  const header = binary(value.header);
  demand(size(header) <= MAX_HEADER_BYTES, "MalformedDocument", "a header that is too long");
  const traders = new Map();
  let previous = -1;
  for (const one of "traders" in value ? list(value.traders, questions.length) : []) {
    demandKeys(one, ["question", "tin"]);
    const place = number(one.question, questions.length - 1);
    demand(place > previous && "alias" in questions[place], "MalformedDocument",
      "needed questions about an alias, each once, in order");
    demandTin(one.tin);
    traders.set(place, one.tin);
    previous = place;
  }
  demand(!("traders" in value) || traders.size > 0, "MalformedDocument", "no traders");
  return { questions, header, nodes: list(value.nodes, MAX_NODES).map((node) => binary(node)), traders,
    history: "history" in value ? parseHistory(value.history, binary) : null };
}
