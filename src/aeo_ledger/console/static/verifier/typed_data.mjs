// The messages that administrations sign, as typed data (EIP-712): what a signature is made for, and how an act enters a history.
import { asciiHex, join, word } from "./bytes.mjs";
import { keccak } from "./keccak.mjs";

const ARRANGEMENT = "uint64 deadline,bytes32 arrangement,bytes32 text,uint256 signatories,Recognition[] recognitions";
const TYPES = {
  Founding: "uint16 party,uint256 word,address authority",
  Resolution: "uint16 party,uint32 number,uint64 deadline,uint8 act,address key,bytes32 detail,uint64 amount,bytes32 grounds",
  Succession: "uint32 number,uint64 deadline,uint32 effective,uint64 chain,address consortium,address governance,address registers," +
    "bytes32 consortium_code,bytes32 governance_code,bytes32 registers_code,bytes32 grounds",
  PartyAct: "uint16 party,uint32 serial,uint64 deadline,uint8 act,uint8 certificate_type,address key,uint256 detail,uint32 effective,bytes32 grounds",
  ReplacementAct: "uint16 party,address key,uint64 deadline,uint8 act,bytes32 grounds",
  Freeze: "uint16 party,uint32 lifts,uint64 deadline,bytes32 grounds",
  Envelope: "uint16 register,uint32 serial,uint64 deadline,uint16 recipient,uint32 epoch,bytes sealed",
  Recognition: "uint16 recogniser,uint16 register,uint8 lane,uint32 amendment,uint16 types,uint16 roles,uint8 directions,uint16 benefits," +
    "uint32 in_force_from,uint32 until",
  Conclusion: ARRANGEMENT,
  Amendment: ARRANGEMENT,
  LaneAct: "uint16 party,uint16 recogniser,uint16 register,uint8 lane,uint8 generation,uint32 number,uint64 deadline,uint8 act,uint32 until,bytes32 grounds",
  Withholding: "uint16 recogniser,uint32 serial,uint64 deadline,bytes32 entry,bool withheld,bytes32 grounds",
  StatusEvent: "bytes32 entry,uint256 record,bytes32 document",
  Publication: "uint16 register,uint16 issuer,uint16 former,uint8 capacity,uint64 deadline,StatusEvent[] events,bytes details",
  AliasBinding: "uint16 recogniser,uint32 serial,uint64 deadline,bytes32 alias_hash,uint8 binding,uint8 certificate_type,bytes32 entry,bytes32 grounds",
};

/** Members of each message, in order: {kind, name}. */
export const MEMBERS = Object.fromEntries(Object.entries(TYPES).map(([message, type]) =>
  [message, type.split(",").map((member) => ({ kind: member.split(" ")[0], name: member.split(" ")[1] }))]));

const typeOf = (message) => `${message}(${TYPES[message]})`;
const hashText = (text) => keccak(asciiHex(text));
const TYPE_HASHES = Object.fromEntries(Object.keys(TYPES).map((message) => {
  const list = MEMBERS[message].find(({ kind }) => kind.endsWith("[]"));
  return [message, hashText(typeOf(message) + (list ? typeOf(list.kind.slice(0, -2)) : ""))];
}));
const DOMAIN = join(...["EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)", "AEO Ledger", "1"].map(hashText));

/** Join hashes to the hash of a list of structs. */
export const hashList = (hashes) => keccak(join(...hashes));

function encode(kind, value) {
  if (kind.endsWith("[]")) return hashList(value.map((one) => structHash(kind.slice(0, -2), one)));
  return kind === "bytes" ? keccak(value) : kind === "bytes32" ? value : word(value);
}

/** Hash a message, without its domain. `hashed` gives members that are known only by their hash. */
export const structHash = (message, values, hashed = {}) => keccak(join(TYPE_HASHES[message],
  ...MEMBERS[message].map(({ kind, name }) => hashed[name] ?? encode(kind, values[name]))));

/** The digest that is signed for a message (its hash), to a contract on a chain. */
export const digestOf = (message, chain, contract) => keccak(join("0x1901", keccak(join(DOMAIN, word(chain), word(contract))), message));

/** The head of a history after one more event, recorded at a time (UTC seconds). */
export const extendHead = (head, event, time) => keccak(join(head, event, word(time)));
