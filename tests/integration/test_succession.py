"""A ledger succeeds another, twice: every word is carried over, nothing is signed again, and histories go on."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, Reason, ResolutionAct
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.errors.network import SuccessorDiffers
from aeo_ledger.errors.verify import HeadDiffers
from aeo_ledger.evidence import decode_header
from aeo_ledger.network.succeed import _list_places, make_heir, read_end
from aeo_ledger.network.successor import check_successor, derive_heir, open_ended, write_successor
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE, unpack
from aeo_ledger.protocol.succession import read_successor
from aeo_ledger.protocol.tables import (
    PREDECESSOR_FIELDS,
    Contract,
    Table,
    contract_of,
    predecessor_key,
    record_slot,
    word_slot,
)
from aeo_ledger.prover.prove import prove, prove_standings
from aeo_ledger.verify import verify_certificate_histories, verify_header, verify_recognition, verify_snapshot
from support.hand_held import NUMBERS, entry_of, held
from support.line import DAY, OTHER, QUESTION, TIN, Line, pass_on
from support.network import now, opened
from support.readers import read_office, read_withholding

STEPS = pytest.mark.parametrize("step", [0, 1], ids=["same edition", "test edition"])


# ---- what goes over


@STEPS
def test_every_word_is_carried_over(line: Line, step: int) -> None:
    old, new = line.folders[step : step + 2]
    seam = read_trust(new / "trust.json").predecessors[-1].number
    with open_ended(old) as (ended, _), open_ended(new) as (begun, _):
        words, standings = _list_places(ended, seam)
        words |= ended.beginning.words.keys()
        assert {table for table, _ in words} == set(Table) - ({Table.PREDECESSOR} if step == 0 else set())
        for table, key in words:
            contract, slot = contract_of(table), word_slot(table, key)
            before, after = ended.word(contract, slot, seam), begun.word(contract, slot, 0)
            if table is Table.SUCCESSION:
                assert (before != 0, after) == (True, 0)
            elif table is Table.GOVERNANCE:
                assert unpack(GOVERNANCE, after) == unpack(GOVERNANCE, before) | {"validators_changed_in": 0}
                assert (unpack(GOVERNANCE, before)["validators_changed_in"] != 0) == (step == 0)
            else:
                assert after == before, (table, key)
        for entry in standings | ended.beginning.standings.keys():
            for slot in (record_slot(entry), record_slot(entry) + 1):
                assert begun.word(Contract.REGISTERS, slot, 0) == ended.word(Contract.REGISTERS, slot, seam) != 0


@STEPS
def test_the_successor_has_no_word_that_the_old_ledger_lacks(line: Line, step: int) -> None:
    old, new = line.folders[step : step + 2]
    seam = read_trust(new / "trust.json").predecessors[-1].number
    with open_ended(old) as (ended, _), open_ended(new) as (_, genesis):
        words, standings = _list_places(ended, seam)
        words |= ended.beginning.words.keys()
        went = [
            (table, key)
            for table, key in words
            if table is not Table.SUCCESSION and ended.word(contract_of(table), word_slot(table, key), seam)
        ]
        standings |= ended.beginning.standings.keys()
    stored = sum(len(account.storage) for account in genesis.alloc.values())
    assert stored == len(went) + 2 * len(standings) + len(PREDECESSOR_FIELDS) + len(Contract)


@STEPS
def test_the_seam_is_the_last_block_before_the_date_and_is_in_the_genesis(line: Line, step: int) -> None:
    old, new = line.folders[step : step + 2]
    was, trust = read_trust(old / "trust.json"), read_trust(new / "trust.json")
    seam = trust.predecessors[-1]
    assert trust.predecessors[:-1] == was.predecessors
    assert len(trust.predecessors) == step + 1
    assert seam.chain_id == was.chain_id
    assert [seam.address(contract) for contract in Contract] == [was.address(contract) for contract in Contract]
    with open_ended(old) as (ended, _), open_ended(new) as (begun, genesis):
        last, after = (decode_header(ended.header(block)) for block in (seam.number, seam.number + 1))
        fields = {
            field: begun.word(Contract.CONSORTIUM, word_slot(Table.PREDECESSOR, predecessor_key(step, field)), 0)
            for field in PREDECESSOR_FIELDS
        }
    assert last.timestamp < line.dates[step] <= after.timestamp
    assert (seam.header, seam.header, seam.time) == (last.hash(), after.parent_hash, last.timestamp)
    assert (genesis.timestamp, trust.checkpoint.time) == (line.dates[step], line.dates[step])
    assert fields == {
        "time": seam.time,
        "number": seam.number,
        "header": int.from_bytes(seam.header, "big"),
        "chain": seam.chain_id,
        **{contract.value: int.from_bytes(seam.address(contract), "big") for contract in Contract},
    }


@STEPS
def test_the_successor_is_the_one_that_the_resolution_names(line: Line, step: int) -> None:
    old, new = line.folders[step : step + 2]
    trust = read_trust(new / "trust.json")
    with open_ended(old) as (ended, _), open_ended(new) as (_, genesis):
        block = trust.predecessors[-1].number
        named = read_successor(lambda table, key: ended.word(Contract.CONSORTIUM, word_slot(table, key), block))
    assert named is not None
    assert named.chain_id == trust.chain_id == genesis.chain_id
    assert named.effective == line.dates[step]
    for contract in Contract:
        assert named.addresses[contract] == trust.address(contract)
        code = genesis.alloc[trust.address(contract)].code
        assert named.code_hashes[contract] == trust.code_hash(contract) == keccak256(code)
    same = [trust.code_hash(c) == read_trust(old / "trust.json").code_hash(c) for c in Contract]
    assert same == [step == 0] * len(Contract)


def test_the_old_validators_go_on_and_keys_go_home_with_their_parties(line: Line) -> None:
    first, second = line.folders[:2]
    trust = read_trust(second / "trust.json")
    changed = set(trust.validators.addresses) ^ set(read_trust(first / "trust.json").validators.addresses)
    assert (len(trust.validators), len(changed)) == (4, 2), "one was replaced before the seam"
    with open_ended(second) as (begun, _):
        assert len(verify_header(decode_header(begun.header(1)), trust.validators).sealers) >= 3
    for file in ("parties/BY/authority.json", "parties/PL/operator.json", "validators.keys"):
        assert (second / file).read_bytes() == (first / file).read_bytes()
        assert stat.S_IMODE((second / file).stat().st_mode) == 0o600


def test_what_was_restricted_after_the_seam_has_to_be_recorded_again(line: Line, tmp_path: Path) -> None:
    with open_ended(line.folders[0]) as (ended, _):
        head = ended.head()
        assert ended.word(Contract.REGISTERS, record_slot(entry_of(OTHER)), head) & 15 == 3, "revoked there"
    folder = shutil.copytree(line.folders[2], tmp_path / "third")
    with held(folder, now()) as network:
        network.embedded.seal_pending()  # an act rests on a fresh block
        (record,) = network.standings([entry_of(OTHER)]).records
        assert (record.status.name, record.sequence) == ("ACTIVE", 1)
        network.change(OTHER, EventKind.REVOKE)
        (record,) = network.standings([entry_of(OTHER)]).records
        assert (record.status.name, record.sequence) == ("REVOKED", 2)


# ---- what it means


def test_histories_run_through_both_seams_and_go_on(line: Line, tmp_path: Path) -> None:
    recorded, entry = line.recorded, entry_of(TIN)
    with opened(shutil.copytree(line.folders[2], tmp_path / "third")) as network:
        before = verify_certificate_histories(network.desk.history([entry]), [entry], network.trust, now=now()).events[
            entry
        ]
        change_status(
            network.office, entry, Change(kind=EventKind.SUSPEND), register=1, issuer=1, signers=[network.signer("BY")],
        )  # fmt: skip
        after = verify_certificate_histories(network.desk.history([entry]), [entry], network.trust, now=now()).events[
            entry
        ]
        assert after[:3] == before
        assert [EventKind(event.record.kind).name for event in after] == ["GRANT", "SUSPEND", "REINSTATE", "SUSPEND"]
        assert [event.record.recorded_at for event in before] == list(recorded.values())
        assert {event.signers for event in after} == {(network.signer("BY").address,)}
        for on, known, reasons in (
            (recorded["granted"] + 1, None, ()),
            (recorded["suspended"] + 1, None, (Reason.SUSPENDED,)),
            (recorded["suspended"] + 1, recorded["suspended"] - 1, ()),
            (recorded["reinstated"] + 1, None, ()),
            (None, None, (Reason.SUSPENDED,)),
        ):
            asked = replace(QUESTION, on=on, known=known)
            evidence = network.desk.evidence(asked, with_history=on is not None)
            assert verify_recognition(evidence, asked, network.trust, now=now()).decision.reasons == reasons
        found = verify_snapshot(network.desk.snapshot(), network.trust, now=now(), max_age=300)
        assert {one for one, _ in found.standings()} == {entry, entry_of(OTHER)}
        pairs = network.http.get("/v1/arrangements").json()["pairs"]
        assert [(pair["recogniser"], pair["register"]) for pair in pairs] == [("BY", "CN"), ("CN", "BY")]


def test_a_head_that_was_changed_on_the_way_proves_no_history(line: Line, tmp_path: Path) -> None:
    old, entry = line.folders[1], entry_of(TIN)
    with open_ended(old) as (ledger, genesis):
        ended = read_end(ledger, read_trust(old / "trust.json"), now=now())
    record, head = ended.inventory.standings[entry]
    forged = replace(ended.inventory, standings={**ended.inventory.standings, entry: (record, head ^ 1)})
    write_successor(old, tmp_path / "forged", make_heir(replace(ended, inventory=forged), genesis, line.compiled))
    with held(tmp_path / "forged", now()) as network, pytest.raises(HeadDiffers):
        prove_standings([entry], network.ledger, network.trust)
    with pytest.raises(SuccessorDiffers) as refusal:
        check_successor(tmp_path / "forged", derive_heir(old, line.compiled, now=now()))
    assert refusal.value.part == "genesis.json, hash of block 0"


@STEPS
def test_evidence_under_a_seam_needs_neither_seals_nor_period(line: Line, step: int) -> None:
    """With the last network's bundle, ten years later. Evidence under another header of the old ledger is not proven by it."""
    trust, old = read_trust(line.folders[2] / "trust.json"), line.folders[step]
    seam = trust.predecessors[step]
    asked = replace(QUESTION, on=seam.time)
    with open_ended(old) as (ended, _):
        under, after = (
            prove(asked, ended.as_of(block), read_trust(old / "trust.json")).evidence
            for block in (seam.number, seam.number + 1)
        )
    at = now() + 3_650 * DAY
    reasons = (Reason.SUSPENDED,) if step == 0 else ()
    assert verify_recognition(under, asked, trust, now=at).decision.reasons == reasons
    with pytest.raises(Unproven):
        verify_recognition(after, asked, trust, now=at)


# ---- nothing counts twice


def test_no_act_of_before_counts_again(line: Line, tmp_path: Path) -> None:
    """Signed again for the new ledger with its old number: the counter was carried over."""
    refused: dict[str, set[str]] = {}
    old = read_trust(line.folders[0] / "trust.json")
    pass_on(line.folders[0], tmp_path / "second", None)
    with held(tmp_path / "second", line.dates[0] + 60) as network:
        keys = {
            key.address: key
            for code in NUMBERS
            for key in (network.signer(code, "authority"), network.signer(code, "operator"))
        }
        for act in line.submitted:
            signers = act.signers(chain_id=old.chain_id, address=old.address(act.contract))
            again = SignedAct(name=act.name, values={**act.values, "deadline": network.now + 60})
            signed = sign_act(again, [keys[signer] for signer in signers if signer in keys], network.trust)
            with pytest.raises(RefusedByLedger) as refusal:
                network.submit(signed)
            refused.setdefault(act.name, set()).add(refusal.value.name)
    assert refused == {
        "Publication": {"WRONG_SEQUENCE"},
        "Conclusion": {"WRONG_AMENDMENT"},
        "LaneAct": {"WRONG_LANE_NUMBER"},
        "PartyAct": {"WRONG_SERIAL"},
        "Freeze": {"WRONG_FREEZE"},
        "AliasBinding": {"WRONG_ALIAS_SERIAL"},
        "Resolution": {"WRONG_NUMBER"},
        "Withholding": {"WRONG_WITHHOLDING_SERIAL"},
        "Succession": {"WRONG_SUCCESSION"},
    }


def test_a_signature_for_the_old_ledger_is_nobodys_on_the_new_one(line: Line, tmp_path: Path) -> None:
    """Although it has exactly the next number."""
    old = read_trust(line.folders[1] / "trust.json")
    with held(shutil.copytree(line.folders[2], tmp_path / "third"), now()) as network:
        kz = NUMBERS["KZ"]
        before = read_office(network, kz)
        assert (before.serial, before.lifts) == (2, 0)
        values: dict[str, Any] = {
            "party": kz, "serial": 3, "deadline": network.now + 600, "act": int(PartyActKind.UNFREEZE), "certificate_type": 0,
            "key": bytes(20), "detail": 0, "effective": 0, "grounds": bytes(32),
        }  # fmt: skip
        act, signer = SignedAct(name="PartyAct", values=values), network.signer("KZ", "authority")
        with pytest.raises(RefusedByLedger) as refusal:
            network.submit(sign_act(act, [signer], old))
        assert refusal.value.name == "SURPLUS_SIGNATURE"
        network.submit(sign_act(act, [signer], network.trust))
        after = read_office(network, kz)
        assert (after.serial, after.lifts) == (3, 1), "on from the counters that went over"
        network.withhold(OTHER, withheld=False)
        withholding = read_withholding(network, NUMBERS["CN"], entry_of(OTHER))
        assert withholding is not None
        assert (withholding.withheld, withholding.serial) == (False, 2)
        resolutions = read_office(network, NUMBERS["DE"]).resolutions
        network.resolve(ResolutionAct.CANCEL_REPLACEMENT, party=NUMBERS["DE"])
        assert read_office(network, NUMBERS["DE"]).resolutions == resolutions + 1 == 3
