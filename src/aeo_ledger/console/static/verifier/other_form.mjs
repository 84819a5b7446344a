// A trader may have two registrations with one number, XI and GB. No certificate under one of them is no answer about the trader yet.
import { demand } from "./errors.mjs";
import { otherForm } from "./tin.mjs";

const isAbsent = (answer) => answer.reasons[0] === "no_certificate";

/** The question that must be answered too before a no is one; null if there is none. A register and a type that were named are left out. */
export function otherQuestion(question, answer) {
  const tin = "tin" in question && isAbsent(answer) ? otherForm(question.tin) : null;
  if (tin === null) return null;
  const { recogniser, direction, role, on } = question;
  return { tin, recogniser, direction, role, ...(on === undefined ? {} : { on }) };
}

/** Demand that there is no certificate under the other form either. */
export const demandAbsent = (answer) =>
  demand(isAbsent(answer), "OtherFormKnown", `there is a certificate under ${answer.trader}, the same trader's other registration`);
