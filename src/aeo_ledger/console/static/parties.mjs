// Parties: cards, keys, seats and validators, as the gateway tells them.
import { el, facts, find, hex, show } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask, GatewayError } from "./gateway.mjs";
import { pinned } from "./pinned.mjs";
import { moment } from "./times.mjs";
import { codesOf, parties } from "./told.mjs";
import { language, name, number, say, term } from "./words.mjs";

const place = find("parties");

const yesOrNo = (holds) => holds ? say("yes") : say("no");

// The card that the gateway holds, or null.
async function cardOf(code) {
  try { return await ask(`/v1/parties/${code}/card`); } catch (error) {
    if (error instanceof GatewayError && error.status === 404) return null;
    throw error;
  }
}

// Names in each language that the card has, each marked as what it is.
const tellNames = (names) => el("ul", { class: "plain" }, Object.entries(names).sort(([one], [other]) => (other === language) - (one === language)).map(([tag, text]) => el("li", { lang: tag }, text)));

const tellCard = (card) => card === null ? el("p", {}, say("The gateway holds no card of this party.")) : facts([
  [say("Name"), tellNames(card.names)], [say("Its days begin in"), card.time_zone],
  [say("Contact"), [card.contact.office, card.contact.email, card.contact.phone].filter(Boolean).join(", ")],
  [say("Programme"), card.programme.legal_basis], [say("Programme's page"), card.programme.link], [say("Gateway"), card.gateway],
]);

async function tellMore(member, codes, place) {
  const [card, { keys }] = await Promise.all([cardOf(member.code), ask("/v1/keys", { query: { party: member.number } })]);
  const validators = pinned()?.trust.validators ?? [];
  const unions = member.memberships.filter(({ union }) => union !== 0).map(({ union, leaves }) => [codes.get(union) ?? String(union), leaves ? [" (", say("leaves"), " ", moment(leaves), ")"] : ""]);
  show(place, facts([
    [say("Number"), number(member.number)], [say("Kind"), name("PartyKind", member.kind)],
    [say("State"), [name("PartyState", member.state), member.suspended_until ? [" ", say("until"), " ", moment(member.suspended_until)] : ""].flat()],
    [say("Seat"), yesOrNo(member.seat)], [say("Unions"), unions.length ? unions.flat(2) : term("list", "none")],
    [say("Register"), member.register === null ? say("none") : `${name("RegisterMode", member.register.mode)}: ${member.register.types.join(", ")}`],
    [say("Authority signs with"), say("{needed} of {all} keys", { needed: member.authority_threshold, all: member.authority_keys })],
    [say("Operators sign with"), say("{needed} of {all} keys", { needed: member.threshold, all: member.office.operators })],
    [say("Its operators are frozen"), yesOrNo(member.frozen)],
    [say("Keys that serve it or served it"), el("ul", { class: "plain" }, keys.map((key) => el("li", {}, hex(key), validators.includes(key) && [" ", say("(a validator)")])))],
  ]), el("h3", {}, say("Card")), tellCard(card));
}

try {
  const members = await parties(), codes = codesOf(members), names = pinned()?.trust.byCode;
  show(place, el("p", { class: "hint" }, say("What the gateway says; not checked in this browser.")), el("div", { class: "cards" }, members.map((member) => {
    const more = el("div", {}, say("Reading…"));
    const details = el("details", {}, el("summary", {}, el("strong", {}, member.code), " ", el("span", { lang: "en" }, names?.get(member.code)?.name ?? ""), " – ", name("PartyKind", member.kind),
      member.seat && `, ${say("has a seat")}`, member.register !== null && `, ${say("keeps a register")}`, member.state !== "active" && `, ${name("PartyState", member.state)}`), more);
    details.addEventListener("toggle", () => { if (details.open) tellMore(member, codes, more).catch((error) => showProblem(more, error)); });
    return details;
  })));
} catch (error) { showProblem(place, error); }
