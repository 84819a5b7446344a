// SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869). A page on plain http has no WebCrypto, so they stand here.
import { concat } from "./bytes.mjs";

const BLOCK = 64; // bytes

const PRIMES = (() => {
  const found = [];
  for (let number = 2; found.length < 64; number += 1) if (found.every((prime) => number % prime)) found.push(number);
  return found;
})();

// FIPS 180-4, 4.2.2 and 5.3.3: the first 32 bits of the fractions of the primes' cube and square roots, taken in whole numbers.
function fractionOfRoot(prime, degree) {
  const wanted = BigInt(prime) << BigInt(32 * degree);
  let low = 0n, high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= wanted) low = middle; else high = middle;
  }
  return Number(low & 0xffffffffn) | 0;
}

const CONSTANTS = Int32Array.from(PRIMES, (prime) => fractionOfRoot(prime, 3));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fractionOfRoot(prime, 2));

const turn = (value, bits) => (value >>> bits) | (value << (32 - bits));

/** Hash bytes: 32 bytes. */
export function sha256(bytes) {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  const hash = START.slice(), schedule = new Int32Array(64);
  for (let block = 0; block < padded.length; block += BLOCK) {
    for (let at = 0; at < 16; at += 1) schedule[at] = view.getInt32(block + 4 * at);
    for (let at = 16; at < 64; at += 1) {
      const one = schedule[at - 15], other = schedule[at - 2];
      schedule[at] = schedule[at - 16] + (turn(one, 7) ^ turn(one, 18) ^ (one >>> 3)) +
        schedule[at - 7] + (turn(other, 17) ^ turn(other, 19) ^ (other >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let at = 0; at < 64; at += 1) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[at] + schedule[at]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, at) => { hash[at] += value; });
  }
  const written = new DataView(new ArrayBuffer(32));
  hash.forEach((value, at) => written.setInt32(4 * at, value));
  return new Uint8Array(written.buffer);
}

/** Authenticate a message under a key: 32 bytes. */
export function hmac(key, message) {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? sha256(key) : key);
  const inner = sha256(concat(block.map((byte) => byte ^ 0x36), message));
  return sha256(concat(block.map((byte) => byte ^ 0x5c), inner));
}

/** Derive 32 bytes from a key, without salt, for a purpose. */
export const hkdf = (key, info) => hmac(hmac(new Uint8Array(32), key), concat(info, Uint8Array.of(1)));
