// Corridor: who along a route recognises a trader, and where recognition breaks.
import { checkMany } from "./checking.mjs";
import { el, find, save, show } from "./dom.mjs";
import { askForToken } from "./frame.mjs";
import { pinned } from "./pinned.mjs";
import { demandPin, readTin, recall, remember } from "./question.mjs";
import { badge, basis, remark } from "./verdict.mjs";
import { NOT_CHECKED, NOT_RECOGNISED } from "./verifier/verify.mjs";
import { name, say } from "./words.mjs";

const MOST = 16;
const form = find("corridor"), place = find("result");

function fault(field, text) {
  find(`${field.id}-fault`).textContent = text;
  field.setAttribute("aria-invalid", text ? "true" : "false");
  if (text) field.focus();
}

// The first party on the route sees an export, the last one an import, the others transit. The trader's own party is not asked.
function readStages(tin, route, trust) {
  const prefix = tin.slice(0, 2), home = trust.byCode.get(prefix)?.number ?? trust.prefixes.get(prefix);
  return route.map((code, at) => {
    const party = trust.byCode.get(code), direction = at === 0 ? "export" : at === route.length - 1 ? "import" : "transit";
    return { code, direction, isHome: party !== undefined && party.number === home, isKnown: party !== undefined };
  });
}

async function check() {
  const { who, route } = form.elements, { trust } = pinned(), read = readTin(who.value);
  fault(who, read.fault ? say("This is not a trader's number as a register writes it: two letters for the country, then the national number.") : "");
  const codes = route.value.toUpperCase().split(/[\s,;>→-]+/).filter(Boolean);
  fault(route, codes.length < 2 || codes.length > MOST || new Set(codes).size < codes.length ? say("Needed 2 to {most} different codes.", { most: MOST }) : "");
  if (document.querySelector("[aria-invalid=true]")) return;
  remember(form);
  place.setAttribute("aria-busy", "true");
  show(place, el("p", {}, say("Asking and checking…")));
  const stages = readStages(read.tin, codes, trust), asked = stages.filter((stage) => stage.isKnown && !stage.isHome);
  const questions = asked.map(({ code, direction }) => ({ tin: read.tin, recogniser: code, direction, role: form.elements.role.value }));
  const { results, evidence, bundle } = questions.length ? await checkMany(questions) : { results: [], evidence: null };
  if (results[0]?.needsToken) askForToken(results[0].error);
  asked.forEach((stage, at) => { stage.result = results[at]; });
  tell(read.tin, stages, results, evidence, bundle);
  place.setAttribute("aria-busy", "false");
  find("told").focus();
}

function summary(stages) {
  const broken = stages.find((stage) => stage.result?.verdict === NOT_RECOGNISED);
  if (broken) return say("Recognition breaks at {party}.", { party: broken.code });
  const open = stages.filter((stage) => !stage.isKnown || stage.result?.verdict === NOT_CHECKED).map((stage) => stage.code);
  return open.length ? say("Not known: {parties} could not be checked.", { parties: open.join(", ") }) : say("Recognition holds on the whole route.");
}

function tell(tin, stages, results, evidence, bundle) {
  show(place,
    el("h2", { id: "told", tabindex: "-1" }, summary(stages)),
    el("p", { translate: "no" }, tin),
    el("ol", { class: "route" }, stages.map((stage) => el("li", {},
      el("span", { class: "place" }, stage.code), el("span", {}, name("Direction", stage.direction)),
      el("p", {}, stage.isHome ? say("home: it is not asked") : stage.isKnown ? badge(stage.result) : say("not on this ledger")),
      stage.result && el("p", { class: "hint" }, remark(stage.result))))),
    basis(results, bundle),
    evidence && el("p", { class: "actions" }, el("button", { class: "second", type: "button", onclick: () => save("evidence.json", evidence, "application/json") }, say("Download the evidence")),
      el("button", { class: "second", type: "button", onclick: () => print() }, say("Print"))));
}

form.addEventListener("submit", (event) => { event.preventDefault(); check(); });
if (demandPin()) {
  const kept = recall(form);
  form.hidden = false;
  if (kept.get("who") && kept.get("route")) check();
}
