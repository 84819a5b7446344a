// The curve secp256k1 (SEC 2, 2.4.1): find the address whose key made a signature. Only public data is handled, so nothing hides its time.
import { fixed, fromHex } from "./bytes.mjs";
import { keccak } from "./keccak.mjs";

const P = 2n ** 256n - 2n ** 32n - 977n; // of the field
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n; // order of the group
const G = [0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n, 1n];

/** Largest low `s`: contracts take no other. */
export const HALF_ORDER = N / 2n;

const mod = (number, by = P) => {
  const rest = number % by;
  return rest < 0n ? rest + by : rest;
};

function invert(number, by) {
  let [rest, next, factor, following] = [mod(number, by), by, 1n, 0n];
  while (next !== 0n) {
    const times = rest / next;
    [rest, next] = [next, rest - times * next];
    [factor, following] = [following, factor - times * following];
  }
  return mod(factor, by);
}

function power(base, exponent) {
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = result * base % P;
    base = base * base % P;
  }
  return result;
}

// Points are Jacobian: (X / Z^2, Y / Z^3); Z = 0 is the point at infinity. Formulas: hyperelliptic.org/EFD, dbl-2009-l and add-2007-bl.

function double([x, y, z]) {
  const a = x * x % P, b = y * y % P, c = b * b % P;
  const d = 2n * ((x + b) ** 2n - a - c) % P, e = 3n * a;
  const x3 = mod(e * e - 2n * d);
  return [x3, mod(e * (d - x3) - 8n * c), 2n * y * z % P];
}

function add(one, other) {
  if (one[2] === 0n) return other;
  if (other[2] === 0n) return one;
  const [x1, y1, z1] = one, [x2, y2, z2] = other;
  const zz1 = z1 * z1 % P, zz2 = z2 * z2 % P;
  const u1 = x1 * zz2 % P, u2 = x2 * zz1 % P, s1 = y1 * z2 * zz2 % P, s2 = y2 * z1 * zz1 % P;
  const h = mod(u2 - u1), r = mod(s2 - s1);
  if (h === 0n) return r === 0n ? double(one) : [1n, 1n, 0n];
  const hh = h * h % P, hhh = h * hh % P, v = u1 * hh % P;
  const x3 = mod(r * r - hhh - 2n * v);
  return [x3, mod(r * (v - x3) - s1 * hhh), z1 * z2 * h % P];
}

// one * P + other * Q with common doublings, two bits of each at a time
function multiplyBoth(one, p, other, q) {
  const sums = [];
  let row = [1n, 1n, 0n];
  for (let times = 0; times < 4; times += 1) {
    let sum = row;
    for (let more = 0; more < 4; more += 1) {
      sums.push(sum);
      sum = add(sum, q);
    }
    row = add(row, p);
  }
  let result = [1n, 1n, 0n];
  for (let bit = 254n; bit >= 0n; bit -= 2n) {
    result = double(double(result));
    const chosen = Number((one >> bit) & 3n) * 4 + Number((other >> bit) & 3n);
    if (chosen) result = add(result, sums[chosen]);
  }
  return result;
}

/**
 * Recover the address, 0x and 40 digits, whose key signed a digest (0x and 64 digits). High `s` is accepted.
 * Returns null if no key can have made the signature. Source: SEC 1, 4.1.6.
 */
export function recoverAddress(digest, r, s, recoveryId) {
  if (!(r > 0n && r < N && s > 0n && s < N) || (recoveryId !== 0 && recoveryId !== 1)) return null;
  const square = (r ** 3n + 7n) % P;
  let y = power(square, (P + 1n) / 4n);
  if (y * y % P !== square) return null;
  if (Number(y & 1n) !== recoveryId) y = P - y;
  const inverse = invert(r, N);
  const key = multiplyBoth(mod(-BigInt(digest) * inverse, N), G, s * inverse % N, [r, y, 1n]);
  if (key[2] === 0n) return null;
  const z = invert(key[2], P), zz = z * z % P;
  return "0x" + keccak(fixed((key[0] * zz % P << 256n) | (key[1] * zz * z % P), 64)).slice(26);
}

/** Split 65 bytes of a signature (r, s and one byte), as hexadecimal. */
export const splitSignature = (hex) => ({
  r: BigInt("0x" + hex.slice(2, 66)), s: BigInt("0x" + hex.slice(66, 130)), last: fromHex("0x" + hex.slice(130, 132))[0],
});
