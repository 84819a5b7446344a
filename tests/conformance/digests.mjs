// Derives the digest and the signature of each case of a list with ethers, which shares no code with this project.
//
//     python -m conformance.test_digests | node digests.mjs > vectors/digests.json
//
// Each case has `typed_data`, as `eth_signTypedData_v4` takes it. The key is keccak256 of "aeo-ledger test key", which signs
// nothing but vectors.
import { readFileSync } from "node:fs";
import { TypedDataEncoder, Wallet, id } from "ethers";

const wallet = new Wallet(id("aeo-ledger test key"));
const cases = [];
for (const { typed_data } of JSON.parse(readFileSync(0, "utf8")).cases) {
  const { domain, message, primaryType } = typed_data;
  const { EIP712Domain, ...types } = typed_data.types;
  if (TypedDataEncoder.getPrimaryType(types) !== primaryType) throw new Error(`${primaryType} is not the primary type`);
  cases.push({
    domain_separator: TypedDataEncoder.hashDomain(domain),
    struct_hash: TypedDataEncoder.hashStruct(primaryType, types, message),
    digest: TypedDataEncoder.hash(domain, types, message),
    signature: await wallet.signTypedData(domain, types, message),
    typed_data,
  });
}
console.log(JSON.stringify({ signer: wallet.address.toLowerCase(), cases }, null, 1));
