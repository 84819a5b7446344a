// Blocks: who sealed each, checked here against the pinned validators; what was done in it, in words; and how the gateway stands.
import { el, facts, find, hex, show } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask } from "./gateway.mjs";
import { pinned } from "./pinned.mjs";
import { moment } from "./times.mjs";
import { codesOf, keyOf, newsSince, parties, tellItems } from "./told.mjs";
import { Refused } from "./verifier/errors.mjs";
import { parseHeader, verifySeals } from "./verifier/header.mjs";
import { number, say } from "./words.mjs";

const SHOWN = 12;
const form = find("blocks"), place = find("result"), health = find("health"), older = find("older");
let lowest, codes, turn = 0; // a later look ends an earlier one

// What a header's seals are worth to this browser.
function judge(header) {
  const trust = pinned()?.trust;
  if (trust === undefined) return say("Seals: {number}; not checked, since no trust bundle is pinned", { number: header.seals.length });
  if (header.number === 0n) return say("the first block: nobody seals it");
  try {
    return say("✓ sealed by {found} of {all} pinned validators, checked here", { found: verifySeals(header, trust.validators, trust.forks).length, all: trust.validators.length });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [say("✕ not sealed as the pinned bundle demands:"), " ", el("span", { lang: "en" }, error.message)];
  }
}

const grouped = (items) => [...items.reduce((groups, item) => groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]), new Map()).values()];

const tell = (at, header, done) => el("li", {},
  el("p", { class: "when" }, el("strong", {}, say("block {number}", { number: number(at) })), el("br"), moment(Number(header.time))),
  el("div", {}, el("p", {}, judge(header)), el("p", {}, hex(header.hash)), done.length > 0 && el("ul", {}, grouped(done).map((group) => el("li", {}, tellItems(group, codes))))));

async function more(own) {
  const highest = lowest - 1, since = Math.max(-1, highest - SHOWN);
  if (highest < 0) return;
  const items = await newsSince(Math.max(0, since), form.elements.recogniser.value);
  const told = await Promise.all(Array.from({ length: highest - since }, async (_, place) => {
    const at = highest - place, { header } = await ask(`/v1/blocks/${at}`);
    return tell(at, parseHeader(header), items.filter((item) => item.block === at));
  }));
  if (own !== turn) return;
  lowest = since + 1;
  place.append(...told);
  older.hidden = lowest === 0;
}

async function begin(own) {
  const told = await ask("/healthz");
  if (own !== turn) return;
  show(health, facts([
    [say("The gateway says"), el("span", { lang: "en" }, told.status)], [say("Trouble"), told.trouble && el("span", { lang: "en" }, told.trouble)],
    [say("Index"), told.index ? el("span", { lang: "en" }, told.index) : say("it follows its node, and is compared with the sealed root at each block")],
    [say("Newest block"), [number(told.block), ", ", moment(told.block_time)]],
    [say("Audit"), [say("Whether the blocks do what their acts say is found by executing them again:"), " ", el("code", {}, "aeo-ledger audit")]],
  ]));
  lowest = told.block + 1;
  show(place);
  await more(own);
}

const go = (act) => act(turn += 1).catch((error) => showProblem(health, error));
older.addEventListener("click", () => go(more));
try {
  const members = await parties();
  codes = codesOf(members);
  show(form.elements.recogniser, members.map((member) => el("option", { value: member.code, selected: member.code === localStorage.getItem("aeo-ledger.recogniser") }, member.code)));
  form.elements.recogniser.addEventListener("change", () => go(begin));
  form.hidden = false;
  go(begin);
} catch (error) { showProblem(health, error); }
