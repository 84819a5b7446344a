// Office: files that wait for signatures are read here, and arrangements are drafted. Nothing is signed, and no key is asked for.
import { el, find, save, show } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask } from "./gateway.mjs";
import { pinned } from "./pinned.mjs";
import { demandPin, nameOf } from "./question.mjs";
import { language, say } from "./words.mjs";

const PLACE = "aeo-ledger.acts", MOST = 20, LARGEST = Number(find("files").dataset.largest);

// ---- files that wait

const kept = () => { try { return JSON.parse(localStorage.getItem(PLACE) ?? "[]").filter((one) => typeof one?.name === "string" && typeof one?.text === "string"); } catch { return []; } };

function keep(files) {
  try { localStorage.setItem(PLACE, JSON.stringify(files.slice(0, MOST))); } catch { show(find("notices"), el("p", { class: "inset" }, say("This browser keeps no more files: remove some."))); }
  tell();
}

find("files").addEventListener("change", async (event) => {
  const chosen = [...event.target.files], files = chosen.filter((file) => file.size <= LARGEST);
  const read = await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() })));
  event.target.value = "";
  show(find("notices"), chosen.filter((file) => file.size > LARGEST).map((file) => el("p", { class: "problem" }, say("{name} is too large for this page: look at it with the command line.", { name: file.name }))));
  keep([...read, ...kept().filter((one) => !read.some((other) => other.name === one.name))]);
});

const quoted = (name) => `'${name.replace(/^-/, "./-").replaceAll("'", "'\\''")}'`;
const list = (title, lines) => lines.length > 0 && [el("h4", {}, title), el("ul", {}, lines.map((line) => el("li", {}, line)))];

async function look(file, place) {
  let document;
  try { document = JSON.parse(file.text); } catch { document = null; }
  const isPlan = String(document?.format).startsWith("aeo-ledger/register-plan/");
  if (!isPlan && !String(document?.format).startsWith("aeo-ledger/act-file/")) { showProblem(place, new Error(say("{name} is neither an act file nor a plan.", { name: file.name }))); return; }
  try {
    const told = await ask(isPlan ? "/console/office/plan" : "/console/office/act", { body: `{"file":${file.text},"language":"${language}"}` });
    const signs = isPlan ? "aeo-ledger register sign" : "aeo-ledger act sign", sends = isPlan ? "aeo-ledger register apply" : "aeo-ledger act submit";
    show(place,
      isPlan ? el("pre", { tabindex: "0" }, told.told.join("\n")) : el("ul", {}, told.told.map((line) => el("li", {}, line))),
      told.refused && el("p", { class: "problem" }, say("The ledger would refuse it: {why}", { why: told.refused })),
      list(say("Signed"), told.signed), list(say("Missing"), told.missing),
      el("p", {}, told.missing.length > 0 ? say("Sign it where your key is:") : say("Everybody has signed. Send it:"), " ",
        el("code", {}, `${told.missing.length > 0 ? signs : sends} ${quoted(file.name)} --trust trust.json${told.missing.length > 0 ? " --key KEY" : ""}`)));
  } catch (error) { showProblem(place, error); }
}

function tell() {
  const files = kept();
  show(find("opened"), files.length === 0 ? el("p", {}, say("None is open.")) : files.map((file) => {
    const place = el("div", {}, el("p", {}, say("Reading…")));
    look(file, place);
    return el("section", { class: "panel" }, el("h3", { translate: "no" }, file.name), place,
      el("p", { class: "actions" }, el("button", { class: "second", type: "button", onclick: () => keep(kept().filter((one) => one.name !== file.name)) }, say("Remove {name} from this browser", { name: file.name }))));
  }));
}

// ---- a draft

const form = find("terms");

function offer() {
  const parties = pinned().trust.parties;
  const options = (chosen) => parties.map((party, place) => el("option", { value: party.code, selected: place === chosen, lang: "en" }, nameOf(party)));
  show(find("one"), options(0));
  show(find("other"), options(1));
  for (const id of ["one", "other"]) find(id).addEventListener("change", scopes);
  scopes();
  form.hidden = false;
}

function scopes() {
  const party = (code) => pinned().trust.parties.find((one) => one.code === code);
  [...find("other").options].forEach((option) => { option.disabled = option.value === find("one").value; });
  if (find("other").value === find("one").value) find("other").value = [...find("other").options].find((option) => !option.disabled).value;
  const side = (recogniser, register, field) => el("fieldset", {}, el("legend", {}, say("{recogniser} recognises these types of {register}", { recogniser, register })),
    el("div", { class: "choices" }, party(register).types.length === 0 ? say("It keeps no register of its own.") : party(register).types.map((type) => el("label", {}, el("input", { type: "checkbox", name: field, value: type }), ` ${type}`))));
  const one = find("one").value, other = find("other").value;
  show(find("scopes"), side(one, other, "there"), side(other, one, "here"));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = (field) => [...form.querySelectorAll(`input[name="${field}"]:checked`)].map((box) => box.value);
  const { name, one, other, text } = form.elements, place = find("prepared");
  const side = (recogniser, register, types) => ({ recogniser, register, types, directions: chosen("directions"), benefits: chosen("benefits") });
  const recognitions = [side(one.value, other.value, chosen("there")), side(other.value, one.value, chosen("here"))].filter((terms) => terms.types.length > 0);
  try {
    const made = await ask("/console/office/draft", { body: { terms: { name: name.value, recognitions }, text: text.value } });
    const base = name.value.replace(/[^\w-]/g, "_");
    show(place, el("section", { class: "panel" }, el("h3", {}, say("Prepared, and not signed")),
      el("ul", { lang: "en" }, made.file.reads.map((line) => el("li", {}, line))),
      el("p", { class: "actions" },
        el("button", { type: "button", onclick: () => save(`${base}.act.json`, JSON.stringify(made.file, null, 1), "application/json") }, say("Download the act to sign")),
        el("button", { class: "second", type: "button", onclick: () => save(`${base}.toml`, made.text, "application/toml") }, say("Download the draft for lawyers"))),
      el("p", {}, say("Sign it where your key is:"), " ", el("code", {}, `aeo-ledger act sign ${quoted(`${base}.act.json`)} --trust trust.json --key KEY`))));
  } catch (error) { showProblem(place, error, say("This was not done")); }
});

tell();
if (demandPin()) offer();
