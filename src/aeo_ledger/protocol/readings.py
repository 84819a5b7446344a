"""From a message's values to its act in the customs model, for replay or rehearsal. For publications also the way back.

Only acts that a ledger can record are read. An act that no contract accepts, such as one of an unknown kind, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from aeo_ledger.customs import acts
from aeo_ledger.customs.replay import Completion, Founding, NetworkStep, PairStep, PartyStep
from aeo_ledger.customs.vocabulary import (
    Capacity,
    LaneActKind,
    PartyActKind,
    PartyKind,
    ReplacementActKind,
    ResolutionAct,
)
from aeo_ledger.errors.protocol import MalformedMessage, MalformedWord
from aeo_ledger.protocol.layouts import PARTY, unpack
from aeo_ledger.protocol.messages import MESSAGES
from aeo_ledger.protocol.typed_data import Value
from aeo_ledger.protocol.words import (
    CODE_BYTES,
    NAME_BYTES,
    decode_party,
    decode_record,
    decode_text,
    encode_record,
)

COMPLETION: Final = "Completion"
"""The completed replacement of an authority. It is recorded but is not a message, because nobody signs it."""

Step: TypeAlias = PartyStep | PairStep | NetworkStep | acts.AliasBinding


def read_step(name: str, values: Mapping[str, Any]) -> Step:
    """Read an act on a party, a pair, an alias or the network.

    Args:
        name: Name of its message, or `COMPLETION`.
        values: Every member, in its form.

    Raises:
        MalformedMessage: No ledger records such an act.
    """
    try:
        return _READERS[name](dict(values))
    except (ValueError, MalformedWord) as error:
        raise MalformedMessage(where=name, found=str(error), needed="an act that a ledger records") from error


def read_publication(values: Mapping[str, Any]) -> acts.Publication:
    """Read a publication from any source.

    Raises:
        MalformedMessage: An event has no record, or this version cannot read the publication.
    """
    try:
        return acts.Publication(
            **{
                **values,
                "capacity": Capacity(values["capacity"]),
                "events": tuple(_read_event(event) for event in values["events"]),
            }
        )
    except (ValueError, MalformedWord) as error:
        raise MalformedMessage(
            where="Publication", found=str(error), needed="a publication that can be read"
        ) from error


def write_publication(publication: acts.Publication) -> dict[str, Value]:
    """Write a publication as the values of its message."""
    return {
        **{member: getattr(publication, member) for _, member in MESSAGES["Publication"]},
        "capacity": int(publication.capacity),
        "events": [write_event(event) for event in publication.events],
    }


def write_event(event: acts.StatusEvent) -> dict[str, Value]:
    """Write a status event as the values of its part of a publication."""
    return {"entry": event.entry, "record": encode_record(event.record), "document": event.document}


def _read_event(values: Mapping[str, Any]) -> acts.StatusEvent:
    record = decode_record(values["record"])
    if record is None:
        raise ValueError("an event has no record")
    return acts.StatusEvent(**{**values, "record": record})


def _resolution(values: dict[str, Any]) -> acts.Resolution:
    values["act"] = ResolutionAct(values["act"])
    if values["act"] is ResolutionAct.ADMIT:
        word = unpack(PARTY, int.from_bytes(values["detail"], "big"))
        values["detail"] = acts.Candidate(
            code=decode_text(word["code"], CODE_BYTES, what="party's code"),
            kind=PartyKind(word["kind"]),
            seat=bool(word["seat"]),
            keeps_register=bool(word["keeps_register"]),
        )
    return acts.Resolution(**values)


def _founding(values: dict[str, Any]) -> Founding:
    party = decode_party(values["word"])
    if party is None:
        raise ValueError("the founding has no party word")
    return Founding(party=party, authority=values["authority"])


def _arrangement(kind: type[acts.Conclusion]) -> Callable[[dict[str, Any]], acts.Conclusion]:
    def read(values: dict[str, Any]) -> acts.Conclusion:
        name = int.from_bytes(values["arrangement"][:NAME_BYTES], "big")
        values["arrangement"] = decode_text(name, NAME_BYTES, what="arrangement's name")
        values["signatories"] = frozenset(party for party in range(256) if values["signatories"] >> party & 1)
        values["recognitions"] = tuple(acts.Recognition(**recognition) for recognition in values["recognitions"])
        return kind(**values)

    return read


_READERS: Final[dict[str, Callable[[dict[str, Any]], Step]]] = {
    "Founding": _founding,
    COMPLETION: lambda values: Completion(key=values["key"]),
    "Resolution": _resolution,
    "PartyAct": lambda values: acts.PartyAct(**{**values, "act": PartyActKind(values["act"])}),
    "Succession": lambda values: acts.Succession(**values),
    "ReplacementAct": lambda values: acts.ReplacementAct(**{**values, "act": ReplacementActKind(values["act"])}),
    "Freeze": lambda values: acts.Freeze(**values),
    "Envelope": lambda values: acts.Envelope(**values),
    "Conclusion": _arrangement(acts.Conclusion),
    "Amendment": _arrangement(acts.Amendment),
    "LaneAct": lambda values: acts.LaneAct(**{**values, "act": LaneActKind(values["act"])}),
    "Withholding": lambda values: acts.WithholdingAct(**values),
    "AliasBinding": lambda values: acts.AliasBinding(**values),
}
