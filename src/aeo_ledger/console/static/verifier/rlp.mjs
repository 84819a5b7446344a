// RLP in its one canonical form (Ethereum Yellow Paper, appendix B). Bytes are hexadecimal text, lists are arrays.
import { fixed, fromHex, join, size, toHex } from "./bytes.mjs";
import { demand } from "./errors.mjs";

const CODE = "MalformedRlp";
const MAX_DEPTH = 32;

export function encodeRlp(item) {
  const payload = Array.isArray(item) ? join(...item.map(encodeRlp)) : item;
  if (!Array.isArray(item) && size(item) === 1 && parseInt(item, 16) < 0x80) return item;
  const offset = Array.isArray(item) ? 0xc0 : 0x80, length = size(payload);
  if (length < 56) return join(fixed(offset + length, 1), payload);
  const digits = length.toString(16), written = digits.length % 2 ? "0" + digits : digits;
  return join(fixed(offset + 55 + written.length / 2, 1), "0x" + written, payload);
}

/** Read exactly one item. */
export function decodeRlp(hex) {
  const data = fromHex(hex);
  const items = decodeItems(data, 0, data.length, 0);
  demand(items.length === 1, CODE, `found ${items.length} items, needed one`);
  return items[0];
}

function decodeItems(data, at, end, depth) {
  demand(depth <= MAX_DEPTH, CODE, "nested too deep");
  const items = [];
  while (at < end) {
    const prefix = data[at++], list = prefix >= 0xc0, short = prefix - (list ? 0xc0 : 0x80);
    if (prefix < 0x80) {
      items.push(toHex(data.subarray(at - 1, at)));
      continue;
    }
    let length = short;
    if (short > 55) {
      const width = short - 55;
      demand(at + width <= end && data[at] !== 0 && width <= 4, CODE, "a length that cannot be");
      length = data.subarray(at, at + width).reduce((sum, byte) => sum * 256 + byte, 0);
      demand(length > 55, CODE, "a length is not in its shortest form");
      at += width;
    }
    demand(at + length <= end, CODE, "cut short");
    if (!list && length === 1) demand(data[at] >= 0x80, CODE, "a single byte carries a length");
    items.push(list ? decodeItems(data, at, at + length, depth + 1) : toHex(data.subarray(at, at + length)));
    at += length;
  }
  return items;
}

/** Take an item for bytes, of this length if one is given. */
export function bytesOf(item, length) {
  demand(typeof item === "string" && (length === undefined || size(item) === length), CODE, `needed ${length ?? "some"} bytes`);
  return item;
}

/** Take an item for a number of at most so many bytes, without leading zeros. */
export function numberOf(item, most = 32) {
  demand(typeof item === "string" && size(item) <= most && !item.startsWith("0x00"), CODE, "needed a number");
  return item === "0x" ? 0n : BigInt(item);
}
