// All words of one contract, proven at once: the storage trie is rebuilt, so that no word can be missing or added.
import { concat, fromHex, toHex } from "./bytes.mjs";
import { demand } from "./errors.mjs";
import { keccak256 } from "./keccak.mjs";
import { recordSlot } from "./words.mjs";
import { RootBuilder, sharedNibbles } from "./trie_root.mjs";

export const WORD_ROW = 64; // bytes: hashed slot, word
export const STANDING_ROW = 96; // bytes: entry, record, head of its history
export const MOST_ROWS = 2 ** 21; // of one contract: 128 MB of words

const compare = (one, other, most) => {
  for (let at = 0; at < most; at += 1) if (one[at] !== other[at]) return one[at] - other[at];
  return 0;
};

/** Words by hashed slot. `rows` are 64 bytes each and ascend. */
class WordTable {
  constructor(rows) {
    this.rows = rows;
  }

  /** The word at a slot, given as 32 bytes and not hashed: a BigInt, 0 means proven absent. */
  read(slot) {
    const key = keccak256(fromHex(slot));
    let low = 0, high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.rows[middle], key, 32) < 0) low = middle + 1; else high = middle;
    }
    const found = this.rows[low];
    return found && compare(found, key, 32) === 0 ? BigInt(toHex(found.subarray(32))) : 0n;
  }
}

/** Cut a section into rows. */
export const rowsOf = (data, width) => Array.from({ length: data.length / width }, (_, at) => data.subarray(at * width, (at + 1) * width));

/** The words of `Registers`, each under its hashed slot. A standing has two: its record, and its head in the next slot. */
export async function rowsOfStandings(standings, pace) {
  const rows = [];
  for (const row of rowsOf(standings, STANDING_ROW)) {
    const slot = fromHex(recordSlot(toHex(row.subarray(0, 32))));
    rows.push(concat(keccak256(slot), row.subarray(32, 64)));
    increment(slot);
    rows.push(concat(keccak256(slot), row.subarray(64)));
    await pace(1);
  }
  return rows;
}

function increment(slot) {
  for (let at = slot.length - 1; at >= 0; at -= 1) {
    slot[at] += 1;
    if (slot[at] !== 0) return; // else it overflowed, and the next byte takes the carry
  }
}

/** Prove that these rows, in any order, are the whole storage under a root. */
export async function verifyWords(contract, storageRoot, given, pace) {
  const rows = ascending(given);
  const builder = new RootBuilder();
  for (let at = 0; at < rows.length; at += 1) {
    const shared = at + 1 < rows.length ? sharedNibbles(rows[at], rows[at + 1]) : -1;
    demand(shared < 64, "RepeatedSlot", `${contract}: a slot is repeated`);
    builder.add(rows[at], rows[at].subarray(32), shared);
    await pace(1);
  }
  demand(toHex(builder.root) === storageRoot, "WrongStorageRoot", `${contract}: a word is missing, added or altered`);
  return new WordTable(rows);
}

// Sort by key: by the first 32 bits as numbers, which is fast, and the few that share those by all their bytes.
function ascending(rows) {
  const heads = Float64Array.from(rows, (row, at) => (((row[0] << 24) | (row[1] << 16) | (row[2] << 8) | row[3]) >>> 0) * MOST_ROWS + at).sort();
  const sorted = Array.from(heads, (head) => rows[head % MOST_ROWS]);
  for (let at = 1; at < sorted.length; at += 1) {
    const row = sorted[at];
    let place = at;
    for (; place > 0 && compare(sorted[place - 1], row, 32) > 0; place -= 1) sorted[place] = sorted[place - 1];
    sorted[place] = row;
  }
  return sorted;
}
