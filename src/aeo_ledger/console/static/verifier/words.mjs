// The ledger's words (README, section 4): where each stands, and the fields in it.
import { fixed, fromHex, join, word } from "./bytes.mjs";
import { demand } from "./errors.mjs";
import { keccak } from "./keccak.mjs";

const LAYOUTS = Object.fromEntries(Object.entries({
  record: "status:4 kind:4 reason:8 issuer:16 roles:16 sequence:32 since:32 valid_from:32 valid_until:32 hold_until:32 recorded_at:32 review_day:16",
  party: "code:48 kind:2 state:2 suspended_until:32 seat:1 keeps_register:1 opened:1 frozen:1 union_1:8 union_2:8 union_3:8 union_4:8 " +
    "leaves_1:16 leaves_2:16 leaves_3:16 leaves_4:16 ejected_1:1 ejected_2:1 ejected_3:1 ejected_4:1 threshold:5 authority_keys:3 " +
    "authority_threshold:2 epoch:16 changed_at:32 changes:8",
  pair: "lanes:8 withheld:32 amendments:32 lane_acts:32",
  lane: "state:2 arrangement:80 types:16 roles:16 directions:3 benefits:16 in_force_from:32 until:32 changed_at:32 changes:3 generation:8",
  withholding: "withheld:8 changed_at:32 serial:32",
  register: "mode:8 types:16 epoch:32 changed_at:32",
  succession: "consortium:160 effective:32",
  key: "party:16 role:8 added_at:32 retired_at:32 epoch:16",
  alias: "types_0:16 types_1:16 types_2:16 types_3:16 types_4:16 types_5:16 types_6:16 types_7:16 serial:32 changed_at:32",
}).map(([kind, text]) => [kind, text.split(" ").map((field) => field.split(":")).map(([name, bits]) => [name, BigInt(bits)])]));

const BOUNDS = {
  record: { status: [1, 5], kind: [1, 15] }, party: { kind: [1, 2], state: [1, 3] }, lane: { state: [1, 2] }, key: { role: [1, 3] },
  withholding: { withheld: [0, 1] }, register: { mode: [1, 2] },
};
const CONSORTIUM = {
  party: 1, partyHead: 2, key: 6, pair: 8, pairHead: 9, lane: 10, withholding: 12, register: 13, keyCheck: 14, governance: 15, succession: 16,
  validator: 17, epochEnd: 18,
};
const REGISTERS = { alias: 32, aliasEntry: 33, aliasHead: 34 };
const RECORDS = 2; // the place of the standings' map in `Registers`

const slotOf = (table, key) => keccak(join(keccak(join(word(1), word(table))), word(key)));
/** The slot of a standing's record, as 32 bytes. The head of its history stands in the next one. */
export const recordSlot = (entry) => keccak(join(word(RECORDS), entry));

/** The fields of a word, by name; null for a word of 0. A field of more than 32 bits is a BigInt, or text. */
export function decode(kind, value) {
  if (value === 0n && kind !== "pair") return null;
  const fields = {};
  for (const [name, bits] of LAYOUTS[kind]) {
    const field = value & ((1n << bits) - 1n);
    fields[name] = bits > 32n ? field : Number(field);
    value >>= bits;
  }
  demand(value === 0n, "UnreadableValue", `${kind}: bits outside its fields`);
  for (const [name, [least, most]] of Object.entries(BOUNDS[kind] ?? {})) {
    demand(fields[name] >= least && fields[name] <= most, "UnreadableValue", `${kind}: no such ${name}`);
  }
  if (kind === "party") fields.code = decodeText(fields.code, 6);
  if (kind === "lane") fields.arrangement = decodeText(fields.arrangement, 10);
  return fields;
}

/** Read a left-aligned ASCII text of so many bytes from a number. */
export function decodeText(number, width) {
  const text = String.fromCharCode(...fromHex(fixed(number, width))).replace(/\0+$/, "");
  demand(/^[\x21-\x7e]+$/.test(text), "UnreadableValue", "a code or name is no text");
  return text;
}

/** The unions that a party belongs to at a time, UTC seconds, ascending. */
export const unionsAt = (party, time) => [...new Set([1, 2, 3, 4].map((place) => unionIn(party, place, time)))].filter(Boolean)
  .sort((one, other) => one < other ? -1 : 1);
/** The union in one of a party's four places at a time; 0 if there is none, or if its day has come. */
export const unionIn = (party, place, time) =>
  party[`leaves_${place}`] !== 0 && time >= party[`leaves_${place}`] * 86_400 ? 0 : party[`union_${place}`];

/** The words of one block, through a reader that proves them: (contract, slot as 32 bytes) to a BigInt, 0 if absent. */
export class Words {
  constructor(read, trust) {
    Object.assign(this, { read, trust, parties: new Map() });
  }

  table(name, key) {
    return name in CONSORTIUM ? this.read("consortium", slotOf(CONSORTIUM[name], key)) : this.read("registers", slotOf(REGISTERS[name], key));
  }

  party(number) {
    if (this.parties.has(number)) return this.parties.get(number);
    const party = decode("party", this.table("party", number)), pinned = this.trust.byNumber.get(number);
    demand(!pinned || party?.code === pinned.code, "WrongPartyCode", `party ${number} is not ${pinned?.code}, which is pinned`);
    this.parties.set(number, party);
    return party;
  }

  successor() { return decode("succession", this.table("succession", 0)); }
  keyCheck(register, type) { return word(this.table("keyCheck", (register << 8) | type)); }
  register(number) { return decode("register", this.table("register", number)); }
  pair(owner, register) { return decode("pair", this.table("pair", owner * 0x10000 + register)); }
  lane(owner, register, lane) { return decode("lane", this.table("lane", (BigInt(owner) << 24n) | BigInt((register << 8) | lane))); }
  withholding(party, entry) { return decode("withholding", this.table("withholding", keccak(join(word(party), entry)))); }
  record(entry) { return decode("record", this.read("registers", recordSlot(entry))); }

  // for signed history: what keys serve, and the heads to which histories must lead
  key(address) { return decode("key", this.table("key", address)); }
  epochEnd(party, epoch) { return Number(this.table("epochEnd", party * 0x10000 + epoch)); }
  replacementDelay() { return Number((this.table("governance", 0) >> 32n) & 0xffffffffn); }
  partyHead(number) { return word(this.table("partyHead", number)); }
  pairHead(owner, register) { return word(this.table("pairHead", owner * 0x10000 + register)); }
  standingHead(entry) { return word(this.read("registers", word(BigInt(recordSlot(entry)) + 1n))); }
  aliasHead(recogniser, hashed) { return word(this.table("aliasHead", keccak(join(word(recogniser), hashed)))); }

  /** An alias of a recogniser, with the entry under each place (binding, type) that its word says is bound. */
  alias(recogniser, hashed) {
    const alias = decode("alias", this.table("alias", keccak(join(word(recogniser), hashed))));
    if (alias === null) return null;
    alias.entries = [];
    for (let binding = 0; binding < 8; binding += 1) {
      for (let type = 0; type < 16; type += 1) {
        if (((alias[`types_${binding}`] >> type) & 1) === 0) continue;
        const entry = word(this.table("aliasEntry", keccak(join(word(recogniser), hashed, word(binding), word(type)))));
        demand(parseInt(entry.slice(6, 8), 16) === type && BigInt(entry) !== 0n, "UnreadableValue", "a bound place without its entry");
        alias.entries.push({ binding, type, register: parseInt(entry.slice(2, 6), 16), entry });
      }
    }
    return alias;
  }
}

/** Read who seals the next block: addresses. `read` gives the word at a slot of `Consortium`. */
export function readValidators(read, most) {
  const count = read(slotOf(CONSORTIUM.validator, 0));
  demand(count >= 1n && count <= BigInt(most), "UnreadableValue", `a count of ${count} validators`);
  const addresses = Array.from({ length: Number(count) }, (_, at) => {
    const seated = read(slotOf(CONSORTIUM.validator, at + 1));
    demand(seated >> 160n !== 0n, "UnreadableValue", "a validator belongs to no party");
    return fixed(seated & ((1n << 160n) - 1n), 20);
  });
  demand(new Set(addresses).size === addresses.length, "UnreadableValue", "a validator is listed twice");
  return addresses;
}
