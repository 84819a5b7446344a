// Manifest: up to a thousand traders at once, as of one block; a table and a file back.
import { checkMany, MOST_QUESTIONS } from "./checking.mjs";
import { el, find, save, show, table } from "./dom.mjs";
import { askForToken } from "./frame.mjs";
import { demandPin, offerParties, readTin, recall, rememberRecogniser } from "./question.mjs";
import { badge, basis, remark, title } from "./verdict.mjs";
import { NOT_CHECKED, NOT_RECOGNISED, RECOGNISED } from "./verifier/verify.mjs";
import { number, say } from "./words.mjs";

const form = find("manifest"), place = find("result"), lines = form.elements.lines;

// A line is a number, or a row of a table whose first number counts. A line of headings has none, and is told like any other that cannot be read.
function readLine(text, at) {
  const cells = text.split(/[;,\t]/).map((cell) => cell.trim().replace(/^"|"$/g, ""));
  const found = cells.map((cell) => readTin(cell)).find((read) => read.tin);
  return { at: at + 1, typed: text.trim(), tin: found?.tin ?? null };
}

function fault(text) {
  find("lines-fault").textContent = text;
  lines.setAttribute("aria-invalid", text ? "true" : "false");
  if (text) lines.focus();
}

async function check() {
  fault("");
  const rows = lines.value.split(/\r?\n/).map(readLine).filter((row) => row.typed !== "");
  if (rows.length === 0) return fault(say("Paste at least one number."));
  if (rows.length > MOST_QUESTIONS) return fault(say("{found} lines; at most {most} are asked at once.", { found: number(rows.length), most: number(MOST_QUESTIONS) }));
  const circumstances = { recogniser: form.elements.recogniser.value, direction: form.elements.direction.value, role: form.elements.role.value };
  rememberRecogniser(circumstances.recogniser);
  place.setAttribute("aria-busy", "true");
  show(place, el("p", {}, say("Asking and checking…")));
  const tins = [...new Set(rows.map((row) => row.tin).filter(Boolean))];
  const { results, evidence, bundle } = tins.length ? await checkMany(tins.map((tin) => ({ tin, ...circumstances }))) : { results: [] };
  if (results[0]?.needsToken) askForToken(results[0].error);
  const byTin = new Map(tins.map((tin, at) => [tin, results[at]]));
  const unread = { verdict: NOT_CHECKED, code: "MalformedTin", why: null };
  tell(rows.map((row) => ({ ...row, result: row.tin === null ? unread : byTin.get(row.tin) })), results, evidence, bundle);
  place.setAttribute("aria-busy", "false");
  find("told").focus();
}

function tell(rows, results, evidence, bundle) {
  const counts = [RECOGNISED, NOT_RECOGNISED, NOT_CHECKED].map((verdict) => [verdict, rows.filter((row) => row.result.verdict === verdict).length]);
  show(place,
    el("h2", { id: "told", tabindex: "-1" }, say("Answers")),
    el("ul", { class: "tally" }, counts.map(([verdict, count]) => el("li", {}, el("strong", {}, number(count)), " ", badge({ verdict })))),
    basis(results, bundle),
    el("p", { class: "actions" }, el("button", { class: "second", type: "button", onclick: () => save("answers.csv", write(rows), "text/csv;charset=utf-8") }, say("Download the table")),
      evidence && el("button", { class: "second", type: "button", onclick: () => save("evidence.json", evidence, "application/json") }, say("Download the evidence")),
      el("button", { class: "second", type: "button", onclick: () => print() }, say("Print"))),
    table(say("Answers, line by line"), [say("Line"), say("As typed"), say("As asked"), say("Verdict"), say("Because")],
      rows.map((row) => [number(row.at), el("span", { translate: "no" }, row.typed.slice(0, 80)), el("span", { translate: "no" }, row.tin ?? "–"), badge(row.result), remark(row.result)])));
}

// The same as a file. What was typed may be a formula to a spreadsheet, so it is marked as text.
function write(rows) {
  const cell = (value) => `"${String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
  const heads = ["line", "typed", "tin", "verdict", "verdict_in_words", "reasons", "since", "benefits", "block", "block_time"];
  const time = (seconds) => seconds === null || seconds === undefined ? "" : new Date(seconds * 1000).toISOString();
  const body = rows.map(({ at, typed, tin, result }) => [at, typed, tin, result.verdict, title(result.verdict), (result.reasons ?? []).join(" ") || result.code, time(result.since), (result.benefits ?? []).join(" "),
    result.asOf?.number, time(result.asOf?.time)]);
  return `\ufeff${[heads, ...body].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

const take = async (file) => { if (file) lines.value = await file.text(); };
const drop = find("drop");
for (const event of ["dragenter", "dragover"]) drop.addEventListener(event, (dragged) => { dragged.preventDefault(); drop.classList.add("over"); });
for (const event of ["dragleave", "drop"]) drop.addEventListener(event, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
form.elements.file.addEventListener("change", () => take(form.elements.file.files[0]));
form.addEventListener("submit", (event) => { event.preventDefault(); check(); });
if (demandPin()) {
  recall(form);
  offerParties(form.elements.recogniser);
  form.hidden = false;
}
