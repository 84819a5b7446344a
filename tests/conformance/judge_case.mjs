// What the verifier for browsers makes of one recognition vector, or of a snapshot: the same in Node and in a browser.
import { fromHex } from "../../src/aeo_ledger/console/static/verifier/bytes.mjs";
import { Refused } from "../../src/aeo_ledger/console/static/verifier/errors.mjs";
import { parseEvidence, parseQuestion } from "../../src/aeo_ledger/console/static/verifier/evidence.mjs";
import { readKeys } from "../../src/aeo_ledger/console/static/verifier/keys.mjs";
import { verifyRecognitions } from "../../src/aeo_ledger/console/static/verifier/recognition.mjs";
import { parseTrust } from "../../src/aeo_ledger/console/static/verifier/trust.mjs";

const evidenceOf = (given) => given.evidence_cbor !== undefined ? fromHex(given.evidence_cbor)
  : given.evidence_text ?? JSON.stringify(given.evidence);

const shown = ({ trader, recognised, reasons, benefits, issuer, registers }, question) =>
  ({ ...("alias" in question ? { trader } : {}), recognised, reasons, benefits, issuer, registers });

/** The answers and the block of a case, or the code of its refusal. `pinned` is the usual bundle. */
export function judgeCase(given, pinned) {
  try {
    const trust = parseTrust(JSON.stringify({ ...pinned, ...given.trust }));
    const asked = given.asked.map(parseQuestion);
    const { answers, block } = verifyRecognitions(parseEvidence(evidenceOf(given)), asked, trust,
      { now: given.now, maxAge: given.max_age, keys: readKeys(given.keys ?? []) });
    return { name: given.name, answers: answers.map((answer, at) => shown(answer, asked[at])), block };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { name: given.name, refused: error.code };
  }
}
