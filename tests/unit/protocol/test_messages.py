from __future__ import annotations

import re

import pytest

from aeo_ledger.protocol.messages import MESSAGES, encode_type, referred_structs

KINDS = {"uint8", "uint16", "uint32", "uint64", "uint256", "address", "bytes32", "bytes", "bool"}


@pytest.mark.parametrize("name", MESSAGES)
def test_only_types_that_every_sdk_hashes_alike_are_used(name: str) -> None:
    for kind, member in MESSAGES[name]:
        assert kind in KINDS or kind.removesuffix("[]") in MESSAGES
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", member)
    assert len({member for _, member in MESSAGES[name]}) == len(MESSAGES[name])


@pytest.mark.parametrize("name", MESSAGES)
def test_a_struct_inside_a_message_refers_to_no_other(name: str) -> None:
    assert not any(referred_structs(referred) for referred in referred_structs(name))


def test_a_type_string_lists_the_structs_referred_to_behind_its_own() -> None:
    event = "StatusEvent(bytes32 entry,uint256 record,bytes32 document)"
    assert encode_type("StatusEvent") == event
    assert encode_type("Publication") == (
        "Publication(uint16 register,uint16 issuer,uint16 former,uint8 capacity,uint64 deadline,"
        "StatusEvent[] events,bytes details)" + event
    )


def test_no_two_messages_have_one_type_string() -> None:
    assert len({encode_type(name) for name in MESSAGES}) == len(MESSAGES)
