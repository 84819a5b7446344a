// Which trader an alias means (README, section 7). Whoever names a TIN is not believed: each bound entry must follow from it.
import { historyNeeded } from "./as_of.mjs";
import { asciiHex, fixed, join } from "./bytes.mjs";
import { demand, refuse } from "./errors.mjs";
import { keccak } from "./keccak.mjs";
import { entryOf } from "./keys.mjs";
import { KINDS } from "./vocabulary.mjs";

/** Find the TIN that a question's alias means: the one that was named, if it is; null if the recogniser binds nobody to the alias. */
export function traderOf(facts, question, trust, named, keys) {
  const r = trust.byCode.get(question.recogniser)?.number ?? refuse("UnknownParty", `${question.recogniser} is not pinned`);
  const { words } = facts, [, ...unions] = facts.edges(r) ?? historyNeeded(`party ${r}`);
  const bound = (owner) => {
    const { fact: alias, certain } = facts.alias(owner, keccak(join(fixed(owner, 2), fixed(KINDS[question.kind][0], 1), asciiHex(question.alias))));
    if (!certain) historyNeeded("the alias");
    return alias?.entries.map((one) => ({ ...one, owner })) ?? [];
  };
  let found = bound(r);
  if (found.length === 0) found = unions.flatMap(bound);
  if (found.length === 0) return null;
  const ambiguous = (holds) => demand(holds, "AmbiguousAlias", "the alias means more than one trader");
  ambiguous(new Set(found.map(({ owner, binding }) => `${owner} ${binding}`)).size === 1);
  demand(named !== undefined, "TraderUnnamed", "the alias means a trader, and nobody names a TIN");
  const fits = found.map(({ register, type, entry }) => entryOf(words, keys, register, words.register(register)?.mode, type, named) === entry);
  demand(fits.includes(true), "AliasOfAnother", "the alias means another trader than the one named");
  ambiguous(!fits.includes(false));
  return named;
}
