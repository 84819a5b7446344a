// Who signed a recorded act, and whether they were entitled to when it was recorded: keys serve one party in one role, from when to when words of today tell.
import { HALF_ORDER, recoverAddress, splitSignature } from "./curve.mjs";
import { demand, refuse } from "./errors.mjs";
import { LANE_END, PARTY_ACT, REPLACEMENT_STOP, RESOLUTION, stateAt } from "./history_replay.mjs";
import { digestOf, hashList, structHash } from "./typed_data.mjs";
import { unionsAt } from "./words.mjs";

const AUTHORITY = 1;
const OPERATOR = 2;
const NODE = 3;
const ACTIVE = 1; // of a party
const EXPELLED = 3;
const CAPACITY = { OPERATORS: 1, AUTHORITY: 2, TRANSFER: 3, UNION: 4 };
const SUSPENDING = [4];
const RESTRICTING = [4, 6, 7, 8]; // suspend, revoke, withdraw, annul
const KINDS = { 1: [1, 2, 3, 4, 5, 6, 7, 8], 2: [9], 3: [10] }; // of status events, by capacity
const CONTRACT_OF = {
  __proto__: null,
  ...Object.fromEntries(["Resolution", "Succession", "PartyAct", "ReplacementAct", "Freeze"].map((message) => [message, "governance"])),
  ...Object.fromEntries(["Envelope", "Conclusion", "Amendment", "LaneAct", "Withholding"].map((message) => [message, "consortium"])),
  AliasBinding: "registers",
};

/** The hash of a publication, from its events' hashes. */
export const hashPublication = (publication) =>
  structHash("Publication", publication, { events: hashList(publication.events), details: publication.details });

/** Judges signers, over proven words and the states of the parties whose histories are at hand. `domainAt(contract, time)` is {chain, address}. */
export class Signatories {
  constructor(words, domainAt, parties) {
    Object.assign(this, { words, domainAt, parties, recovered: new Map() });
  }

  judgePublication(publication, kind, time) {
    const { capacity, issuer, former, register } = publication;
    const kinds = capacity === CAPACITY.UNION ? this.openToUnion(issuer, register, time) : KINDS[capacity] ?? [];
    demand(kinds.includes(kind) && (former !== 0) === (capacity === CAPACITY.TRANSFER) && former !== issuer, "EventOfAnother",
      "the publication's capacity does not allow this event");
    const signers = this.recover(hashPublication(publication), "registers", publication.signatures, time);
    if (capacity === CAPACITY.OPERATORS) signers.demandOperators(issuer);
    else if (capacity === CAPACITY.TRANSFER) signers.demandTransfer(issuer, former, register);
    else signers.demandAuthorities([capacity === CAPACITY.AUTHORITY ? issuer : register]);
    signers.demandAscending();
  }

  judgeAct({ message, values, signatures, recordedAt }, hash) {
    if (!(message in CONTRACT_OF)) {
      demand(signatures.length === 0, "UnreadableEventSignature", `a ${message} is signed, which nobody does`);
      return;
    }
    const signers = this.recover(hash, CONTRACT_OF[message], signatures, recordedAt);
    JUDGES[message](signers, values);
    signers.demandAscending();
  }

  /** The party that an address served in a role at a time, 0 if none. */
  serves(address, role, time) {
    const key = this.words.key(address);
    if (key === null || key.role !== role || key.added_at === 0 || key.added_at > time || (key.retired_at !== 0 && time > key.retired_at)) return 0;
    const ended = role === NODE ? 0 : this.words.epochEnd(key.party, key.epoch);
    return ended === 0 || time <= ended ? key.party : 0;
  }

  /** What a party was during one second: before it, and after each act of it. Empty if its history is not at hand. */
  during(party, time) {
    const states = this.parties.get(party) ?? [];
    return [...states.filter(([at]) => at < time).slice(-1), ...states.filter(([at]) => at === time)].map(([, was]) => was);
  }

  /** How many keys of a party had to sign at a time: the fewest of that second; 1 if its history is not at hand. */
  needed(party, time, threshold) {
    const known = this.during(party, time).map((was) => was[threshold]);
    return known.reduce((least, one) => one < least ? one : least, known[0] ?? 1);
  }

  openToUnion(issuer, register, time) {
    if (issuer === register) return [];
    const known = this.during(issuer, time);
    const gone = known.some((was) => was.state === EXPELLED || !unionsAt(was, time).includes(register));
    return gone || known.length === 0 ? RESTRICTING : SUSPENDING;
  }

  recover(hash, contract, signatures, time) {
    const { chain, address } = this.domainAt(contract, time), digest = digestOf(hash, chain, address);
    const place = `${digest} ${signatures.join(" ")}`;
    if (!this.recovered.has(place)) {
      this.recovered.set(place, signatures.map((signature) => {
        const { r, s, last } = splitSignature(signature);
        return (s <= HALF_ORDER ? recoverAddress(digest, r, s, last - 27) : null) ?? refuse("UnreadableEventSignature", "no key can have made a signature");
      }));
    }
    return new Signers(this, this.recovered.get(place), time);
  }
}

/** The signers of one act. Each rule takes those that it entitles; whoever is left signed without a right. */
class Signers {
  constructor(judge, all, time) {
    Object.assign(this, { judge, all, time, left: all });
  }

  take(party, role) {
    const before = this.left.length;
    this.left = this.left.filter((signer) => this.judge.serves(signer, role, this.time) !== party);
    return before - this.left.length;
  }

  demand(found, needed) {
    if (found >= needed) return;
    this.demandNobodyLeft();
    refuse("EventUndersigned", `${found} signatures, ${needed} needed`);
  }

  demandNobodyLeft() {
    demand(this.left.length === 0, "SignerNotEntitled", `${this.left[0]} was not entitled to sign`);
  }

  demandAscending() {
    demand(this.all.every((signer, at) => at === 0 || this.all[at - 1] < signer), "UnreadableEventSignature", "signers are not in ascending order");
  }

  demandOperators(party) {
    const found = this.take(party, OPERATOR);
    this.demandNobodyLeft();
    this.demand(found, this.judge.needed(party, this.time, "threshold"));
  }

  demandOne(party, role) {
    this.demand(this.take(party, role), 1);
    this.demandNobodyLeft();
    demand(this.all.length === 1, "UnreadableEventSignature", "more than one signature");
  }

  demandAuthorities(parties) {
    for (const party of parties) {
      const needed = this.judge.needed(party, this.time, "authority_threshold");
      this.demand(this.take(party, AUTHORITY), needed);
    }
    this.demandNobodyLeft();
  }

  demandVotes(but = 0) {
    const votes = new Map();
    for (const signer of this.left) {
      const party = this.judge.serves(signer, AUTHORITY, this.time), known = this.judge.during(party, this.time);
      const seated = known.length === 0 || known.some((was) => was.seat && stateAt(was, this.time) === ACTIVE);
      demand(party !== 0 && party !== but && seated, "SignerNotEntitled", `${signer} had no vote`);
      votes.set(party, (votes.get(party) ?? 0) + 1);
    }
    this.left = [];
    this.demand(votes.size, 1);
    for (const [party, found] of votes) this.demand(found, this.judge.needed(party, this.time, "authority_threshold"));
  }

  demandKey(key) {
    if (!this.left.includes(key)) this.demand(0, 1);
    const at = this.left.indexOf(key);
    this.left = this.left.filter((_, place) => place !== at);
  }

  demandTransfer(issuer, former, register) {
    const own = this.take(issuer, OPERATOR), byUnion = this.take(register, AUTHORITY), other = byUnion ? 0 : this.take(former, OPERATOR);
    this.demandNobodyLeft();
    this.demand(own, this.judge.needed(issuer, this.time, "threshold"));
    if (byUnion) this.demand(byUnion, this.judge.needed(register, this.time, "authority_threshold"));
    else this.demand(other, this.judge.needed(former, this.time, "threshold"));
  }
}

const byAllNamed = (signers, { signatories }) =>
  signers.demandAuthorities(Array.from({ length: 256 }, (_, party) => party).filter((party) => (BigInt(signatories) >> BigInt(party)) & 1n));
const { ADMIT, REPLACE_AUTHORITY, SEAT_VALIDATOR, REPLACE_VALIDATOR } = RESOLUTION;
const { ROTATE_AUTHORITY, ADD_AUTHORITY_KEY, ADD_OPERATOR, JOIN_UNION } = PARTY_ACT;

/** Who has to sign each act. */
const JUDGES = {
  Resolution(signers, { act, key }) {
    if ([ADMIT, REPLACE_AUTHORITY, SEAT_VALIDATOR, REPLACE_VALIDATOR].includes(act)) signers.demandKey(key);
    signers.demandVotes();
  },
  Succession: (signers) => signers.demandVotes(),
  PartyAct(signers, { act, key, party, detail }) {
    if ([ROTATE_AUTHORITY, ADD_AUTHORITY_KEY, ADD_OPERATOR].includes(act)) signers.demandKey(key);
    signers.demandAuthorities(act === JOIN_UNION ? [party, detail] : [party]);
  },
  ReplacementAct: (signers, { act, party }) => act === REPLACEMENT_STOP ? signers.demandVotes(party) : signers.demandOne(party, AUTHORITY),
  Freeze: (signers, { party }) => signers.demandOne(party, OPERATOR),
  Envelope: (signers, { register }) => signers.demandOperators(register),
  Conclusion: byAllNamed,
  Amendment: byAllNamed,
  LaneAct(signers, { act, party, recogniser }) {
    demand(act === LANE_END || party === recogniser, "EventOfAnother", "a party does what only the recogniser may do");
    signers.demandAuthorities([party]);
  },
  Withholding: (signers, { recogniser }) => signers.demandOperators(recogniser),
  AliasBinding: (signers, { recogniser }) => signers.demandOperators(recogniser),
};
