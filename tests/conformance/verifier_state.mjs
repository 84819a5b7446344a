// What a second verifier takes for proven: nodes, accounts and words (README, sections 3 and 4).
import { getBytes, keccak256 as keccak } from "ethers";
import { bytesOf, decodeRlp, demand, encodeRlp, fixed, hex32, join, numberOf, size } from "./verifier_forms.mjs";

// ---- 3. nodes

export class Pool {
  constructor(nodes) {
    this.raw = new Map();
    this.used = new Map();
    for (const node of nodes) {
      demand(size(node) <= 1024, "a node that is too long");
      const hash = keccak(node);
      demand(!this.raw.has(hash), "a node twice");
      this.raw.set(hash, node);
    }
  }

  fetch(hash) {
    if (!this.used.has(hash)) {
      demand(this.raw.has(hash), "a node is missing");
      this.used.set(hash, readNode(decodeRlp(this.raw.get(hash))));
    }
    return this.used.get(hash);
  }

  walk(root, hashed) {
    if (root === keccak("0x80")) return null;
    const key = hashed.slice(2);
    let node = this.fetch(root), depth = 0;
    for (;;) {
      if (node.kind === "leaf") {
        demand(node.path.length === key.length - depth, "a leaf ends elsewhere than the key");
        return key.endsWith(node.path) ? node.value : null;
      }
      let child;
      if (node.kind === "branch") {
        demand(depth < key.length, "a branch behind the key");
        child = node.children[parseInt(key[depth++], 16)];
        if (child === "0x") return null;
      } else {
        demand(depth + node.path.length < key.length, "an extension leaves the key no nibble");
        if (!key.startsWith(node.path, depth)) return null;
        depth += node.path.length;
        child = node.child;
      }
      if (typeof child === "string") {
        demand(!this.raw.has(child) || size(this.raw.get(child)) >= 32, "a short node stands outside its parent");
        child = this.fetch(child);
      }
      demand(node.kind === "branch" || child.kind === "branch", "an extension leads to no branch");
      node = child;
    }
  }
}

function readNode(item) {
  demand(Array.isArray(item) && (item.length === 17 || item.length === 2), "no node");
  if (item.length === 17) {
    demand(item[16] === "0x", "a branch holds a value");
    demand(item.filter((child) => child !== "0x").length >= 2, "a lonely branch");
    return { kind: "branch", children: item.slice(0, 16).map((child) => child === "0x" ? child : readChild(child)) };
  }
  const digits = bytesOf(item[0]).slice(2), odd = "13".includes(digits[0]);
  demand(digits !== "" && (odd || digits.startsWith("00") || digits.startsWith("20")), "a path is not hex-prefix encoded");
  const path = digits.slice(odd ? 1 : 2);
  if ("23".includes(digits[0])) {
    demand(typeof item[1] === "string" && item[1] !== "0x", "a leaf holds no value");
    return { kind: "leaf", path, value: item[1] };
  }
  demand(path !== "", "an extension has no path");
  return { kind: "extension", path, child: readChild(item[1]) };
}

function readChild(item) {
  if (typeof item === "string") return bytesOf(item, 32);
  demand(size(encodeRlp(item)) < 32, "a long node stands in its parent");
  return readNode(item);
}

export function verifyAccount(pool, stateRoot, pinned) {
  const value = pool.walk(stateRoot, keccak(pinned.address));
  demand(value !== null, "the contract is not there");
  const fields = decodeRlp(value);
  demand(Array.isArray(fields) && fields.length === 4, "no account");
  numberOf(fields[0], 8);
  numberOf(fields[1]);
  const code = bytesOf(fields[3], 32);
  demand(pinned.code === undefined || code === pinned.code.toLowerCase(), "other code");
  return bytesOf(fields[2], 32);
}

// ---- 4. words

const LAYOUTS = Object.fromEntries(Object.entries({
  record: "status:4 kind:4 reason:8 issuer:16 roles:16 sequence:32 since:32 valid_from:32 valid_until:32 hold_until:32 recorded_at:32 review_day:16",
  party: "code:48 kind:2 state:2 suspended_until:32 seat:1 keeps_register:1 opened:1 frozen:1 union_1:8 union_2:8 union_3:8 union_4:8 leaves_1:16 leaves_2:16 leaves_3:16 leaves_4:16 ejected_1:1 ejected_2:1 ejected_3:1 ejected_4:1 threshold:5 authority_keys:3 authority_threshold:2 epoch:16 changed_at:32 changes:8",
  pair: "lanes:8 withheld:32 amendments:32 lane_acts:32",
  lane: "state:2 arrangement:80 types:16 roles:16 directions:3 benefits:16 in_force_from:32 until:32 changed_at:32 changes:3 generation:8",
  withholding: "withheld:8 changed_at:32 serial:32",
  register: "mode:8 types:16 epoch:32 changed_at:32",
  alias: "types_0:16 types_1:16 types_2:16 types_3:16 types_4:16 types_5:16 types_6:16 types_7:16 serial:32 changed_at:32",
}).map(([name, text]) => [name, text.split(" ").map((field) => field.split(":")).map(([key, bits]) => [key, BigInt(bits)])]));
const BOUNDS = {
  record: { status: [1, 5], kind: [1, 15] }, party: { kind: [1, 2], state: [1, 3] }, pair: {},
  lane: { state: [1, 2] }, withholding: { withheld: [0, 1] }, register: { mode: [1, 2] },
  alias: {},
};
const TABLES = { party: 1n, pair: 8n, lane: 10n, withholding: 12n, register: 13n, key_check: 14n, succession: 16n, alias: 32n, alias_entry: 33n };

function decodeWord(kind, word) {
  if (word === 0n && kind !== "pair") return null;
  const fields = {};
  for (const [name, bits] of LAYOUTS[kind]) {
    const value = word & ((1n << bits) - 1n);
    fields[name] = bits > 32n ? value : Number(value);
    word >>= bits;
  }
  demand(word === 0n, `${kind}: bits outside its fields`);
  for (const [name, [least, most]] of Object.entries(BOUNDS[kind])) {
    demand(fields[name] >= least && fields[name] <= most, `${kind}: ${name}`);
  }
  if (kind === "party") fields.code = decodeText(fields.code, 6);
  if (kind === "lane") decodeText(fields.arrangement, 10);
  return fields;
}

function decodeText(number, width) {
  const text = String.fromCharCode(...getBytes(fixed(number, width))).replace(/\0+$/, "");
  demand(/^[\x21-\x7e]+$/.test(text), "no text");
  return text;
}

export class Words {
  constructor(pool, roots, trust) {
    Object.assign(this, { pool, roots, trust });
  }

  read(root, slot) {
    const value = this.pool.walk(root, keccak(slot));
    if (value === null) return 0n;
    const word = numberOf(decodeRlp(value));
    demand(word !== 0n, "a stored zero");
    return word;
  }

  table(name, key) {
    const root = TABLES[name] < 32n ? this.roots.consortium : this.roots.registers;
    return this.read(root, keccak(join(keccak(join(hex32(1), hex32(TABLES[name]))), hex32(key))));
  }

  party(number) {
    const party = decodeWord("party", this.table("party", number));
    const pinned = this.trust.parties.find((one) => one.number === number);
    demand(!pinned || (party && party.code === pinned.code), "a party is not the one pinned");
    if (party) {
      party.unionsAt = (time) => [1, 2, 3, 4]
        .filter((place) => party[`leaves_${place}`] === 0 || time < party[`leaves_${place}`] * 86_400)
        .map((place) => party[`union_${place}`]).filter(Boolean);
    }
    return party;
  }

  successor() {
    const word = this.table("succession", 0);
    return word === 0n ? null : { effective: Number((word >> 160n) & 0xffffffffn) };
  }

  keyCheck(register, type) { return hex32(this.table("key_check", (register << 8) | type)); }
  register(number) { return decodeWord("register", this.table("register", number)); }
  pair(owner, register) { return decodeWord("pair", this.table("pair", (owner << 16) | register)); }
  lane(owner, register, lane) {
    return decodeWord("lane", this.table("lane", (BigInt(owner) << 24n) | BigInt((register << 8) | lane)));
  }
  withholding(party, entry) {
    return decodeWord("withholding", this.table("withholding", keccak(join(hex32(party), entry))));
  }
  // an alias of a recogniser, with the entry under each place (binding, type) that its word says is bound
  alias(recogniser, hashed) {
    const alias = decodeWord("alias", this.table("alias", keccak(join(hex32(recogniser), hashed))));
    if (alias === null) return null;
    alias.entries = [];
    for (let binding = 0; binding < 8; binding += 1) {
      for (let type = 0; type < 16; type += 1) {
        if (((alias[`types_${binding}`] >> type) & 1) === 0) continue;
        const key = keccak(join(hex32(recogniser), hashed, hex32(binding), hex32(type)));
        const entry = hex32(this.table("alias_entry", key));
        demand(parseInt(entry.slice(6, 8), 16) === type && BigInt(entry) !== 0n, "a bound place without its entry");
        alias.entries.push({ binding, type, register: parseInt(entry.slice(2, 6), 16), entry });
      }
    }
    return alias;
  }
  record(entry) { return decodeWord("record", this.read(this.roots.registers, keccak(join(hex32(2), entry)))); }
}
