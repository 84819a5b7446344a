// Signed history in transit: every recorded act of some subjects, read and not yet believed (README, section 8).
import { choice, demandKeys, list, number } from "./documents.mjs";
import { demand } from "./errors.mjs";
import { MEMBERS } from "./typed_data.mjs";

const MAX_ACTS = 50_000;
const MAX_EVENTS = 100;
const MAX_SIGNATURES = 512;
const MAX_RECOGNITIONS = 32;
const MAX_TIME = 2 ** 32 - 1;
const MAX_PARTY = 0xffff;
const ACTS = Object.freeze({
  __proto__: null,
  ...Object.fromEntries(Object.entries(MEMBERS).filter(([message]) => !["Recognition", "StatusEvent", "Publication"].includes(message))),
  Completion: [{ kind: "uint16", name: "party" }, { kind: "address", name: "key" }],
});

/** Whole numbers that fit one exactly; others are a BigInt. */
const exact = (hex) => BigInt(hex) <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(hex) : BigInt(hex);
const form = (holds, found) => demand(holds, "MalformedDocument", `signed history: ${found}`);

/** Read a signed history. `binary` reads its bytes. Returns {publications, acts, standings, parties, pairs, aliases}. */
export function parseHistory(value, binary) {
  demandKeys(value, ["publications", "acts", "standings", "parties", "pairs"], ["aliases"]);
  const all = (key, read) => key in value ? list(value[key], MAX_ACTS).map(read) : [];
  const signatures = (given) => list(given, MAX_SIGNATURES).map((one) => {
    const signature = binary(one, 65);
    form(["1b", "1c"].includes(signature.slice(-2)), "a signature without v 27 or 28");
    return signature;
  });
  const publications = all("publications", (one) => {
    demandKeys(one, ["register", "issuer", "former", "capacity", "deadline", "events", "details", "signatures", "recorded_at"]);
    return {
      register: number(one.register, MAX_PARTY), issuer: number(one.issuer, MAX_PARTY), former: number(one.former, MAX_PARTY),
      capacity: number(one.capacity, 255), deadline: exact(binary(one.deadline, 8)),
      events: list(one.events, MAX_EVENTS).map((event) => binary(event, 32)), details: binary(one.details, 32),
      signatures: signatures(one.signatures), recordedAt: number(one.recorded_at, MAX_TIME),
    };
  });
  const acts = all("acts", (one) => {
    demandKeys(one, ["message", "values", "signatures", "recorded_at"]);
    const message = choice(one.message, Object.keys(ACTS));
    return {
      message, values: parseValues(ACTS[message], one.values, binary), signatures: signatures(one.signatures), recordedAt: number(one.recorded_at, MAX_TIME),
    };
  });
  const usedActs = new Set(), usedPublications = new Set();
  const use = (used, pool, place) => {
    used.add(number(place, pool.length - 1));
    return pool[place];
  };
  const chains = (key, members, subjectOf) => distinct(all(key, (one) => {
    demandKeys(one, [...members, "acts"]);
    return { ...subjectOf(one), acts: list(one.acts, MAX_ACTS).map((place) => use(usedActs, acts, place)) };
  }));
  const recogniser = (one) => number(one.recogniser, MAX_PARTY);
  const history = {
    publications, acts,
    standings: distinct(all("standings", (one) => {
      demandKeys(one, ["entry", "events"]);
      return {
        subject: binary(one.entry, 32),
        events: list(one.events, MAX_ACTS).map((event) => {
          demandKeys(event, ["publication", "position", "record", "document"]);
          return {
            publication: use(usedPublications, publications, event.publication), position: number(event.position, MAX_EVENTS - 1),
            record: BigInt(binary(event.record, 32)), document: binary(event.document, 32),
          };
        }),
      };
    })),
    parties: chains("parties", ["party"], (one) => ({ subject: number(one.party, MAX_PARTY) })),
    pairs: chains("pairs", ["recogniser", "register"], (one) => of(recogniser(one), number(one.register, MAX_PARTY))),
    aliases: chains("aliases", ["recogniser", "alias"], (one) => of(recogniser(one), binary(one.alias, 32))),
  };
  form(!("aliases" in value) || history.aliases.length > 0, "no aliases");
  form(usedActs.size === acts.length && usedPublications.size === publications.length, "an act of no listed subject");
  return history;
}

/** The subject of a pair (recogniser, register) or of an alias (recogniser, hash), as a key of maps. */
export const subjectOf = (one, other) => `${one} ${other}`;
const of = (one, other) => ({ subject: subjectOf(one, other), pair: [one, other] });

function distinct(chains) {
  form(new Set(chains.map(({ subject }) => subject)).size === chains.length, "a subject is listed twice");
  return chains;
}

function parseValues(members, values, binary) {
  demandKeys(values, members.map(({ name }) => name));
  return Object.fromEntries(members.map(({ kind, name }) => [name, parseValue(kind, values[name], binary)]));
}

function parseValue(kind, value, binary) {
  if (kind.endsWith("[]")) return list(value, MAX_RECOGNITIONS).map((one) => parseValues(MEMBERS[kind.slice(0, -2)], one, binary));
  if (kind === "bool") return number(value, 1);
  const bits = Number(kind.slice(4));
  if (kind.startsWith("uint")) return bits > 32 ? exact(binary(value, bits / 8)) : number(value, 2 ** bits - 1);
  return binary(value, { address: 20, bytes32: 32 }[kind]);
}
