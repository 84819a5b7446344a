// Register: the certificates of one party, by pseudonym; filters, counts, and what changed since a block.
import { el, find, hex, show, table } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask } from "./gateway.mjs";
import { recall, remember } from "./question.mjs";
import { dayOf, moment } from "./times.mjs";
import { parties } from "./told.mjs";
import { name, names, number, plural, say } from "./words.mjs";

const SHOWN = 50, PAGE = 1000;
const form = find("register"), place = find("result");
let looking = 0; // a later look ends an earlier one

async function look() {
  const turn = looking += 1, { party, status, type, since } = form.elements;
  remember(form);
  const rows = [], counts = new Map();
  let cursor, first, total = 0;
  show(place, el("p", {}, say("Reading the register…")));
  do {
    const query = { status: status.value, type: type.value.trim(), since: since.value, most: PAGE, cursor };
    const page = await ask(`/v1/registers/${encodeURIComponent(party.value)}`, { query });
    if (turn !== looking) return;
    first ??= page;
    for (const one of page.certificates) {
      total += 1;
      const key = `${one.type}\u0000${one.status}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (rows.length < SHOWN) rows.push(one);
    }
    cursor = page.cursor ?? undefined;
    tell(first, total, counts, rows, cursor === undefined);
  } while (cursor !== undefined);
}

const tell = (page, total, counts, rows, isAll) => show(place,
  el("h2", {}, plural("{number} certificate", "{number} certificates", total), !isAll && ` ${say("so far…")}`),
  el("p", { class: "hint" }, say("What the gateway says, as of block {block} of", { block: number(page.block) }), " ", moment(page.block_time), ". ", say("A register holds pseudonyms: it names no trader.")),
  counts.size > 0 && table(say("How many"), [say("Type"), say("Status"), say("Certificates")], [...counts].sort().map(([key, count]) => {
    const [type, status] = key.split("\u0000");
    return [type, name("Status", status), number(count)];
  })),
  rows.length > 0 && table(total > SHOWN ? say("The first {number}, by entry", { number: SHOWN }) : say("Certificates, by entry"),
    [say("Entry"), say("Type"), say("Status"), say("Since"), say("Until"), say("Role"), say("Last event"), say("Recorded")],
    rows.map((one) => [hex(`${one.entry.slice(0, 18)}…`), one.type, name("Status", one.status), dayOf(one.since, one.issuer), one.valid_until ? dayOf(one.valid_until, one.issuer) : "–", names("Role", one.roles),
      name("EventKind", one.event), moment(one.recorded_at)])));

const go = () => look().catch((error) => showProblem(place, error));

form.addEventListener("submit", (event) => { event.preventDefault(); go(); });
try {
  const keepers = (await parties()).filter((party) => party.keeps_register && party.register !== null);
  const kept = new URLSearchParams(location.hash.slice(1));
  show(form.elements.party, keepers.map((party) => el("option", { value: party.code }, party.code)));
  recall(form);
  form.hidden = false;
  if (kept.get("party") || keepers.length) go();
} catch (error) { showProblem(place, error); }
