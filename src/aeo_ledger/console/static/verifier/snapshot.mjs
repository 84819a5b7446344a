// The whole ledger in one file, `aeo-ledger/snapshot/1`: proven once, asked until it is too old, without a network.
import { otherQuestion, demandAbsent } from "./other_form.mjs";
import { choice, demandKeys, list, parseCbor, rawBinary } from "./documents.mjs";
import { demand, Refused, refuse } from "./errors.mjs";
import { MAX_HEADER_BYTES, parseQuestion } from "./evidence.mjs";
import { verifyAge, verifyBlock } from "./header.mjs";
import { answerFrom, quiet, verifyContracts } from "./recognition.mjs";
import { parseTrust } from "./trust.mjs";
import { Pool } from "./trie.mjs";
import { conclude, isBundle, run } from "./verify.mjs";
import { MOST_ROWS, STANDING_ROW, WORD_ROW, rowsOf, rowsOfStandings, verifyWords } from "./word_table.mjs";
import { Words } from "./words.mjs";

const FORMAT = "aeo-ledger/snapshot/1";
const MAX_BYTES = 1 << 27;
const MAX_NODES = 128;
const SLICE_MS = 12; // of work, after which the page has its turn

function parseSnapshot(data) {
  const value = parseCbor(data, MAX_BYTES);
  demandKeys(value, ["format", "header", "nodes", "consortium", "registers", "standings"]);
  choice(value.format, [FORMAT]);
  const header = rawBinary(value.header);
  demand(value.header.length <= MAX_HEADER_BYTES, "MalformedDocument", "a header that is too long");
  return {
    header,
    nodes: list(value.nodes, MAX_NODES).map((node) => rawBinary(node)),
    consortium: section(value.consortium, WORD_ROW),
    registers: section(value.registers, WORD_ROW),
    standings: section(value.standings, STANDING_ROW),
  };
}

function section(data, width) {
  const rule = (holds, message) => demand(holds, "MalformedDocument", message);
  rule(data instanceof Uint8Array && data.length % width === 0, `needed rows of ${width} bytes`);
  rule(data.length / width <= MOST_ROWS / 2, "more rows than are read");
  for (let at = 0; at < data.length; at += width) {
    if (at > 0) rule(isBelow(data, at - width, at), "rows that are repeated or out of order");
    for (let word = at + 32; word < at + width; word += 32) rule(!isZero(data, word), "a word of 0, which the ledger does not store");
  }
  return data;
}

function isBelow(data, one, other) {
  for (let at = 0; at < 32; at += 1) if (data[one + at] !== data[other + at]) return data[one + at] < data[other + at];
  return false;
}

function isZero(data, from) {
  for (let at = from; at < from + 32; at += 1) if (data[at] !== 0) return false;
  return true;
}

/** Give the page its turn after each slice of work, and say how far the work is: from 0 to 1. */
function paceOf(total, onProgress) {
  let done = 0, slice = performance.now();
  return async (step) => {
    done += step;
    if (performance.now() - slice < SLICE_MS) return;
    onProgress(Math.min(1, done / total));
    await new Promise((resolve) => { setTimeout(resolve, 0); });
    slice = performance.now();
  };
}

/** Every word that answers need at one sealed block. Only `openSnapshot` makes one. */
class Snapshot {
  constructor(block, tables, trust, maxAge, proven) {
    Object.assign(this, { block, trust, maxAge, proven });
    this.words = new Words((contract, slot) => tables[contract].read(slot), trust);
  }

  /**
   * Answer a question at the snapshot's block, as `verify` answers from evidence.
   * `named` is the TIN that the question's alias is said to mean, from any source.
   */
  decide(question, { named, ...options } = {}) {
    return run({ ...options, maxAge: this.maxAge }, (note, { now, maxAge, keys }) => {
      const { block, trust, words } = this, asked = parseQuestion(question);
      this.proven.forEach(([step, facts]) => note(step, facts)); // when it was opened
      if (!block.isSeam) {
        verifyAge(block.header.time, trust, now, maxAge);
        note("age", { seconds: now - block.place.time, most: maxAge });
      }
      const answer = answerFrom(words, block, asked, trust, named, keys), other = otherQuestion(asked, answer);
      if (other) demandAbsent(answerFrom(words, block, other, trust, undefined, keys));
      return conclude(asked, answer, { block: block.place, sealers: block.sealers });
    });
  }
}

/**
 * Prove that a snapshot holds the whole storage, at a sealed block, of both contracts that answers need.
 * Refuses (see `Refused`) what proves nothing. `onProgress` hears numbers from 0 to 1; the page stays usable meanwhile.
 */
export async function openSnapshot(data, trust, { now, maxAge, onProgress = quiet }) {
  const proven = [], note = (step, facts) => { if (step !== "age") proven.push([step, facts]); }; // its age is judged again at each decision
  const pinned = isBundle(trust) ? trust : parseTrust(trust);
  const given = parseSnapshot(data);
  const block = atLeastCheckpoint(() => verifyBlock(given.header, pinned, now, maxAge, note));
  const pool = new Pool(given.nodes);
  const roots = verifyContracts(pool, block, note);
  pool.refuseSurplus();
  const rows = { consortium: rowsOf(given.consortium, WORD_ROW), registers: rowsOf(given.registers, WORD_ROW) };
  const standings = given.standings.length / STANDING_ROW;
  const pace = paceOf(3 * standings + rows.consortium.length + rows.registers.length, onProgress);
  const tables = { consortium: await verifyWords("consortium", roots.consortium, rows.consortium, pace) };
  tables.registers = await verifyWords("registers", roots.registers, [...rows.registers, ...await rowsOfStandings(given.standings, pace)], pace);
  note("storage", { standings });
  return new Snapshot(block, tables, pinned, maxAge, proven);
}

function atLeastCheckpoint(verify) {
  try { return verify(); } catch (error) {
    if (!(error instanceof Refused) || error.code !== "BelowCheckpoint") throw error;
    return refuse("SnapshotBelowCheckpoint", error.message);
  }
}
