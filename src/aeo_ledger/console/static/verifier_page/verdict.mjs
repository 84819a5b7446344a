// What a reader sees of an outcome: the verdict first, readable across a counter and never by colour alone, and then how it was proven.
import { NOT_CHECKED, RECOGNISED } from "../verifier/verify.mjs";
import { el, facts, list, mono, show } from "./dom.mjs";
import { moment, name, refusal, say, span } from "./words.mjs";

const SIGNS = { recognised: "✓", not_recognised: "✕", not_checked: "?" };

/**
 * Show an outcome of `verify`.
 * `asked` has what the reader typed: {typed, done, kind}; `trust` is the pinned bundle, `now` the reader's clock.
 */
export function showVerdict(place, result, asked, trust, now) {
  const isOpen = result.verdict === NOT_CHECKED;
  show(place, panel(result), ...(isOpen ? [] : [details(result, asked, trust, now)]), steps(result), ...limits(isOpen));
  place.hidden = false;
}

function panel(result) {
  const { verdict } = result;
  const parts = [el("h2", {}, say(verdict))];
  if (verdict === RECOGNISED) {
    const benefits = result.benefits.map((one) => name("benefits", one));
    parts.push(el("div", {}, list(benefits.length ? benefits : [say("no_benefits")])));
  } else if (verdict === NOT_CHECKED) {
    parts.push(el("p", {}, refusal(result.code)), el("p", {}, say("not_checked_advice")));
  } else {
    const since = result.since === null ? "" : `, ${say("since", { time: moment(result.since) })}`;
    parts.push(el("p", {}, name("reasons", result.reason) + since));
  }
  return el("div", { class: `verdict ${verdict}` }, el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[verdict]), el("div", {}, parts));
}

function details(result, asked, trust, now) {
  const { question } = result;
  const steps = asked.done.map((step) => name("spellings", step)).join(", ");
  const whom = asked.kind ? `${question.kind} ${question.alias}` : question.tin;
  const [standing] = result.standings;
  return el("div", {}, facts([
    [say("as_typed"), asked.typed === whom ? null : mono(asked.typed)],
    [say("asked_about"), [mono(whom), steps ? ` (${steps})` : ""]],
    [say("trader"), result.trader === null || result.trader === question.tin ? null : mono(result.trader)],
    [say("question"), [question.recogniser, name("directions", question.direction), name("roles", question.role),
      ...("type" in question ? [`${say("type_label")} ${question.type}`] : []), ...("register" in question ? [question.register] : [])].join(", ")],
    [say("asked_for"), "on" in question ? moment(question.on) : null],
    [say("other_reasons"), list(result.reasons.slice(1).map((reason) => name("reasons", reason)))],
    [say("certificate"), standing ? describe(standing) : null],
    [say("registers"), result.registers.join(", ")],
    [say("as_of"), [say("block", { number: result.asOf.number, time: moment(result.asOf.time) }), el("br"),
      say("age", { age: span(now - result.asOf.time) }), el("br"), mono(result.asOf.hash)]],
    [say("sealed_by"), result.sealedBy.length
      ? [say("seals", { found: result.sealedBy.length, all: trust.validators.length }), el("ul", {}, result.sealedBy.map((one) => el("li", {}, mono(one))))]
      : say("seam")],
    [say("checked_at"), moment(now)],
  ]));
}

function describe(standing) {
  const until = standing.validUntil ? say("until", { time: moment(standing.validUntil) }) : say("open_end");
  return list([
    say("standing", { register: standing.register, type: standing.type, issuer: standing.issuer, status: name("statuses", standing.status) }),
    say("status_since", { time: moment(standing.since) }),
    `${say("valid_from", { time: moment(standing.validFrom) })}, ${until}`,
    `${say("certified_roles")}: ${standing.roles.map((role) => name("roles", role)).join(", ")}`,
  ]);
}

function steps(result) {
  const rows = result.steps.map(({ step, holds, facts: found }, at) => {
    const said = holds ? say(`step_${step}`, { ...found, age: span(found.seconds ?? 0), time: "time" in found ? moment(found.time) : "" }) : refusal(found.code);
    const row = el("li", { class: holds ? "" : "refused" }, said);
    row.style.animationDelay = `${at * 60}ms`;
    return row;
  });
  if (result.why !== null) rows.at(-1)?.append(el("br"), mono(`${result.code}: ${result.why}`));
  const listed = el("ol", { class: "steps" }, rows);
  if (result.why === null) return el("div", {}, el("h3", {}, say("steps_title")), listed);
  return el("details", {}, el("summary", {}, say("steps_title")), listed); // what was proven of it must not look like a part of an answer
}

function limits(isOpen) {
  const actions = el("p", { class: "actions" }, el("button", { type: "button", class: "second", click: () => print() }, say("print")));
  return isOpen ? [actions] : [el("p", { class: "inset" }, say("limits")), actions];
}
