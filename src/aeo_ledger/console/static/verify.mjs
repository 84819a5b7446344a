// Verify: one question, one verdict, checked here.
import { el, find, show } from "./dom.mjs";
import { askForToken } from "./frame.mjs";
import { checkOne } from "./checking.mjs";
import { demandPin, offerParties, readDay, readTin, recall, remember, rememberRecogniser } from "./question.mjs";
import { inZone, zoneOf } from "./times.mjs";
import { details, keep, limits, panel, steps } from "./verdict.mjs";
import { NOT_CHECKED } from "./verifier/verify.mjs";
import { name, say } from "./words.mjs";

const form = find("question"), place = find("result");

function tellFault(field, text) {
  const message = find(`${field.id}-fault`);
  message.textContent = text;
  field.setAttribute("aria-invalid", text ? "true" : "false");
  if (text) field.focus();
}

// Reads the form: the question, and how it is told. Null if something is to be corrected first.
function readQuestion() {
  const { who, kind, recogniser, role, direction, on, type, register } = form.elements;
  tellFault(who, "");
  const typed = who.value, zone = zoneOf(recogniser.value);
  const circumstances = {
    recogniser: recogniser.value, direction: direction.value, role: role.value,
    ...(type.value.trim() && { type: type.value.trim() }), ...(register.value && { register: register.value }), ...(on.value && { on: readDay(on.value, zone) }),
  };
  const told = [
    [say("As typed"), el("span", { class: "typed", translate: "no" }, typed)],
    [say("Recogniser"), circumstances.recogniser], [say("Direction"), name("Direction", circumstances.direction)], [say("Role"), name("Role", circumstances.role)],
    [say("Certificate type"), circumstances.type], [say("Register"), circumstances.register],
    [say("On"), on.value ? inZone(circumstances.on, zone) : say("now")],
  ];
  if (kind.value) {
    const alias = typed.trim().toUpperCase();
    return { question: { kind: kind.value, alias, ...circumstances }, told: [told[0], [say("As asked"), `${kind.value} ${alias}`], ...told.slice(1)] };
  }
  const read = readTin(typed);
  if (read.fault) {
    tellFault(who, say("This is not a trader's number as a register writes it: two letters for the country, then the national number."));
    return null;
  }
  const asked = [say("As asked"), [el("strong", { translate: "no" }, read.tin), read.done.length > 0 && ` (${read.done.join(", ")})`]];
  return { question: { tin: read.tin, ...circumstances }, told: [told[0], asked, ...told.slice(1)] };
}

async function check() {
  const read = readQuestion();
  if (read === null) return;
  remember(form);
  rememberRecogniser(read.question.recogniser);
  place.setAttribute("aria-busy", "true");
  show(place, el("p", {}, say("Asking and checking…")));
  const { result, evidence, bundle, notes = [] } = await checkOne(read.question);
  if (result.needsToken) askForToken(result.error);
  const shown = [panel(result)];
  if (result.verdict !== NOT_CHECKED) {
    shown.push(notes.length > 0 && el("div", { class: "inset" }, el("p", {}, say("The gateway remarks about this number:")), el("ul", {}, notes.map((note) => el("li", { lang: "en" }, note)))),
      keep(evidence, `evidence-${result.asOf.number}.json`), steps(result), details(result, bundle, read.told), limits());
  }
  show(place, shown);
  place.setAttribute("aria-busy", "false");
  find("verdict").focus();
}

form.addEventListener("submit", (event) => { event.preventDefault(); check(); });
if (demandPin()) {
  const kept = recall(form);
  offerParties(form.elements.recogniser, { chosen: kept.get("recogniser") });
  offerParties(form.elements.register, { chosen: kept.get("register"), only: (party) => party.types.length > 0 });
  form.elements.register.prepend(el("option", { value: "", selected: !kept.get("register") }, say("as the number says")));
  form.hidden = false;
  if (kept.get("who")) check();
}
