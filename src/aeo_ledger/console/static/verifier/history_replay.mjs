// Replay: the states of a party, a pair, an alias or the network, derived from its recorded acts. What no ledger can have recorded is refused.
import { fixed } from "./bytes.mjs";
import { demand, refuse } from "./errors.mjs";
import { decode, decodeText, unionIn, unionsAt } from "./words.mjs";

const NO_ENTRY = fixed(0, 32);
const DAY_S = 86_400;
const LONGEST_NOTICE_S = 2 * 366 * DAY_S;
const LONGEST_SUSPENSION_S = 366 * DAY_S;
const LAPSE_S = 30 * DAY_S;
const OBJECTED_DELAY_S = 90 * DAY_S;
const END_OF_TIME = 2 ** 32;
const MOST_PARTY_CHANGES = 255;
const MOST_LANE_CHANGES = 7;
const ACTIVE = 1; // of a party
const SUSPENDED = 2;
const EXPELLED = 3;
const OPEN = 1; // of a lane; 2 is suspended

export const RESOLUTION = { ADMIT: 1, REPLACE_AUTHORITY: 9, CANCEL_REPLACEMENT: 10, SEAT_VALIDATOR: 11, REPLACE_VALIDATOR: 13 };
export const PARTY_ACT = { ROTATE_AUTHORITY: 1, ADD_AUTHORITY_KEY: 2, ADD_OPERATOR: 5, JOIN_UNION: 10, LEAVE_UNION: 11, EJECT_MEMBER: 13, REVOKE_EJECTION: 14 };
export const LANE_END = 3;
export const REPLACEMENT_STOP = 2;
const MOST_ACT = { Resolution: 14, PartyAct: 18, ReplacementAct: 2, LaneAct: LANE_END };

const impossible = (holds, what) => demand(holds, "ReplayDiffers", `no ledger records this act here: ${what}`);

/** A union's act, which changes the word of the member that its detail names. */
export const isOnMember = ({ message, values }) => message === "PartyAct" && [PARTY_ACT.EJECT_MEMBER, PARTY_ACT.REVOKE_EJECTION].includes(values.act);
/** A resolution whose subject is the validators, whichever party it names. */
export const isOnValidators = ({ message, values }) =>
  message === "Resolution" && values.act >= RESOLUTION.SEAT_VALIDATOR && values.act <= RESOLUTION.REPLACE_VALIDATOR;
/** Tell whether a party begins with this act. */
export const begins = ({ message, values }) => message === "Founding" || (message === "Resolution" && values.act === RESOLUTION.ADMIT);
export const isArrangement = ({ message }) => message === "Conclusion" || message === "Amendment";
export const registerOf = (entry) => parseInt(entry.slice(2, 6), 16);
/** The state of a party at a time: a suspension ends by itself on its date. */
export const stateAt = (party, time) => party.state === SUSPENDED && time >= party.suspended_until ? ACTIVE : party.state;

/** Refuse an act that no contract accepts, whatever came before. */
export function demandReadable({ message, values }) {
  const readable = (holds) => demand(holds, "UnreadableValue", `${message}: no ledger records such an act`);
  if (message in MOST_ACT) readable(values.act >= 1 && values.act <= MOST_ACT[message]);
  if (message === "Founding") readable(foundedAs(values) !== null);
  if (begins({ message, values })) readable([1, 2].includes(candidateOf({ message, values }).kind));
  if (isArrangement({ message })) nameOf(values);
}

const nameOf = ({ arrangement }) => decodeText(BigInt(arrangement.slice(0, 22)), 10);
const foundedAs = ({ word }) => decode("party", BigInt(word));

/** The party as its founding or admission describes it. */
function candidateOf({ message, values }) {
  if (message === "Founding") return foundedAs(values);
  const word = BigInt(values.detail), bit = (at) => Number((word >> BigInt(at)) & 1n);
  return { code: decodeText(word & (2n ** 48n - 1n), 6), kind: Number((word >> 48n) & 3n), seat: bit(84), keeps_register: bit(85) };
}

const NEW_PARTY = Object.freeze({
  ...Object.fromEntries([1, 2, 3, 4].flatMap((place) => [`union_${place}`, `leaves_${place}`, `ejected_${place}`]).map((name) => [name, 0])),
  state: ACTIVE, suspended_until: 0, opened: 0, frozen: 0, threshold: 1, authority_keys: 1, authority_threshold: 1, epoch: 0, changes: 0,
});

/**
 * Replay a party's acts. Returns its states, [time, party] each, a party as its word has it.
 * `delay` gives the shortest time of a replacement, seconds; it is called only if an authority was replaced.
 */
export function replayParty(number, acts, delay) {
  const states = [], office = { pending: null, lifts: 0, delay };
  for (const act of acts) {
    const party = states.at(-1)?.[1], time = act.recordedAt;
    impossible(begins(act) === (party === undefined), "a party begins once");
    const { message } = act;
    states.push([time, party ? alter(number, party, office, act, time)
      : message === "Founding" ? foundedAs(act.values) : { ...NEW_PARTY, ...candidateOf(act), changed_at: time }]);
  }
  return states;
}

function alter(number, party, office, act, time) {
  const { message, values } = act;
  if (message === "Resolution") return isOnValidators(act) ? party : resolve(party, office, values, time);
  if (message === "ReplacementAct") {
    const pending = take(office, values.key);
    return values.act === REPLACEMENT_STOP ? release(party, pending, time) : objectTo(party, pending, office, time);
  }
  if (message === "Completion") {
    const pending = take(office, values.key);
    office.lifts += party.frozen;
    return complete(party, pending, time);
  }
  if (message === "Freeze") {
    impossible(!party.frozen && values.lifts === office.lifts, "a freeze");
    return { ...party, frozen: 1 };
  }
  return message === "PartyAct" && (values.party === number) !== isOnMember(act) ? actAlone(party, office, act, time) : party;
}

// ---- replacements of an authority: {key, readyAt, until, objected}; `until` is the end of the suspension under which it began, or 0

function take(office, key = null) {
  const { pending } = office;
  office.pending = null;
  return impossible(pending !== null && (key === null || key === pending.key), "no such replacement is pending") && pending;
}

const lapsesAt = (pending) => pending.readyAt + LAPSE_S;
const holds = (pending, time) => pending.until !== 0 && time < lapsesAt(pending);
const touched = (party, changes, time) => ({ ...party, ...changes, changed_at: time, changes: Math.min(party.changes + 1, MOST_PARTY_CHANGES) });
const suspend = (party, until, time) => touched(party, { state: until ? SUSPENDED : ACTIVE, suspended_until: until }, time);
const release = (party, pending, time) => holds(pending, time) ? suspend(party, pending.until, time) : party;

function begin(party, office, key, time) {
  office.pending = { key, readyAt: time + office.delay(), until: 0 };
  if (stateAt(party, time) !== SUSPENDED) return party;
  office.pending.until = party.suspended_until;
  return suspend(party, Math.max(party.suspended_until, lapsesAt(office.pending)), time);
}

function objectTo(party, pending, office, time) {
  const longer = { ...pending, readyAt: pending.readyAt + Math.max(0, OBJECTED_DELAY_S - office.delay()) };
  office.pending = longer;
  return holds(longer, time) ? suspend(party, Math.max(party.suspended_until, lapsesAt(longer)), time) : party;
}

function complete(party, pending, time) {
  const notices = [1, 2, 3, 4].filter((place) => unionIn(party, place, time) !== 0 && !party[`ejected_${place}`] && party[`leaves_${place}`] !== 0);
  const renewed = { ...party, frozen: 0, threshold: 1, authority_keys: 1, authority_threshold: 1, epoch: party.epoch + 1 };
  const without = Object.fromEntries(notices.map((place) => [`leaves_${place}`, 0]));
  return release(notices.length ? touched(renewed, without, time) : renewed, pending, time);
}

// ---- what two thirds of the seats decide, and what a party decides alone

function resolve(party, office, { act, key, amount }, time) {
  if (act === RESOLUTION.CANCEL_REPLACEMENT) return release(party, take(office), time);
  if (act === RESOLUTION.REPLACE_AUTHORITY) return begin(party, office, key, time);
  if (act >= 2 && act <= 5) { // give and take a seat, give and take a register
    const given = act % 2 === 0 ? 1 : 0, what = act <= 3 ? "seat" : "keeps_register";
    impossible(party[what] !== given, what);
    return act <= 3 ? { ...party, seat: given } : touched(party, { keeps_register: given }, time);
  }
  const { pending } = office;
  if (act === 6) { // suspend
    impossible(amount > time && amount <= time + LONGEST_SUSPENSION_S && amount < END_OF_TIME, "a suspension");
    if (pending === null || !holds(pending, time)) return suspend(party, amount, time);
    office.pending = { ...pending, until: amount };
    return suspend(party, Math.max(amount, lapsesAt(pending)), time);
  }
  impossible(act !== 7 || stateAt(party, time) === SUSPENDED, "a reinstatement");
  office.pending = null;
  return act === 7 ? suspend(party, 0, time) : { ...suspend(party, 0, time), state: EXPELLED };
}

function actAlone(party, office, act, time) {
  const { act: kind, detail, party: by } = act.values;
  if (kind === PARTY_ACT.JOIN_UNION) {
    impossible(!unionsAt(party, time).includes(detail), "a member joins");
    return withPlace(party, placeOf(party, 0, time), { union: detail }, time);
  }
  if (kind >= PARTY_ACT.LEAVE_UNION && kind <= PARTY_ACT.REVOKE_EJECTION) return leaveOrStay(party, isOnMember(act) ? by : detail, act, time);
  if (kind === 15) return release(party, take(office), time); // cancel a replacement
  if (kind === 18) office.lifts += 1;
  const changes = {
    2: { authority_keys: party.authority_keys + 1 }, 3: { authority_keys: party.authority_keys - 1 }, 4: { authority_threshold: detail },
    7: { threshold: detail }, 16: { opened: 1 }, 18: { frozen: 0 },
  };
  return { ...party, ...changes[kind] };
}

function leaveOrStay(party, union, act, time) {
  const { act: kind, effective } = act.values, byUnion = isOnMember(act) ? 1 : 0;
  const place = placeOf(party, union, time), leaves = party[`leaves_${place}`], theirs = party[`ejected_${place}`] !== byUnion;
  if (kind !== PARTY_ACT.LEAVE_UNION && kind !== PARTY_ACT.EJECT_MEMBER) {
    impossible(leaves !== 0 && !theirs, "a notice that was not given is revoked");
    return withPlace(party, place, { union }, time);
  }
  if (effective === 0) return withPlace(party, place, {}, time);
  const day = effective / DAY_S, noticed = leaves !== 0 && (theirs || day >= leaves);
  impossible(Number.isInteger(day) && effective > time && effective <= time + LONGEST_NOTICE_S && !noticed, "the day of a notice");
  return withPlace(party, place, { union, leaves: day, ejected: byUnion }, time);
}

/** The place that holds a union at a time or, for union 0, the first free one. */
const placeOf = (party, union, time) => [1, 2, 3, 4].find((place) => unionIn(party, place, time) === union) ?? refuse("ReplayDiffers", "no such membership");
const withPlace = (party, place, { union = 0, leaves = 0, ejected = 0 }, time) =>
  touched(party, { [`union_${place}`]: union, [`leaves_${place}`]: leaves, [`ejected_${place}`]: ejected }, time);

/** Replay the resolutions on the network; at a seam (its time) the named succession is carried out. Returns the last one named, or null. */
export function replayNetwork(acts, seams) {
  let named = null, ahead = [...seams];
  const cross = (until) => {
    if (ahead.some((seam) => seam < until)) named = null;
    ahead = ahead.filter((seam) => seam >= until);
  };
  for (const act of acts) {
    cross(act.recordedAt);
    const next = act.message === "Succession" ? act.values : null;
    impossible((next !== null) === (named === null), "a successor is named once, and cancelled before another one");
    named = next;
  }
  cross(END_OF_TIME);
  return named;
}

/** Replay a pair's acts. Returns {lanes, withholdings, pair}: of each lane and each entry its states, [time, word] each; and the pair's word. */
export function replayPair(acts, isOfPair) {
  const lanes = [], withholdings = new Map(), pair = { lanes: 0, withheld: 0, amendments: 0, lane_acts: 0 };
  const lane = (number, mayBegin) => {
    if (number === lanes.length && mayBegin) lanes.push([]);
    return lanes[number] ?? refuse("ReplayDiffers", "the pair has no such lane");
  };
  for (const act of acts) {
    const { message, values, recordedAt: time } = act;
    if (message === "Withholding") {
      const made = { withheld: values.withheld, changed_at: time, serial: values.serial };
      withholdings.set(values.entry, [...withholdings.get(values.entry) ?? [], [time, made]]);
      pair.withheld += values.withheld;
    } else if (message === "LaneAct") {
      const states = lane(values.lane, false);
      impossible(states.at(-1)[1].generation === values.generation, "the lane's generation");
      states.push([time, alterLane(states.at(-1)[1], values, time)]);
      if (values.act !== LANE_END) pair.lane_acts += 1;
    } else {
      for (const named of values.recognitions.filter(isOfPair)) {
        const states = lane(named.lane, message === "Conclusion");
        states.push([time, makeLane(act, named, states.at(-1)?.[1], time)]);
        Object.assign(pair, { lanes: lanes.length, amendments: named.amendment });
      }
    }
  }
  return { lanes, withholdings, pair };
}

const nextChange = (lane) => Math.min(lane.changes + 1, MOST_LANE_CHANGES);

function makeLane({ message, values }, { types, roles, directions, benefits, in_force_from, until }, old, time) {
  const amends = message === "Amendment";
  return {
    state: old && amends ? old.state : OPEN, arrangement: nameOf(values), types, roles, directions, benefits, in_force_from, until, changed_at: time,
    changes: old ? nextChange(old) : 0, generation: old ? old.generation + (amends ? 0 : 1) : 0,
  };
}

function alterLane(lane, { act, until }, time) {
  const changed = { ...lane, changed_at: time, changes: nextChange(lane) };
  if (act === LANE_END) {
    impossible(until >= time && (lane.until === 0 || until < lane.until), "the end of a lane");
    return { ...changed, until };
  }
  impossible(lane.state === act, "a lane is suspended while open, and resumed while suspended"); // 1 suspends an open one (1), 2 resumes a suspended one (2)
  return { ...changed, state: 3 - act };
}

/** Replay an alias's acts. Returns its states, [time, {serial, changed_at, entries}] each. */
export function replayAlias(acts) {
  const states = [];
  let entries = [];
  for (const { values: { serial, binding, certificate_type: type, entry }, recordedAt: time } of acts) {
    entries = entries.filter((one) => one.binding !== binding || one.type !== type);
    if (entry !== NO_ENTRY) entries.push({ binding, type, register: registerOf(entry), entry });
    entries.sort((one, other) => one.binding - other.binding || one.type - other.type);
    states.push([time, { serial, changed_at: time, entries: [...entries] }]);
  }
  return states;
}
