// The page of verify.html: a file is dropped, a trader typed, a verdict read. No network is asked; nothing is kept.
import { Refused, demand } from "../verifier/errors.mjs";
import { openDocument } from "../verifier/documents.mjs";
import { KINDS, DIRECTIONS, ROLES } from "../verifier/vocabulary.mjs";
import { openSnapshot } from "../verifier/snapshot.mjs";
import { normalise } from "../verifier/tin.mjs";
import { encodeTrust, fingerprint, parseTrust } from "../verifier/trust.mjs";
import { verifyUpdate } from "../verifier/update.mjs";
import { verify } from "../verifier/verify.mjs";
import { el, facts, find, mono, options, save, show } from "./dom.mjs";
import { showVerdict } from "./verdict.mjs";
import { moment, name, refusal, say, speak, span, spokenLanguage } from "./words.mjs";

const GIVEN = find("trust"); // the bundle, and what the command that wrote the file was told
const MAX_AGE_S = Number(GIVEN.dataset.maxAge);
const MOST_BYTES = 1 << 27; // of a snapshot, the longest document
const NEWEST_S = 300; // of a trust update

const AGES = [...new Set([300, 3_600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400, MAX_AGE_S])].sort((one, other) => one - other);

const clock = () => Math.floor(Date.now() / 1000);

let trust = parseTrust(GIVEN.textContent);
let held = null; // {kind: "evidence", data, questions} or {kind: "snapshot", data, snapshot, maxAge}
let last = null; // the outcome that is shown, to show it again in another language
let chosen = null; // the file that was given last
let turn = 0; // counts files, so that one which is overtaken is dropped

// ---- what is pinned

function showTrust() {
  const expires = Number(trust.checkpoint.time) + Number(trust.period);
  find("pinned-short").textContent = say("pinned_short", { parties: trust.parties.map((party) => party.code).join(", "), time: moment(expires) });
  show(find("pinned-facts"), el("p", {}, say("pinned_why")), facts([
    [say("fingerprint"), mono(fingerprint(trust))],
    [say("parties"), trust.parties.map((party) => `${party.code} ${party.name}`).join("; ")],
    [say("chain"), [String(trust.chain.id), el("br"), mono(trust.chain.genesis)]],
    [say("checkpoint"), say("block", { number: trust.checkpoint.number, time: moment(Number(trust.checkpoint.time)) })],
    [say("expires"), moment(expires)],
    [say("validators"), el("ul", {}, trust.validators.map((one) => el("li", {}, mono(one))))],
  ]), el("p", {}, el("button", { type: "button", class: "second", click: () => save("trust.json", `${encodeTrust(trust)}\n`, "application/json") }, say("save_trust"))));
  const problem = clock() >= expires ? "TrustExpired" : null;
  find("trust-problem").hidden = problem === null;
  find("trust-problem").textContent = problem === null ? "" : refusal(problem);
}

// ---- the file

const maxAge = () => Number(find("age").value);

async function take(file) {
  const mine = ++turn, state = find("file-state"), progress = find("progress");
  chosen = file;
  held = null;
  last = null;
  find("result").hidden = true;
  show(state, say("reading", { file: file.name }));
  try {
    demand(file.size <= MOST_BYTES, "MalformedDocument", "too long");
    const data = new Uint8Array(await file.arrayBuffer()), { value } = openDocument(data, MOST_BYTES);
    const format = typeof value?.format === "string" ? value.format : "";
    if (format.startsWith("aeo-ledger/trust-update/")) takeUpdate(data, file.name);
    else if (format.startsWith("aeo-ledger/snapshot/")) {
      progress.hidden = false;
      const opened = { kind: "snapshot", data, file: file.name, maxAge: maxAge() };
      opened.snapshot = await openSnapshot(data, trust, { now: clock(), maxAge: opened.maxAge, onProgress: (part) => { if (mine === turn) progress.value = part; } });
      if (mine !== turn) return;
      held = opened;
    } else {
      held = { kind: "evidence", data, file: file.name, questions: Array.isArray(value?.questions) ? value.questions : [] };
      suggest(held.questions[0]);
    }
    if (held) showHeld();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (mine === turn) show(state, el("strong", {}, say("file_refused")), " ", refusal(error.code), el("br"), mono(`${error.code}: ${error.message}`));
  } finally {
    if (mine === turn) {
      progress.hidden = true;
      progress.value = 0;
    }
  }
}

function showHeld() {
  const { kind, file } = held;
  if (kind === "evidence") show(find("file-state"), say("holds_evidence", { file, questions: held.questions.length }));
  else {
    const { place } = held.snapshot.block;
    show(find("file-state"), say("holds_snapshot", { file, number: place.number, time: moment(place.time), age: span(clock() - place.time) }));
  }
}

function takeUpdate(data, file) {
  const moved = verifyUpdate(data, trust, { now: clock(), maxAge: Math.max(NEWEST_S, maxAge()) });
  trust = moved.trust;
  showTrust();
  show(find("file-state"), say("trust_moved", { file, number: trust.checkpoint.number, time: moment(Number(trust.checkpoint.time)) }));
}

/** Fill in the circumstances of the evidence's first question, which the reader may change. The trader is always the reader's own. */
function suggest(question) {
  for (const part of ["recogniser", "direction", "role", "register", "type"]) {
    const select = find(part), value = String(question?.[part] ?? "");
    if ([...select.options].some((option) => option.value === value)) select.value = value;
  }
  find("on").value = Number.isInteger(question?.on) ? new Date(question.on * 1000).toISOString().slice(0, 19) : "";
}

// ---- the question

function wrong(message) {
  const place = find("tin-wrong"), input = find("tin");
  place.textContent = message;
  place.hidden = message === "";
  find("tin-field").classList.toggle("is-wrong", message !== "");
  input.setAttribute("aria-invalid", String(message !== ""));
  if (message) input.focus();
}

/** What the reader typed for the trader: the part of a question, and how it was read. Null if no trader is meant. */
function readTrader() {
  const typed = find("tin").value, kind = find("kind").value;
  find("tin-read").textContent = "";
  if (kind) {
    const alias = typed.trim().toUpperCase().replace(kind === "GLN" || kind === "DUNS" ? /[\s-]/g : /\s/g, "");
    if (!KINDS[kind][1].test(alias)) return wrong(say("wrong_alias", { kind })), null;
    return { part: { kind, alias }, typed, done: [], kind };
  }
  try {
    const found = normalise(typed, null);
    wrong("");
    if (found.done.length) find("tin-read").textContent = say("read_as", { tin: found.tin, done: found.done.map((step) => name("spellings", step)).join(", ") });
    return { part: { tin: found.tin }, typed, done: found.done, kind: "" };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return wrong(name("faults", error.fault)), null;
  }
}

function readQuestion(trader) {
  const question = { ...trader.part, recogniser: find("recogniser").value, direction: find("direction").value, role: find("role").value };
  if (find("register").value) question.register = find("register").value;
  if (find("type").value) question.type = find("type").value;
  if (find("on").value) question.on = Math.floor(Date.parse(`${find("on").value}Z`) / 1000);
  return question;
}

async function ask(event) {
  event.preventDefault();
  const trader = readTrader();
  if (trader === null) return;
  if (held === null) {
    if (chosen === null) show(find("file-state"), el("strong", {}, say("no_file"))); // else it says why the file could not be used
    find("file").focus();
    return;
  }
  wrong("");
  const now = clock(), question = readQuestion(trader);
  const result = held.kind === "evidence" ? verify(held.data, trust, question, { now, maxAge: maxAge() }) : await askSnapshot(question, now);
  last = { result, trader, now };
  showLast();
  find("result").focus();
  find("result").scrollIntoView({ block: "start" });
}

async function askSnapshot(question, now) {
  held.snapshot.maxAge = maxAge(); // the reader may have chosen another since it was opened
  return held.snapshot.decide(question, { now, named: find("named").value.trim() || undefined });
}

const showLast = () => showVerdict(find("result"), last.result, last.trader, trust, last.now);

// ---- words

function showWords() {
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = say(place.dataset.word);
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === spokenLanguage()));
  document.title = `${say("title")} - AEO Ledger`;
  const parties = trust.parties.map((party) => [party.code, `${party.code} ${party.name}`]);
  options(find("kind"), [["", say("kind_tin")], ...Object.keys(KINDS).map((kind) => [kind, kind])]);
  options(find("recogniser"), parties);
  options(find("direction"), DIRECTIONS.map((one) => [one, name("directions", one)]));
  options(find("role"), ROLES.map((one) => [one, name("roles", one)]));
  options(find("register"), [["", say("any_register")], ...parties]);
  options(find("type"), [["", say("any_type")], ...[...new Set(trust.parties.flatMap((party) => party.types))].map((type) => [type, type])]);
  options(find("age"), AGES.map((seconds) => [String(seconds), span(seconds)]));
  showTrust();
  wrong("");
  if (held) showHeld();
  if (last) showLast();
}

function start() {
  const language = navigator.languages.map((one) => one.slice(0, 2)).find((one) => one === "ru" || one === "en") ?? "en";
  speak(language);
  showWords();
  find("age").value = String(MAX_AGE_S);
  if (GIVEN.dataset.recogniser) find("recogniser").value = GIVEN.dataset.recogniser;
  find("role").value = "exporter";
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      speak(button.dataset.language);
      showWords();
    });
  }
  find("form").addEventListener("submit", ask);
  find("kind").addEventListener("change", () => { find("named-field").hidden = find("kind").value === ""; });
  find("age").addEventListener("change", () => { if (chosen && !held) take(chosen); }); // it may have been too old
  find("file").addEventListener("change", ({ target }) => { if (target.files.length) take(target.files[0]); });
  const drop = find("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
  if (find("file").files.length) take(find("file").files[0]); // it was given before the program ran
}

start();
