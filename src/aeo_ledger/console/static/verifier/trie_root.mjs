// The root of a trie from all its items, without keeping the trie (Ethereum Yellow Paper, appendix D).
// Keys arrive in ascending order, so a node is complete when the next key leaves it.
import { fromHex } from "./bytes.mjs";
import { keccak256 } from "./keccak.mjs";
import { EMPTY_ROOT } from "./trie.mjs";

const KEY_NIBBLES = 64;
const HASH_HEAD = 0xa0; // RLP: 32 bytes follow
const LONGEST_NODE = 600; // bytes: a branch of sixteen hashes has 532

const nibble = (key, at) => at & 1 ? key[at >> 1] & 15 : key[at >> 1] >> 4;

/** How many nibbles two keys share. */
export function sharedNibbles(one, other) {
  for (let at = 0; at < KEY_NIBBLES / 2; at += 1) {
    const differs = one[at] ^ other[at];
    if (differs) return 2 * at + (differs < 16 ? 1 : 0);
  }
  return KEY_NIBBLES;
}

/** Builds the root. `add` takes each key (32 bytes) with its word and how many nibbles the next key shares with it, -1 after the last. */
export class RootBuilder {
  constructor() {
    this.root = fromHex(EMPTY_ROOT);
    this.open = []; // branches on the path: depth in nibbles, and sixteen references
    this.body = new Uint8Array(LONGEST_NODE); // of the node that is being written, behind three bytes for its head
  }

  add(key, word, shared) {
    const { open } = this;
    let top = open.length ? open[open.length - 1].depth : -1;
    if (shared > top) {
      top = shared;
      open.push({ depth: top, children: new Array(16).fill(null) });
    }
    const leaf = this.leaf(key, top + 1, word);
    if (top < 0) {
      this.root = keccak256(leaf);
      return;
    }
    open[open.length - 1].children[nibble(key, top)] = refer(leaf);
    while (open.length && open[open.length - 1].depth > shared) {
      const { depth, children } = open.pop();
      let node = this.branch(children);
      const above = Math.max(shared, open.length ? open[open.length - 1].depth : -1);
      if (depth > above + 1) node = this.extension(key, above + 1, depth, refer(node));
      if (above < 0) {
        this.root = keccak256(node);
        return;
      }
      if (!open.length || open[open.length - 1].depth < above) open.push({ depth: above, children: new Array(16).fill(null) });
      open[open.length - 1].children[nibble(key, above)] = refer(node);
    }
  }

  // Each writes the node's RLP into `body`, which the next one writes over.

  leaf(key, from, word) {
    let at = this.path(3, key, from, KEY_NIBBLES, 2), zeros = 0;
    while (word[zeros] === 0) zeros += 1;
    const length = 32 - zeros; // the value is the RLP of the word without leading zeros, which is itself written as RLP
    if (length > 1 || word[zeros] >= 0x80) {
      this.body[at++] = 0x80 + length + 1;
      this.body[at++] = 0x80 + length;
    }
    this.body.set(word.subarray(zeros), at);
    return this.list(at + length);
  }

  extension(key, from, to, child) {
    const at = this.path(3, key, from, to, 0);
    this.body.set(child, at);
    return this.list(at + child.length);
  }

  branch(children) {
    let at = 3;
    for (const child of children) {
      if (child === null) this.body[at++] = 0x80;
      else {
        this.body.set(child, at);
        at += child.length;
      }
    }
    this.body[at++] = 0x80; // no value
    return this.list(at);
  }

  // Nibbles in hex-prefix encoding as an RLP item; `flag` is 2 for a leaf, 0 for an extension.
  path(at, key, from, to, flag) {
    const isOdd = (to - from) & 1, length = ((to - from) >> 1) + 1;
    if (length > 1) this.body[at++] = 0x80 + length;
    this.body[at++] = (flag + isOdd) << 4 | (isOdd ? nibble(key, from) : 0);
    for (let place = from + isOdd; place < to; place += 2) this.body[at++] = nibble(key, place) << 4 | nibble(key, place + 1);
    return at;
  }

  list(end) {
    const length = end - 3;
    if (length < 56) {
      this.body[2] = 0xc0 + length;
      return this.body.subarray(2, end);
    }
    if (length < 256) {
      this.body[1] = 0xf8;
      this.body[2] = length;
      return this.body.subarray(1, end);
    }
    this.body[0] = 0xf9;
    this.body[1] = length >> 8;
    this.body[2] = length & 255;
    return this.body.subarray(0, end);
  }
}

// A parent refers to a node by its hash, or by the node itself if that is shorter.
function refer(node) {
  if (node.length < 32) return node.slice();
  const reference = new Uint8Array(33);
  reference[0] = HASH_HEAD;
  reference.set(keccak256(node), 1);
  return reference;
}
