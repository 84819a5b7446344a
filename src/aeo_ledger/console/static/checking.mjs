// Ask, and verify: a gateway gives evidence, and this browser finds by the pinned bundle what it proves about the reader's own questions.
import { GatewayError, ask as askGateway } from "./gateway.mjs";
import { pinned } from "./pinned.mjs";
import { parseEvidence, parseQuestion } from "./verifier/evidence.mjs";
import { otherQuestion } from "./verifier/other_form.mjs";
import { verifyRecognitions } from "./verifier/recognition.mjs";
import { NOT_CHECKED, NOT_RECOGNISED, conclude, run, verify } from "./verifier/verify.mjs";

export const MOST_QUESTIONS = 1000;

const write = (question) => ({ ...question, ...(question.on === undefined ? {} : { on: new Date(question.on * 1000).toISOString().replace(".000", "") }) });

// A past day may need the signed history: the gateway adds what is needed.
const past = (...questions) => questions.some(({ on }) => on !== undefined) ? { history: true } : {};

const unchecked = (code, why) => ({ verdict: NOT_CHECKED, code, why, reasons: [], benefits: [], registers: [], standings: [], sealedBy: [], asOf: null, since: null, trader: null, steps: [] });

function withoutAnswer(error) {
  if (!(error instanceof GatewayError)) throw error;
  return { ...unchecked("NoAnswer", error.message), needsToken: error.needsToken, error };
}

// The same question about the other registration that the trader may have, such as GB for XI; null if there is none.
const otherOf = (question) => otherQuestion(question, { reasons: ["no_certificate"] });

// No certificate is a no only if there is none under the other registration either.
function weigh(result, other) {
  if (other === null || result.verdict !== NOT_RECOGNISED || result.code !== "no_certificate") return result;
  if (other.verdict === NOT_CHECKED) return unchecked("OtherFormUnasked", other.why);
  return other.code === "no_certificate" ? result : unchecked("OtherFormKnown", other.question.tin);
}

// Asks one question. Returns {result, evidence, bundle, remarks}; what is not verified is never a verdict.
export async function checkOne(question) {
  if (otherOf(question) !== null) {
    const { results: [result], evidence, bundle } = await checkMany([question]);
    return { result, evidence, bundle };
  }
  const bundle = pinned();
  if (bundle === null) return { result: unchecked("NotPinned", null), evidence: null, bundle };
  try {
    const answer = await askGateway("/v1/decisions", { query: { ...write(question), ...past(question), accept_odd: true, evidence: true } });
    const evidence = JSON.stringify(answer.evidence ?? null);
    const notes = [answer.problems, answer.remarks].flatMap((list) => Array.isArray(list) ? list.map(String) : []);
    return { result: verify(evidence, bundle.trust, question), evidence, bundle, notes };
  } catch (error) { return { result: withoutAnswer(error), evidence: null, bundle }; }
}

// Asks many questions as of one block. Returns {results, evidence, bundle}, one result for each question.
export async function checkMany(questions) {
  const others = questions.map(otherOf), more = others.filter(Boolean);
  const { results, evidence, bundle } = await ask([...questions, ...more]);
  const resultOf = (other) => other && results[questions.length + more.indexOf(other)];
  return { results: questions.map((_, at) => weigh(results[at], resultOf(others[at]))), evidence, bundle };
}

async function ask(questions) {
  const bundle = pinned();
  const all = (result) => ({ results: questions.map(() => result), evidence: null, bundle });
  if (bundle === null) return all(unchecked("NotPinned", null));
  let answer;
  try {
    answer = await askGateway("/v1/decisions", { body: { questions: questions.map(write), ...past(...questions), accept_odd: true } });
  } catch (error) { return all(withoutAnswer(error)); }
  const told = Array.isArray(answer.decisions) && answer.decisions.length === questions.length ? answer.decisions : [];
  const unasked = (place) => told[place]?.problem ? unchecked("NoAnswer", String(told[place].problem.detail)) : null;
  const results = questions.map((_, place) => unasked(place));
  const put = questions.map((_, place) => place).filter((place) => results[place] === null);
  const evidence = JSON.stringify(answer.evidence ?? null);
  if (put.length) verifyAll(evidence, bundle.trust, put.map((place) => questions[place])).forEach((result, at) => { results[put[at]] = result; });
  return { results, evidence: put.length ? evidence : null, bundle };
}

// Verifies the answers to many questions that one document proves: all of it holds, or nothing does.
function verifyAll(evidence, trust, questions) {
  const found = run({}, (note, options) => {
    const read = parseEvidence(evidence), asked = questions.map(parseQuestion);
    note("read", { nodes: read.nodes.length });
    const proven = verifyRecognitions(read, asked, trust, { ...options, note });
    return { outcomes: proven.answers.map((answer, at) => conclude(asked[at], answer, proven)) };
  });
  return found.outcomes?.map((outcome) => ({ ...outcome, steps: found.steps })) ?? questions.map(() => found);
}
