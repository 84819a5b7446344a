// Facts at a time, as known at another: the ledger's word where it suffices, else the history, else a fact that is not certain (README, section 6).
import { refuse } from "./errors.mjs";
import { subjectOf } from "./history_form.mjs";
import { unionsAt } from "./words.mjs";

const ACTIVE = 1; // of a standing
const REACHING = [1, 4, 5, 6, 7, 8, 9]; // kinds of status events that set the status, from its `since` on; the others count from their recording
const SCOPING = [1, 2, 9]; // kinds that set roles and dates
const REVIEWING = [1, 3, 9];
const TRANSFERRING = [10];

const lastBy = (states, time) => states.findLast(([at]) => at <= time)?.[1] ?? null;

/** The last state recorded by both times; before the first one, that one, if it was known. */
const stateAt = (states, time, known) => states.length === 0 || states[0][0] > known ? null : lastBy(states, Math.min(time, known)) ?? states[0][1];

/** A standing at a time, as known at another: the record, or null if nothing was recorded by then. */
function recordAt(all, time, known) {
  const records = all.filter((record) => record.recorded_at <= known);
  if (records.length === 0) return null;
  const last = (kinds) => records.findLast((record) => kinds.includes(record.kind) && (REACHING.includes(record.kind) ? record.since : record.recorded_at) <= time);
  const { roles, valid_from, valid_until } = last(SCOPING) ?? records[0];
  return { ...last(REACHING) ?? records[0], issuer: (last(TRANSFERRING) ?? records[0]).issuer, roles, valid_from, valid_until,
    review_day: (last(REVIEWING) ?? records[0]).review_day };
}

/** Looks up facts over proven words and proven histories. Each is {fact, certain}; where it is not certain, the fact is today's. */
export class AsOf {
  constructor(words, histories, time, known) {
    Object.assign(this, { words, histories, time, asked: known, known: known ?? 2 ** 32 });
    this.now = Math.min(this.time, this.known);
  }

  party(number) {
    const word = this.words.party(number), { time, known } = this;
    return word === null ? sure(null)
      : this.tell(word, word.changed_at, word.changes === 0, this.histories.parties.get(number), (states) => stateAt(states, time, known));
  }

  lane(owner, register, place) {
    const word = this.words.lane(owner, register, place) ?? refuse("UnreadableValue", "a lane that was never written"), { time, known } = this;
    return this.tell(word, word.changed_at, word.changes === 0, this.pair(owner, register), ({ lanes }) => stateAt(lanes[place], time, known));
  }

  withholding(owner, register, entry) {
    return this.counted(this.words.withholding(owner, entry), this.pair(owner, register), ({ withholdings }) => withholdings.get(entry) ?? []);
  }

  alias(owner, hashed) {
    return this.counted(this.words.alias(owner, hashed), this.histories.aliases.get(subjectOf(owner, hashed)), (states) => states);
  }

  record(entry) {
    const word = this.words.record(entry), { time, known } = this;
    return word === null ? sure(null)
      : this.tell(word, word.recorded_at, word.sequence === 1, this.histories.standings.get(entry), (records) => recordAt(records, time, known));
  }

  /** Whether a standing's word of today suffices for a no: it had ceased to be active by then, whatever came before. */
  ended(record) { return record.status !== ACTIVE && record.since <= this.time && record.recorded_at <= this.known; }

  /** Refuse what was known before the ledger's first record of a party; return the party. */
  recorded(number) {
    const party = this.party(number);
    if (this.asked === undefined || this.words.party(number) === null) return party;
    this.demandCertain(number);
    return party.fact === null ? refuse("NothingRecorded", "nothing was recorded by then") : party;
  }

  demandCertain(number) { if (!this.party(number).certain) historyNeeded(`party ${number}`); }

  /** The parties whose lanes and aliases count for a recogniser: itself and its unions, ascending; null if that is not known. */
  edges(recogniser) {
    const { fact, certain } = this.recorded(recogniser);
    return certain ? [recogniser, ...fact === null ? [] : unionsAt(fact, this.time)] : null;
  }

  pair(owner, register) { return this.histories.pairs.get(subjectOf(owner, register)); }

  /** A fact whose first act shows that there was none before. */
  counted(word, history, statesOf) {
    if (word === null) return sure(null);
    if (word.serial === 1) return sure(word.changed_at <= this.now ? word : null);
    return this.tell(word, word.changed_at, false, history, (found) => lastBy(statesOf(found), this.now));
  }

  tell(word, recordedAt, isUnaltered, history, read) {
    if (isUnaltered) return sure(recordedAt <= this.known ? word : null);
    if (recordedAt <= this.now) return sure(word);
    return history === undefined ? { fact: word, certain: false } : sure(read(history));
  }
}

const sure = (fact) => ({ fact, certain: true });
export const historyNeeded = (what) => refuse("HistoryNeeded", `words of today do not tell what ${what} was then`);
