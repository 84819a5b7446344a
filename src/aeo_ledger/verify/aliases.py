"""Which trader an alias means, proven: the recogniser's bindings are words of the ledger, and a TIN is compared with them.

The ledger binds an alias to *entries*, which are hashes. They do not show the trader's TIN, so somebody has to name it. Whoever
names it is not believed: each bound entry must be the one that follows from the TIN.
"""

from __future__ import annotations

from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.alias_search import find_alias
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.search_context import SearchContext
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors.verify import AliasOfAnother, AmbiguousAlias, TraderUnnamed
from aeo_ledger.protocol.entries import entries_of, hash_alias
from aeo_ledger.protocol.lookup_keys import NO_KEYS, KeyOf
from aeo_ledger.verify.trust import TrustBundle


def find_trader(
    context: SearchContext, alias: AliasCode, named: Tin | None, trust: TrustBundle, key_of: KeyOf = NO_KEYS.key
) -> Tin | None:
    """Find the trader whom a recogniser means by an alias. Prover and verifier must do this alike.

    Args:
        context: The facts, of the question about the alias.
        alias: The asker's own.
        named: The TIN that the alias is said to mean, from any source. None if nobody named one.
        trust: Names the parties.
        key_of: Gives lookup keys for keyed registers, each compared with the ledger; see `LookupKeys.compared`.

    Returns:
        The TIN. None if the recogniser, and each of its unions, binds nobody to the alias.

    Raises:
        AmbiguousAlias: The alias means more than one trader.
        TraderUnnamed: It means one, and no TIN is named.
        AliasOfAnother: It means another trader than the one named.
        KeyNeeded, WrongLookupKey: The trader is bound in a keyed register, and the key is not at hand, or another one.
        HistoryNeeded, NothingRecorded: See `find_alias`.
    """
    found = find_alias(context, lambda recogniser: hash_alias(recogniser, alias))
    if not found.entries:
        return None
    codes = (trust.by_number[number].code if number in trust.by_number else str(number) for number in found.recognisers)
    ambiguous = AmbiguousAlias(alias=str(alias), recogniser=", ".join(codes), traders=max(found.bindings, 2))
    if found.bindings > 1:
        raise ambiguous
    if named is None:
        raise TraderUnnamed(alias=str(alias))
    derive = entries_of(named, key_of)
    fits = []
    for (_, _, kind), entry in found.entries.items():
        register = context.ledger.register(register_of(entry))
        mode = RegisterMode.OPEN if register is None else register.mode
        fits.append(derive(register_of(entry), mode, kind) == entry)
    if not any(fits):
        raise AliasOfAnother(alias=str(alias), tin=named.text)
    if not all(fits):
        raise ambiguous
    return named
