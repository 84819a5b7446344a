// The words of the reader: the same catalogue as the commands'. The English sentence is the key.

export const language = document.documentElement.lang;

const messages = language === "en" ? {} : (await import(`./words/${language}.mjs`)).messages;
const rules = new Intl.PluralRules(language);
const FORMS = { en: ["one", "other"], ru: ["one", "few", "many"] }; // in the order of the catalogue's own rule
const numbers = new Intl.NumberFormat(language);

const fill = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(facts[name]));

// Facts are put in after the sentence was translated, so a fact is never translated.
export const say = (sentence, facts = {}) => fill(messages[sentence] ?? sentence, facts);

export function plural(one, many, number, facts = {}) {
  const forms = messages[one] ?? [one, many];
  return fill(forms[FORMS[language].indexOf(rules.select(number))] ?? forms.at(-1), { number: numbers.format(number), ...facts });
}

export const term = (context, word) => messages[`${context}\u0004${word}`] ?? word;

// Names a number of the ledger, as in `name("Reason", "type_out_of_scope")`.
export const name = (kind, value) => term(kind, String(value).replaceAll("_", " "));

export const names = (kind, values) => values.map((value) => name(kind, value)).join(", ") || term("list", "none");

// Marks a sentence in a table, so that scripts/words finds it; `say` writes it later.
export const later = (sentence) => sentence;

export const number = (value) => numbers.format(value);
