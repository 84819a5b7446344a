// How a second verifier decides over proven words (README, sections 5 and 6).
import { hexlify, keccak256 as keccak, toUtf8Bytes } from "ethers";
import { checkValue, keyedHolder } from "./lookup_keys.mjs";
import { DIRECTIONS, KINDS, ROLES, demand, fixed, join, refuse } from "./verifier_forms.mjs";

const REASONS = ("no_certificate annulled revoked withdrawn suspended not_yet_effective expired party_gone no_arrangement " +
  "arrangement_not_in_force arrangement_ended arrangement_suspended type_out_of_scope role direction benefits_withheld").split(" ");
const BENEFITS = ("fewer_document_checks fewer_inspections priority_inspection liaison_officer priority_after_disruption " +
  "lower_risk_score faster_release reduced_security_data").split(" ");
const STATUS = ["", "active", "suspended", "revoked", "withdrawn", "annulled"];

const has = (bits, bit) => ((bits >> bit) & 1) === 1;
const ascending = (numbers) => [...new Set(numbers)].sort((one, other) => one - other);
const partyDecides = (party, time) => party.changed_at <= time || party.changes === 0;
const historyNeeded = () => refuse("history needed");

// The entry of a trader. In a keyed register the asker's key must be the one whose check value stands on the ledger.
function entryOf(words, keys, register, mode, type, tin) {
  const place = join(fixed(register, 2), fixed(type, 1));
  if (mode !== 2) return join(place, keccak(join(place, hexlify(toUtf8Bytes(tin)))).slice(0, 60));
  const key = keys.get(`${register} ${type}`) ?? refuse("a key is needed");
  demand(hexlify(checkValue(key, register, type)) === words.keyCheck(register, type), "a wrong key");
  return join(place, hexlify(keyedHolder(key, tin)));
}

// Whom an alias means (README, section 7): the TIN that was named, if each bound entry follows from it; null if nobody is bound.
export function traderOf(words, question, trust, blockTime, named, keys) {
  const time = question.on ?? blockTime;
  demand(time <= blockTime, "the block does not reach that time");
  const r = trust.parties.find((party) => party.code === question.recogniser)?.number ?? refuse("a recogniser that is not pinned");
  const asker = words.party(r);
  if (asker && !partyDecides(asker, time)) historyNeeded();
  const bound = (owner) => {
    const code = hexlify(toUtf8Bytes(question.alias));
    const alias = words.alias(owner, keccak(join(fixed(owner, 2), fixed(KINDS[question.kind][0], 1), code)));
    if (alias === null || (alias.serial === 1 && alias.changed_at > time)) return [];
    if (alias.changed_at > time) historyNeeded();
    return alias.entries.map((one) => ({ ...one, owner }));
  };
  let found = bound(r);
  if (found.length === 0) found = ascending(asker.unionsAt(time)).flatMap(bound);
  if (found.length === 0) return null;
  demand(new Set(found.map(({ owner, binding }) => `${owner} ${binding}`)).size === 1, "an alias of several traders");
  demand(named !== undefined, "an alias whose trader nobody names");
  for (const { register, type, entry } of found) {
    const mode = words.register(register)?.mode;
    demand(entryOf(words, keys, register, mode, type, named) === entry, "an alias of another trader");
  }
  return named;
}

export const NOBODY = { recognised: false, reasons: ["no_trader_under_alias"], benefits: [], issuer: null, registers: [] };

export function decide(words, question, trust, blockTime, keys) {
  const time = question.on ?? blockTime;
  demand(time <= blockTime, "the block does not reach that time");
  const pinned = (code) => trust.parties.find((party) => party.code === code)?.number;
  const r = pinned(question.recogniser) ?? refuse("a recogniser that is not pinned");
  const named = question.register === undefined ? undefined : pinned(question.register) ?? refuse("a register that is not pinned");
  const prefix = question.tin.slice(0, 2);
  const start = named ?? pinned(prefix) ?? trust.prefixes[prefix];
  const typeIn = (register) => {
    const party = trust.parties.find((one) => one.number === register);
    if (!party) return undefined;
    return typeof question.type === "number" ? question.type : party.types.indexOf(question.type);
  };
  demand(typeof question.type !== "string" || trust.parties.some((party) => party.types.includes(question.type)), "no such type");
  const role = ROLES.indexOf(question.role), direction = DIRECTIONS.indexOf(question.direction);
  const gone = (...numbers) => numbers.map((number) => words.party(number))
    .some((party) => party === null || (partyDecides(party, time) && party.state === 3));

  const asker = words.party(r);
  const edges = partyDecides(asker, time) ? [r, ...ascending(asker.unionsAt(time))] : null;
  const shelves = candidates().map((number) => ({ number, found: new Map() }));
  const searched = [];

  function candidates() {
    if (start === undefined) return [];
    const party = words.party(start);
    if (named === undefined && !partyDecides(party, time)) historyNeeded();
    return ascending(named === undefined ? [start, ...party.unionsAt(time)] : [start]).filter((number) => {
      const candidate = words.party(number), searched = candidate && (candidate.keeps_register || candidate.opened);
      if (candidate && !searched && !partyDecides(candidate, time)) historyNeeded();
      return searched;
    });
  }

  function judgeLane(owner, register, lane) {
    demand(lane !== null, "a lane that was never written");
    const reasons = new Set(gone(r, owner, register) ? ["party_gone"] : []);
    const known = lane.changed_at <= time || lane.changes === 0;
    if (known) {
      if (lane.in_force_from === 0 || lane.in_force_from > time) reasons.add("arrangement_not_in_force");
      if (lane.until !== 0 && lane.until <= time) reasons.add("arrangement_ended");
      if (lane.state === 2) reasons.add("arrangement_suspended");
      if (!has(lane.roles, role)) reasons.add("role");
      if (!has(lane.directions, direction)) reasons.add("direction");
    }
    const covers = (type) => !known || has(lane.types, type);
    return { owner, register, lane, reasons, known, covers };
  }

  function standing(shelf, type) {
    if (!shelf.found.has(type)) {
      const entry = entryOf(words, keys, shelf.number, shelf.mode, type, question.tin);
      const record = words.record(entry);
      shelf.found.set(type, record && judgeRecord(shelf.number, entry, record));
    }
    return shelf.found.get(type);
  }

  function judgeRecord(register, entry, record) {
    const reasons = new Set(), known = record.recorded_at <= time || record.sequence === 1;
    const issuer = words.party(record.issuer);
    if (record.status !== 1 && (known || record.since <= time)) reasons.add(STATUS[record.status]);
    if (known) {
      if (record.valid_from > time || record.since > time) reasons.add("not_yet_effective");
      if (record.valid_until !== 0 && record.valid_until <= time) reasons.add("expired");
      if (!has(record.roles, role)) reasons.add("role");
      const left = record.issuer !== register && issuer && partyDecides(issuer, time) && !issuer.unionsAt(time).includes(register);
      const holder = words.party(register), givenUp = partyDecides(holder, time) && !holder.keeps_register;
      if (gone(register, record.issuer) || left || givenUp) reasons.add("party_gone");
    }
    return { entry, record, issuer, reasons, known };
  }

  function withheldOn(lane, entry) { // true, false, or undefined where only history could tell
    const answers = [r, lane.owner].map((party) => {
      const word = words.pair(party, lane.register).withheld ? words.withholding(party, entry) : null;
      if (word === null || (word.serial === 1 && word.changed_at > time)) return false;
      return word.changed_at <= time ? word.withheld === 1 : undefined;
    });
    return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
  }

  function demandDecided(shelf, good, lanes) {
    for (const number of [r, shelf.number, good.record.issuer, ...lanes.map((lane) => lane.owner)]) {
      const party = words.party(number);
      if (party && !partyDecides(party, time)) historyNeeded();
    }
    if (!good.known) historyNeeded();
    if (lanes.some((lane) => !lane.known || withheldOn(lane, good.entry) === undefined)) historyNeeded();
  }

  for (const shelf of shelves) {
    searched.push(words.party(shelf.number).code);
    const register = words.register(shelf.number);
    shelf.mode = register?.mode;
    shelf.types = Array.from({ length: 16 }, (_, type) => type)
      .filter((type) => register && has(register.types, type) && (question.type === undefined || typeIn(shelf.number) === type));
    shelf.lanes = (edges ?? []).flatMap((owner) =>
      Array.from({ length: words.pair(owner, shelf.number).lanes }, (_, lane) =>
        judgeLane(owner, shelf.number, words.lane(owner, shelf.number, lane))));
    for (const type of shelf.types) {
      let lanes = shelf.lanes.filter((lane) => lane.reasons.size === 0 && lane.covers(type));
      if (lanes.length === 0 && edges) continue;
      const good = standing(shelf, type);
      if (!good || good.reasons.size) continue;
      lanes = lanes.filter((lane) => withheldOn(lane, good.entry) !== true);
      if (lanes.length === 0 && edges) continue;
      demandDecided(shelf, good, lanes);
      const benefits = lanes.reduce((sum, lane) => sum | lane.lane.benefits, 0);
      return {
        recognised: true, reasons: [],
        benefits: Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => has(benefits, bit))
          .map((bit) => BENEFITS[bit] ?? `benefit ${bit}`),
        issuer: good.issuer?.code ?? "", registers: searched,
      };
    }
  }

  const hasType = (register) => trust.parties.find((party) => party.number === register)?.types.includes(question.type);
  demand(typeof question.type !== "string" || !shelves.length || shelves.some(({ number }) => hasType(number)), "no register searched has such a type");
  const reasons = new Set();
  let found = 0, looked = 0, unread = 0;
  for (const shelf of shelves) {
    shelf.lanes.forEach((lane) => lane.reasons.forEach((reason) => reasons.add(reason)));
    const outOfScope = (type) => shelf.lanes.length
      ? shelf.lanes.some((lane) => !lane.covers(type)) : shelves.some((other) => other.lanes.length);
    for (const type of shelf.types) {
      const keyed = shelf.mode === 2 && !shelf.found.has(type);
      const one = keyed ? null : standing(shelf, type);
      keyed ? (unread += 1) : (looked += 1);
      if (one || keyed) { if (outOfScope(type)) reasons.add("type_out_of_scope"); }
      if (!one) continue;
      found += 1;
      one.reasons.forEach((reason) => reasons.add(reason));
      if (shelf.lanes.some((lane) => withheldOn(lane, one.entry) === true)) reasons.add("benefits_withheld");
    }
  }
  if (!found && (looked || !unread)) reasons.add("no_certificate");
  if (edges && !shelves.some((shelf) => shelf.lanes.length)) reasons.add("no_arrangement");
  return { recognised: false, reasons: REASONS.filter((reason) => reasons.has(reason)), benefits: [], issuer: null, registers: searched };
}
