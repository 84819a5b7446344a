// Block headers (README, section 2): sealed by two thirds of the pinned validators, or pinned as the seam of a predecessor.
import { demand, refuseAs } from "./errors.mjs";
import { recoverAddress, splitSignature } from "./curve.mjs";
import { keccak } from "./keccak.mjs";
import { bytesOf, decodeRlp, encodeRlp, numberOf } from "./rlp.mjs";

export const SKEW_S = 5;
const MIX_HASH = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";
const NO_UNCLES = keccak("0xc0");

/** Forks after Berlin, each with the header fields that it appends: n is a hash of n bytes, -n a number of at most n bytes. */
export const FORKS = [
  { name: "london", fields: [-32] }, { name: "shanghai", fields: [32] }, { name: "cancun", fields: [-8, -8, 32] }, { name: "prague", fields: [32] },
];

/** Read a header's RLP with seals. Nothing in it is believed yet. */
export const parseHeader = (encoded) => refuseAs("MalformedHeader", () => {
  const fields = decodeRlp(encoded);
  demand(Array.isArray(fields) && fields.length >= 15 && fields.length <= 32, "", "needed a list of 15 fields or a few more");
  [32, 32, 20, 32, 32, 32, 256].forEach((length, place) => bytesOf(fields[place], length));
  const [difficulty, number, , , time] = [32, 8, 8, 8, 8].map((most, place) => numberOf(fields[7 + place], most));
  bytesOf(fields[13], 32);
  bytesOf(fields[14], 8);
  fields.slice(15).forEach((field) => bytesOf(field));
  const extra = decodeRlp(bytesOf(fields[12]));
  demand(Array.isArray(extra) && extra.length === 5, "", "extra data: needed a list of 5 items");
  const [vanity, listed, vote, round, seals] = extra;
  bytesOf(vanity);
  numberOf(round, 4);
  demand(Array.isArray(listed) && Array.isArray(seals) && Array.isArray(vote), "", "extra data: needed lists");
  listed.forEach((address) => bytesOf(address, 20));
  seals.forEach((seal) => bytesOf(seal, 65));
  if (vote.length) demand(vote.length === 2 && bytesOf(vote[0], 20) && bytesOf(vote[1]), "", "a vote: needed two items");
  const hashWith = (...rest) => keccak(encodeRlp([...fields.slice(0, 12), encodeRlp([vanity, listed, vote, ...rest]), ...fields.slice(13)]));
  return {
    parent: fields[0], uncles: fields[1], proposer: fields[2], stateRoot: fields[3], difficulty, number, time, mixHash: fields[13],
    listed, vote, seals, later: fields.slice(15),
    hash: number === 0n ? keccak(encodeRlp(fields)) : hashWith("0x", []),
    digest: hashWith(round, []),
  };
});

/** Demand a quorum of these validators under a header; return the sealers. */
export function verifySeals(header, validators, forks) {
  const rule = (holds, field) => demand(holds, "HeaderBreaksRule", `${field}: no QBFT block of this network has such a value`);
  rule(header.difficulty === 1n, "difficulty");
  rule(header.mixHash === MIX_HASH, "mix hash");
  rule(header.uncles === NO_UNCLES, "uncles hash");
  rule(validators.includes(header.proposer), "proposer");
  rule(header.listed.length === 0, "listed validators");
  rule(header.vote.length === 0, "vote");
  if (forks !== null) {
    const needed = laterFields(forks, header.number, header.time);
    rule(header.later.length === needed.length, "later fields");
    header.later.forEach((field, place) => rule(fits(field, needed[place]), "later fields"));
  }
  const sealers = [];
  for (const seal of header.seals) {
    const { r, s, last } = splitSignature(seal), sealer = recoverAddress(header.digest, r, s, last);
    demand(sealer !== null, "UnreadableSeal", "no key can have made a seal");
    demand(validators.includes(sealer), "StrangerSealed", `${sealer} sealed and is no pinned validator`);
    demand(!sealers.includes(sealer), "RepeatedSeal", `${sealer} sealed twice`);
    sealers.push(sealer);
  }
  const needed = Math.ceil(2 * validators.length / 3);
  demand(sealers.length >= needed, "TooFewSeals", `${sealers.length} of ${validators.length} validators sealed, ${needed} needed`);
  return sealers;
}

const fits = (field, form) => {
  const length = (field.length - 2) / 2;
  return form > 0 ? length === form : length <= -form && !field.startsWith("0x00");
};

function laterFields(forks, number, time) {
  const fields = [];
  for (const [place, begin] of forks.entries()) {
    if ((FORKS[place].name === "london" ? number : time) < begin) break;
    fields.push(...FORKS[place].fields);
  }
  return fields;
}

/** Judge a block's time (UTC seconds, BigInt) against the asker's clock. */
export function verifyAge(time, trust, now, maxAge) {
  const expires = BigInt(trust.checkpoint.time) + BigInt(trust.period);
  demand(BigInt(now) < expires, "TrustExpired", "the trust bundle's period is over: pin it anew");
  demand(BigInt(now) - time <= BigInt(maxAge), "Stale", `the block is ${BigInt(now) - time} seconds old, at most ${maxAge} are accepted`);
  demand(time - BigInt(now) <= BigInt(SKEW_S), "FromTheFuture", `the block is ${time - BigInt(now)} seconds ahead of this clock`);
}

/**
 * Prove that a header is valid now. A pinned seam is valid for ever, whoever sealed it, because its hash is pinned.
 * Returns {header, sealers, contracts, isSeam}; `contracts` are those whose words answer.
 */
export function verifyBlock(encoded, trust, now, maxAge, note) {
  const header = parseHeader(encoded);
  const seam = trust.predecessors.find((predecessor) => predecessor.header.hash === header.hash);
  const place = { number: exact(header.number), hash: header.hash, time: Number(header.time) };
  note("block", place);
  if (seam) {
    note("seam", {});
    return { header, sealers: [], contracts: seam.contracts, isSeam: true, place };
  }
  const sealers = verifySeals(header, trust.validators, trust.forks);
  note("seals", { found: sealers.length, needed: Math.ceil(2 * trust.validators.length / 3), all: trust.validators.length });
  const { checkpoint } = trust;
  demand(header.number >= BigInt(checkpoint.number), "BelowCheckpoint", "the block stands below the pinned checkpoint");
  demand(header.number > BigInt(checkpoint.number) || header.hash === checkpoint.hash, "NotTheCheckpoint", "another block has the checkpoint's number");
  demand(header.time >= BigInt(checkpoint.time), "BelowCheckpoint", "the block is older than the pinned checkpoint");
  note("checkpoint", { number: checkpoint.number });
  verifyAge(header.time, trust, now, maxAge);
  note("age", { seconds: Number(BigInt(now) - header.time), most: maxAge });
  return { header, sealers, contracts: trust.contracts, isSeam: false, place };
}

/** A number that fits one exactly, else a BigInt. */
const exact = (number) => number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
