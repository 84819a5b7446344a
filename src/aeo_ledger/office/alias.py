"""Say which foreign trader a code means: bind aliases to traders, release them, and look up what is bound, all by proof.

A recogniser decides this alone, for its own declarations. A binding is one trader, with one entry for each type: so a trader of
two types takes two acts. The ledger shows only hashes. What they stand for comes from the recogniser's own file or is typed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from aeo_ledger.customs.acts import NO_GROUNDS, AliasBinding
from aeo_ledger.customs.alias_codes import AliasCode
from aeo_ledger.customs.aliases import MAX_BINDINGS, NO_ENTRY, Alias, with_binding
from aeo_ledger.customs.certificate import list_type_names, list_types_meant
from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.gateway import PossiblyRelayed
from aeo_ledger.errors.office import AliasNotBound, AliasTaken, NoStanding
from aeo_ledger.office.alias_file import AliasRow
from aeo_ledger.office.carry_out import LIFETIME_S, await_outcome, number_of, relay, require_signable, sign_kept
from aeo_ledger.office.footing import slots_of, slots_of_alias, slots_of_keys, slots_of_standings
from aeo_ledger.office.naming import count
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.pseudonyms import EntryIn
from aeo_ledger.office.telling import tell
from aeo_ledger.office.telling_events import MOST_LISTED
from aeo_ledger.primitives.choices import choose
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.entries import hash_alias, is_entry_of
from aeo_ledger.protocol.lookup_keys import LookupKeys
from aeo_ledger.protocol.tables import Table, alias_key
from aeo_ledger.protocol.words import decode_alias
from aeo_ledger.signing import Signer
from aeo_ledger.verify import ProvenState, TrustedParty

_TOGETHER: Final = 100
"""Aliases, or acts, whose words are proven together."""
_AT_ONCE: Final = 8
"""Aliases whose acts are relayed at the same time. The acts on one alias follow each other."""

RegisterOf = Callable[[Tin], TrustedParty]
"""Finds the register in which a trader is bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What was signed, and what is proven of it."""

    acts: int
    """Number of acts signed; 0 if nothing was to be done."""
    unchanged: int
    """Number of rows that the ledger already had so."""
    told: tuple[str, ...]
    proven: bool
    """Whether everything is proven, and not only claimed by a gateway."""
    block: int | None
    """The block under which the acts are proven; None if there were none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an alias means, as of one block."""

    alias: AliasCode
    entries: Mapping[tuple[int, int], bytes]
    """Entries of 32 bytes, by binding and type."""
    bindings: int
    """How many traders are bound; more than one makes it ambiguous."""
    changed_at: int | None
    """UTC seconds; None if it was never bound."""
    traders: tuple[str, ...]
    """TINs among those that the asker named, each once."""


@dataclass(slots=True)
class _Draft:
    """The acts to sign, in order, with the names that their signer is shown."""

    acts: list[AliasBinding] = field(default_factory=list)
    names: dict[bytes, str] = field(default_factory=dict)
    unchanged: int = 0


def bind_aliases(
    desk: ProvenDesk,
    rows: Sequence[AliasRow],
    *,
    recogniser: int,
    register_of_trader: RegisterOf,
    signers: Sequence[Signer],
    grounds: bytes = NO_GROUNDS,
    also: bool = False,
    show_all: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Bound:
    """Bind each alias to its trader, as the recogniser's operators. What is bound already stays, so that a second run changes nothing.

    Args:
        desk: The ledger. It asks for approval once.
        rows: The aliases with their traders.
        recogniser: Number of the party that uses the aliases.
        register_of_trader: Finds the register in which a trader is bound.
        signers: The recogniser's operators, as many as its threshold says.
        grounds: Salted hash of a reasoned decision, 32 bytes; zero if there is none.
        also: Bind a second trader to an alias. It is then ambiguous, and answers nothing until one is released.
        show_all: Show each act before it is signed, however many there are.
        progress: Called with the number of further acts that are relayed.

    Raises:
        AliasTaken: another trader is bound to an alias, or it has no room.
        NoStanding: a row names no type, and its trader has no certificate.
        MalformedText: the register has no type of such a name.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed: as `carry_out` does; nothing was signed.
        RefusedByLedger, NotProvenDone, Unavailable: an act failed; another run goes on from there.
    """
    states = _prove_states(desk, recogniser, [row.alias for row in rows])
    draft = _Draft()
    for row, wanted in zip(rows, _prove_wanted(desk, rows, register_of_trader), strict=True):
        hashed = hash_alias(recogniser, row.alias)
        draft.names |= {hashed: str(row.alias)} | dict.fromkeys(wanted, row.tin.text)
        alias = states[hashed]
        binding = _choose_binding(alias, row, desk.keys.lookup, also=also)
        missing = [entry for entry in wanted if alias.entries.get((binding, type_of(entry))) != entry]
        if any((binding, type_of(entry)) in alias.entries for entry in missing):
            reason = "the trader is bound under this type in another register: release that first"
            raise AliasTaken(alias=str(row.alias), reason=reason, where=row.where)
        draft.unchanged += not missing
        for entry in missing:
            states[hashed] = _add(draft, states[hashed], recogniser, hashed, (binding, type_of(entry)), entry, grounds)
    return _carry_out_all(desk, draft, signers, show_all=show_all, progress=progress)


def release_aliases(
    desk: ProvenDesk,
    aliases: Sequence[tuple[AliasCode, Tin | None]],
    *,
    recogniser: int,
    signers: Sequence[Signer],
    grounds: bytes = NO_GROUNDS,
    show_all: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Bound:
    """Release aliases, as the recogniser's operators: the binding of the trader named with each, or else its only one.

    Raises:
        AliasNotBound: an alias is not bound to that trader; or to nobody; or, without a trader named, to several.
        Unproven, WrongKey, RefusedBeforehand, NotConfirmed: as `carry_out` does; nothing was signed.
        RefusedByLedger, NotProvenDone, Unavailable: an act failed; another run goes on from there.
    """
    states = _prove_states(desk, recogniser, [alias for alias, _ in aliases])
    draft = _Draft()
    for code, tin in aliases:
        hashed = hash_alias(recogniser, code)
        alias, live = states[hashed], states[hashed].live_bindings()
        keys = desk.keys.lookup
        freed = live if tin is None else [binding for binding in live if _is_of(alias, binding, tin, keys)]
        if len(freed) != 1:
            found = "nobody is bound to it" if not live else f"{len(live)} traders are bound to it, name one with --tin"
            raise AliasNotBound(alias=str(code), found=found if tin is None or not live else f"it does not mean {tin}")
        draft.names[hashed] = str(code)
        for place, entry in sorted(alias.entries.items()):
            if place[0] == freed[0]:
                draft.names |= {} if tin is None else {entry: tin.text}
                states[hashed] = _add(draft, states[hashed], recogniser, hashed, place, NO_ENTRY, grounds)
    return _carry_out_all(desk, draft, signers, show_all=show_all, progress=progress)


def look_up_aliases(
    desk: ProvenDesk, aliases: Sequence[AliasCode], named: Mapping[AliasCode, Sequence[Tin]], *, recogniser: int
) -> tuple[tuple[Meaning, ...], Facts]:
    """Prove what a recogniser binds to each alias now, and which of the traders that the asker names are meant.

    Raises:
        Unproven, Unavailable: it is not proven.
    """
    states, facts = _prove_aliases(desk, recogniser, [hash_alias(recogniser, code) for code in aliases])
    found = []
    for code in aliases:
        alias = states[hash_alias(recogniser, code)]
        live = alias.live_bindings()
        meant = {
            tin.text: None
            for tin in named.get(code, ())
            if any(_is_of(alias, binding, tin, desk.keys.lookup) for binding in live)
        }
        found.append(
            Meaning(
                alias=code,
                entries=alias.entries,
                bindings=len(live),
                changed_at=alias.changed_at if alias.serial else None,
                traders=tuple(meant),
            )
        )
    return tuple(found), facts


def _prove_states(desk: ProvenDesk, recogniser: int, aliases: Iterable[AliasCode]) -> dict[bytes, Alias]:
    return _prove_aliases(desk, recogniser, [hash_alias(recogniser, code) for code in aliases])[0]


def _prove_aliases(desk: ProvenDesk, recogniser: int, hashes: Sequence[bytes]) -> tuple[dict[bytes, Alias], Facts]:
    """Prove each alias by its hash, and return the last block's facts too. The words tell which entries are to be proven with them."""
    states: dict[bytes, Alias] = {}
    wanted = list(dict.fromkeys(hashes))
    facts = desk.facts(slots_of_alias(recogniser, wanted[0]) if wanted else [])
    for start in range(0, len(wanted), _TOGETHER):
        part = wanted[start : start + _TOGETHER]
        words = desk.facts(slot for hashed in part for slot in slots_of_alias(recogniser, hashed))
        places = {hashed: _places(words, recogniser, hashed) for hashed in part}
        facts = words
        if any(places.values()):
            facts = desk.facts(slot for hashed in part for slot in slots_of_alias(recogniser, hashed, places[hashed]))
        states |= {hashed: facts.alias(recogniser, hashed) or Alias(entries={}) for hashed in part}
    return states, facts


def _places(facts: Facts, recogniser: int, hashed: bytes) -> list[tuple[int, int]]:
    alias = decode_alias(facts.word(Table.ALIAS, alias_key(recogniser, hashed)))
    return [] if alias is None else list(alias.entries)


def _prove_wanted(desk: ProvenDesk, rows: Sequence[AliasRow], register_of_trader: RegisterOf) -> list[list[bytes]]:
    """List the entries that each row asks for: under the types that it names, or under each type that its trader has by proof."""
    wanted: list[list[bytes]] = []
    entries_of = cache(desk.entries)
    for start in range(0, len(rows), _TOGETHER):
        part = [(row, register_of_trader(row.tin)) for row in rows[start : start + _TOGETHER]]
        named = {
            place: _entries(row, register, entries_of(register.number)) for place, (row, register) in enumerate(part)
        }
        open_ones = [entry for place, (row, _) in enumerate(part) if not row.types for entry in named[place]]
        registers = {register_of(entry) for entry in open_ones}
        slots = [
            slot
            for register in registers
            for slot in slots_of_standings(
                register, register, [entry for entry in open_ones if register_of(entry) == register]
            )
        ]
        facts = desk.facts(slots) if slots else None
        for place, (row, register) in enumerate(part):
            found = named[place]
            if not row.types and facts is not None:
                found = [entry for entry in found if facts.record(entry) is not None]
            if not found:
                raise NoStanding(act=f"bind {row.alias} to ({row.tin} in the register of {register.code})")
            wanted.append(found)
    return wanted


def _entries(row: AliasRow, register: TrustedParty, entry_of: EntryIn) -> list[bytes]:
    names = list_type_names(register.code)
    meant = [one for name in row.types for one in list_types_meant(register.code, name)] or names
    numbers = sorted({names.index(choose(name, names, what="type")) for name in meant})
    return [entry_of(row.tin, kind) for kind in numbers]


def _choose_binding(alias: Alias, row: AliasRow, keys: LookupKeys, *, also: bool) -> int:
    """Choose the binding of a row's trader: the one that it has, else the first free one."""
    live = alias.live_bindings()
    own = [binding for binding in live if _is_of(alias, binding, row.tin, keys)]
    if own:
        return own[0]
    if live and not also:
        reason = (
            "another trader is bound to it: release that one first, or bind both with --also, which makes it ambiguous"
        )
        raise AliasTaken(alias=str(row.alias), reason=reason, where=row.where)
    free = [binding for binding in range(MAX_BINDINGS) if binding not in live]
    if not free:
        reason = f"{MAX_BINDINGS} traders are bound to it, which is as many as it can have"
        raise AliasTaken(alias=str(row.alias), reason=reason, where=row.where)
    return free[0]


def _is_of(alias: Alias, binding: int, tin: Tin, keys: LookupKeys) -> bool:
    """Say whether a binding is a trader's: one of its entries follows from the TIN, and from a lookup key if the register is keyed."""
    return any(is_entry_of(entry, tin, keys) for (number, _), entry in alias.entries.items() if number == binding)


def _add(
    draft: _Draft, alias: Alias, recogniser: int, hashed: bytes, place: tuple[int, int], entry: bytes, grounds: bytes
) -> Alias:
    """Draft one act on an alias; return the alias after it."""
    act = AliasBinding(
        recogniser=recogniser,
        serial=alias.serial + 1,
        deadline=0,
        alias_hash=hashed,
        binding=place[0],
        certificate_type=place[1],
        entry=entry,
        grounds=grounds,
    )
    draft.acts.append(act)
    return with_binding(alias, act, 0)


def _write(act: AliasBinding, deadline: int) -> SignedAct:
    values = {name: getattr(act, name) for name in AliasBinding.__dataclass_fields__}
    return SignedAct(name="AliasBinding", values=values | {"deadline": deadline})


def _carry_out_all(
    desk: ProvenDesk,
    draft: _Draft,
    signers: Sequence[Signer],
    *,
    show_all: bool,
    progress: Callable[[int], None],
) -> Bound:
    """Show all acts, ask once, then sign, relay and prove them, as many aliases at a time as one proof allows."""
    parts = _divide(draft.acts)
    addresses = [signer.address for signer in signers]
    told: list[str] = []
    befores, listed = [], 0
    for part in parts:
        acts = [_write(act, desk.now() + LIFETIME_S) for act in part]
        before = desk.facts([slot for act in acts for slot in slots_of(act)] + slots_of_keys(addresses))
        befores.append(before)
        first = {act.values["alias_hash"]: act for act in reversed(acts)}
        for act in first.values():  # those that follow on one alias differ from it in type and serial alone
            require_signable(desk, act, addresses, before)
        for act in acts if show_all else acts[: MOST_LISTED - listed]:
            told += tell(act, before, draft.names)
            listed += 1
    if draft.acts:
        told.append(f"{count(len(draft.acts), 'act')} in all")
        told += ["  to see each act: --show-all"] if listed < len(draft.acts) else []
        desk.approve(told)
    afters = [_send(desk, part, before, signers, progress) for part, before in zip(parts, befores, strict=True)]
    return Bound(
        acts=len(draft.acts),
        unchanged=draft.unchanged,
        told=tuple(told),
        proven=all(isinstance(facts, ProvenState) for facts in (*befores, *afters)),
        block=number_of(afters[-1]) if afters else None,
    )


def _divide(acts: Sequence[AliasBinding]) -> list[list[AliasBinding]]:
    """Divide acts into parts whose words fit in one proof; all acts on an alias are in one part."""
    parts: list[list[AliasBinding]] = []
    for group in _group(acts):
        if not parts or len(parts[-1]) + len(group) > _TOGETHER:
            parts.append([])
        parts[-1] += group
    return parts


def _group(acts: Sequence[AliasBinding]) -> list[list[AliasBinding]]:
    """Group acts by their alias, in order."""
    groups: dict[bytes, list[AliasBinding]] = {}
    for act in acts:
        groups.setdefault(act.alias_hash, []).append(act)
    return list(groups.values())


def _send(
    desk: ProvenDesk,
    part: Sequence[AliasBinding],
    before: Facts,
    signers: Sequence[Signer],
    progress: Callable[[int], None],
) -> Facts:
    """Sign and relay acts whose words fit in one proof, and prove that they are sealed."""
    words = f"{count(len(part), 'act')} on aliases"
    drafts = [_write(act, desk.now() + LIFETIME_S) for act in part]
    signed = dict(zip(part, sign_kept(desk, drafts, signers, before, words), strict=True))

    def send(group: Sequence[AliasBinding]) -> list[tuple[Sealed | None, PossiblyRelayed | None]]:
        sent = []
        for act in group:
            sent.append(relay(desk, signed[act]))
            progress(1)
        return sent

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        sent = [one for group in pool.map(send, _group(part)) for one in group]
    sealed = next((sealed for sealed, _ in sent if sealed), None)
    doubt = next((doubt for _, doubt in sent if doubt), None)
    after = await_outcome(desk, list(signed.values()), before, sealed, doubt)
    desk.journal.note(list(signed.values()), after, words)
    return after
