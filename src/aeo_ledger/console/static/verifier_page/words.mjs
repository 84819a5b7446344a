// The reader's words: the file carries both languages, written from the one catalogue. Nothing else chooses what a reader reads.

const WORDS = JSON.parse(document.getElementById("words").textContent);
let spoken = WORDS.en;

export const languages = Object.keys(WORDS);

/** Speak a language, one of `languages`. */
export function speak(language) {
  spoken = WORDS[language];
  document.documentElement.lang = language;
}

export const spokenLanguage = () => document.documentElement.lang;

/** A sentence by its key, with its facts. Facts are put in last, so that they are never read as words. */
export const say = (key, facts = {}) => fill(spoken.sentences[key], facts);

const fill = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(facts[name]));

/** The word for a name of the ledger: `name("roles", "freight_forwarder")`. A name that is not known stays as it is. */
export const name = (kind, known) => Object.hasOwn(spoken[kind], known) ? spoken[kind][known] : String(known);

/** Why a proof was refused, in words, by the code of its error. */
export const refusal = (code) => spoken.refusals[Object.hasOwn(spoken.refusals, code) ? code : "other"];

/** A time, UTC seconds, with its zone. */
export const moment = (seconds) => {
  const [day, time] = new Date(seconds * 1000).toISOString().slice(0, 19).split("T");
  return `${day} ${time.replace(/:00$/, "")} UTC`;
};

/** A span of seconds in the largest units that tell it, as in `3 d 4 h`. */
export const span = (seconds) => {
  const units = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];
  let rest = Math.max(0, seconds);
  const parts = [];
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count && parts.length < 2) parts.push(`${count} ${spoken.units[unit]}`);
  }
  return parts.join(" ") || `0 ${spoken.units.s}`;
};
