// What the gateway tells of the ledger as a whole: parties, lanes, and acts in words. None of it is a verdict.
import { el, hex } from "./dom.mjs";
import { ask, listen } from "./gateway.mjs";
import { name, plural, say } from "./words.mjs";

export const parties = async () => (await ask("/v1/parties")).parties;

// Codes by number.
export const codesOf = (members) => new Map(members.map((member) => [member.number, member.code]));

// What a lane is at a time, UTC seconds.
export function stateOf(lane, now) {
  if (lane.until !== 0 && lane.until <= now) return "ended";
  if (lane.state === "suspended") return "suspended";
  return lane.in_force_from === 0 || lane.in_force_from > now ? "waits" : "in_force";
}

export const stateInWords = (state) => ({ ended: say("ended"), suspended: say("suspended by the recogniser"), waits: say("signed, not in force"), in_force: say("in force") })[state];

// What items must share to be told as one: a publication changes hundreds of certificates in one block.
export const keyOf = (item) => [item.block, item.about, item.what, item.register, item.recogniser, item.party].join(" ");

// Items of one key as a sentence.
export function tellItems(items, codes) {
  const [first] = items;
  if (items.length === 1) return tellItem(first, codes);
  if (first.about !== "standing") return [tellItem({ ...first, entry: null }, codes), ` (× ${items.length})`];
  return [el("strong", {}, name("EventKind", first.what)), " – ",
    plural("{number} certificate in the register of {register}", "{number} certificates in the register of {register}", items.length, { register: codes.get(first.register) ?? String(first.register) })];
}

// An item of news as a sentence. `codes` are the parties' codes by number.
export function tellItem(item, codes) {
  const code = (number) => codes.get(number) ?? String(number), register = code(item.register), recogniser = code(item.recogniser);
  const entry = item.entry && hex(`${item.entry.slice(0, 18)}…`);
  switch (item.about) {
    case "standing": return [el("strong", {}, name("EventKind", item.what)), " – ", say("a certificate in the register of {register}", { register }), " ", entry];
    case "lanes": return say("{recogniser} and the register of {register}: what is recognised has changed", { recogniser, register });
    case "withholding": return [item.what === "withhold" ? say("{recogniser} withholds benefits from a certificate of {register}", { recogniser, register }) : say("{recogniser} grants benefits again to a certificate of {register}", { recogniser, register }), " ", entry];
    case "alias": return say("a code that {recogniser} uses for a trader was bound or released", { recogniser });
    case "party": return say("{party}: its state, its unions or its register has changed", { party: code(item.party) });
    case "register": return say("the register of {register}: its mode, its types or its keys have changed", { register });
    case "lookup_key": return say("the register of {register}: a key was recorded", { register });
    case "succession": return say("another ledger was named that follows this one");
    default: return String(item.about);
  }
}

// Every item of news that concerns a recogniser, from a block to the newest one.
export async function newsSince(block, recogniser) {
  const stop = new AbortController(), items = [];
  try {
    await listen("/v1/news", { query: { recogniser, since: String(block) }, signal: stop.signal }, ({ event, data }) => {
      if (event === "news") items.push(JSON.parse(data));
      if (event === "head") stop.abort();
    });
  } catch (error) { if (error.name !== "AbortError") throw error; }
  return items;
}
