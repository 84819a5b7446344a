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
const column = new Int32Array(10);

function permute() {
  for (let round = 0; round < ROUNDS; round += 1) {
    // theta
    for (let x = 0; x < 10; x += 1) column[x] = state[x] ^ state[x + 10] ^ state[x + 20] ^ state[x + 30] ^ state[x + 40];
    for (let x = 0; x < 10; x += 2) {
      const before = (x + 8) % 10, after = (x + 2) % 10;
      const low = column[before] ^ ((column[after] << 1) | (column[after + 1] >>> 31));
      const high = column[before + 1] ^ ((column[after + 1] << 1) | (column[after] >>> 31));
      for (let at = x; at < 50; at += 10) {
        state[at] ^= low;
        state[at + 1] ^= high;
      }
    }
    // rho and pi
    let low = state[2], high = state[3];
    for (let step = 0; step < 24; step += 1) {
      const at = LANES[step], turn = TURNS[step] & 31;
      if (TURNS[step] >= 32) [low, high] = [high, low];
      const turnedLow = turn === 0 ? low : (low << turn) | (high >>> (32 - turn));
      const turnedHigh = turn === 0 ? high : (high << turn) | (low >>> (32 - turn));
      low = state[at];
      high = state[at + 1];
      state[at] = turnedLow;
      state[at + 1] = turnedHigh;
    }
    // chi
    for (let row = 0; row < 50; row += 10) {
      for (let x = 0; x < 10; x += 1) column[x] = state[row + x];
      for (let x = 0; x < 10; x += 1) state[row + x] ^= ~column[(x + 2) % 10] & column[(x + 4) % 10];
    }
    // iota
    state[0] ^= CONSTANTS[2 * round];
    state[1] ^= CONSTANTS[2 * round + 1];
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
