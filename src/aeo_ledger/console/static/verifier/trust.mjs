// The trust bundle `aeo-ledger/trust/1`: all that is trusted. Its reader pins it by a channel of its own; evidence cannot change it.
import { toHex } from "./bytes.mjs";
import { choice, demandKeys, hexBinary as binary, list, number, parseJson, text } from "./documents.mjs";
import { demand } from "./errors.mjs";
import { FORKS } from "./header.mjs";
import { keccak256 } from "./keccak.mjs";

const CODE = "MalformedDocument";
const MAX_BYTES = 1 << 20;
const MAX_PARTIES = 255;
const MAX_NUMBER = 2n ** 64n - 1n;
const CONTRACTS = ["consortium", "governance", "registers"];
const MEMBERS = ["format", "chain", "contracts", "validators", "checkpoint", "period_s", "parties", "prefixes", "predecessors"];

const distinct = (items) => new Set(items).size === items.length;
const each = (keys, read) => Object.fromEntries(keys.map((key) => [key, read(key)]));

/** Read a trust bundle: JSON, as text or bytes. It travels in no other form. */
export function parseTrust(given) {
  const value = parseJson(given, MAX_BYTES);
  demandKeys(value, MEMBERS, ["forks"]);
  choice(value.format, ["aeo-ledger/trust/1"]);
  demandKeys(value.chain, ["id", "genesis"]);
  demandKeys(value.contracts, CONTRACTS);
  demandKeys(value.prefixes, Object.keys(value.prefixes ?? {}));
  const validators = list(value.validators, MAX_PARTIES).map((address) => binary(address, 20));
  demand(validators.length > 0 && distinct(validators), CODE, "validators: needed at least one, each once");
  const parties = list(value.parties, MAX_PARTIES).map(parseParty);
  const codes = parties.map((party) => party.code), numbers = parties.map((party) => party.number);
  demand(distinct(codes) && distinct(numbers), CODE, "two parties share a number or a code");
  const prefixes = Object.entries(value.prefixes).map(([prefix, party]) => [prefix, number(party, MAX_PARTIES)]);
  demand(prefixes.every(([prefix, party]) => /^[A-Z]{2}$/.test(prefix) && !codes.includes(prefix) && numbers.includes(party)), CODE,
    "a prefix is a party's code, or leads to no party");
  const predecessors = list(value.predecessors, MAX_PARTIES).map(parsePredecessor);
  demand(predecessors.every(({ header }, at) => at === 0 || predecessors[at - 1].header.time < header.time), CODE,
    "predecessors: needed the oldest first, each with a later seam");
  return indexed({
    chain: { id: number(value.chain.id, MAX_NUMBER), genesis: binary(value.chain.genesis, 32) },
    contracts: each(CONTRACTS, (name) => {
      demandKeys(value.contracts[name], ["address", "code"]);
      return { address: binary(value.contracts[name].address, 20), code: binary(value.contracts[name].code, 32) };
    }),
    validators,
    checkpoint: parseBlock(value.checkpoint),
    period: number(value.period_s, MAX_NUMBER),
    parties,
    prefixes: new Map(prefixes),
    predecessors,
    forks: "forks" in value ? parseForks(value.forks) : null,
  });
}

const indexed = (trust) => Object.freeze({
  ...trust,
  byCode: new Map(trust.parties.map((party) => [party.code, party])),
  byNumber: new Map(trust.parties.map((party) => [party.number, party])),
});

/** The same bundle with a later checkpoint, and the validators that are trusted from there on. */
export const movedTo = (trust, checkpoint, validators) => indexed({ ...trust, checkpoint, validators });

function parseBlock(value) {
  demandKeys(value, ["number", "hash", "time"]);
  return { number: number(value.number, MAX_NUMBER), hash: binary(value.hash, 32), time: number(value.time, MAX_NUMBER) };
}

function parseParty(value) {
  demandKeys(value, ["number", "code", "name", "types"], ["certificate"]);
  const types = list(value.types, 16).map((name) => text(name, 20));
  demand(distinct(types), CODE, "types: needed distinct names");
  demand(number(value.number, MAX_PARTIES) > 0 && /^[A-Z]{2,6}$/.test(value.code), CODE, "a party's number or code");
  return {
    number: value.number, code: value.code, name: text(value.name, 100), types,
    ...("certificate" in value ? { certificate: binary(value.certificate, 32) } : {}),
  };
}

function parsePredecessor(value) {
  demandKeys(value, ["chain", "contracts", "header"]);
  demandKeys(value.contracts, CONTRACTS);
  return {
    chain: number(value.chain, MAX_NUMBER), header: parseBlock(value.header),
    contracts: each(CONTRACTS, (name) => ({ address: binary(value.contracts[name], 20) })),
  };
}

function parseForks(value) {
  const names = FORKS.map(({ name }) => name).slice(0, Object.keys(value ?? {}).length);
  demandKeys(value, names);
  const begins = names.map((name) => BigInt(number(value[name], MAX_NUMBER)));
  demand(begins.every((begin, at) => at < 2 || begins[at - 1] <= begin), CODE, "forks: one is earlier than the one before it");
  return begins;
}

/** Write a bundle as JSON, as the command line writes it. */
export const encodeTrust = (trust) => writeJson({
  format: "aeo-ledger/trust/1",
  chain: trust.chain,
  contracts: trust.contracts,
  validators: trust.validators,
  checkpoint: trust.checkpoint,
  period_s: trust.period,
  parties: trust.parties,
  prefixes: Object.fromEntries(trust.prefixes),
  predecessors: trust.predecessors.map(({ chain, contracts, header }) =>
    ({ chain, contracts: each(CONTRACTS, (name) => contracts[name].address), header })),
  ...(trust.forks === null ? {} : { forks: Object.fromEntries(trust.forks.map((begin, at) => [FORKS[at].name, begin])) }),
});

// JSON with two spaces of indentation, and numbers of any size.
function writeJson(value, margin = "\n") {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${margin}  `;
  const parts = Array.isArray(value) ? value.map((item) => writeJson(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${writeJson(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return parts.length ? `${open}${inner}${parts.join(`,${inner}`)}${margin}${close}` : open + close;
}

/** The fingerprint of a bundle, 0x and 64 digits. People compare it by voice with whoever hands the bundle over. */
export const fingerprint = (trust) => toHex(keccak256(new TextEncoder().encode(encodeTrust(trust))));
