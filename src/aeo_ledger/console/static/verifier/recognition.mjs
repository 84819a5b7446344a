// From evidence to answers: the block, the contracts, the words, the decisions. What does not prove an answer is `Refused`.
import { traderOf } from "./aliases.mjs";
import { AsOf } from "./as_of.mjs";
import { NOBODY, decide } from "./decision.mjs";
import { demand } from "./errors.mjs";
import { sameQuestion } from "./evidence.mjs";
import { verifyBlock } from "./header.mjs";
import { NO_HISTORY, verifyHistory } from "./history.mjs";
import { Pool, verifyAccount, verifyWord } from "./trie.mjs";
import { Words } from "./words.mjs";

/** Nothing listens to the steps. */
export const quiet = () => {};

/** Prove the accounts of both contracts whose words answer: their storage roots. */
export function verifyContracts(pool, { header, contracts }, note) {
  const roots = {
    consortium: verifyAccount(pool, header.stateRoot, contracts.consortium),
    registers: verifyAccount(pool, header.stateRoot, contracts.registers),
  };
  note("contracts", { stateRoot: header.stateRoot });
  return roots;
}

/**
 * Answer one question over proven words.
 * `named` is the TIN that its alias is said to mean; `keys` are the asker's lookup keys; `histories` are proven, see `verifyHistory`.
 */
export function answerFrom(words, block, question, trust, named, keys, histories = NO_HISTORY) {
  const asked = question.on ?? block.place.time;
  demand(Math.max(asked, question.known ?? 0) <= block.place.time, "NotYetProvable", "the block does not reach the time asked about");
  const successor = words.successor();
  demand(successor === null || asked < successor.effective, "Superseded", "another ledger answers about this time");
  demand(!block.isSeam || question.on !== undefined, "Superseded", "a predecessor's last block says nothing of now");
  const facts = new AsOf(words, histories, asked, question.known);
  const tin = "alias" in question ? traderOf(facts, question, trust, named, keys) : question.tin;
  return { trader: tin, ...(tin === null ? NOBODY : decide(facts, { ...question, tin }, trust, keys)) };
}

/**
 * Prove the answers to the asker's own questions.
 * One question must be among the evidence's; several must be the evidence's, in its order.
 * `now` and `maxAge` are UTC seconds and seconds; `keys` comes from `readKeys`; `note(step, facts)` hears of each step that is proven.
 * Returns {answers, block, sealers}.
 */
export function verifyRecognitions(evidence, asked, trust, { now, maxAge, keys = new Map(), note = quiet }) {
  const place = (question) => evidence.questions.findIndex((one) => sameQuestion(one, question));
  demand(asked.length === 1 ? place(asked[0]) >= 0
    : asked.length === evidence.questions.length && asked.every((one, at) => sameQuestion(one, evidence.questions[at])),
  "OtherQuestion", "the evidence was made for another question");
  note("question", { questions: evidence.questions.length });
  const block = verifyBlock(evidence.header, trust, now, maxAge, note);
  const pool = new Pool(evidence.nodes);
  const roots = verifyContracts(pool, block, note);
  let count = 0;
  const words = new Words((contract, slot) => {
    count += 1;
    return verifyWord(pool, roots[contract], slot);
  }, trust);
  const histories = verifyHistory(evidence.history, words, trust, block);
  if (evidence.history) note("history", { acts: evidence.history.acts.length + evidence.history.publications.length });
  const answers = asked.map((question, at) =>
    answerFrom(words, block, question, trust, evidence.traders.get(asked.length === 1 ? place(question) : at), keys, histories));
  note("words", { count, nodes: pool.used.size });
  if (evidence.questions.length === asked.length) pool.refuseSurplus();
  note("nothing_else", {});
  return { answers, block: block.place, sealers: block.sealers };
}
