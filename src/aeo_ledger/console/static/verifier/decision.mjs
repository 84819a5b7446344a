// Is this trader recognised? Decided over proven words, which are read in the order of README, sections 5 and 6.
import { historyNeeded } from "./as_of.mjs";
import { demand, refuse } from "./errors.mjs";
import { entryOf } from "./keys.mjs";
import { BENEFITS, DIRECTIONS, REASONS, ROLES, STATUSES } from "./vocabulary.mjs";
import { unionsAt } from "./words.mjs";

const ACTIVE = 1; // of a standing
const SUSPENDED = 2; // of a lane
const EXPELLED = 3; // of a party
const KEYED = 2;
const PLACES = Array.from({ length: 16 }, (_, place) => place);

const has = (bits, bit) => ((bits >> bit) & 1) === 1;
const ascending = (numbers) => [...new Set(numbers)].sort((one, other) => one - other);

/** The answer about an alias that is bound to nobody. */
export const NOBODY = Object.freeze({ recognised: false, reasons: ["no_trader_under_alias"], since: null, benefits: [], issuer: null, registers: [], standings: [] });

/** Find the registers to search, and the place of the wanted type in each. */
function resolve(question, trust) {
  const numberOf = (code) => trust.byCode.get(code)?.number;
  const pinned = (code) => numberOf(code) ?? refuse("UnknownParty", `${code} is not pinned`);
  const prefix = question.tin.slice(0, 2), isNamed = question.register !== undefined;
  demand(typeof question.type !== "string" || trust.parties.some((party) => party.types.includes(question.type)),
    "UnknownCertificateType", `no pinned register has a type ${question.type}`);
  return {
    r: pinned(question.recogniser),
    isNamed,
    start: isNamed ? pinned(question.register) : numberOf(prefix) ?? trust.prefixes.get(prefix),
    wants: (register, type) => {
      if (question.type === undefined) return true;
      const party = trust.byNumber.get(register);
      return party !== undefined && (typeof question.type === "number" ? question.type : party.types.indexOf(question.type)) === type;
    },
    role: ROLES.indexOf(question.role),
    direction: DIRECTIONS.indexOf(question.direction),
  };
}

/** One search: the facts that are read once for all registers. */
class Search {
  constructor(facts, question, trust, keys) {
    Object.assign(this, { facts, words: facts.words, question, trust, time: facts.time, keys }, resolve(question, trust));
    this.edges = facts.edges(this.r);
  }

  gone(...numbers) {
    return numbers.map((number) => this.facts.party(number)).some(({ fact, certain }) => certain && (fact === null || fact.state === EXPELLED));
  }

  registers() {
    if (this.start === undefined) return [];
    const { fact } = this.facts.recorded(this.start);
    if (fact === null) return [];
    if (!this.isNamed) this.facts.demandCertain(this.start);
    return ascending(this.isNamed ? [this.start] : [this.start, ...unionsAt(fact, this.time)]).filter((number) => {
      const { fact: candidate } = this.facts.party(number), kept = candidate && (candidate.keeps_register || candidate.opened);
      if (candidate && !kept) this.facts.demandCertain(number);
      return kept;
    });
  }

  open(number) {
    const register = this.words.register(number);
    const lanes = (this.edges ?? []).flatMap((owner) =>
      Array.from({ length: this.words.pair(owner, number).lanes }, (_, lane) => this.judgeLane(owner, number, lane)).filter(Boolean));
    return {
      number, lanes, mode: register?.mode, found: new Map(),
      types: PLACES.filter((type) => register && has(register.types, type) && this.wants(number, type)),
    };
  }

  judgeLane(owner, register, place) {
    const { fact: lane, certain: known } = this.facts.lane(owner, register, place), { time } = this;
    if (lane === null) return null; // it was not yet known
    const since = new Map(this.gone(this.r, owner, register) ? [["party_gone", null]] : []); // reasons, and since when
    if (known) {
      if (lane.in_force_from === 0 || lane.in_force_from > time) since.set("arrangement_not_in_force", null);
      if (lane.until !== 0 && lane.until <= time) since.set("arrangement_ended", lane.until);
      if (lane.state === SUSPENDED) since.set("arrangement_suspended", lane.changed_at);
      if (!has(lane.roles, this.role)) since.set("role", null);
      if (!has(lane.directions, this.direction)) since.set("direction", null);
    }
    return { owner, register, lane, since, known, covers: (type) => !known || has(lane.types, type) };
  }

  standing(shelf, type) {
    if (!shelf.found.has(type)) {
      const entry = entryOf(this.words, this.keys, shelf.number, shelf.mode, type, this.question.tin);
      const { fact: record, certain } = this.facts.record(entry);
      shelf.found.set(type, record && this.judgeRecord(shelf.number, type, entry, record, certain));
    }
    return shelf.found.get(type);
  }

  judgeRecord(register, type, entry, record, known) {
    const { time, facts } = this, since = new Map(), isGone = this.gone(register, record.issuer), then = facts.party(record.issuer);
    if (record.status !== ACTIVE && (known || facts.ended(record))) since.set(STATUSES[record.status], record.since);
    if (known) {
      if (record.valid_from > time || record.since > time) since.set("not_yet_effective", null);
      if (record.valid_until !== 0 && record.valid_until <= time) since.set("expired", record.valid_until);
      if (!has(record.roles, this.role)) since.set("role", null);
      const left = record.issuer !== register && then.certain && !(then.fact && unionsAt(then.fact, time).includes(register));
      const holder = facts.party(register), givenUp = holder.certain && !holder.fact?.keeps_register;
      if (isGone || left || givenUp) since.set("party_gone", null);
    }
    return { register, type, entry, record, issuer: this.words.party(record.issuer), since, known };
  }

  /** Whether benefits are withheld on a lane: true, false, or undefined where only history could tell. */
  withheldOn(lane, entry) {
    const answers = [this.r, lane.owner].map((party) => {
      if (!this.words.pair(party, lane.register).withheld) return false;
      const { fact, certain } = this.facts.withholding(party, lane.register, entry);
      return certain ? fact?.withheld === 1 : undefined;
    });
    return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
  }

  /** Look for a yes in one register: the standing and the lanes that it rests on, or null. */
  findGood(shelf) {
    for (const type of shelf.types) {
      let lanes = shelf.lanes.filter((lane) => lane.since.size === 0 && lane.covers(type));
      if (lanes.length === 0 && this.edges) continue;
      const good = this.standing(shelf, type);
      if (!good || good.since.size) continue;
      lanes = lanes.filter((lane) => this.withheldOn(lane, good.entry) !== true);
      if (lanes.length === 0 && this.edges) continue;
      this.demandDecided(good, lanes);
      return { good, lanes };
    }
    return null;
  }

  demandDecided(good, lanes) {
    for (const number of [this.r, good.register, good.record.issuer, ...lanes.map((lane) => lane.owner)]) this.facts.demandCertain(number);
    if (!good.known) historyNeeded("the standing");
    if (lanes.some((lane) => !lane.known || this.withheldOn(lane, good.entry) === undefined)) historyNeeded("the arrangement");
  }
}

/**
 * Decide a question over facts at a time, see `AsOf`.
 * Returns {recognised, reasons, since, benefits, issuer, registers, standings}; `since` is when the first reason began, null if no word tells.
 */
export function decide(facts, question, trust, keys) {
  const { words } = facts, search = new Search(facts, question, trust, keys);
  const shelves = search.registers().map((number) => ({ number })), searched = [];
  for (const shelf of shelves) {
    searched.push(words.party(shelf.number).code);
    Object.assign(shelf, search.open(shelf.number));
    const yes = search.findGood(shelf);
    if (!yes) continue;
    const benefits = yes.lanes.reduce((sum, { lane }) => sum | lane.benefits, 0);
    return {
      recognised: true, reasons: [], since: null,
      benefits: PLACES.filter((bit) => has(benefits, bit)).map((bit) => BENEFITS[bit] ?? `benefit ${bit}`),
      issuer: yes.good.issuer?.code ?? "", registers: searched, standings: [describe(yes.good, trust)],
    };
  }
  const hasType = ({ number }) => trust.byNumber.get(number)?.types.includes(question.type);
  demand(typeof question.type !== "string" || !shelves.length || shelves.some(hasType),
    "UnknownCertificateType", `no register searched has a type ${question.type}`);
  const { since, standings } = gather(search, shelves);
  const reasons = REASONS.filter((reason) => since.has(reason));
  return {
    recognised: false, reasons, since: since.get(reasons[0]) ?? null, benefits: [], issuer: null, registers: searched,
    standings: standings.map((one) => describe(one, trust)),
  };
}

/** Gather all reasons of a no. */
function gather(search, shelves) {
  const since = new Map(), standings = [];
  const add = (reason, time = null) => since.set(reason, Math.max(time ?? 0, since.get(reason) ?? 0) || null);
  let looked = 0, unread = 0;
  for (const shelf of shelves) {
    shelf.lanes.forEach((lane) => lane.since.forEach((time, reason) => add(reason, time)));
    const outOfScope = (type) => shelf.lanes.length
      ? shelf.lanes.some((lane) => !lane.covers(type)) : shelves.some((other) => other.lanes.length);
    for (const type of shelf.types) {
      const isUnread = shelf.mode === KEYED && !shelf.found.has(type); // a keyed type that no fitting lane covers needs no key
      const one = isUnread ? null : search.standing(shelf, type);
      if (isUnread) unread += 1; else looked += 1;
      if ((one || isUnread) && outOfScope(type)) add("type_out_of_scope");
      if (!one) continue;
      standings.push(one);
      one.since.forEach((time, reason) => add(reason, time));
      if (shelf.lanes.some((lane) => search.withheldOn(lane, one.entry) === true)) add("benefits_withheld");
    }
  }
  if (!standings.length && (looked || !unread)) add("no_certificate");
  if (search.edges && !shelves.some((shelf) => shelf.lanes.length)) add("no_arrangement");
  return { since, standings };
}

/** What a reader wants to know of a standing. Times are UTC seconds, 0 is open. */
const describe = ({ register, type, record, issuer }, trust) => ({
  register: trust.byNumber.get(register)?.code ?? String(register),
  type: trust.byNumber.get(register)?.types[type] ?? type,
  issuer: issuer?.code ?? "",
  status: STATUSES[record.status],
  roles: ROLES.filter((_, role) => has(record.roles, role)),
  since: record.since, validFrom: record.valid_from, validUntil: record.valid_until, holdUntil: record.hold_until,
});
