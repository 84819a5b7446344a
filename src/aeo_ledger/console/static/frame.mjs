// What every page does: it keeps the question when the language changes, says which gateway answers, and takes a token where one is needed.
import { el, find, show } from "./dom.mjs";
import { ask, keepToken, token } from "./gateway.mjs";
import { moment } from "./times.mjs";
import { say } from "./words.mjs";

for (const link of document.querySelectorAll("a[data-language]")) link.addEventListener("click", () => { link.hash = location.hash; });

// Shows what went wrong where its result would stand, and asks for a token if that is what is missing. Errors are English everywhere.
export function showProblem(place, error, title = say("This cannot be shown")) {
  if (error.needsToken) askForToken(error);
  show(place, el("div", { class: "problem" }, el("h2", {}, title), el("p", { lang: "en" }, error.message)));
}

export function askForToken(error) {
  const field = el("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const form = el("form", { class: "panel" },
    el("h2", {}, say("This gateway asks who you are")),
    el("p", {}, say("Paste a token of your administration's key. This browser keeps it until the tab is closed. Who holds the key makes one with this command:"), " ", el("code", {}, "aeo-ledger key token")),
    el("p", { class: "hint", lang: "en" }, error.message),
    el("label", { for: "token" }, say("Token")), field,
    el("p", { class: "actions" }, el("button", {}, say("Continue"))));
  form.addEventListener("submit", (event) => { event.preventDefault(); keepToken(field.value.trim()); location.reload(); });
  show(find("notices"), form);
}

async function tellGateway() {
  const health = await ask("/healthz");
  show(find("gateway"), say("This gateway says:"), " ", el("span", { lang: "en" }, String(health.ledger)), " ", say("Newest block: {block}, of", { block: health.block }), " ", moment(health.block_time),
    token() && el("button", { class: "quiet", onclick: () => { keepToken(""); location.reload(); } }, say("Forget the token")));
}

tellGateway().catch(() => show(find("gateway"), say("The gateway does not answer.")));
