"""What a founding writes into block 0: the words of the parties, their registers and their keys, as the contracts' constructor takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.party import NO_MEMBERSHIP, Membership, Party
from aeo_ledger.customs.vocabulary import PartyKind, PartyState, RegisterMode
from aeo_ledger.protocol.tables import Table
from aeo_ledger.protocol.words import encode_party, encode_register
from aeo_ledger.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """One party of a network to be founded."""

    code: str
    kind: PartyKind
    unions: tuple[str, ...]
    seat: bool
    keeps_register: bool
    keyed: bool = False
    """Whether its register will be keyed: its party opens it then, since the secrets are its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundingKeys:
    """The keys of a new network, by party."""

    authorities: Mapping[str, Signer]
    operators: Mapping[str, Signer]
    nodes: Mapping[str, Signer]
    """One for each party with a seat."""


def first_words(parties: Sequence[Founding], keys: FoundingKeys, now: int) -> tuple[object, ...]:
    """Return the arguments of `Consortium`'s constructor: founders, operators, validators, and the minimal number of validators."""
    numbers = {party.code: number for number, party in enumerate(parties, 1)}
    return (
        [(_party_word(p, numbers, now), keys.authorities[p.code].address, _register_word(p, now)) for p in parties],
        [(numbers[code], operator.address) for code, operator in keys.operators.items()],
        [(numbers[code], node.address) for code, node in keys.nodes.items()],
        min(4, len(keys.nodes)),
    )


def list_places(parties: Sequence[Founding], keys: FoundingKeys) -> Iterator[tuple[Table, int]]:
    """List the words that a founding may write, by table and key."""
    yield Table.GOVERNANCE, 0
    for number in range(1, len(parties) + 1):
        yield from ((table, number) for table in (Table.PARTY, Table.PARTY_HEAD, Table.OFFICE, Table.REGISTER))
    for role in (keys.authorities, keys.operators, keys.nodes):
        yield from ((Table.KEY, int.from_bytes(signer.address, "big")) for signer in role.values())
    yield from ((Table.VALIDATOR, place) for place in range(len(keys.nodes) + 1))


def _party_word(party: Founding, numbers: dict[str, int], now: int) -> int:
    joined = [Membership(union=numbers[union]) for union in party.unions]
    one, two, three, four = (joined + [NO_MEMBERSHIP] * 4)[:4]
    return encode_party(
        Party(
            code=party.code,
            kind=party.kind,
            state=PartyState.ACTIVE,
            seat=party.seat,
            keeps_register=party.keeps_register,
            opened=party.keeps_register and not party.keyed,
            memberships=(one, two, three, four),
            changed_at=now,
        )
    )


def _register_word(party: Founding, now: int) -> int:
    if not party.keeps_register or party.keyed:
        return 0
    types = (1 << len(list_type_names(party.code))) - 1
    return encode_register(Register(mode=RegisterMode.OPEN, types=types, changed_at=now))
