"""A signer trusts no gateway: one that falsifies words of an act, or claims that a dropped act is sealed, is exposed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import EventKind, ResolutionAct, Role, Status
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.cli import NotConfirmed
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.office import NotProvenDone, RefusedBeforehand
from aeo_ledger.errors.verify import (
    BelowCheckpoint,
    HeaderBreaksRule,
    MissingNode,
    RepeatedNode,
    Stale,
    SurplusNodes,
    TooFewSeals,
    TrustExpired,
    WrongCode,
    WrongPartyCode,
)
from aeo_ledger.evidence import decode_header
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.footing import slots_of
from aeo_ledger.office.govern import draft_succession, name_successor, resolve
from aeo_ledger.office.outcome import find_missing
from aeo_ledger.office.parties import find_listed
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.office.trust import name_in_bundle
from aeo_ledger.office.withhold import withhold
from aeo_ledger.primitives import rlp
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.succession import Successor
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.verify import Checkpoint, TrustBundle, ValidatorSet
from support.hostile_gateway import Asked, Falsify, HostileGateway, hostile_gateway
from support.network import CN_BY, Network, now, opened, register_text
from support.waiting import WITHIN_S

TRADER, SECOND, WITHHELD = "BY511125808", "BY413751283", "BY730439268"
ALL_ROLES = (1 << len(Role)) - 1


@dataclass
class Signing:
    """The signer's side: what was shown, what was kept, and the gateway between signer and ledger."""

    network: Network
    gateway: HostileGateway
    client: GatewayClient
    shown: list[Sequence[str]] = field(default_factory=list)
    kept: list[ActFile] = field(default_factory=list)

    def desk(self, trust: TrustBundle | None = None, **how: Any) -> ProvenDesk:
        return ProvenDesk(
            self.client, trust or self.network.trust, approve=self.shown.append, proven_within_s=1.5, **how
        )

    def authorities(self, *codes: str) -> list[Any]:
        return [self.network.signer(code, "authority") for code in codes]


@contextmanager
def signing(network: Network) -> Iterator[Signing]:
    with hostile_gateway(network.url) as gateway, GatewayClient(gateway.url, timeout_s=WITHIN_S) as client:
        yield Signing(network, gateway, client)


@pytest.fixture(scope="module")
def ledger(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("hostile") / "net")
    with opened(folder) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.import_("".join(register_text("BY").splitlines(keepends=True)[:60]), "BY")
        withhold(
            network.office, network.entry(WITHHELD, "BY", 2), withheld=True, recogniser=network.number("CN"),
            signers=[network.signer("CN")],
        )  # fmt: skip
        yield network


@pytest.fixture
def signer(ledger: Network) -> Iterator[Signing]:
    with signing(ledger) as made:
        yield made


# ---- acts of every kind that offices sign ----


def amend(at: Signing, desk: ProvenDesk) -> None:
    number = at.network.number("BY")
    change_status(
        desk, at.network.entry(TRADER, "BY", 2), Change(kind=EventKind.AMEND, valid_until=4_000_000_000),
        register=number, issuer=number, signers=[at.network.signer("BY")],
    )  # fmt: skip


def release(at: Signing, desk: ProvenDesk) -> None:
    entry = at.network.entry(WITHHELD, "BY", 2)
    withhold(desk, entry, withheld=False, recogniser=at.network.number("CN"), signers=[at.network.signer("CN")])


def arrange(at: Signing, desk: ProvenDesk) -> None:
    text = CN_BY.replace("CN-BY", "CN-KZ").replace('"BY"', '"KZ"').replace('"3"', '"1"')
    conclude(draft(text, desk), at.authorities("CN", "KZ"), desk, keep=at.kept.append)


def resolve_to_seat(at: Signing, desk: ProvenDesk) -> None:
    authorities = at.authorities("BY", "CN", "KZ", "EU")
    resolve(desk, ResolutionAct.GIVE_SEAT, authorities, party=at.network.number("DE"))


def succeed(at: Signing, desk: ProvenDesk) -> None:
    successor = Successor(
        effective=now() + 86_400,
        chain_id=77,
        addresses={contract: bytes([place]) * 20 for place, contract in enumerate(Contract, 0x5C)},
        code_hashes={contract: bytes([place]) * 32 for place, contract in enumerate(Contract, 0x6C)},
    )
    name_successor(draft_succession(desk, successor), at.authorities("BY", "CN", "KZ"), desk, keep=at.kept.append)


ACTS = [amend, release, arrange, resolve_to_seat, succeed]
Act = Callable[[Signing, ProvenDesk], None]


# ---- ways to falsify what they rest on ----


def flip_last_node(document: Any, _: Asked) -> Any:
    """Falsify the word in a leaf, and so the leaf's hash."""
    nodes = [*document["nodes"]]
    at = max(range(len(nodes)), key=lambda place: nodes[place][:4] not in {"0xf8", "0xf9"} or place)
    nodes[at] = nodes[at][:-2] + format(int(nodes[at][-2:], 16) ^ 1, "02x")
    return {**document, "nodes": nodes}


def leave_one_out(document: Any, _: Asked) -> Any:
    return {**document, "nodes": document["nodes"][:-1]}


def bring_another(document: Any, _: Asked) -> Any:
    return {**document, "nodes": [*document["nodes"], "0xc22080"]}


def bring_one_twice(document: Any, _: Asked) -> Any:
    return {**document, "nodes": [*document["nodes"], document["nodes"][0]]}


def prove_other_words(_: Any, asked: Asked) -> Any:
    """Prove, honestly, words that were not asked for."""
    slots = [{**one, "slot": hex(int(one["slot"], 16) ^ 1)} for one in asked.document["slots"]]
    slots = [{**one, "slot": "0x" + one["slot"][2:].rjust(64, "0")} for one in slots]
    return asked.pass_on({"slots": slots})


def break_seals(document: Any, _: Asked) -> Any:
    """Keep only one of the four validators' seals."""
    fields: Any = rlp.decode(bytes.fromhex(document["header"][2:]))
    extra = rlp.decode(fields[12])
    assert isinstance(extra, list)
    fields[12] = rlp.encode([*extra[:-1], extra[-1][:1]])
    return {**document, "header": "0x" + rlp.encode(fields).hex()}


def later_block(document: Any, _: Asked) -> Any:
    """Claim that the state is of a later block, which nobody sealed."""
    fields: Any = rlp.decode(bytes.fromhex(document["header"][2:]))
    fields[11] = rlp.minimal_bytes(int.from_bytes(fields[11], "big") + 1)
    return {**document, "header": "0x" + rlp.encode(fields).hex()}


FALSIFIED: list[tuple[Falsify, type[Unproven] | tuple[type[Unproven], ...]]] = [
    (flip_last_node, MissingNode),
    (leave_one_out, MissingNode),
    (bring_another, SurplusNodes),
    (bring_one_twice, RepeatedNode),
    (prove_other_words, MissingNode),
    (break_seals, TooFewSeals),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("falsify", "error"), FALSIFIED)
def test_falsified_evidence_is_refused_and_nothing_is_shown_signed_or_sent(
    signer: Signing, act: Act, falsify: Falsify, error: type[Unproven]
) -> None:
    signer.gateway.falsify["/v1/proofs"] = falsify
    with pytest.raises(error) as refusal:
        act(signer, signer.desk())
    assert type(refusal.value) is error
    assert (signer.shown, signer.kept, signer.gateway.acts) == ([], [], [])


def forgetful(trust: TrustBundle, code: str) -> TrustBundle:
    """A bundle that does not name a party."""
    number = trust.by_code[code].number
    return replace(
        trust,
        parties=tuple(one for one in trust.parties if one.code != code),
        prefixes={prefix: of for prefix, of in trust.prefixes.items() if of != number},
    )


@pytest.mark.parametrize(("falsify", "error"), FALSIFIED)
def test_a_party_that_the_bundle_does_not_name_is_found_by_proof_alone(
    signer: Signing, falsify: Falsify, error: type[Unproven]
) -> None:
    """By what is found, `trust name` changes what is trusted."""
    trust = signer.network.trust
    honest, _ = find_listed(signer.desk(forgetful(trust, "KZ")), "KZ")
    assert honest.number == trust.by_code["KZ"].number
    assert name_in_bundle(forgetful(trust, "KZ"), honest.number, honest.party) == trust
    signer.gateway.falsify["/v1/proofs"] = falsify
    with pytest.raises(error) as refusal:
        find_listed(signer.desk(forgetful(trust, "KZ")), "KZ")
    assert type(refusal.value) is error


def test_a_block_that_nobody_sealed_is_refused(signer: Signing) -> None:
    signer.gateway.falsify["/v1/proofs"] = later_block
    with pytest.raises(Unproven):
        amend(signer, signer.desk())
    assert (signer.shown, signer.gateway.acts) == ([], [])


@pytest.mark.parametrize("act", ACTS)
def test_a_party_under_another_number_than_is_pinned_is_refused(signer: Signing, act: Act) -> None:
    """China's authority would sign for Kazakhstan's register, and Belarus's operators for China's."""
    trust = signer.network.trust
    others = {"BY": "CN", "CN": "KZ", "KZ": "BY", "EU": "DE", "DE": "EU"}
    relabelled = tuple(replace(party, code=others.get(party.code, party.code)) for party in trust.parties)
    desk = signer.desk(replace(trust, parties=relabelled, prefixes={}))
    with pytest.raises(WrongPartyCode) as refusal:
        act(signer, desk)
    assert refusal.value.found != refusal.value.needed
    assert (signer.shown, signer.kept, signer.gateway.acts) == ([], [], [])


def test_unproven_lists_are_used_in_no_act(signer: Signing) -> None:
    """A gateway names China as party 1, gives Belarus all fifteen roles, and counts another serial: nobody asks it for these."""

    def swap(document: Any, _: Asked) -> Any:
        swapped = {"BY": "CN", "CN": "BY"}
        parties = [{**party, "code": swapped.get(party["code"], party["code"])} for party in document["parties"]]
        return {**document, "parties": parties}

    signer.gateway.falsify["/v1/parties"] = swap
    signer.gateway.falsify["/v1/standings"] = lambda document, _: {**document, "records": [None]}
    signer.gateway.falsify["/v1/words"] = lambda document, _: {**document, "words": ["0x" + "ff" * 32]}
    assert signer.client.members()[0].party.code == "CN"
    amend(signer, signer.desk())
    [act] = signer.gateway.acts
    assert (act["values"]["register"], act["values"]["issuer"]) == ("1", "1")
    record = signer.network.desk.standings([signer.network.entry(TRADER, "BY", 2)]).records[0]
    assert record is not None
    assert record.roles != ALL_ROLES


@pytest.mark.parametrize("clock", [0, 2**32 - 1])
def test_a_clock_that_lies_moves_no_date_before_the_proven_block_nor_after_ours(signer: Signing, clock: int) -> None:
    signer.gateway.falsify["/v1/standings"] = lambda document, _: {**document, "clock": clock}
    entry, register = signer.network.entry(f"BY70000000{clock % 7}", "BY", 2), signer.network.number("BY")
    desk, operators = signer.desk(), [signer.network.signer("BY")]
    proven = desk.facts([]).time
    record, done = change_status(
        desk, entry, Change(kind=EventKind.GRANT, roles=1), register=register, issuer=register, signers=operators
    )
    assert proven <= record.since <= now()
    assert done.proven


def test_old_evidence_is_refused(signer: Signing) -> None:
    kept: list[Any] = []

    def keep(document: Any, _: Any) -> Any:
        kept.append(document)
        return document

    signer.gateway.falsify["/v1/proofs"] = keep
    number = signer.network.number("BY")
    slots = [slot_of(Table.PARTY, number)]
    signer.desk().facts(slots)
    signer.gateway.falsify["/v1/proofs"] = lambda *_: kept[0]
    assert signer.desk().facts(slots).party(number) is not None, "it is good for a while"
    with pytest.raises(Stale):
        signer.desk(clock=lambda: now() + 400).facts(slots)
    header = decode_header(bytes.fromhex(kept[0]["header"][2:]))
    later = Checkpoint(number=header.number + 1, hash=b"\1" * 32, time=header.timestamp)
    with pytest.raises(BelowCheckpoint):
        signer.desk(replace(signer.network.trust, checkpoint=later)).facts(slots)


def test_an_act_prepared_on_an_older_block_has_no_effect(signer: Signing) -> None:
    """Fresh evidence of an earlier block proves the state of that block: its serial is used up, and the ledger says so."""
    entry, recogniser = signer.network.entry(SECOND, "BY", 2), signer.network.number("CN")
    state: dict[int, Any] = {}
    china = [signer.network.signer("CN")]

    def keep(document: Any, asked: Asked) -> Any:
        return state.setdefault(len(asked.document["slots"]), document) and document

    signer.gateway.falsify["/v1/proofs"] = keep
    assert withhold(signer.desk(), entry, withheld=True, recogniser=recogniser, signers=china).proven
    signer.gateway.falsify["/v1/proofs"] = lambda _, asked: state[len(asked.document["slots"])]
    with pytest.raises(RefusedByLedger) as refusal:
        withhold(signer.desk(), entry, withheld=True, recogniser=recogniser, signers=china)
    assert refusal.value.name == "WRONG_WITHHOLDING_SERIAL"


def test_a_sealed_act_is_not_done_while_only_the_state_before_is_shown(signer: Signing) -> None:
    entry, recogniser = signer.network.entry("BY192900384", "BY", 0), signer.network.number("CN")
    asked_after = slots_of(SignedAct(name="Withholding", values={"recogniser": recogniser, "entry": entry}))
    state: dict[str, Any] = {}

    def freeze(document: Any, asked: Asked) -> Any:
        return state.setdefault(str(asked.document), document)

    signer.gateway.falsify["/v1/proofs"] = freeze
    signer.desk().facts(asked_after)
    with pytest.raises(NotProvenDone, match="lacks withholding 1"):
        withhold(signer.desk(), entry, withheld=True, recogniser=recogniser, signers=[signer.network.signer("CN")])
    found = signer.network.office.facts(asked_after).withholding(recogniser, entry)
    assert found is not None
    assert found.withheld, "it is sealed all the same, as the message says that it may be"


# ---- done is what is proven to be done ----


@pytest.mark.parametrize("act", ACTS)
def test_a_receipt_for_an_act_that_was_dropped_is_found_out(signer: Signing, act: Act) -> None:
    signer.gateway.drops_acts = True
    head = signer.network.running.ledger.head()
    with pytest.raises(NotProvenDone) as refusal:
        act(signer, signer.desk())
    told = str(refusal.value)
    assert "may still be sealed" in told
    assert "says that it is in block" in told
    assert len(signer.gateway.acts) == 1
    assert signer.network.running.ledger.head() - head < 3, "nothing was sealed but heartbeats"


def test_a_dropped_act_may_still_be_sealed_and_running_again_is_safe(signer: Signing) -> None:
    number, entry = signer.network.number("BY"), signer.network.entry(SECOND, "BY", 2)

    def suspend(desk: ProvenDesk) -> None:
        change_status(
            desk, entry, Change(kind=EventKind.REVOKE), register=number, issuer=number, signers=[signer.network.signer("BY")]
        )  # fmt: skip

    signer.gateway.drops_acts = True
    with pytest.raises(NotProvenDone):
        suspend(signer.desk())
    dropped = SignedAct.from_json(signer.gateway.acts[0])
    signer.network.desk.submit(dropped)  # as whoever kept it may, until its deadline
    with pytest.raises(RefusedByLedger):
        signer.network.desk.submit(dropped)
    record = signer.network.desk.standings([entry]).records[0]
    assert record is not None
    assert record.status is Status.REVOKED
    shown = len(signer.shown)
    with pytest.raises(RefusedBeforehand, match="found REVOKED since") as refusal:  # it counts once
        suspend(replace_desk(signer))
    assert (refusal.value.name, len(signer.shown)) == ("WRONG_TRANSITION", shown), "nothing was shown to be signed"


def replace_desk(signer: Signing) -> ProvenDesk:
    signer.gateway.drops_acts = False
    return signer.desk()


def test_an_act_that_the_gateway_took_without_an_answer_is_done_once_it_is_proven(signer: Signing) -> None:
    signer.gateway.falsify["/v1/acts"] = lambda *_: []
    number, entry = signer.network.number("BY"), signer.network.entry("BY192900384", "BY", 0)
    _, done = change_status(
        signer.desk(), entry, Change(kind=EventKind.SUSPEND), register=number, issuer=number,
        signers=[signer.network.signer("BY")],
    )  # fmt: skip
    assert (done.sealed, done.proven) == (None, True)


def test_a_resolution_is_proven_by_the_history_that_it_goes_into(signer: Signing) -> None:
    authorities = signer.authorities("BY", "CN", "KZ", "EU")
    done = resolve(signer.desk(), ResolutionAct.GIVE_SEAT, authorities, party=signer.network.number("PL"))
    assert done.proven
    other = replace(done.act, values={**done.act.values, "grounds": b"\1" * 32})
    assert find_missing(done.act, done.before, done.after) == ""
    assert find_missing(other, done.before, done.after) == "its place in the history"


# ---- what cannot be proven ----


def test_a_bundle_past_its_period_signs_nothing_unless_that_is_meant(signer: Signing) -> None:
    past = replace(signer.network.trust, period_s=1)
    number, entry = signer.network.number("BY"), signer.network.entry("BY600100001", "BY", 2)

    def grant(desk: ProvenDesk) -> Any:
        return change_status(
            desk, entry, Change(kind=EventKind.GRANT, roles=1), register=number, issuer=number,
            signers=[signer.network.signer("BY")],
        )  # fmt: skip

    with pytest.raises(TrustExpired):
        grant(signer.desk(past))
    assert signer.gateway.acts == []
    _, done = grant(signer.desk(past, allow_unproven=True))
    assert not done.proven
    assert signer.shown[-1][-1].startswith("  UNPROVEN: what stands now is a gateway's claim")


@pytest.mark.parametrize(("falsify", "error"), [(flip_last_node, MissingNode), (bring_another, SurplusNodes)])
def test_words_that_are_not_even_claimed_are_refused_with_unproven_too(
    signer: Signing, falsify: Falsify, error: type[Unproven]
) -> None:
    signer.gateway.falsify["/v1/proofs"] = falsify
    with pytest.raises(error):
        amend(signer, signer.desk(allow_unproven=True))
    other = replace(signer.network.trust, consortium_code_hash=b"\1" * 32)
    signer.gateway.falsify.clear()
    with pytest.raises(WrongCode):
        amend(signer, signer.desk(other, allow_unproven=True))
    assert signer.gateway.acts == []


def test_other_validators_than_pinned_are_refused_if_no_proof_leads_to_them(signer: Signing) -> None:
    strangers = ValidatorSet(tuple(bytes([place]) * 20 for place in range(1, 5)))
    with pytest.raises(HeaderBreaksRule):
        amend(signer, signer.desk(replace(signer.network.trust, validators=strangers)))
    assert signer.gateway.acts == []


def test_what_is_not_approved_is_not_signed(signer: Signing) -> None:
    def refuse(told: Sequence[str]) -> None:
        raise NotConfirmed(what=told[0], asked="no")

    desk = ProvenDesk(signer.client, signer.network.trust, approve=refuse)
    for act in ACTS:
        with pytest.raises(NotConfirmed):
            act(signer, desk)
    assert (signer.kept, signer.gateway.acts) == ([], [])
