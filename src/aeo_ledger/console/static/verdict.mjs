// A verdict that can be read across a counter: a word, a sign and a border, and never a colour alone.
import { el, facts, hex, save } from "./dom.mjs";
import { grouped } from "./pinned.mjs";
import { dayOf, moment } from "./times.mjs";
import { NOT_RECOGNISED, RECOGNISED } from "./verifier/verify.mjs";
import { later, name, names, say, term } from "./words.mjs";

const BAD_SEAL = later("The block is not sealed as the pinned bundle demands.");
const BAD_PROOF = later("The evidence does not prove an answer.");

// Why a verdict could not be checked, by the code of the verifier's refusal.
const WHY = {
  NotPinned: later("No trust bundle is pinned in this browser."),
  NoAnswer: later("The gateway gave no answer to this question."),
  OtherQuestion: later("The gateway answered another question than yours."),
  Stale: later("The newest block that the gateway showed is too old: it hides newer ones, the network has stopped, or this computer's clock is wrong."),
  FromTheFuture: later("The block is dated in the future: this computer's clock may be wrong."),
  TrustExpired: later("The pinned trust bundle has expired: get a new one from your administration."),
  BelowCheckpoint: later("The block is older than the pinned bundle."),
  NotTheCheckpoint: later("The block is not the one that the bundle pins."),
  MalformedHeader: BAD_SEAL, HeaderBreaksRule: BAD_SEAL, UnreadableSeal: BAD_SEAL, StrangerSealed: BAD_SEAL, RepeatedSeal: BAD_SEAL, TooFewSeals: BAD_SEAL,
  KeyNeeded: later("This register is closed by keys, and a browser holds none: ask with the command line."),
  HistoryNeeded: later("The answer about this day needs signed history that the gateway did not give."),
  NotYetProvable: later("The day asked about has not come: no block can prove it."),
  Superseded: later("Another ledger has followed this one: get a new trust bundle from your administration."),
  OtherFormUnasked: later("The same trader may have another registration, about which nothing could be checked."),
  OtherFormKnown: later("Nothing is known under this number, but something under another registration that may be the same trader's: ask about that one."),
  UnknownParty: later("The pinned bundle does not know this party."),
  MalformedTin: later("This is not a trader's number."),
  MalformedAlias: later("This is not a code of the chosen kind."),
  TraderUnnamed: later("The code is bound to a trader, and the gateway does not say to which one: type the TIN."),
  AmbiguousAlias: later("The code is bound to several traders: type the TIN."),
};

// What each step of the proof says, in the order in which they are checked.
const STEPS = {
  read: later("The evidence was read: {nodes} parts of the ledger's tree."),
  question: later("It was made for exactly this question."),
  block: later("It stands in block {number}."),
  seals: later("{found} of {all} validators sealed the block; {needed} are needed. Their signatures were checked."),
  seam: later("The block is the last one of an earlier ledger, pinned as it is."),
  checkpoint: later("The block is not older than block {number}, which the bundle pins."),
  age: later("The block is {seconds} s old; {most} s are accepted."),
  contracts: later("The contracts in the block are the pinned ones."),
  history: later("{acts} signed acts of the past were checked: none is missing, and each was signed by who had the right."),
  words: later("{count} facts of the ledger were proven, those that are absent included."),
  nothing_else: later("Nothing else was in the evidence."),
};

const SIGNS = { recognised: "✓", not_recognised: "✕", not_checked: "?" };

export const title = (verdict) => verdict === RECOGNISED ? say("Recognised") : verdict === NOT_RECOGNISED ? say("Not recognised") : say("Could not be checked");

export const reasonOf = (result) => result.code === "no_trader_under_alias" ? say("no trader is bound to this code") : name("Reason", result.code);

export const whyOf = (result) => say(WHY[result.code] ?? BAD_PROOF);

// The day since which a no holds, by the calendar of who issued the certificate, or else of who asks.
const sinceOf = (result) => dayOf(result.since, result.standings[0]?.issuer ?? result.question.recogniser);

// The verdict in one line, for tables.
export const badge = (result) => el("span", { class: `badge ${result.verdict}` }, el("span", { "aria-hidden": "true" }, SIGNS[result.verdict]), " ", title(result.verdict));

// The verdict of one question, large. A verdict that could not be checked says why, and nothing of what was answered.
export function panel(result) {
  const about = result.question && el("p", { class: "about" }, el("span", { translate: "no" }, result.question.tin ?? `${result.question.kind} ${result.question.alias}`), " – ",
    result.question.recogniser, " – ", name("Direction", result.question.direction), " – ", name("Role", result.question.role));
  const head = el("h2", { id: "verdict", tabindex: "-1" }, el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[result.verdict]), title(result.verdict));
  if (result.verdict === RECOGNISED) {
    return el("section", { class: "verdict recognised", "aria-labelledby": "verdict" }, head, about,
      el("p", {}, say("This trader's certificate counts here. It gets:")),
      result.benefits.length ? el("ul", {}, result.benefits.map((benefit) => el("li", {}, name("Benefit", benefit)))) : el("p", {}, term("list", "none")));
  }
  if (result.verdict === NOT_RECOGNISED) {
    const others = result.reasons.slice(1);
    return el("section", { class: "verdict not_recognised", "aria-labelledby": "verdict" }, head, about,
      el("p", { class: "reason" }, say("Reason:"), " ", el("strong", {}, reasonOf(result)), result.since !== null && [", ", say("since"), " ", sinceOf(result)]),
      others.length > 0 && el("p", {}, say("Also:"), " ", names("Reason", others)));
  }
  return el("section", { class: "verdict not_checked", "aria-labelledby": "verdict" }, head,
    el("p", { class: "reason" }, el("strong", {}, whyOf(result))),
    el("p", {}, say("This is neither yes nor no. Treat the trader as one without evidence, and ask again or ask another gateway.")),
    result.why && el("p", { class: "detail", lang: "en" }, `${result.code}: ${result.why}`));
}

// The steps of a proof that holds, as this browser checked them. A verdict that could not be checked shows none.
export const steps = (result) => el("section", { class: "proof" },
  el("h2", {}, say("What this browser checked")),
  el("ol", { class: "steps" }, result.steps.map(({ step, facts: told }) => el("li", {}, el("span", { class: "sign", "aria-hidden": "true" }, "✓"), say(STEPS[step], told)))));

// What a proven answer rests on. `asked` are rows about the question.
export const details = (result, bundle, asked) => el("section", {},
  el("h2", {}, say("The question and the proof")),
  facts([
    ...asked,
    [say("Trader"), result.trader],
    [say("Certificate of"), result.issuer],
    [say("Registers searched"), result.registers.join(", ")],
    ...result.standings.map((one) => [say("Certificate, type {type}", { type: one.type }), standing(one)]),
    [say("As of block"), [`${result.asOf.number}, `, moment(result.asOf.time)]],
    [say("Block hash"), hex(result.asOf.hash)],
    [say("Sealed by"), el("ul", { class: "plain" }, result.sealedBy.map((address) => el("li", {}, hex(address))))],
    [say("Pinned trust bundle"), hex(grouped(bundle.fingerprint))],
    [say("Checked in this browser"), moment(Math.floor(Date.now() / 1000))],
  ]));

const standing = (one) => [name("Status", one.status), ", ", say("since"), " ", dayOf(one.since, one.issuer), ...(one.validUntil ? [", ", say("until"), " ", dayOf(one.validUntil, one.issuer)] : []),
  "; ", names("Role", one.roles)];

export const limits = () => el("section", { class: "inset" },
  el("h2", {}, say("What this does not prove")),
  el("p", {}, say("It does not prove that this trader is behind this shipment, nor that the papers before you are its own. It proves what the ledger says about the number that was typed.")),
  el("p", {}, say("The program of this page came from the gateway. Who does not trust the gateway opens the pages of a gateway of its own, or a verifier kept on a stick.")));

// Evidence to keep, and a receipt to print.
export const keep = (evidence, file) => el("p", { class: "actions" },
  el("button", { class: "second", type: "button", onclick: () => save(file, evidence, "application/json") }, say("Download the evidence")),
  el("button", { class: "second", type: "button", onclick: () => print() }, say("Print a receipt")));

// What a table says of a verdict beside its badge.
export const remark = (result) => {
  if (result.verdict === RECOGNISED) return names("Benefit", result.benefits);
  if (result.verdict === NOT_RECOGNISED) return [reasonOf(result), result.since !== null && [", ", say("since"), " ", sinceOf(result)]].filter(Boolean);
  return [whyOf(result), result.why && el("span", { class: "hint", lang: "en" }, ` ${result.why}`)].filter(Boolean);
};

// Of which block answers are, and by which bundle they were checked: once for a whole table.
export const basis = (results, bundle) => {
  const proven = results.find((result) => result.asOf);
  return proven && el("p", {}, say("Checked in this browser, as of block {number} of", { number: proven.asOf.number }), " ", moment(proven.asOf.time), ". ",
    say("Sealed by {number} validators of the pinned bundle", { number: proven.sealedBy.length }), " ", hex(grouped(bundle.fingerprint).slice(0, 19)), " …");
};
