// Bytes and their text. Short values (hashes, words, nodes) are lower-case hexadecimal with 0x, because they are keys of maps.

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const DIGITS = new Map([..."0123456789abcdefABCDEF"].map((digit) => [digit.charCodeAt(0), parseInt(digit, 16)]));

/** Write bytes as 0x and hexadecimal digits. */
export const toHex = (bytes) => {
  let text = "0x";
  for (let at = 0; at < bytes.length; at += 1) text += PAIRS[bytes[at]];
  return text;
};

/** Read 0x and an even number of hexadecimal digits, which the caller has checked. */
export const fromHex = (hex) => {
  const bytes = new Uint8Array(size(hex));
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = DIGITS.get(hex.charCodeAt(2 + 2 * at)) * 16 + DIGITS.get(hex.charCodeAt(3 + 2 * at));
  }
  return bytes;
};

export const size = (hex) => (hex.length - 2) / 2;
export const join = (...parts) => "0x" + parts.map((part) => part.slice(2)).join("");
/** Write a number big-endian with so many bytes. */
export const fixed = (number, bytes) => "0x" + BigInt(number).toString(16).padStart(2 * bytes, "0");
export const word = (number) => fixed(number, 32);
/** Encode ASCII text, which the caller has checked. */
export const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
export const asciiHex = (text) => toHex(ascii(text));

/** Join byte arrays. */
export const concat = (...parts) => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};
