// Opens a key file given on the standard input, or makes one, with ethers.
//
//     node key_file.mjs open <password> < key.json     prints the address
//     node key_file.mjs make <password>                prints a key file that holds keccak256 of "aeo-ledger test key"
import { readFileSync } from "node:fs";
import { Wallet, decryptKeystoreJson, encryptKeystoreJson, id } from "ethers";

const [verb, password] = process.argv.slice(2);
if (verb === "open") {
  const account = await decryptKeystoreJson(readFileSync(0, "utf8"), password);
  console.log(new Wallet(account.privateKey).address.toLowerCase());
} else {
  const { address, privateKey } = new Wallet(id("aeo-ledger test key"));
  console.log(await encryptKeystoreJson({ address, privateKey }, password, { scrypt: { N: 2 } }));
}
