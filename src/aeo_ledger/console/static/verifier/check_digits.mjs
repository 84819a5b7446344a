// Check digits of the numbers that people type on Cyrillic keyboards: without them no letter of another script can be read as a Latin one.
// Sources: python-stdnum (by.unp, ru.inn); the government of Kazakhstan's decree 565 of 2003-06-11.

const weighted = (digits, weights) => weights.reduce((sum, weight, at) => sum + weight * digits[at], 0);
const digitsOf = (identifier) => [...identifier].map(Number);

// A payer's number of Belarus; a person's begins with two letters, the second of which stands for a digit.
function isUnp(identifier) {
  const second = "ABCEHKMOPT".indexOf(identifier[1]);
  const digits = [...(second < 0 ? identifier : identifier[0] + second + identifier.slice(2))].map((sign) => parseInt(sign, 36));
  return /^[1-7ABCEHKM]/.test(identifier) && weighted(digits, [29, 23, 19, 17, 13, 7, 5, 3]) % 11 === digits[8];
}

// A business's number of Kazakhstan: the weights turn once if the remainder is no digit.
function isBin(identifier) {
  const digits = digitsOf(identifier), up = Array.from({ length: 11 }, (_, at) => at + 1);
  const check = [up, [...up.slice(2), 1, 2]].map((weights) => weighted(digits, weights) % 11).find((rest) => rest < 10);
  return check === digits[11];
}

// A company's number of Russia.
const isInn = (identifier) => weighted(digitsOf(identifier), [2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 === Number(identifier[9]);

const CHECKS = new Map([["BY", isUnp], ["KZ", isBin], ["RU", isInn]]);

/** Judge an identifier of its register's form: false for a wrong check digit, null where this verifier does not know how to compute it. */
export const isValid = (prefix, identifier) => CHECKS.get(prefix)?.(identifier) ?? null;
