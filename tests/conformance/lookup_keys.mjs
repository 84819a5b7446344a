// Keys of keyed registers, and what follows from them, with the cryptography of Node.
//
//     node lookup_keys.mjs < vectors/lookup-keys.json      prints the file as it should be
//
// Each case gives `secret`, `register`, `type`, `epoch` and `tin`; the rest is derived.
import { createHmac, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const derive = (secret, info) => new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, 32));

/** Derive the lookup key of a type from a register's lookup secret (32 bytes each). */
export const lookupKey = (secret, register, type) => derive(secret, `aeo-ledger/1 lookup key of register ${register} type ${type}`);

/** Derive the payload key of a type in an epoch from the payload secret of the epoch (32 bytes each). */
export const payloadKey = (secret, register, type, epoch) =>
  derive(secret, `aeo-ledger/1 payload key of register ${register} type ${type} epoch ${epoch}`);

/** The check value of a lookup key, 32 bytes: the word that stands on the ledger. */
export const checkValue = (key, register, type) => derive(key, `aeo-ledger/1 check value of register ${register} type ${type}`);

/** The pseudonym of a trader under a lookup key, 29 bytes. */
export const keyedHolder = (key, tin) => new Uint8Array(createHmac("sha256", key).update(tin, "ascii").digest()).slice(0, 29);

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const show = (bytes) => "0x" + Buffer.from(bytes).toString("hex");
  const cases = JSON.parse(readFileSync(0, "utf8")).cases.map(({ secret, register, type, epoch, tin }) => {
    const given = Buffer.from(secret.slice(2), "hex");
    const key = lookupKey(given, register, type);
    return {
      secret, register, type, epoch, tin,
      lookup_key: show(key),
      check_value: show(checkValue(key, register, type)),
      holder: show(keyedHolder(key, tin)),
      payload_key: show(payloadKey(given, register, type, epoch)),
    };
  });
  console.log(JSON.stringify({ cases }, null, 1));
}
