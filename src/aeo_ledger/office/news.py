"""News for an office: each item is proven before it counts, and told in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aeo_ledger.customs.arrangement import Lane
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.vocabulary import PartyState
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.verify import NewsDiffer
from aeo_ledger.evidence.news import About, NewsItem, slots_of
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.desk import Witness
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.layouts import SUCCESSION
from aeo_ledger.protocol.words import (
    decode_lane,
    decode_party,
    decode_record,
    decode_register,
    decode_withholding,
)
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.facts import verify_facts
from aeo_ledger.verify.news import ProvenNews, verify_news, verify_news_of_standing


class Prover:
    """Proves news, with evidence that it asks for.

    Args:
        witness: Gives the evidence.
        trust: Pinned by the listener.
        clock: Returns UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
    """

    def __init__(self, witness: Witness, trust: TrustBundle, *, clock: Callable[[], int], max_age: int) -> None:
        self._witness, self._trust, self._clock, self._max_age = witness, trust, clock, max_age

    def prove(self, items: Sequence[NewsItem]) -> list[ProvenNews | Unproven]:
        """Prove some items, or say of each why it is not proven.

        What stands now is proven for all of them at once. A standing that was changed since is proven by its history.

        Raises:
            Unproven: the evidence proves nothing at all, as when it is too old.
            Refused, Unavailable, Malformed: the gateway's error.
        """
        slots = list(dict.fromkeys(slot for item in items for slot in slots_of(item)))
        evidence = self._witness.prove_words(slots)
        state = verify_facts(evidence, self._trust, now=self._clock(), max_age=self._max_age)
        found: list[ProvenNews | Unproven] = []
        for item in items:
            try:
                found.append(verify_news(item, state))
            except NewsDiffer as differ:
                found.append(self._look_back(item) if item.about is About.STANDING else differ)
            except Unproven as error:
                found.append(error)
        return found

    def _look_back(self, item: NewsItem) -> ProvenNews | Unproven:
        evidence = self._witness.history([item.entry or b""])
        try:
            return verify_news_of_standing(item, evidence, self._trust, now=self._clock(), max_age=self._max_age)
        except Unproven as error:
            return error


def tell_item(item: NewsItem, trust: TrustBundle | None) -> str:
    """Say in words what an item says; parties have their pinned codes, if a bundle is given.

    Raises:
        MalformedWord: a word is not one that the contracts write.
    """
    return _Telling(item, trust).tell()


class _Telling:
    """An item of news in words."""

    def __init__(self, item: NewsItem, trust: TrustBundle | None) -> None:
        self._item, self._trust = item, trust
        self._recogniser, self._register = self._code(item.recogniser), self._code(item.register)

    def tell(self) -> str:
        tell = {
            About.STANDING: self._standing,
            About.LANES: self._lanes,
            About.WITHHOLDING: self._withholding,
            About.ALIAS: lambda _: f"{self._recogniser} bound or released the alias {to_hex(self._item.alias or b'')}",
            About.PARTY: self._party,
            About.REGISTER: self._opened,
            About.LOOKUP_KEY: self._lookup_key,
            About.SUCCESSION: self._succession,
        }[self._item.about]
        if self._item.words:
            return tell(self._item.words[0][1])
        if self._item.about is About.ALIAS:
            return "an alias was bound or released; the act does not show whose"
        return f"{self._recogniser} withholds benefits in the register of {self._register}, or no longer; the act does not show whose"

    def _standing(self, word: int) -> str:
        record = decode_record(word)
        if record is None:
            return f"{self._trader()}: none"
        what, since = str(self._item.what).upper(), show_moment(record.since, self._register)
        return f"{self._trader()}: {what}, event {record.sequence}: {record.status.name} since {since}"

    def _withholding(self, word: int) -> str:
        withholding = decode_withholding(word)
        withholds = "withholds" if withholding and withholding.withheld else "no longer withholds"
        return f"{self._recogniser} {withholds} benefits from {self._trader()}"

    def _lanes(self, _: int) -> str:
        lanes = [self._lane(number, decode_lane(word)) for number, word in self._item.words]
        return f"{self._recogniser} recognises the register of {self._register}: {'; '.join(lanes)}"

    def _lane(self, number: int, lane: Lane | None) -> str:
        if lane is None:
            return f"lane {number} is none"
        begins = f"in force from {show_moment(lane.in_force_from, self._recogniser)}"
        ends = f" until {show_moment(lane.until, self._recogniser)}" if lane.until else ""
        signed = begins if lane.in_force_from else "signed and not in force"
        return f"lane {number} ({lane.arrangement}) is {lane.state.name}, {signed}{ends}"

    def _party(self, word: int) -> str:
        party, code = decode_party(word), self._code(self._item.party)
        if party is None:
            return f"{code}: none"
        until = f" until {show_moment(party.suspended_until)}" if party.state is PartyState.SUSPENDED else ""
        unions = ", ".join(self._code(place.union) for place in party.memberships if place.union) or "no union"
        return f"{code} is {party.state.name}{until}, in {unions}"

    def _opened(self, word: int) -> str:
        register = decode_register(word)
        if register is None:
            return f"the register of {self._register}: none"
        kinds = ", ".join(map(self._type, register.types_in_use()))
        return (
            f"the register of {self._register} is {register.mode.name}, with types {kinds}, in epoch {register.epoch}"
        )

    def _lookup_key(self, _: int) -> str:
        kinds = ", ".join(self._type(number) for number, _ in self._item.words)
        return f"the register of {self._register} has lookup keys for types {kinds}"

    def _succession(self, word: int) -> str:
        return f"another ledger succeeds this one from {show_moment(SUCCESSION['effective'].of(word))} on"

    def _trader(self) -> str:
        entry = self._item.entry or b""
        return f"{self._register} type {self._type(type_of(entry))} {to_hex(entry)}"

    def _type(self, number: int) -> str:
        names = list_type_names(self._register)
        return names[number] if number < len(names) else str(number)

    def _code(self, number: int | None) -> str:
        party = None if number is None or self._trust is None else self._trust.by_number.get(number)
        return f"party {number}" if party is None else party.code
