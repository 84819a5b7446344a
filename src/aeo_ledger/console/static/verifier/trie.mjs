// Merkle-Patricia tries (README, section 3): the value under a key, proven by nodes from any source.
import { size } from "./bytes.mjs";
import { demand, refuse, refuseAs } from "./errors.mjs";
import { keccak } from "./keccak.mjs";
import { bytesOf, decodeRlp, encodeRlp, numberOf } from "./rlp.mjs";

const MAX_NODE_BYTES = 1024;
const MAX_NODES = 1 << 18;
export const EMPTY_ROOT = keccak("0x80");

/** Nodes, looked up by hash. */
export class Pool {
  constructor(nodes) {
    this.raw = new Map();
    this.used = new Map();
    demand(nodes.length <= MAX_NODES, "OversizedPool", `more than ${MAX_NODES} trie nodes`);
    for (const node of nodes) {
      demand(size(node) <= MAX_NODE_BYTES, "OversizedPool", `a trie node of ${size(node)} bytes`);
      const hash = keccak(node);
      demand(!this.raw.has(hash), "RepeatedNode", `node ${hash} is given twice`);
      this.raw.set(hash, node);
    }
  }

  fetch(hash) {
    if (!this.used.has(hash)) {
      const raw = this.raw.get(hash) ?? refuse("MissingNode", `node ${hash} is missing`);
      this.used.set(hash, refuseAs("UnreadableNode", () => readNode(decodeRlp(raw))));
    }
    return this.used.get(hash);
  }

  /** Find the value under a key that is a hash; null if the nodes prove that there is none. */
  walk(root, hashed) {
    const rule = (holds, message) => demand(holds, "UnreadableNode", message);
    if (root === EMPTY_ROOT) return null;
    const key = hashed.slice(2);
    let node = this.fetch(root), depth = 0;
    while (node.kind !== "leaf") {
      let child;
      if (node.kind === "branch") {
        rule(depth < key.length, "a branch after the key's last nibble");
        child = node.children[parseInt(key[depth++], 16)];
        if (child === "0x") return null;
      } else {
        rule(depth + node.path.length < key.length, "an extension leaves no nibble of the key");
        if (!key.startsWith(node.path, depth)) return null;
        depth += node.path.length;
        child = node.child;
      }
      if (typeof child === "string") {
        rule(!this.raw.has(child) || size(this.raw.get(child)) >= 32, "a node below 32 bytes is not embedded in its parent");
        child = this.fetch(child);
      }
      rule(node.kind === "branch" || child.kind === "branch", "an extension does not lead to a branch");
      node = child;
    }
    rule(node.path.length === key.length - depth, "a leaf does not end where the key ends");
    return key.endsWith(node.path) ? node.value : null;
  }

  /** Refuse nodes that no walk came by: evidence has one form, without room for other data. */
  refuseSurplus() {
    const surplus = this.raw.size - this.used.size;
    demand(surplus === 0, "SurplusNodes", `${surplus} nodes that nothing needs`);
  }
}

function readNode(item) {
  const rule = (holds, message) => demand(holds, "UnreadableNode", message);
  rule(Array.isArray(item) && (item.length === 17 || item.length === 2), "needed a list of 17 or 2 items");
  if (item.length === 17) {
    rule(item[16] === "0x", "a branch holds a value");
    const children = item.slice(0, 16);
    rule(children.filter((child) => child !== "0x").length >= 2, "a branch has fewer than two children");
    return { kind: "branch", children: children.map((child) => child === "0x" ? child : readChild(child)) };
  }
  const digits = bytesOf(item[0]).slice(2), odd = "13".includes(digits[0]);
  rule(digits !== "" && (odd || digits.startsWith("00") || digits.startsWith("20")), "a path is not hex-prefix encoded");
  const path = digits.slice(odd ? 1 : 2);
  if ("23".includes(digits[0])) {
    rule(typeof item[1] === "string" && item[1] !== "0x", "a leaf holds no value");
    return { kind: "leaf", path, value: item[1] };
  }
  rule(path !== "", "an extension has no path");
  return { kind: "extension", path, child: readChild(item[1]) };
}

function readChild(item) {
  if (typeof item === "string") return bytesOf(item, 32);
  demand(size(encodeRlp(item)) < 32, "UnreadableNode", "a child of 32 bytes or more is embedded in its parent");
  return readNode(item);
}

/** Prove a contract's account under a state root, with its pinned code if one is pinned; return its storage root. */
export function verifyAccount(pool, stateRoot, pinned) {
  const value = pool.walk(stateRoot, keccak(pinned.address)) ?? refuse("AbsentAccount", `contract ${pinned.address} is not there`);
  const [root, code] = refuseAs("UnreadableValue", () => {
    const fields = decodeRlp(value);
    demand(Array.isArray(fields) && fields.length === 4, "", "needed nonce, balance, storage root and code hash");
    numberOf(fields[0], 8);
    numberOf(fields[1]);
    return [bytesOf(fields[2], 32), bytesOf(fields[3], 32)];
  });
  demand(pinned.code === undefined || code === pinned.code, "WrongCode", `contract ${pinned.address} does not have the pinned code`);
  return root;
}

/** Prove the word at a slot (32 bytes, not hashed) of a storage trie: a BigInt, 0 if absent. */
export function verifyWord(pool, root, slot) {
  const value = pool.walk(root, keccak(slot));
  if (value === null) return 0n;
  return refuseAs("UnreadableValue", () => {
    const word = numberOf(decodeRlp(value));
    demand(word !== 0n, "", "a zero is stored, which the ledger never does");
    return word;
  });
}
