// A participant's desk. Acts are signed by the server for whoever has the seat; answers are checked here, by the room's bundle.
import { checkOne } from "./checking.mjs";
import { el, find, show, table } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask, keepSeat, seat } from "./gateway.mjs";
import { grouped, pin, pinned, readBundle } from "./pinned.mjs";
import { readTin } from "./question.mjs";
import { badge, reasonOf, remark } from "./verdict.mjs";
import { follow, room, tellHappenings, tellPeople } from "./workshop_room.mjs";
import { name, names, number, say } from "./words.mjs";

const join = find("join"), desk = find("desk");
const outcomeOf = (form) => form.closest("details, form.panel").querySelector(".outcome");
const checked = (form, field) => [...form.querySelectorAll(`input[name="${field}"]:checked`)].map((box) => box.value);
let me, answers = [], drafted = "";

const notDone = (place, error) => showProblem(place, error, say("This was not done"));

// Sends a form's act; its button waits, and what came of it stands under the form.
function sending(form, send) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])"), place = outcomeOf(form);
    button.disabled = true;
    show(place, el("p", {}, say("Signing, and waiting for the block…")));
    try {
      const done = await send();
      show(place, done && el("p", { class: "inset" }, done));
    } catch (error) { notDone(place, error); }
    button.disabled = false;
  });
}

// ---- the seat

sending(join, async () => {
  const { code, called, party } = join.elements;
  keepSeat((await ask("/workshop/seats", { body: { code: code.value, name: called.value, party: party.value } })).seat);
  begin();
  return "";
});

async function begin() {
  let bundle;
  try {
    me = await ask("/workshop/seat");
    bundle = readBundle(JSON.stringify(await ask("/v1/trust")));
  } catch (error) {
    if (error.status !== 401) { showProblem(find("notices"), error); return; } // the seat is kept: reload when the server is back
    keepSeat("");
    join.hidden = false;
    desk.hidden = true;
    find("title").textContent = say("Workshop");
    return;
  }
  if (pinned()?.fingerprint !== bundle.fingerprint) pin(bundle);
  join.hidden = true;
  desk.hidden = false;
  find("title").textContent = `${me.party}: ${me.name}`;
  show(find("notices"), el("p", { class: "inset" }, say("This browser now pins the bundle of this room. Compare its fingerprint with the facilitator's:"), " ", el("code", { translate: "no" }, grouped(bundle.fingerprint))));
  fill();
  guide();
  follow(hear).catch((error) => { keepSeat(""); showProblem(find("notices"), error, say("You have no seat any more")); begin(); });
}

async function hear(state) {
  tellHappenings(find("happens"), state.happenings);
  tellPeople(find("people"), state.tables);
  tellDrafts(state.drafts);
  await Promise.all(answers.map(check));
}

// ---- the exercises

function guide() {
  const exercise = room.exercises[me.exercise], last = me.exercise === room.exercises.length - 1;
  find("exercise").textContent = exercise.stage;
  const at = Math.min(me.step, exercise.steps.length);
  show(find("guide"),
    el("p", {}, exercise.aim),
    el("ol", { class: "tasks" }, exercise.steps.map((step, place) => el("li", { "aria-current": place === at ? "step" : null, class: place < at ? "done" : null },
      el("p", {}, place < at && el("span", { class: "sign", "aria-hidden": "true" }, "✓ "), el("a", { href: `#${step.tool}`, onclick: () => open(step.tool) }, step.does)),
      place <= at && el("p", { class: "hint" }, say("You should see:"), " ", step.sees)))),
    el("p", { class: "actions" },
      (me.step > 0 || me.exercise > 0) && el("button", { class: "second", type: "button", onclick: () => move(-1) }, say("Back")),
      !(last && at === exercise.steps.length) && el("button", { type: "button", onclick: () => move(1) }, at >= exercise.steps.length ? say("Next exercise") : say("I see it: go on"))));
}

const open = (tool) => { if (find(tool).tagName === "DETAILS") find(tool).open = true; };

async function move(by) {
  let { exercise, step } = me;
  step += by;
  if (step > room.exercises[exercise].steps.length) { exercise += 1; step = 0; }
  if (step < 0) { exercise -= 1; step = room.exercises[exercise].steps.length; }
  try {
    await ask("/workshop/progress", { body: { exercise, step } });
    me = { ...me, exercise, step };
    guide();
    find("exercise").focus();
  } catch (error) { notDone(find("notices"), error); }
}

// ---- what the forms offer at this table

const typesOf = (party) => room.types[party];
const boxes = (field, values) => values.map((value) => el("label", {}, el("input", { type: "checkbox", name: field, value, checked: true }), ` ${value}`));

function fill() {
  show(find("own-type"), typesOf(room.registers[me.party]).map((type) => el("option", { value: type }, type)));
  show(find("ours"), boxes("ours", typesOf(room.registers[me.party])));
  const other = find("other");
  [...other.options].forEach((option) => { option.disabled = option.value === me.party; });
  if (other.value === me.party) other.value = [...other.options].find((option) => option.value !== me.party).value;
  const theirs = () => show(find("theirs"), boxes("theirs", typesOf(room.registers[other.value])));
  other.addEventListener("change", theirs);
  theirs();
  const sample = room.samples[me.party], head = room.samples[""];
  show(find("samples"),
    sample && el("button", { class: "second", type: "button", onclick: () => { find("text").value = sample; } }, say("Fill in an invented register of {party}", { party: me.party })),
    el("button", { class: "second", type: "button", onclick: () => { find("text").value = head; } }, say("Fill in the line of headings")));
}

// ---- acts

const certificates = find("certificates").querySelector("form");
const act = find("act");
act.addEventListener("change", () => { find("granted").hidden = act.value !== "grant"; });
sending(certificates, async () => {
  const { tin, type, reason, accept_odd: odd } = certificates.elements;
  const body = { act: act.value, tin: readTin(tin.value).tin ?? tin.value, type: type.value, reason: reason.value, accept_odd: odd.checked, roles: act.value === "grant" ? checked(certificates, "roles") : [] };
  const done = await ask("/workshop/certificates", { body });
  return say("{trader} type {type}: {status}, sealed and proven.", { trader: done.trader, type: body.type, status: name("Status", done.status) });
});

const file = find("file"), imported = find("import").querySelector("form");
file.addEventListener("change", async () => { if (file.files[0]) find("text").value = await file.files[0].text(); });
sending(imported, async () => {
  const { certificates: count } = await ask("/workshop/imports", { body: { text: find("text").value, accept_odd: imported.elements.accept_odd.checked } });
  return say("{number} certificates were changed, sealed and proven.", { number: number(count) });
});

// ---- an arrangement

const terms = find("arrangement").querySelector("form");

function readTerms() {
  const other = find("other").value, directions = checked(terms, "directions"), benefits = checked(terms, "benefits");
  const side = (recogniser, register, types) => ({ recogniser, register: room.registers[register], types, directions, benefits });
  const sides = [side(me.party, other, checked(terms, "theirs")), side(other, me.party, checked(terms, "ours"))].filter((one) => one.types.length > 0);
  return { name: find("name").value, recognitions: sides };
}

find("try").addEventListener("click", async () => {
  const place = find("tried-outcome"), read = readTin(find("tried").value);
  if (read.fault) { showProblem(place, new Error(read.fault)); return; }
  try {
    const body = { terms: { ...readTerms(), name: find("name").value || "-" }, tin: read.tin, recogniser: me.party, direction: find("try-direction").value, role: find("try-role").value };
    const found = await ask("/workshop/trials", { body });
    show(place, el("div", { class: "inset" }, el("p", {}, el("strong", {}, found.recognised ? say("It would be recognised.") : say("It would not be recognised."))),
      el("p", {}, found.recognised ? names("Benefit", found.benefits) : names("Reason", found.reasons)), el("p", { class: "hint" }, say("This is a trial, and no proof."))));
  } catch (error) { showProblem(place, error); }
});

sending(terms, async () => {
  const offered = await ask("/workshop/drafts", { body: readTerms() });
  return offered.missing.length ? say("Signed by you. {others} must sign too.", { others: offered.missing.join(", ") }) : say("Concluded: sealed and proven.");
});

function tellDrafts(drafts) {
  const own = drafts.filter((draft) => draft.by === me.party || draft.missing.includes(me.party)), now = JSON.stringify(own);
  if (now === drafted) return; // whoever reads one, or stands on its button, is not thrown out by what others do
  drafted = now;
  show(find("drafts"), own.map((draft) => {
    const mine = draft.missing.includes(me.party), place = el("div", { role: "status" });
    const send = (path) => async (event) => {
      event.target.disabled = true;
      try { await ask(path, { body: {} }); } catch (error) { notDone(place, error); event.target.disabled = false; }
    };
    return el("section", { class: "panel" },
      el("h2", {}, mine ? say("{party} offers you an arrangement", { party: draft.by }) : say("Your offer waits for {others}", { others: draft.missing.join(", ") })),
      el("details", {}, el("summary", {}, say("Read what it says")), el("pre", { lang: "en", tabindex: "0" }, draft.text), el("ul", { lang: "en" }, draft.reads.map((line) => el("li", {}, line)))),
      el("p", { class: "actions" },
        mine && el("button", { type: "button", onclick: send(`/workshop/drafts/${draft.number}/signature`) }, say("Sign it")),
        el("button", { class: "second", type: "button", onclick: send(`/workshop/drafts/${draft.number}/end`) }, mine ? say("Decline it") : say("Take it back"))),
      place);
  }));
}

// ---- questions that stay on the screen

const asking = find("ask").querySelector("form");
asking.addEventListener("submit", (event) => {
  event.preventDefault();
  const read = readTin(find("asked").value);
  if (read.fault) { showProblem(outcomeOf(asking), new Error(read.fault)); return; }
  show(outcomeOf(asking));
  const question = { tin: read.tin, recogniser: me.party, direction: find("ask-direction").value, role: find("ask-role").value };
  answers = [{ question, row: null }, ...answers.filter((one) => one.question.tin !== question.tin)].slice(0, 5);
  answers.forEach(check);
});

async function check(answer) {
  const { result } = await checkOne(answer.question);
  const isNew = answer.verdict !== undefined && answer.verdict !== result.verdict;
  Object.assign(answer, { verdict: result.verdict, result, isNew });
  show(find("answers"), answers.filter((one) => one.result).map((one) => el("section", { class: one.isNew ? "answer arrives" : "answer" },
    el("p", {}, el("strong", { translate: "no" }, one.question.tin), " – ", name("Direction", one.question.direction), " – ", name("Role", one.question.role)),
    el("p", {}, badge(one.result), " ", remark(one.result)),
    one.result.asOf && el("p", { class: "hint" }, say("Checked in this browser, as of block {number}", { number: one.result.asOf.number })))));
}

// ---- figures

find("count").addEventListener("click", async () => {
  const place = find("counts");
  try {
    const { counts } = await ask("/workshop/figures");
    show(place, table(say("Answers in this room"), [say("Recogniser"), say("Register"), say("Verdict"), say("Reason"), say("Count")],
      counts.map((one) => [one.recogniser, one.register || "–", badge({ verdict: one.verdict }), one.reason ? reasonOf({ code: one.reason }) : "–", number(one.count)])));
  } catch (error) { showProblem(place, error); }
});

if (location.hash.length > 1 && !find(location.hash.slice(1))) join.elements.code.value = decodeURIComponent(location.hash.slice(1));
if (seat()) begin(); else join.hidden = false;
