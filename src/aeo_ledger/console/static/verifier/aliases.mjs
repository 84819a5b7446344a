// Which trader an alias means (README, section 7). Whoever names a TIN is not believed: each bound entry must follow from it.
import { asciiHex, fixed, join } from "./bytes.mjs";
import { partyDecides, unionsOf } from "./decision.mjs";
import { demand, refuse } from "./errors.mjs";
import { keccak } from "./keccak.mjs";
import { entryOf } from "./keys.mjs";
import { KINDS } from "./vocabulary.mjs";

/** Find the TIN that a question's alias means: the one that was named, if it is; null if the recogniser binds nobody to the alias. */
export function traderOf(words, question, trust, time, named, keys) {
  const historyNeeded = () => refuse("HistoryNeeded", "words of today do not tell whom the alias meant then");
  const r = trust.byCode.get(question.recogniser)?.number ?? refuse("UnknownParty", `${question.recogniser} is not pinned`);
  const asker = words.party(r);
  if (asker && !partyDecides(asker, time)) historyNeeded();
  const bound = (owner) => {
    const alias = words.alias(owner, keccak(join(fixed(owner, 2), fixed(KINDS[question.kind][0], 1), asciiHex(question.alias))));
    if (alias === null || (alias.serial === 1 && alias.changed_at > time)) return [];
    if (alias.changed_at > time) historyNeeded();
    return alias.entries.map((one) => ({ ...one, owner }));
  };
  let found = bound(r);
  if (found.length === 0) found = unionsOf(asker, time).flatMap(bound);
  if (found.length === 0) return null;
  const ambiguous = (holds) => demand(holds, "AmbiguousAlias", "the alias means more than one trader");
  ambiguous(new Set(found.map(({ owner, binding }) => `${owner} ${binding}`)).size === 1);
  demand(named !== undefined, "TraderUnnamed", "the alias means a trader, and nobody names a TIN");
  const fits = found.map(({ register, type, entry }) => entryOf(words, keys, register, words.register(register)?.mode, type, named) === entry);
  demand(fits.includes(true), "AliasOfAnother", "the alias means another trader than the one named");
  ambiguous(!fits.includes(false));
  return named;
}
