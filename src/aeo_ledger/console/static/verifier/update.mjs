// Trust over time, `aeo-ledger/trust-update/1`: from a pinned checkpoint to a newer block, through every change of the validators between them.
import { list, choice, demandKeys, openDocument } from "./documents.mjs";
import { demand } from "./errors.mjs";
import { SKEW_S, parseHeader, verifySeals } from "./header.mjs";
import { quiet } from "./recognition.mjs";
import { Pool, verifyAccount, verifyWord } from "./trie.mjs";
import { movedTo } from "./trust.mjs";
import { readValidators } from "./words.mjs";

const FORMAT = "aeo-ledger/trust-update/1";
const MAX_STEPS = 10_000;
const MAX_NODES = 200_000;
const MAX_VALIDATORS = 128;

/** Demand a block after the checkpoint; the very next one must build on it. */
function verifyPlace(header, checkpoint) {
  const number = BigInt(checkpoint.number);
  demand(header.number >= number, "BelowCheckpoint", "a step leads back");
  if (header.number === number) {
    demand(header.hash === checkpoint.hash, "NotTheCheckpoint", "another block has the checkpoint's number");
    demand(false, "RepeatedStep", "a step leads to the same block");
  }
  demand(header.number !== number + 1n || header.parent === checkpoint.hash, "Forked", "the block after the checkpoint builds on another one");
  demand(header.time >= BigInt(checkpoint.time), "BelowCheckpoint", "a block is older than the one before it");
}

/** Judge whether these validators can directly follow the trusted ones; tell whether they are others. */
function follows(header, trust, following) {
  const seated = following.filter((one) => !trust.validators.includes(one)), unseated = trust.validators.filter((one) => !following.includes(one));
  if (seated.length + unseated.length === 0) return false;
  const isOne = seated.length <= 1 && unseated.length <= 1;
  demand(isOne || unseated.length < trust.validators.length, "NoSharedValidator", "no validator stays");
  demand(header.number === BigInt(trust.checkpoint.number) + 1n, "SkippedStep", "a change of validators needs the block before it");
  demand(isOne, "SeveralChanged", `${seated.length} validators seated and ${unseated.length} unseated at once`);
  return true;
}

/**
 * Move a trust bundle forward by proof, to the end of an update or not at all. `given` is text or bytes, from anybody.
 * Returns {trust, changes}: the bundle to pin instead, and how many changes of validators were on the way.
 */
export function verifyUpdate(given, trust, { now, maxAge = 300, note = quiet }) {
  const { value, binary } = openDocument(given);
  demandKeys(value, ["format", "headers", "nodes"]);
  choice(value.format, [FORMAT]);
  const headers = list(value.headers, MAX_STEPS).map((header) => binary(header));
  const nodes = list(value.nodes, MAX_NODES).map((node) => binary(node));
  demand(BigInt(now) < BigInt(trust.checkpoint.time) + BigInt(trust.period), "TrustExpired", "the trust bundle's period is over: pin it anew");
  const pool = new Pool(nodes);
  let moved = trust, changes = 0;
  for (const [place, encoded] of headers.entries()) {
    const header = parseHeader(encoded);
    verifyPlace(header, moved.checkpoint);
    demand(header.time - BigInt(now) <= BigInt(SKEW_S), "FromTheFuture", "a block is ahead of this clock");
    verifySeals(header, moved.validators, moved.forks);
    const root = verifyAccount(pool, header.stateRoot, trust.contracts.consortium);
    const following = readValidators((slot) => verifyWord(pool, root, slot), MAX_VALIDATORS);
    const isChange = follows(header, moved, following);
    if (isChange) changes += 1;
    if (place === headers.length - 1) verifyAccount(pool, header.stateRoot, trust.contracts.governance);
    moved = movedTo(moved, { number: Number(header.number), hash: header.hash, time: Number(header.time) }, isChange ? following : moved.validators);
    note("step", moved.checkpoint);
  }
  pool.refuseSurplus();
  demand(BigInt(now) - BigInt(moved.checkpoint.time) <= BigInt(maxAge), "Stale", "the newest block is too old");
  return { trust: moved, changes };
}
