// Feed: acts as they are sealed. The list begins a little before now, and grows by itself.
import { el, find, show } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask, GatewayError, listen } from "./gateway.mjs";
import { rememberRecogniser } from "./question.mjs";
import { moment } from "./times.mjs";
import { codesOf, keyOf, parties, tellItems } from "./told.mjs";
import { number, say } from "./words.mjs";

const BACK = 500, MOST = 100, AGAIN_MS = 2000;
const form = find("feed"), list = find("items"), state = find("state");
let stream = new AbortController();

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const add = (isNew, ...content) => {
  list.prepend(el("li", { class: isNew ? "arrives" : undefined }, content));
  while (list.children.length > MOST) list.lastChild.remove();
};

// Acts of one kind in one block are one line, which counts them.
let group = { key: "", items: [] };
function addItem(item, isNew, codes) {
  const key = keyOf(item);
  if (key === group.key) list.firstChild.remove();
  group = { key, items: key === group.key ? [...group.items, item] : [item] };
  add(isNew, el("p", { class: "when" }, moment(item.time), el("br"), say("block {number}", { number: number(item.block) })), el("p", {}, isNew && [el("span", { class: "new" }, say("new")), " "], tellItems(group.items, codes)));
}

async function follow(recogniser, codes, signal) {
  const { block } = await ask("/healthz");
  let since = String(Math.max(0, block - BACK)), isNew = false;
  while (!signal.aborted) {
    try {
      await listen("/v1/news", { query: { recogniser, since }, signal }, ({ event, id, data }) => {
        since = id || since;
        const told = JSON.parse(data);
        if (event === "news") addItem(told, isNew, codes);
        if (event === "gap") add(true, el("p", { class: "when" }, say("a gap")), el("p", {}, say("What happened between {since} and {until} cannot be told any more: ask again about everything.", told)));
        if (event === "head") {
          isNew = true;
          show(state, say("Everything up to block {number} of", { number: number(told.block) }), " ", moment(told.time), say(". New acts appear by themselves."));
        }
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof GatewayError) || error.family !== "unavailable") throw error;
    }
    if (!signal.aborted) show(state, say("The gateway has ended the stream; asking again…"));
    await sleep(AGAIN_MS);
  }
}

try {
  const members = await parties(), codes = codesOf(members), chosen = form.elements.recogniser;
  const begin = () => {
    stream.abort();
    stream = new AbortController();
    show(list);
    group = { key: "", items: [] };
    rememberRecogniser(chosen.value);
    follow(chosen.value, codes, stream.signal).catch((error) => showProblem(state, error));
  };
  const last = localStorage.getItem("aeo-ledger.recogniser");
  show(chosen, members.map((member) => el("option", { value: member.code, selected: member.code === last }, member.code)));
  chosen.addEventListener("change", begin);
  form.hidden = false;
  begin();
} catch (error) { showProblem(state, error); }
