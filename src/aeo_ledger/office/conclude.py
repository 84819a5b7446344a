"""Conclude an arrangement: turn a draft that lawyers can read into an act that every side has signed.

The draft is TOML. The act is written beside it (`FILE.act.json`). Each side adds its authority's signature and may mail the act to the
next, since nothing in it is secret. The side that adds the last signature submits it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from aeo_ledger.customs.arrangement import Lane, Pair
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import Benefit, Direction, PartyState, Role
from aeo_ledger.errors.office import NoSuchLane, NoSuchParty
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.footing import slots_of_lane, slots_of_parties
from aeo_ledger.office.gather import Progress, gather, require_message
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.documents import parse_toml
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import Table, pair_key, slot_of
from aeo_ledger.protocol.words import NAME_BYTES, encode_text
from aeo_ledger.signing import Signer
from aeo_ledger.verify import TrustBundle, TrustedParty

LIFETIME_S: Final = 30 * 86_400
"""Seconds for which signatures may be gathered."""

_MAX_BYTES: Final = 1 << 20
"""Longest draft that is read."""

_KEYS: Final = {"name", "text", "text_hash", "signed", "signatories", "recognition"}
_RECOGNITION_KEYS: Final = {
    "recogniser", "register", "types", "roles", "directions", "benefits", "in_force_from", "until",
}  # fmt: skip
_ALL_ROLES: Final = (1 << len(Role)) - 1


def draft(text: str, desk: ProvenDesk, *, amends: bool = False, lifetime_s: int = LIFETIME_S) -> SignedAct:
    """Turn a draft into the act that is signed.

    Args:
        text: TOML; see the README for an example with every key.
        desk: Proves the pairs' lanes and the numbers of their last amendments. The parties' numbers are the pinned ones.
        amends: Whether it amends recognitions that are there: each is found by the arrangement's name, or by the number in `lane`.
        lifetime_s: How long signatures may be gathered.

    Raises:
        NoSuchLane: an amendment does not say which recognition it changes.
        MalformedDocument: the draft is not TOML.
        MalformedText: it has another key or value than a draft has; the key is named.
        NoSuchParty: a party that it names is not pinned, or was expelled.
        Unproven: a word that the draft depends on is not proven.
    """
    document = parse_toml(text, document="arrangement", max_bytes=_MAX_BYTES)
    _refuse_other_keys(document, _KEYS, "arrangement")
    name = _need(document, "name", str)
    recognitions = _recognitions(_need(document, "recognition", list), desk, amends=name if amends else None)
    signing = {number for r in recognitions for number in (r["recogniser"], r["register"])}
    if "signatories" in document:
        signing = {find_party(desk.trust, str(code)).number for code in _need(document, "signatories", list)}
    refuse_expelled(desk.facts(slots_of_parties(signing)), signing)
    return SignedAct(
        name="Amendment" if amends else "Conclusion",
        values={
            "deadline": desk.now() + lifetime_s,
            "arrangement": encode_text(name, NAME_BYTES, what="name").to_bytes(NAME_BYTES, "big")
            + bytes(32 - NAME_BYTES),
            "text": _text_hash(document),
            "signatories": sum(1 << number for number in signing),
            "recognitions": recognitions,
        },
    )


def _recognitions(terms: Sequence[Any], desk: ProvenDesk, *, amends: str | None) -> list[dict[str, int]]:
    """Read each recognition; give it a lane of its pair and the number of its amendment.

    `amends` is the name of the arrangement whose recognitions are amended; None for a conclusion.
    """
    used: Counter[tuple[int, int]] = Counter()
    recognitions = []
    for one in terms:
        _refuse_other_keys(one, _RECOGNITION_KEYS | ({"lane"} if amends else set()), "recognition")
        recogniser = find_party(desk.trust, _need(one, "recogniser", str))
        register = find_party(desk.trust, _need(one, "register", str))
        pair, lanes = read_pair(desk, recogniser.number, register.number)
        turn = used[recogniser.number, register.number]
        used[recogniser.number, register.number] += 1
        recognitions.append(
            {
                "recogniser": recogniser.number,
                "register": register.number,
                "lane": _choose_lane(lanes, turn, desk.now())
                if amends is None
                else _find_lane(one, lanes, amends, recogniser.code, register.code),
                "amendment": pair.amendments + 1 + turn,
                "types": _bits(one, "types", list_type_names(register.code)),
                "roles": _ALL_ROLES if one.get("roles", "all") == "all" else _bits(one, "roles", _names(Role)),
                "directions": _bits(one, "directions", _names(Direction)),
                "benefits": _bits(one, "benefits", _names(Benefit)),
                "in_force_from": _day(one, "in_force_from", recogniser),
                "until": _day(one, "until", recogniser),
            }
        )
    return recognitions


def read_pair(desk: ProvenDesk, recogniser: int, register: int) -> tuple[Pair, tuple[Lane, ...]]:
    """Prove a pair and its lanes, in order; a pair without any act has no lanes."""
    pair = desk.facts([slot_of(Table.PAIR, pair_key(recogniser, register))]).pair(recogniser, register)
    slots = [slot for lane in range(pair.lanes) for slot in slots_of_lane(recogniser, register, lane)]
    facts = desk.facts([*slots_of_parties((recogniser, register)), *slots])
    lanes = (facts.lane(recogniser, register, lane) for lane in range(pair.lanes))
    return pair, tuple(lane for lane in lanes if lane is not None)


def _find_lane(one: Mapping[str, Any], lanes: Sequence[Lane], name: str, recogniser: str, register: str) -> int:
    """Find the lane of an arrangement that an amendment changes: the only one, or the one that the draft names.

    Raises:
        NoSuchLane: there is none, or there are several and none is named.
    """
    found = [number for number, lane in enumerate(lanes) if lane.arrangement == name]
    if "lane" in one:
        found = [number for number in found if number == one["lane"]]
    if len(found) != 1:
        known = (str(number) for number, lane in enumerate(lanes) if lane.arrangement == name)
        raise NoSuchLane(recogniser=recogniser, register=register, known=tuple(known))
    return found[0]


def _choose_lane(lanes: Sequence[Lane], turn: int, now: int) -> int:
    """Choose the lane for the nth recognition (from 0) of a pair in a draft: a lane that has ended, else the next free one.

    Every answer proves every lane in use, so lanes that have ended are used again first.
    """
    ended = [number for number, lane in enumerate(lanes) if 0 < lane.until <= now]
    free: Sequence[int] = [*ended, *range(len(lanes), len(lanes) + turn + 1)]
    return free[turn]


def conclude(
    given: SignedAct | ActFile, signers: Sequence[Signer], desk: ProvenDesk, *, keep: Callable[[ActFile], None]
) -> Progress:
    """Show the act and add signatures; once every signing party's authority has signed, submit it; raises as `gather` does.

    Raises:
        MalformedText: it is another act.
    """
    require_message(given, "Conclusion", "Amendment")
    return gather(given, signers, desk, keep=keep)


def same_terms(one: SignedAct, other: SignedAct) -> bool:
    """Say whether two acts agree on everything except deadline and signatures."""
    return one.name == other.name and {**one.values, "deadline": 0} == {**other.values, "deadline": 0}


def find_party(trust: TrustBundle, code: str) -> TrustedParty:
    """Find a party by its code in the trust bundle; no gateway is asked.

    Raises:
        NoSuchParty: no party of this code is pinned.
    """
    party = trust.by_code.get(code)
    if party is None:
        raise NoSuchParty(code=str(code), known=tuple(trust.by_code))
    return party


def refuse_expelled(facts: Facts, numbers: Iterable[int]) -> None:
    """Refuse parties that were expelled.

    Raises:
        NoSuchParty: a party was expelled.
    """
    for number in numbers:
        party = facts.party(number)
        if party is not None and party.state is PartyState.EXPELLED:
            raise NoSuchParty(code=party.code, known=tuple(code for code in facts.trust.by_code if code != party.code))


def _text_hash(document: Mapping[str, Any]) -> bytes:
    if ("text" in document) == ("text_hash" in document):
        raise MalformedText("arrangement", "both or neither of text and text_hash", "one of them")
    if "text" in document:
        return keccak256(_need(document, "text", str).encode())
    return parse_hex(_need(document, "text_hash", str), what="text_hash", length=32)


def _need(document: Mapping[str, Any], key: str, kind: type) -> Any:
    found = document.get(key)
    if not isinstance(found, kind) or not found:
        raise MalformedText(key, repr(found), f"a {kind.__name__} that is not empty")
    return found


def _refuse_other_keys(document: object, keys: set[str], what: str) -> None:
    if not isinstance(document, dict) or set(document) - keys:
        found = ", ".join(sorted(set(document) - keys)) if isinstance(document, dict) else repr(document)
        raise MalformedText(what, found, f"only {', '.join(sorted(keys))}")


def _names(words: type[Role] | type[Direction] | type[Benefit]) -> tuple[str, ...]:
    return tuple(word.name.lower() for word in words)


def _bits(terms: Mapping[str, Any], key: str, names: Sequence[str]) -> int:
    bits = 0
    for name in _need(terms, key, list):
        if not isinstance(name, str):
            raise MalformedText(key, repr(name)[:80], "texts")
        bits |= 1 << names.index(choose(name, names, what=key))
    return bits


def _day(terms: Mapping[str, Any], key: str, recogniser: TrustedParty) -> int:
    value = terms.get(key)
    if value is None:
        return 0
    if not isinstance(value, date | str):
        raise MalformedText(key, repr(value), "a day such as 2019-07-24")
    text = value.isoformat() if isinstance(value, date | datetime) else value
    return parse_moment(text, recogniser.code, what=key)
