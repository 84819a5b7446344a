// Entries: where a trader's standing is, in open registers by its TIN alone, in keyed ones by the asker's lookup key too (README, section 4).
import { ascii, asciiHex, fixed, fromHex, join, toHex } from "./bytes.mjs";
import { hexBinary, number } from "./documents.mjs";
import { demand, refuse } from "./errors.mjs";
import { keccak } from "./keccak.mjs";
import { hkdf, hmac } from "./sha256.mjs";

const KEYED = 2; // mode of a register
const HOLDER_DIGITS = 58; // of 29 bytes

const purpose = (what, register, type) => ascii(`aeo-ledger/1 ${what} of register ${register} type ${type}`);

/** Derive the lookup key of a type from a register's lookup secret, 32 bytes each. */
export const lookupKey = (secret, register, type) => hkdf(secret, purpose("lookup key", register, type));
/** The check value of a lookup key, 32 bytes: the word that stands on the ledger. */
export const checkValue = (key, register, type) => hkdf(key, purpose("check value", register, type));
/** The pseudonym of a trader under a lookup key, 29 bytes. */
export const keyedHolder = (key, tin) => hmac(key, ascii(tin)).slice(0, 29);

/** The asker's own lookup keys, by register and type, from a list of {register, type, key}; a key is 0x and 64 digits. */
export const readKeys = (given) => new Map(given.map(({ register, type, key }) =>
  [`${number(register, 0xffff)} ${number(type, 15)}`, fromHex(hexBinary(key, 32))]));

/** Derive a trader's entry. With a wrong key every trader would seem absent, so a key is compared with the ledger's check value first. */
export function entryOf(words, keys, register, mode, type, tin) {
  const place = join(fixed(register, 2), fixed(type, 1));
  if (mode !== KEYED) return join(place, keccak(join(place, asciiHex(tin))).slice(0, 2 + HOLDER_DIGITS));
  const key = keys.get(`${register} ${type}`) ?? refuse("KeyNeeded", `a lookup key of register ${register}, type ${type} is needed`);
  demand(toHex(checkValue(key, register, type)) === words.keyCheck(register, type), "WrongLookupKey",
    `the lookup key of register ${register}, type ${type} is not the register's`);
  return join(place, toHex(keyedHolder(key, tin)));
}
