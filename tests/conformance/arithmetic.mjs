// Hashes by noble, and signatures by ethers and noble, to compare the browser's own arithmetic with: node arithmetic.mjs < seeds.json
import { readFileSync } from "node:fs";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { SigningKey, computeAddress, hexlify, keccak256, recoverAddress } from "ethers";

const ORDER = secp256k1.Point.Fn.ORDER;
const bytes = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
const number = (hex) => BigInt(hex);
const word = (value) => value.toString(16).padStart(64, "0");

const hashes = ({ data, key }) => {
  const [message, secret] = [bytes(data), bytes(key)], keccak = hexlify(keccak_256(message));
  if (keccak !== keccak256(data)) throw new Error("ethers and noble differ");
  return {
    keccak, sha256: hexlify(sha256(message)), hmac: hexlify(hmac(sha256, secret, message)), hkdf: hexlify(hkdf(sha256, secret, undefined, message, 32)),
  };
};

// A signature of a digest with a key, its twin with a high s, and the twins of both with the other recovery id; each with its address, or null.
const recoveries = ({ key, digest }) => {
  const { r, s, yParity } = new SigningKey(key).sign(digest), high = `0x${word(ORDER - number(s))}`, owner = computeAddress(key).toLowerCase();
  const other = recoverAddress(digest, { r, s, v: 28 - yParity }).toLowerCase();
  return [[s, yParity, owner], [high, 1 - yParity, owner], [s, 1 - yParity, other], [high, yParity, other]]
    .map(([value, id, address]) => ({ digest, signature: r + value.slice(2) + `0${id}`, address }));
};

// Any r: a point may have it for its x, or none.
const strays = ({ r, digest }) => [0, 1].map((id) => {
  let address = null;
  try {
    const signature = secp256k1.Signature.fromBytes(bytes(r + word(12_345n))).addRecoveryBit(id);
    const point = signature.recoverPublicKey(bytes(digest));
    address = computeAddress(hexlify(point.toBytes(false))).toLowerCase();
  } catch { /* no point has this x, or the number is out of range */ }
  return { digest, signature: r + word(12_345n) + `0${id}`, address };
});

const seeds = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({ hashes: seeds.hashes.map(hashes), recovered: [...seeds.signed.flatMap(recoveries), ...seeds.strays.flatMap(strays)] }));
