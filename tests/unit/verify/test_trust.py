from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.errors.verify import UnknownCertificateType, UnknownParty
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify import TRUST_FORM, TrustedParty, resolve_question
from aeo_ledger.verify.trust import fingerprint
from support.sealed_world import ADDRESSES, BY, CODES, DE, DE_TRADER, EU, NOW, question, trust

PREDECESSORS = tuple(
    Predecessor(
        chain_id=seam,
        consortium=bytes([0xC0 + seam]) * 20,
        governance=bytes([0x90 + seam]) * 20,
        registers=bytes([0xE0 + seam]) * 20,
        number=100 * seam,
        header=bytes([seam]) * 32,
        time=NOW - 1000 + seam,
    )
    for seam in (1, 2)
)
PINNED = trust(predecessors=PREDECESSORS)
DOCUMENT: dict[str, Any] = json.loads(TRUST_FORM.encode_json(PINNED))


def altered(path: str, value: object) -> str:
    document = json.loads(TRUST_FORM.encode_json(PINNED))
    *above, last = path.split(".")
    place = document
    for key in above:
        place = place[int(key) if isinstance(place, list) else key]
    place[last] = value
    return json.dumps(document)


def test_a_trust_bundle_is_read_as_it_was_written() -> None:
    assert TRUST_FORM.decode_json(TRUST_FORM.encode_json(PINNED)) == PINNED
    assert list(DOCUMENT) == [
        "format", "chain", "contracts", "validators", "checkpoint", "period_s", "parties", "prefixes", "predecessors",
    ]  # fmt: skip
    assert DOCUMENT["format"] == "aeo-ledger/trust/1"


def test_a_party_s_certificate_may_be_pinned_and_need_not_be() -> None:
    first, *others = PINNED.parties
    pinned = replace(PINNED, parties=(replace(first, certificate=b"\x11" * 32), *others))
    document = json.loads(TRUST_FORM.encode_json(pinned))
    assert document["parties"][0]["certificate"] == "0x" + "11" * 32
    assert ["certificate" in party for party in document["parties"]].count(True) == 1
    assert TRUST_FORM.decode_json(TRUST_FORM.encode_json(pinned)) == pinned
    assert fingerprint(pinned) != fingerprint(PINNED)


@pytest.mark.parametrize("forks", [{}, {"london": 7}, {"london": 0, "shanghai": 0, "cancun": 5, "prague": 9}])
def test_forks_may_be_pinned(forks: dict[str, int]) -> None:
    pinned = trust(forks=Forks.of(forks))
    assert json.loads(TRUST_FORM.encode_json(pinned))["forks"] == forks
    assert TRUST_FORM.decode_json(TRUST_FORM.encode_json(pinned)) == pinned
    assert PINNED.forks is None, "and need not be"


@pytest.mark.parametrize(
    "forks",
    [
        [],
        "berlin",
        {"shanghai": 0},
        {"london": -1},
        {"london": True},
        {"london": 0, "shanghai": 2, "cancun": 1},
        {"osaka": 0},
    ],
)
def test_forks_in_another_form_are_refused(forks: object) -> None:
    with pytest.raises(MalformedDocument, match="forks"):
        TRUST_FORM.decode_json(json.dumps({**DOCUMENT, "forks": forks}))


def test_it_says_who_a_prefix_means_and_when_it_expires() -> None:
    assert PINNED.party_of_prefix("DE") == DE
    assert PINNED.party_of_prefix("XI") == DE
    assert PINNED.party_of_prefix("ZZ") is None
    assert PINNED.by_code["BY"].number == BY
    assert PINNED.by_number[BY].types == ("1", "2", "3")
    assert PINNED.expires_at == PINNED.checkpoint.time + 90 * 86_400


def test_an_act_was_signed_for_the_ledger_that_was_in_force_when_it_was_recorded() -> None:
    first, second = PREDECESSORS
    for contract in Contract:
        now = (PINNED.chain_id, ADDRESSES[contract])
        domains = [PINNED.domain_at(contract, time) for time in (0, first.time, first.time + 1, second.time)]
        of_first, of_second = ((one.chain_id, one.address(contract)) for one in PREDECESSORS)
        assert domains == [of_first, of_first, of_second, of_second]
        assert PINNED.domain_at(contract, second.time + 1) == now == trust().domain_at(contract, 0)


def test_a_bundle_pins_a_predecessor_by_its_seam() -> None:
    first, second = PREDECESSORS
    of_second = PINNED.of_predecessor(second.header)
    assert of_second is not None
    assert (of_second.chain_id, of_second.consortium) == (second.chain_id, second.consortium)
    assert of_second.predecessors == (first,)
    assert of_second.of_predecessor(second.header) is None
    assert of_second.domain_at(Contract.REGISTERS, first.time) == (first.chain_id, first.registers)
    assert PINNED.of_predecessor(bytes(32)) is None


def test_nothing_in_it_can_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        PINNED.chain_id = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        PINNED.prefixes["ZZ"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        PINNED.by_code["ZZ"] = PINNED.by_code["BY"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        ("format", "aeo-ledger/trust/2", "format"),
        ("surplus", 1, ""),
        ("chain", [], "chain"),
        ("chain.id", -1, "chain.id"),
        ("chain.id", "1", "chain.id"),
        ("chain.genesis", "0x00", "chain.genesis"),
        ("chain.name", "x", "chain"),
        ("contracts.consortium.address", "0x" + "00" * 32, "contracts.consortium.address"),
        ("contracts.registers.code", None, "contracts.registers.code"),
        ("contracts.governance.code", "0x00", "contracts.governance.code"),
        ("contracts.aliases", {}, "contracts"),
        ("contracts.registers.abi", [], "contracts.registers"),
        ("validators", [], "validators"),
        ("validators", ["0x" + "11" * 20] * 2, "validators"),
        ("validators", ["0x" + "11" * 19], "validators[0]"),
        ("checkpoint.number", 1.5, ""),
        ("checkpoint.number", 1 << 64, "checkpoint.number"),
        ("checkpoint.hash", "ab" * 32, "checkpoint.hash"),
        ("checkpoint.seals", 1, "checkpoint"),
        ("period_s", "90d", "period_s"),
        ("parties.0.number", 0, "parties[0].number"),
        ("parties.0.number", 256, "parties[0].number"),
        ("parties.0.code", "eu", "parties[0].code"),
        ("parties.0.name", "", "parties[0].name"),
        ("parties.0.types", ["A", "A"], "parties[0].types"),
        ("parties.0.types", [1], "parties[0].types"),
        ("parties.0.types", ["A" * 21], "parties[0].types"),
        ("parties.0.key", "", "parties[0]"),
        ("parties.0.certificate", "0x", "parties[0].certificate"),
        ("parties.0.certificate", "0x" + "11" * 31, "parties[0].certificate"),
        ("parties.1.number", EU, "parties"),
        ("parties.1.code", "EU", "parties"),
        ("prefixes.xi", DE, "prefixes.xi"),
        ("prefixes.XI", "DE", "prefixes.XI"),
        ("prefixes.XI", 99, "prefixes"),
        ("prefixes.BY", DE, "prefixes"),
        ("predecessors", {}, "predecessors"),
        ("predecessors.0.chain", -1, "predecessors[0].chain"),
        ("predecessors.0.code", "0x", "predecessors[0]"),
        ("predecessors.0.contracts.governance", "0x" + "00" * 19, "predecessors[0].contracts.governance"),
        ("predecessors.0.contracts.aliases", "0x" + "00" * 20, "predecessors[0].contracts"),
        ("predecessors.1.header.hash", "0x00", "predecessors[1].header.hash"),
        ("predecessors.1.header.seals", [], "predecessors[1].header"),
        ("predecessors.1.header.time", PREDECESSORS[0].time, "predecessors"),
        ("predecessors.0.header.time", PREDECESSORS[1].time + 1, "predecessors"),
    ],
)
def test_a_trust_bundle_of_another_form_is_refused(path: str, value: object, at: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        TRUST_FORM.decode_json(altered(path, value))
    assert (refusal.value.document, refusal.value.at) == ("trust bundle", at)


@pytest.mark.parametrize("key", list(DOCUMENT))
def test_a_trust_bundle_that_lacks_a_part_is_refused(key: str) -> None:
    with pytest.raises(MalformedDocument) as refusal:
        TRUST_FORM.decode_json(json.dumps({name: part for name, part in DOCUMENT.items() if name != key}))
    assert refusal.value.reason == f"lacks {key}"


def test_a_question_is_put_into_numbers_by_what_is_pinned() -> None:
    inquiry = resolve_question(question(DE_TRADER, BY, certificate_type="AEOS"), PINNED, NOW)
    assert (inquiry.recogniser, inquiry.party, inquiry.register_named, inquiry.time) == (BY, DE, False, NOW)
    assert inquiry.types == {EU: 1}
    inquiry = resolve_question(question(DE_TRADER, BY, register="EU", certificate_type=2, on=5), PINNED, NOW)
    assert (inquiry.party, inquiry.register_named, inquiry.time) == (EU, True, 5)
    assert inquiry.types == dict.fromkeys(CODES, 2)


def test_a_question_in_words_that_are_not_pinned_is_refused() -> None:
    with pytest.raises(UnknownParty) as refusal:
        resolve_question(question(DE_TRADER, BY, register="FR"), PINNED, NOW)
    assert refusal.value.code == "FR"
    bundle = trust(parties=(TrustedParty(number=EU, code="EU", name="EU", types=("AEOC",)),), prefixes={})
    with pytest.raises(UnknownParty) as refusal:
        resolve_question(question(DE_TRADER, BY), bundle, NOW)
    assert (refusal.value.code, refusal.value.known) == ("BY", ("EU",))
    with pytest.raises(UnknownCertificateType) as mistaken:
        resolve_question(question(DE_TRADER, EU, certificate_type="AEOF"), bundle, NOW)
    assert (mistaken.value.name, mistaken.value.known) == ("AEOF", ("AEOC",))


def test_a_bundle_goes_on_with_the_chains_that_it_succeeds_and_with_no_other() -> None:
    assert PINNED.chains == (PINNED.chain_id, *(one.chain_id for one in PREDECESSORS))
    assert all(PINNED.continues(chain) for chain in PINNED.chains)
    assert not PINNED.continues(max(PINNED.chains) + 1)
