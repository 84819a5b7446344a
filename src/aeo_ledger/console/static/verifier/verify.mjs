// What a page uses: three outcomes, and the steps of the proof as they are checked. Nothing here is thrown but a fault of the program.
import { demand, Refused } from "./errors.mjs";
import { parseEvidence, parseQuestion, sameQuestion } from "./evidence.mjs";
import { readKeys } from "./keys.mjs";
import { demandAbsent, otherQuestion } from "./other_form.mjs";
import { verifyRecognitions } from "./recognition.mjs";
import { parseTrust } from "./trust.mjs";

export const RECOGNISED = "recognised";
export const NOT_RECOGNISED = "not_recognised";
/** Neither yes nor no: the evidence proves nothing. Treat the trader as without evidence, and ask again. */
export const NOT_CHECKED = "not_checked";

const MAX_AGE_S = 300;
/** Tell whether a bundle is already what `parseTrust` makes of one. */
export const isBundle = (trust) => trust?.byCode instanceof Map;

/** Read the clock, UTC seconds. */
const clock = () => Math.floor(Date.now() / 1000);

/**
 * Check in one call whether evidence answers the asker's own question.
 *
 * @param evidence  text (JSON) or bytes (JSON or CBOR), from anybody
 * @param trust     the pinned bundle: text, bytes, or what `parseTrust` made of them; never what a gateway says now
 * @param question  the asker's own: {tin | kind, alias; recogniser, direction, role; type, register, on}
 * @param options   now: UTC seconds; maxAge: seconds; keys: lookup keys [{register, type, key}]; onStep: hears each step at once
 * @returns {verdict, code, reason, since, why, benefits, ..., asOf, sealedBy, steps}, see `conclude` and `without`
 */
export function verify(evidence, trust, question, options = {}) {
  return run(options, (note, { now, maxAge, keys }) => {
    const pinned = isBundle(trust) ? trust : parseTrust(trust), asked = parseQuestion(question), read = parseEvidence(evidence);
    note("read", { nodes: read.nodes.length });
    const proven = verifyRecognitions(read, [asked], pinned, { now, maxAge, keys, note }), [answer] = proven.answers;
    const other = otherQuestion(asked, answer);
    if (other) {
      demand(read.questions.some((one) => sameQuestion(one, other)), "OtherFormUnasked", `the same trader may be registered as ${other.tin}: ask about it too`);
      demandAbsent(verifyRecognitions(read, [other], pinned, { now, maxAge, keys }).answers[0]);
    }
    return conclude(asked, answer, proven);
  });
}

/** Run a check, gather its steps, and turn what is refused into the third outcome. */
export function run({ now = clock(), maxAge = MAX_AGE_S, keys = [], onStep = () => {} }, check) {
  const steps = [];
  const note = (step, facts) => {
    steps.push({ step, holds: true, facts });
    onStep(steps.at(-1));
  };
  try {
    return { ...check(note, { now, maxAge, keys: readKeys(keys) }), steps };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    steps.push({ step: "refused", holds: false, facts: { code: error.code } });
    onStep(steps.at(-1));
    return { ...without(error), steps };
  }
}

/** The outcome of a proven answer. `since` is when the first reason began, UTC seconds, or null. */
export const conclude = (question, answer, { block, sealers }) => ({
  verdict: answer.recognised ? RECOGNISED : NOT_RECOGNISED,
  code: answer.reasons[0] ?? null,
  reason: answer.reasons[0] ?? null,
  reasons: answer.reasons,
  since: answer.since,
  why: null,
  question,
  trader: answer.trader,
  benefits: answer.benefits,
  issuer: answer.issuer,
  registers: answer.registers,
  standings: answer.standings,
  asOf: block,
  sealedBy: sealers,
});

/** The outcome of evidence that proves nothing: `code` names the error, `why` says in English what was found. */
const without = (error) => ({
  verdict: NOT_CHECKED, code: error.code, reason: null, reasons: [], since: null, why: error.message, question: null, trader: null,
  benefits: [], issuer: null, registers: [], standings: [], asOf: null, sealedBy: [],
});
