// Keccak-256 as Ethereum uses it: the permutation of FIPS 202 on 32-bit halves, with Keccak's original padding (0x01).
import { fromHex, toHex } from "./bytes.mjs";

const RATE = 136; // bytes of a block
const ROUNDS = 24;

// FIPS 202, 3.2.5: the bits of the round constants come from a shift register. Low and high half by turns.
const CONSTANTS = (() => {
  const halves = new Int32Array(2 * ROUNDS);
  let register = 1;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let power = 0; power <= 6; power += 1) {
      if (register & 1) {
        const bit = (1 << power) - 1;
        halves[2 * round + (bit >> 5)] ^= 1 << (bit & 31);
      }
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
  }
  return halves;
})();

// FIPS 202, 3.2.2 and 3.2.3: the lanes in the order of pi, each with the rotation of rho.
const [LANES, TURNS] = (() => {
  const lanes = [], turns = [];
  let x = 1, y = 0;
  for (let step = 0; step < 24; step += 1) {
    turns.push(((step + 1) * (step + 2) / 2) % 64);
    [x, y] = [y, (2 * x + 3 * y) % 5];
    lanes.push(2 * (x + 5 * y));
  }
  return [Int32Array.from(lanes), Int32Array.from(turns)];
})();

const state = new Int32Array(50); // of 25 lanes, low and high half by turns

// The halves of a row or column have names of their own, and no index is computed: this is where a snapshot's time goes.
function permute() {
  for (let round = 0; round < 2 * ROUNDS; round += 2) {
    // theta
    const c0 = state[0] ^ state[10] ^ state[20] ^ state[30] ^ state[40], c1 = state[1] ^ state[11] ^ state[21] ^ state[31] ^ state[41];
    const c2 = state[2] ^ state[12] ^ state[22] ^ state[32] ^ state[42], c3 = state[3] ^ state[13] ^ state[23] ^ state[33] ^ state[43];
    const c4 = state[4] ^ state[14] ^ state[24] ^ state[34] ^ state[44], c5 = state[5] ^ state[15] ^ state[25] ^ state[35] ^ state[45];
    const c6 = state[6] ^ state[16] ^ state[26] ^ state[36] ^ state[46], c7 = state[7] ^ state[17] ^ state[27] ^ state[37] ^ state[47];
    const c8 = state[8] ^ state[18] ^ state[28] ^ state[38] ^ state[48], c9 = state[9] ^ state[19] ^ state[29] ^ state[39] ^ state[49];
    const d0 = c8 ^ (c2 << 1 | c3 >>> 31), d1 = c9 ^ (c3 << 1 | c2 >>> 31), d2 = c0 ^ (c4 << 1 | c5 >>> 31), d3 = c1 ^ (c5 << 1 | c4 >>> 31);
    const d4 = c2 ^ (c6 << 1 | c7 >>> 31), d5 = c3 ^ (c7 << 1 | c6 >>> 31), d6 = c4 ^ (c8 << 1 | c9 >>> 31), d7 = c5 ^ (c9 << 1 | c8 >>> 31);
    const d8 = c6 ^ (c0 << 1 | c1 >>> 31), d9 = c7 ^ (c1 << 1 | c0 >>> 31);
    for (let row = 0; row < 50; row += 10) {
      state[row] ^= d0; state[row + 1] ^= d1; state[row + 2] ^= d2; state[row + 3] ^= d3; state[row + 4] ^= d4;
      state[row + 5] ^= d5; state[row + 6] ^= d6; state[row + 7] ^= d7; state[row + 8] ^= d8; state[row + 9] ^= d9;
    }
    // rho and pi; no rotation is a multiple of 32
    let low = state[2], high = state[3];
    for (let step = 0; step < 24; step += 1) {
      const at = LANES[step], turn = TURNS[step] & 31, rest = 32 - turn;
      const one = low << turn | high >>> rest, other = high << turn | low >>> rest, isFar = TURNS[step] >= 32;
      low = state[at];
      high = state[at + 1];
      state[at] = isFar ? other : one;
      state[at + 1] = isFar ? one : other;
    }
    // chi
    for (let row = 0; row < 50; row += 10) {
      const a0 = state[row], a1 = state[row + 1], a2 = state[row + 2], a3 = state[row + 3], a4 = state[row + 4];
      const a5 = state[row + 5], a6 = state[row + 6], a7 = state[row + 7], a8 = state[row + 8], a9 = state[row + 9];
      state[row] ^= ~a2 & a4; state[row + 1] ^= ~a3 & a5; state[row + 2] ^= ~a4 & a6; state[row + 3] ^= ~a5 & a7; state[row + 4] ^= ~a6 & a8;
      state[row + 5] ^= ~a7 & a9; state[row + 6] ^= ~a8 & a0; state[row + 7] ^= ~a9 & a1; state[row + 8] ^= ~a0 & a2; state[row + 9] ^= ~a1 & a3;
    }
    // iota
    state[0] ^= CONSTANTS[round];
    state[1] ^= CONSTANTS[round + 1];
  }
}

/** Hash bytes: 32 bytes. */
export function keccak256(bytes) {
  state.fill(0);
  let at = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    state[at >> 2] ^= bytes[index] << ((at & 3) << 3);
    at += 1;
    if (at === RATE) {
      permute();
      at = 0;
    }
  }
  state[at >> 2] ^= 1 << ((at & 3) << 3);
  state[(RATE - 1) >> 2] ^= 0x80 << 24;
  permute();
  const hash = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) hash[index] = state[index >> 2] >>> ((index & 3) << 3);
  return hash;
}

/** Hash hexadecimal bytes, as hexadecimal. */
export const keccak = (hex) => toHex(keccak256(fromHex(hex)));
