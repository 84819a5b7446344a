// A second verifier, written from vectors/recognition/README.md: trust and question pinned, evidence from anybody.
// Usage: node verifier.mjs trust.json case.json... ; prints one JSON line a case: {answers, block} or {refused: why}.
import { readFileSync } from "node:fs";
import { getBytes, keccak256 as keccak, recoverAddress } from "ethers";
import { NOBODY, decide, traderOf } from "./verifier_decision.mjs";
import { Refused, bytesOf, decodeRlp, demand, encodeRlp, hex32, numberOf, parseCbor, parseEvidence, parseQuestion, parseText, refuse, sameQuestion } from "./verifier_forms.mjs";
import { Pool, Words, verifyAccount } from "./verifier_state.mjs";

const SKEW = 5n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

// ---- 2. header

function verifyHeader(encoded, trust, now, maxAge) {
  const fields = decodeRlp(encoded);
  demand(Array.isArray(fields) && fields.length >= 15 && fields.length <= 32, "no header");
  [32, 32, 20, 32, 32, 32, 256].forEach((length, place) => bytesOf(fields[place], length));
  const [difficulty, number, , , time] = [32, 8, 8, 8, 8].map((most, place) => numberOf(fields[7 + place], most));
  bytesOf(fields[13], 32);
  bytesOf(fields[14], 8);
  fields.slice(15).forEach((field) => bytesOf(field));
  const extra = decodeRlp(bytesOf(fields[12]));
  demand(Array.isArray(extra) && extra.length === 5, "extra data");
  const [vanity, listed, vote, round, seals] = extra;
  bytesOf(vanity);
  numberOf(round, 4);
  demand(Array.isArray(listed) && Array.isArray(seals) && Array.isArray(vote), "extra data");
  const hashWith = (...rest) => keccak(encodeRlp([...fields.slice(0, 12), encodeRlp([vanity, listed, vote, ...rest]), ...fields.slice(13)]));
  const hash = number === 0n ? keccak(encodeRlp(fields)) : hashWith("0x", []);
  const block = { number: Number(number), hash, time: Number(time) };
  const seam = trust.predecessors.find((predecessor) => predecessor.header.hash.toLowerCase() === hash);
  if (seam) { // pinned as it is: no seal, no age, no code
    const at = (name) => ({ address: seam.contracts[name] });
    return { stateRoot: fields[3], block, contracts: { consortium: at("consortium"), registers: at("registers") }, past: true };
  }
  const validators = trust.validators.map((address) => address.toLowerCase());
  demand(difficulty === 1n, "difficulty");
  demand(fields[13] === "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365", "mix hash");
  demand(fields[1] === keccak("0xc0"), "uncles");
  demand(validators.includes(fields[2]), "proposer");
  demand(listed.length === 0 && vote.length === 0, "validators or vote in the header");
  if (trust.forks !== undefined) {
    const needed = laterFields(trust.forks, number, time), found = fields.slice(15);
    demand(found.length === needed.length, "fields of other rules");
    found.forEach((field, place) => needed[place] > 0 ? bytesOf(field, needed[place]) : numberOf(field, -needed[place]));
  }
  const digest = hashWith(round, []), sealers = new Set();
  for (const seal of seals) {
    const sealer = recover(digest, bytesOf(seal, 65));
    demand(validators.includes(sealer), "sealed by a stranger");
    demand(!sealers.has(sealer), "sealed twice");
    sealers.add(sealer);
  }
  demand(3 * sealers.size >= 2 * validators.length, "too few seals");
  const { checkpoint } = trust;
  demand(number >= BigInt(checkpoint.number) && time >= BigInt(checkpoint.time), "below the checkpoint");
  demand(number > BigInt(checkpoint.number) || hash === checkpoint.hash.toLowerCase(), "not the checkpoint");
  demand(BigInt(now) < BigInt(checkpoint.time) + BigInt(trust.period_s), "trust is past its period");
  demand(BigInt(now) - time <= BigInt(maxAge), "stale");
  demand(time - BigInt(now) <= SKEW, "from the future");
  return { stateRoot: fields[3], block, contracts: trust.contracts, past: false };
}

// Of each fork the header fields that it appends: n is a hash of n bytes, -n a number of at most n bytes.
const FORKS = [["london", [-32]], ["shanghai", [32]], ["cancun", [-8, -8, 32]], ["prague", [32]]];

function laterFields(forks, number, time) {
  const fields = [];
  for (const [name, appended] of FORKS) {
    if (forks[name] === undefined || (name === "london" ? number : time) < BigInt(forks[name])) break;
    fields.push(...appended);
  }
  return fields;
}

function recover(digest, seal) {
  const r = BigInt("0x" + seal.slice(2, 66)), id = parseInt(seal.slice(130), 16);
  let s = BigInt("0x" + seal.slice(66, 130)), parity = id;
  demand(id < 2 && r > 0n && r < ORDER && s > 0n && s < ORDER, "no seal");
  if (2n * s > ORDER) [s, parity] = [ORDER - s, 1 - id]; // the library takes the low form only
  try { return recoverAddress(digest, { r: hex32(r), s: hex32(s), v: 27 + parity }).toLowerCase(); } catch { refuse("no seal"); }
}

// ---- all of it

function verify(evidence, asked, trust, now, maxAge, keys) {
  if (asked.length === 1) demand(evidence.questions.some((one) => sameQuestion(one, asked[0])), "another question");
  else demand(asked.length === evidence.questions.length && asked.every((one, place) => sameQuestion(one, evidence.questions[place])), "other questions");
  const { stateRoot, block, contracts, past } = verifyHeader(evidence.header, trust, now, maxAge);
  const pool = new Pool(evidence.nodes), { consortium, registers } = contracts;
  const roots = { consortium: verifyAccount(pool, stateRoot, consortium), registers: verifyAccount(pool, stateRoot, registers) };
  const words = new Words(pool, roots, trust);
  const successor = words.successor();
  const answers = asked.map((question, at) => {
    demand(successor === null || (question.on ?? block.time) < successor.effective, "superseded");
    demand(!past || question.on !== undefined, "a predecessor's seam says nothing of now");
    if (!("alias" in question)) return decide(words, question, trust, block.time, keys);
    const place = asked.length === 1 ? evidence.questions.findIndex((one) => sameQuestion(one, question)) : at;
    const tin = traderOf(words, question, trust, block.time, evidence.traders.get(place), keys);
    return { trader: tin, ...(tin === null ? NOBODY : decide(words, { ...question, tin }, trust, block.time, keys)) };
  });
  demand(evidence.questions.length > asked.length || pool.used.size === pool.raw.size, "nodes that nothing needed");
  return { answers, block };
}

// The asker's lookup keys, by register and type.
const keysOf = (given) => new Map((given.keys ?? []).map(({ register, type, key }) => [`${register} ${type}`, getBytes(key)]));

const [pinned, ...cases] = process.argv.slice(2);
for (const path of cases) {
  const given = JSON.parse(readFileSync(path, "utf8"));
  const trust = { ...JSON.parse(readFileSync(pinned, "utf8")), ...given.trust };
  let verdict;
  try {
    const document = given.evidence_cbor !== undefined ? parseCbor(given.evidence_cbor)
      : parseText(given.evidence_text ?? JSON.stringify(given.evidence));
    verdict = verify(parseEvidence(document), given.asked.map(parseQuestion), trust, given.now, given.max_age, keysOf(given));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    verdict = { refused: error.message };
  }
  console.log(JSON.stringify({ name: given.name, ...verdict }));
}
