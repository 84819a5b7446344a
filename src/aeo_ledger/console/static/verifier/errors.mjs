// What the verifier refuses, and why. The codes are the names of the Python verifier's errors, so that one list of words serves both.

/** Evidence, trust or a question that proves nothing. `code` is for programs, `message` says in English what was found. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

/** Refuse, always. */
export const refuse = (code, message) => { throw new Refused(code, message); };

/** Refuse unless the condition holds; return true, so that it can stand in an expression. */
export const demand = (holds, code, message) => holds ? true : refuse(code, message);

/** Run `read`, and refuse with another code whatever it refuses. */
export const refuseAs = (code, read) => {
  try { return read(); } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refuse(code, error.message);
  }
};
