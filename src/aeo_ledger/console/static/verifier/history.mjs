// Signed history: are these all acts that the ledger recorded about a subject, in order, and did the right parties sign them (README, section 8)?
// The contracts chain every act into a head. Acts that lead to the proven head are all acts; their replay must lead to the proven words too.
import { fixed } from "./bytes.mjs";
import { demand, Refused, refuseAs } from "./errors.mjs";
import {
  LANE_END, begins, demandReadable, isArrangement, isOnMember, isOnValidators, registerOf, replayAlias, replayNetwork, replayPair, replayParty,
} from "./history_replay.mjs";
import { Signatories } from "./history_signers.mjs";
import { extendHead, structHash } from "./typed_data.mjs";
import { decode } from "./words.mjs";

const NETWORK = 0;
const NO_HEAD = fixed(0, 32);
const LONGEST_DEADLINE_S = 366 * 86_400;
const OF_PARTIES = ["Founding", "Completion", "Resolution", "PartyAct", "ReplacementAct", "Freeze", "Envelope", "Succession"];

const inPlace = (holds, what) => demand(holds, "EventOutOfPlace", `out of place: ${what}`);
const ofSubject = (holds, what) => demand(holds, "EventOfAnother", what);
const demandHead = (found, needed) => demand(found === needed, "HeadDiffers", "the acts do not lead to the ledger's head");
const demandCount = (found, needed) => demand(found === needed, "HistoryIncomplete", `${found} acts, the ledger counts ${needed}`);
const demandSame = (found, needed) => demand(found !== null && needed !== null && Object.keys(needed).every((field) => found[field] === needed[field]),
  "ReplayDiffers", "the acts do not lead to the ledger's words");
const demandDeadline = (deadline, time) => inPlace(deadline >= time && deadline <= time + LONGEST_DEADLINE_S, "a deadline");

/** No history is at hand. */
export const NO_HISTORY = Object.freeze({ standings: new Map(), parties: new Map(), pairs: new Map(), aliases: new Map() });

/**
 * Prove every history in some evidence, over proven words. `block` tells whose ledger the words are: this one's, or a pinned predecessor's.
 * Returns {standings, parties, pairs, aliases}, by subject.
 */
export function verifyHistory(history, words, trust, block) {
  if (history === null) return NO_HISTORY;
  const at = block.isSeam ? trust.predecessors.findIndex(({ header }) => header.hash === block.place.hash) : trust.predecessors.length;
  const before = trust.predecessors.slice(0, at), own = trust.predecessors[at] ?? { chain: trust.chain.id, contracts: trust.contracts };
  const domainAt = (contract, time) => {
    const { chain, contracts } = before.find(({ header }) => time <= header.time) ?? own;
    return { chain, address: contracts[contract].address };
  };
  const read = history.parties.map(readParty);
  const replayed = new Map(read.map((chain) => [chain.subject, attempt(() => chain.subject === NETWORK
    ? { named: replayNetwork(chain.acts, before.map(({ header }) => header.time)) }
    : { states: replayParty(chain.subject, chain.acts, () => words.replacementDelay()) })]));
  const parties = new Map([...replayed].filter(([, { states }]) => states).map(([number, { states }]) => [number, states]));
  const signatories = new Signatories(words, domainAt, parties);
  read.forEach((chain) => verifyParty(chain, replayed.get(chain.subject), words, signatories));
  const prove = (chains, verify) => new Map(chains.map((chain) => [chain.subject, verify(chain, words, signatories)]));
  return {
    parties,
    pairs: prove(history.pairs, verifyPair),
    standings: prove(history.standings, (chain) => verifyStanding(chain, words, signatories)),
    aliases: prove(history.aliases, verifyAlias),
  };
}

/** Replay, or keep what was refused, because a wrong signature or head is told first. */
function attempt(replay) {
  try { return replay(); } catch (error) {
    if (!(error instanceof Refused) || error.code !== "ReplayDiffers") throw error;
    return { error };
  }
}

// ---- one history

function verifyStanding({ subject: entry, events }, words, signatories) {
  const records = [];
  let head = NO_HEAD, last = 0;
  for (const event of events) {
    const { publication } = event, time = publication.recordedAt;
    const record = refuseAs("EventOfAnother", () => decode("record", event.record));
    ofSubject(record !== null && record.recorded_at === 0, "a record in a form that nobody signs");
    inPlace(record.sequence === records.length + 1, "a sequence");
    last = demandLater(time, last);
    const former = publication.former || publication.issuer;
    ofSubject(publication.register === registerOf(entry) && publication.issuer === record.issuer && former === (records.at(-1)?.issuer ?? former),
      "a publication of another register or issuer");
    const hash = structHash("StatusEvent", { entry, record: event.record, document: event.document });
    demand(publication.events[event.position] === hash, "EventNotPublished", "the publication does not hold the event");
    signatories.judgePublication(publication, record.kind, time);
    demandDeadline(publication.deadline, time);
    head = extendHead(head, hash, time);
    records.push({ ...record, recorded_at: time });
  }
  const word = words.record(entry);
  demandCount(records.length, word?.sequence ?? 0);
  demandHead(head, words.standingHead(entry));
  if (records.length) demandSame(records.at(-1), word);
  return records;
}

function readParty({ subject: party, acts }) {
  const counters = new Counters();
  let last = 0;
  const read = acts.map((act, at) => {
    const hash = hashAct(act);
    last = demandLater(act.recordedAt, last);
    ofSubject(OF_PARTIES.includes(act.message) && partiesOf(act).includes(party), `a ${act.message} that does not concern the party`);
    ofSubject(begins(act) === (at === 0 && party !== NETWORK), "a party begins once, founded or admitted");
    const number = numberInParty(act, party);
    if (number) counters.demand(number);
    return hash;
  });
  return { subject: party, acts, hashes: read };
}

const partiesOf = ({ message, values }) => message === "Succession" ? [NETWORK] : isOnMember({ message, values }) ? [values.party, values.detail]
  : [message === "Envelope" ? values.register : values.party];

function verifyParty({ subject: party, acts, hashes }, outcome, words, signatories) {
  let head = NO_HEAD;
  acts.forEach((act, at) => {
    judge(act, hashes[at], signatories);
    head = extendHead(head, hashes[at], act.recordedAt);
  });
  demandHead(head, words.partyHead(party));
  if (outcome.error) throw outcome.error;
  if (party !== NETWORK) {
    if (acts.length) demandSame(outcome.states.at(-1)[1], words.party(party));
    return;
  }
  const successor = words.successor(), { named } = outcome;
  demand(named === null ? successor === null : successor !== null && BigInt(named.consortium) === successor.consortium && named.effective === successor.effective,
    "ReplayDiffers", "the acts do not lead to the ledger's successor");
}

function verifyPair({ pair: [recogniser, register], acts }, words, signatories) {
  const isOfPair = (named) => named.recogniser === recogniser && named.register === register, counters = new Counters();
  let head = NO_HEAD, last = 0;
  for (const act of acts) {
    const hash = hashAct(act), numbers = numbersInPair(act, isOfPair);
    last = demandLater(act.recordedAt, last);
    ofSubject(numbers.length > 0, `a ${act.message} that does not concern the pair`);
    judge(act, hash, signatories);
    for (const number of numbers) { // the contract chains an act once for each time that it names the pair
      counters.demand(number);
      head = extendHead(head, hash, act.recordedAt);
    }
  }
  const word = words.pair(recogniser, register);
  demandCount(counters.last("amendments"), word.amendments);
  demandCount(counters.last("lane acts"), word.lane_acts);
  demandHead(head, words.pairHead(recogniser, register));
  const replayed = replayPair(acts, isOfPair);
  const lanes = Array.from({ length: word.lanes }, (_, number) => words.lane(recogniser, register, number));
  demandSame(replayed.pair, word);
  lanes.forEach((lane, number) => demandSame(replayed.lanes[number].at(-1)[1], lane));
  return replayed;
}

function verifyAlias({ pair: [recogniser, hashed], acts }, words, signatories) {
  let head = NO_HEAD, last = 0;
  acts.forEach((act, at) => {
    const hash = hashAct(act), { message, values } = act;
    last = demandLater(act.recordedAt, last);
    ofSubject(message === "AliasBinding" && values.recogniser === recogniser && values.alias_hash === hashed, "an act that does not concern the alias");
    inPlace(values.serial === at + 1, "a serial");
    judge(act, hash, signatories);
    head = extendHead(head, hash, act.recordedAt);
  });
  const word = words.alias(recogniser, hashed), states = replayAlias(acts);
  demandCount(acts.length, word?.serial ?? 0);
  demandHead(head, words.aliasHead(recogniser, hashed));
  const plain = ({ serial, changed_at: time, entries }) => JSON.stringify([serial, time, entries.map(({ binding, type, entry }) => [binding, type, entry])]);
  if (states.length) demand(plain(states.at(-1)[1]) === plain(word), "ReplayDiffers", "the acts do not lead to the ledger's bindings");
  return states;
}

// ---- rules for every history

/** Compute an act's hash in histories; a completion is chained by its key. */
function hashAct(act) {
  refuseAs("EventOfAnother", () => demandReadable(act));
  return act.message === "Completion" ? fixed(act.values.key, 32) : structHash(act.message, act.values);
}

function judge(act, hash, signatories) {
  signatories.judgeAct(act, hash);
  if ("deadline" in act.values) demandDeadline(act.values.deadline, act.recordedAt);
}

const demandLater = (time, last) => inPlace(time >= last, "a time of recording") && time;

/** The number of an act in the history of a party or of the network; null if it has none. */
function numberInParty(act, party) {
  const { message, values } = act;
  if (isOnValidators(act)) return { counter: "validators", number: values.number, skips: true };
  if (message === "Succession" || message === "Resolution") return { counter: "resolutions", number: values.number };
  if (message === "PartyAct") return { counter: `serial of ${values.party}`, number: values.serial, skips: values.party !== party };
  return message === "Envelope" ? { counter: "envelopes", number: values.serial } : null;
}

/** The numbers of an act in the history of a pair, one for each time that it names the pair. */
function numbersInPair(act, isOfPair) {
  const { message, values } = act;
  if (isArrangement(act)) return values.recognitions.filter(isOfPair).map(({ amendment }) => ({ counter: "amendments", number: amendment }));
  if (message === "Withholding") {
    return isOfPair({ ...values, register: registerOf(values.entry) }) ? [{ counter: values.entry, number: values.serial }] : [];
  }
  if (message !== "LaneAct" || !isOfPair(values)) return [];
  return [values.act === LANE_END ? { counter: "amendments", number: values.number, namesLast: true } : { counter: "lane acts", number: values.number }];
}

/** Counts the numbers of a subject's acts. Refuses one that is not the next, or the last where an act names that one. */
class Counters {
  #last = new Map();

  last(counter) { return this.#last.get(counter) ?? 0; }

  demand({ counter, number, skips = false, namesLast = false }) {
    const needed = this.last(counter) + (namesLast ? 0 : 1);
    inPlace(number === needed || (skips && number > needed), counter);
    this.#last.set(counter, number);
  }
}

