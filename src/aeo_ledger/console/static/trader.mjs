// Trader: who recognises it, what its certificates went through, and which codes mean it.
import { checkMany } from "./checking.mjs";
import { el, find, hex, show, table } from "./dom.mjs";
import { askForToken, showProblem } from "./frame.mjs";
import { ask } from "./gateway.mjs";
import { pinned } from "./pinned.mjs";
import { demandPin, readTin, recall, remember } from "./question.mjs";
import { dayOf, moment } from "./times.mjs";
import { badge, basis, remark } from "./verdict.mjs";
import { DIRECTIONS } from "./verifier/vocabulary.mjs";
import { name, names, plural, say } from "./words.mjs";

const form = find("trader"), place = find("result"), history = find("history"), codes = find("codes");

async function tellRecognitions(tin, role) {
  const { trust } = pinned(), prefix = tin.slice(0, 2), home = trust.byCode.get(prefix)?.number ?? trust.prefixes.get(prefix);
  const recognisers = trust.parties.filter((party) => party.number !== home);
  const questions = recognisers.flatMap((party) => DIRECTIONS.map((direction) => ({ tin, recogniser: party.code, direction, role })));
  const { results, bundle } = await checkMany(questions);
  if (results[0]?.needsToken) askForToken(results[0].error);
  const rows = recognisers.map((party, at) => {
    const own = results.slice(at * DIRECTIONS.length, (at + 1) * DIRECTIONS.length), told = [...new Set(own.map((result) => result.verdict))];
    const first = own.find((result) => result.verdict === "recognised") ?? own[0];
    return [party.code, ...own.map((result) => badge(result)), told.length > 1 || first.verdict === "recognised" ? el("span", {}, remark(first)) : el("span", {}, remark(own[0]))];
  });
  show(place, el("h2", { id: "told", tabindex: "-1" }, say("Who recognises {tin}?", { tin })), basis(results, bundle),
    table(say("Each party's answer, by direction seen from it"), [say("Party"), ...DIRECTIONS.map((direction) => name("Direction", direction)), say("Because")], rows));
}

async function tellHistory(tin) {
  const found = await ask(`/v1/traders/${encodeURIComponent(tin)}/history`, { query: { accept_odd: true } });
  const held = found.certificates.filter((certificate) => certificate.events.length > 0);
  show(history, el("h2", {}, say("Its certificates in the register of {party}", { party: found.register })),
    el("p", { class: "hint" }, say("What the gateway says; not checked in this browser.")),
    held.length === 0 && el("p", {}, say("There is none.")),
    held.map((certificate) => [el("h3", {}, say("Type {type}", { type: certificate.type })),
      el("ol", { class: "timeline" }, certificate.events.map((event) => el("li", {},
        el("p", {}, el("strong", {}, name("EventKind", event.event)), " – ", name("Status", event.status), ", ", say("since"), " ", dayOf(event.since, event.issuer)),
        el("p", { class: "hint" }, say("recorded"), " ", moment(event.recorded_at), "; ", names("Role", event.roles), "; ", name("ReasonClass", event.reason)),
        el("p", { class: "hint" }, plural("signed for {issuer} by {number} key:", "signed for {issuer} by {number} keys:", event.signers.length, { issuer: event.issuer }), " ",
          event.signers.map((signer, at) => [at > 0 && ", ", hex(signer)])))))]));
}

// Which of the codes that were typed mean this trader, as RECOGNISER KIND CODE on each line: the ledger has only hashes of codes, so they must be named.
async function tellCodes(tin, role, text) {
  const asked = text.split(/\r?\n/).map((line) => line.trim().split(/[\s:]+/)).filter((parts) => parts.length === 3);
  if (asked.length === 0) return show(codes);
  const questions = asked.map(([recogniser, kind, alias]) => ({ kind: kind.toUpperCase(), alias: alias.toUpperCase(), recogniser: recogniser.toUpperCase(), direction: "import", role }));
  const { results } = await checkMany(questions);
  return show(codes, table(say("Codes under which it may be known"), [say("Code"), say("Party"), say("Means this trader")], questions.map((question, at) => [
    `${question.kind} ${question.alias}`, question.recogniser,
    results[at].verdict === "not_checked" ? [badge(results[at]), " ", remark(results[at])] : results[at].trader === tin ? say("yes") : results[at].trader === null ? say("no: nobody is bound to it") : say("no: another trader"),
  ])));
}

async function look() {
  const { who, role, aliases } = form.elements, read = readTin(who.value);
  find("who-fault").textContent = read.fault ? say("This is not a trader's number as a register writes it: two letters for the country, then the national number.") : "";
  who.setAttribute("aria-invalid", read.fault ? "true" : "false");
  if (read.fault) return who.focus();
  remember(form);
  show(place, el("p", {}, say("Asking and checking…")));
  await Promise.all([
    tellRecognitions(read.tin, role.value).catch((error) => showProblem(place, error)),
    tellHistory(read.tin).catch((error) => showProblem(history, error)),
    tellCodes(read.tin, role.value, aliases.value).catch((error) => showProblem(codes, error)),
  ]);
  return find("told")?.focus();
}

form.addEventListener("submit", (event) => { event.preventDefault(); look(); });
if (demandPin()) {
  const kept = recall(form);
  form.hidden = false;
  if (kept.get("who")) look();
}
