"""Ways to damage evidence: as a whole, in the bytes of either form, and in the parts that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import rlp

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.vocabulary import Direction, Role
from aeo_ledger.evidence import AliasQuestion, AnyQuestion, Evidence, Question

T = TypeVar("T", bytes, tuple[Any, ...])


def damage(dice: Random, whole: T, alien: T) -> T:
    """Drop, repeat, exchange, insert or cut parts of a sequence; an alien one gives what is inserted."""
    at, to = sorted((dice.randrange(len(whole) + 1), dice.randrange(len(whole) + 1)))
    one = dice.randrange(len(whole)) if whole else 0
    middle = dice.randrange(at, to + 1)
    other = dice.randrange(len(alien)) if alien else 0
    return dice.choice(
        (
            lambda: whole[:one] + whole[one + 1 :],
            lambda: whole[: one + 1] + whole[one:],
            lambda: whole[:at] + whole[to:],
            lambda: whole[:to] + whole[at:],
            lambda: whole[:at] + whole[middle:to] + whole[at:middle] + whole[to:],
            lambda: whole[:one] + alien[other : other + 1] + whole[one:],
            lambda: whole[:one] + alien[other : other + 1] + whole[one + 1 :],
            lambda: whole[:at] + alien[other : other + to - at] + whole[to:],
            lambda: whole[:at],
            lambda: whole[::-1],
        )
    )()


def flip(dice: Random, data: bytes) -> bytes:
    """Alter one byte, most often by one bit."""
    if not data:
        return b"\0"
    at = dice.randrange(len(data))
    turned = data[at] ^ (1 << dice.randrange(8) if dice.random() < 0.7 else dice.randrange(1, 256))
    return data[:at] + bytes([turned]) + data[at + 1 :]


def mutate_bytes(dice: Random, data: bytes, alien: bytes) -> bytes:
    """Damage an encoded document."""
    return flip(dice, data) if dice.random() < 0.5 else damage(dice, data, alien)


def mutate_tree(dice: Random, document: Any, alien: Any) -> Any:  # noqa: PLR0911  one for each kind of value
    """Damage a JSON document somewhere: a list or an object within, a text or a number; signed events, if it has any."""
    if isinstance(document, list) and document:
        at = dice.randrange(len(document))
        if dice.random() < 0.4 or not isinstance(document[at], list | dict):
            grown = damage(dice, tuple(document), tuple(alien) if isinstance(alien, list) else ())
            if dice.random() < 0.6:
                return list(grown)
        return [*document[:at], mutate_tree(dice, document[at], alien), *document[at + 1 :]]
    if isinstance(document, dict) and document:
        key = dice.choice(sorted(document))
        if dice.random() < 0.1:
            return {name: value for name, value in document.items() if name != key}
        other = alien.get(key) if isinstance(alien, dict) else alien
        return {**document, key: other if dice.random() < 0.05 else mutate_tree(dice, document[key], other)}
    if isinstance(document, str) and document:
        at = dice.randrange(len(document))
        return document[:at] + dice.choice("0123456789abcdefxBY") + document[at + dice.randrange(3) :]
    if isinstance(document, int):
        return dice.choice((document + 1, document - 1, 0, document * 2, 1 << 32, str(document), None))
    return alien


def mutate_parts(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    """Damage nodes, seals, header or questions; what comes out can be encoded."""
    return dice.choice(_MUTATIONS)(dice, evidence, alien)


def _nodes(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    return replace(evidence, nodes=damage(dice, evidence.nodes, alien.nodes))


def _within_a_node(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    nodes = list(evidence.nodes)
    at = dice.randrange(len(nodes))
    nodes[at] = mutate_bytes(dice, nodes[at], dice.choice(alien.nodes))
    return replace(evidence, nodes=tuple(nodes))


def _seals(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    fields, extra = _open(evidence)
    seals = tuple(extra[4])
    if dice.random() < 0.5:
        at = dice.randrange(len(seals))
        seals = (*seals[:at], flip(dice, seals[at]), *seals[at + 1 :])
    else:
        seals = damage(dice, seals, tuple(_open(alien)[1][4]))
    return _close(evidence, fields, [*extra[:4], list(seals)])


def _header_field(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    fields, extra = _open(evidence)
    other = _open(alien)[0]
    at = dice.choice([place for place in range(len(fields)) if place != 12])
    fields[at] = dice.choice((lambda: flip(dice, fields[at]), lambda: other[at], lambda: [fields[at]], lambda: b""))()
    return _close(evidence, fields, extra)


def _header_bytes(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    return replace(evidence, header=mutate_bytes(dice, evidence.header, alien.header))


def _other_trader(question: AnyQuestion, alien: AnyQuestion) -> dict[str, Any]:
    if isinstance(question, AliasQuestion):
        return {"alias": AliasCode(AliasKind.DUNS, "000000000")}
    return {"tin": alien.tin} if isinstance(alien, Question) else {}


def _questions(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    questions = list(evidence.questions)
    at = dice.randrange(len(questions))
    altered: dict[str, Any] = dice.choice(
        (
            _other_trader(questions[at], alien.questions[0]),
            {"recogniser": dice.choice(("PL", "EU", "XX"))},
            {"direction": dice.choice(list(Direction))},
            {"role": dice.choice(list(Role))},
            {"certificate_type": dice.choice((0, 15, "AEOC", "X"))},
            {"register": dice.choice(("BY", "EU", "XX"))},
            {"on": dice.choice((0, 1_800_000_000, 1_700_000_000))},
        )
    )
    questions[at] = replace(questions[at], **altered)
    if dice.random() < 0.3:
        questions.append(dice.choice((*alien.questions, *evidence.questions)))
    return replace(evidence, questions=tuple(questions))


def _another_s_nodes(dice: Random, evidence: Evidence, alien: Evidence) -> Evidence:
    return replace(evidence, nodes=alien.nodes)


_MUTATIONS: tuple[Callable[[Random, Evidence, Evidence], Evidence], ...] = (
    _nodes, _nodes, _within_a_node, _within_a_node, _seals, _seals, _header_field, _header_bytes, _questions,
    _another_s_nodes,
)  # fmt: skip


def _open(evidence: Evidence) -> tuple[list[Any], list[Any]]:
    fields = rlp.decode(evidence.header)
    return fields, rlp.decode(fields[12])


def _close(evidence: Evidence, fields: list[Any], extra: list[Any]) -> Evidence:
    fields[12] = rlp.encode(extra)
    return replace(evidence, header=rlp.encode(fields))
