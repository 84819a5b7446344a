// What the verifier for browsers makes of a task: the same program in Node and in a browser, so that no engine of JavaScript is the only one.
//
//     node judge.mjs < tasks.json      prints a list: of each task what was found, or {refused: code}
import { AsOf } from "../../src/aeo_ledger/console/static/verifier/as_of.mjs";
import { fromHex, toHex } from "../../src/aeo_ledger/console/static/verifier/bytes.mjs";
import { isValid } from "../../src/aeo_ledger/console/static/verifier/check_digits.mjs";
import { recoverAddress, splitSignature } from "../../src/aeo_ledger/console/static/verifier/curve.mjs";
import { hexBinary, openDocument } from "../../src/aeo_ledger/console/static/verifier/documents.mjs";
import { Refused } from "../../src/aeo_ledger/console/static/verifier/errors.mjs";
import { parseEvidence, parseQuestion } from "../../src/aeo_ledger/console/static/verifier/evidence.mjs";
import { verifyHistory } from "../../src/aeo_ledger/console/static/verifier/history.mjs";
import { parseHistory } from "../../src/aeo_ledger/console/static/verifier/history_form.mjs";
import { keccak } from "../../src/aeo_ledger/console/static/verifier/keccak.mjs";
import { checkValue, keyedHolder, lookupKey, readKeys } from "../../src/aeo_ledger/console/static/verifier/keys.mjs";
import { verifyRecognitions } from "../../src/aeo_ledger/console/static/verifier/recognition.mjs";
import { hkdf, hmac, sha256 } from "../../src/aeo_ledger/console/static/verifier/sha256.mjs";
import { openSnapshot } from "../../src/aeo_ledger/console/static/verifier/snapshot.mjs";
import { normalise, otherForm } from "../../src/aeo_ledger/console/static/verifier/tin.mjs";
import { encodeTrust, fingerprint, parseTrust } from "../../src/aeo_ledger/console/static/verifier/trust.mjs";
import { verifyUpdate } from "../../src/aeo_ledger/console/static/verifier/update.mjs";
import { verify } from "../../src/aeo_ledger/console/static/verifier/verify.mjs";
import { Words } from "../../src/aeo_ledger/console/static/verifier/words.mjs";

const shown = ({ trader, recognised, reasons, benefits, issuer, registers }, question) =>
  ({ ...("alias" in question ? { trader } : {}), recognised, reasons, benefits, issuer, registers });

const evidenceOf = (given) => given.evidence_cbor !== undefined ? fromHex(given.evidence_cbor)
  : given.evidence_text ?? JSON.stringify(given.evidence);

const asText = (value) => typeof value === "bigint" ? `${value}n` : value instanceof Uint8Array ? toHex(value) : value;

const plain = (value) => value instanceof Map ? Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]))
  : value !== null && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)])) : value;

const TASKS = {
  // a recognition vector; `pinned` is the usual bundle
  vector: ({ given, pinned }) => {
    const trust = parseTrust(JSON.stringify({ ...pinned, ...given.trust })), asked = given.asked.map(parseQuestion);
    const { answers, block } = verifyRecognitions(parseEvidence(evidenceOf(given)), asked, trust,
      { now: given.now, maxAge: given.max_age, keys: readKeys(given.keys ?? []) });
    return { answers: answers.map((answer, at) => shown(answer, asked[at])), block };
  },
  // one question as a page asks it
  page: ({ evidence, trust, question, options }) => verify(evidence, trust, question, options),
  snapshot: async ({ snapshot, trust, questions, now, max_age: maxAge, keys }) => {
    const opened = await openSnapshot(fromHex(snapshot), trust, { now, maxAge });
    return { outcomes: questions.map((question) => opened.decide(question, { now, keys })).map(({ verdict, code, reasons, benefits, issuer, registers, asOf }) =>
      ({ verdict, code, reasons, benefits, issuer, registers, block: asOf })) };
  },
  update: ({ update, trust, now, max_age: maxAge }) => {
    const moved = verifyUpdate(fromHex(update), parseTrust(trust), { now, maxAge });
    return { trust: encodeTrust(moved.trust), changes: moved.changes };
  },
  // signed histories, each proven over the same words, by contract and slot; and facts from each, by its method, at two times
  histories: ({ histories, words, trust, facts = [] }) => histories.map((given) => {
    const pinned = parseTrust(trust), view = new Words((contract, slot) => BigInt(words[contract][slot] ?? 0), pinned);
    try {
      const proven = verifyHistory(parseHistory(given, hexBinary), view, pinned, { isSeam: false });
      const found = facts.map(([time, known, fact, ...which]) => new AsOf(view, proven, time, known)[fact](...which));
      return { proven: plain(proven), found: found.map(({ fact, certain }) => [certain, fact]) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { refused: error.code };
    }
  }),
  trust: ({ text }) => ({ fingerprint: fingerprint(parseTrust(text)) }),
  document: ({ text, data }) => ({ value: JSON.stringify(openDocument(text ?? fromHex(data)).value, (_, value) => asText(value)) }),
  tin: ({ typed, country }) => {
    try {
      const { tin, done } = normalise(typed, country);
      return { tin, done, other: otherForm(tin) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { refused: error.fault };
    }
  },
  check: ({ tins }) => ({ valid: tins.map((tin) => isValid(tin.slice(0, 2), tin.slice(2))) }),
  hashes: ({ data, key }) => ({
    keccak: keccak(data), sha256: toHex(sha256(fromHex(data))), hmac: toHex(hmac(fromHex(key), fromHex(data))), hkdf: toHex(hkdf(fromHex(key), fromHex(data))),
  }),
  keys: ({ secret, register, type, tin }) => {
    const key = lookupKey(fromHex(secret), register, type);
    return { lookup_key: toHex(key), check_value: toHex(checkValue(key, register, type)), holder: toHex(keyedHolder(key, tin)) };
  },
  recover: ({ digest, signature }) => {
    const { r, s, last } = splitSignature(signature);
    return { address: recoverAddress(digest, r, s, last) };
  },
};

/** Judge tasks, each with its `task`. What is refused is an answer; any other error is a fault of the verifier. */
export async function judgeAll(tasks) {
  const found = [];
  for (const task of tasks) {
    try { found.push(await TASKS[task.task](task)); } catch (error) {
      if (!(error instanceof Refused)) throw error;
      found.push({ refused: error.code });
    }
  }
  return found;
}

if (globalThis.process?.argv[1]?.endsWith("judge.mjs")) {
  const { readFileSync } = await import("node:fs");
  console.log(JSON.stringify(await judgeAll(JSON.parse(readFileSync(0, "utf8")))));
}
