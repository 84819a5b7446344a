"""The main job, line by line: administrations sign, a border system proves, through the offices and real HTTP.

Every answer is written down, read again and verified from the file, with the trust bundle and the asker's own question alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import Benefit, EventKind, PartyState, Reason, Status
from aeo_ledger.errors import Malformed, Unproven
from aeo_ledger.errors.customs import HistoryNeeded, RefusedByLedger
from aeo_ledger.errors.office import WrongKey
from aeo_ledger.errors.verify import OtherQuestion
from aeo_ledger.evidence import Question
from aeo_ledger.office.ask import read_evidence, read_question, read_trust, write_evidence
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.withhold import withhold
from aeo_ledger.registers.documents import read_document
from aeo_ledger.verify import ProvenDecision, verify_recognition
from support.network import CN_BY, Network, now, opened, register_text

TYPE_3, TYPE_1, SUSPENDED, NOBODY = "BY511125808", "BY192900384", "BY197539006", "BY999999999"
WITHHELD = "BY413751283"
BENEFITS = {
    Benefit.FEWER_DOCUMENT_CHECKS,
    Benefit.FEWER_INSPECTIONS,
    Benefit.PRIORITY_INSPECTION,
    Benefit.LIAISON_OFFICER,
    Benefit.PRIORITY_AFTER_DISRUPTION,
}


@pytest.fixture(scope="module")
def network(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The network after its first day: the arrangement is concluded, both registers are imported."""
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("main") / "net")
    with opened(folder) as network:
        network.conclude(CN_BY, "CN", "BY")
        by = network.import_(register_text("BY"), "BY")
        cn = network.import_(register_text("CN"), "CN")
        assert (by[1].certificates, cn[1].certificates) == (321, 500)
        yield network


def _question(tin: str, recogniser: str = "CN", on: str | None = None, role: str = "carrier") -> Question:
    return read_question(tin, recogniser, "import", role, on=on)


def _prove(network: Network, question: Question, file: Path) -> ProvenDecision:
    write_evidence(file, network.desk.evidence(question))
    trust = read_trust(network.folder / "trust.json")
    return verify_recognition(read_evidence(file), question, trust, now=now(), max_age=300)


def _change(network: Network, tin: str, kind: EventKind, *, party: str = "BY", role: str = "operator") -> int:
    number = network.number("BY")
    _, done = change_status(
        network.office,
        network.entry(tin, "BY", 2),
        Change(kind=kind),
        register=number,
        issuer=number,
        signers=[network.signer(party, role)],
    )
    assert done.proven
    assert done.sealed is not None
    return done.sealed.block


def test_the_seats_and_registers_are_as_stated(network: Network) -> None:
    members = {member.party.code: member.party for member in network.desk.members()}
    assert {code for code, party in members.items() if party.seat} == {"BY", "CN", "KZ", "EU"}
    assert {code for code, party in members.items() if party.keeps_register} == {"BY", "CN", "KZ", "EU"}
    assert [members[code].unions_at(now()) for code in ("DE", "PL")] == [(network.number("EU"),)] * 2
    assert len(network.trust.validators.addresses) == 4


def test_a_type_3_operator_is_recognised_with_its_benefits(network: Network, tmp_path: Path) -> None:
    proven = _prove(network, _question(TYPE_3), tmp_path / "e.json")
    assert proven.decision.recognised
    assert set(proven.decision.benefits) == BENEFITS
    assert (proven.issuer, proven.registers, len(proven.sealers) >= 3) == ("BY", ("BY",), True)
    assert proven.decision.standing is not None
    assert proven.decision.standing.issuer_state is PartyState.ACTIVE


def test_a_type_1_operator_is_out_of_scope(network: Network, tmp_path: Path) -> None:
    proven = _prove(network, _question(TYPE_1), tmp_path / "e.cbor")
    assert proven.decision.reasons == (Reason.TYPE_OUT_OF_SCOPE,)


def test_a_suspended_operator_is_not_recognised(network: Network, tmp_path: Path) -> None:
    rows = [line for line in register_text("BY").splitlines() if ",SUSPENDED," in line]
    suspended = {row.split(",")[0]: row.split(",")[2] for row in rows}
    for tin, kind in suspended.items():
        decision = _prove(network, _question(tin), tmp_path / "e.json").decision
        assert not decision.recognised
        assert decision.reasons[0] is Reason.SUSPENDED
        assert (Reason.TYPE_OUT_OF_SCOPE in decision.reasons) == (kind != "3")


def test_a_tin_that_nobody_holds_is_proven_absent(network: Network, tmp_path: Path) -> None:
    proven = _prove(network, _question(NOBODY), tmp_path / "e.json")
    assert proven.decision.reasons == (Reason.NO_CERTIFICATE,)
    assert proven.issuer is None


def test_before_the_arrangement_was_in_force_nobody_is_recognised(network: Network, tmp_path: Path) -> None:
    proven = _prove(network, _question(TYPE_3, on="2019-07-01"), tmp_path / "e.json")
    assert proven.decision.reasons == (Reason.ARRANGEMENT_NOT_IN_FORCE,)


@pytest.mark.parametrize(("on", "recognised"), [("2019-07-23", False), ("2019-07-24", True)])
def test_the_day_begins_at_the_recognisers_midnight(
    network: Network, tmp_path: Path, on: str, recognised: bool
) -> None:
    """2019-07-24 in China begins at 16:00 UTC the day before."""
    proven = _prove(network, _question(TYPE_3, on=on), tmp_path / "e.json")
    assert proven.decision.recognised is recognised
    if recognised:
        second_before = replace(_question(TYPE_3), on=proven.decision.time - 1)
        assert not _prove(network, second_before, tmp_path / "f.json").decision.recognised
        assert proven.decision.time % 86_400 == 16 * 3_600


def test_poland_has_no_arrangement_with_belarus(network: Network, tmp_path: Path) -> None:
    proven = _prove(network, _question(TYPE_3, "PL"), tmp_path / "e.json")
    assert proven.decision.reasons == (Reason.NO_ARRANGEMENT,)


def test_belarus_recognises_chinas_advanced_operators(network: Network, tmp_path: Path) -> None:
    proven = _prove(network, _question("CN2102994919", "BY", role="exporter"), tmp_path / "e.json")
    assert proven.decision.recognised
    assert proven.issuer == "CN"


def test_a_suspension_counts_from_the_next_block(network: Network, tmp_path: Path) -> None:
    """Suspended, asked about now and about a past that only history shows, then reinstated."""
    assert _prove(network, _question(TYPE_3), tmp_path / "before.json").decision.recognised
    block = _change(network, TYPE_3, EventKind.SUSPEND)
    proven = _prove(network, _question(TYPE_3), tmp_path / "after.json")
    assert proven.block_number >= block
    assert proven.decision.reasons == (Reason.SUSPENDED,)
    with pytest.raises(HistoryNeeded):
        _prove(network, _question(TYPE_3, on="2020-01-01"), tmp_path / "history.json")
    _change(network, TYPE_3, EventKind.REINSTATE)
    assert _prove(network, _question(TYPE_3), tmp_path / "again.json").decision.recognised


def test_a_suspension_that_another_party_signs_is_refused(network: Network) -> None:
    with pytest.raises(WrongKey) as refusal:
        _change(network, TYPE_3, EventKind.SUSPEND, party="CN")
    assert (refusal.value.held, refusal.value.needed) == ("an operator of CN", "an operator of BY")
    with pytest.raises(WrongKey) as refusal:
        _change(network, TYPE_3, EventKind.SUSPEND, role="authority")
    assert (refusal.value.held, refusal.value.needed) == ("the authority of BY", "an operator of BY")


def test_china_withholds_benefits_from_one_operator(network: Network, tmp_path: Path) -> None:
    def change(*, withheld: bool, party: str = "CN") -> None:
        withhold(
            network.office,
            network.entry(WITHHELD, "BY", 2),
            withheld=withheld,
            recogniser=network.number("CN"),
            signers=[network.signer(party)],
        )

    assert _prove(network, _question(WITHHELD), tmp_path / "before.json").decision.recognised
    with pytest.raises(WrongKey, match="an operator of BY, this act needs an operator of CN"):
        change(withheld=True, party="BY")
    change(withheld=True)
    proven = _prove(network, _question(WITHHELD), tmp_path / "e.json")
    assert proven.decision.reasons == (Reason.BENEFITS_WITHHELD,)
    assert _prove(network, _question(TYPE_3), tmp_path / "other.json").decision.recognised
    with pytest.raises(RefusedByLedger):
        change(withheld=True)
    change(withheld=False)
    assert _prove(network, _question(WITHHELD), tmp_path / "after.json").decision.recognised


def test_evidence_about_one_tin_proves_nothing_of_another(network: Network, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    _prove(network, _question(TYPE_3), file)
    with pytest.raises(OtherQuestion):
        verify_recognition(read_evidence(file), _question(WITHHELD), network.trust, now=now(), max_age=300)


def test_a_relabelled_question_still_proves_nothing(network: Network, tmp_path: Path) -> None:
    """The gateway may write any question beside its nodes: the slots are derived from the asker's own question."""
    file = tmp_path / "e.json"
    _prove(network, _question(TYPE_3), file)
    file.write_text(file.read_text().replace(TYPE_3, WITHHELD))
    with pytest.raises(Unproven):
        verify_recognition(read_evidence(file), _question(WITHHELD), network.trust, now=now(), max_age=300)


@pytest.mark.parametrize("form", ["json", "cbor"])
def test_no_byte_of_evidence_can_be_flipped(network: Network, tmp_path: Path, form: str) -> None:
    """Two hundred places over the whole file: if it can still be read and proven, it must be the same evidence."""
    file = tmp_path / f"e.{form}"
    question = _question(TYPE_3)
    _prove(network, question, file)
    data, evidence = file.read_bytes(), read_evidence(file)
    survived = 0
    for place in range(0, len(data), max(1, len(data) // 200)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        file.write_bytes(flipped)
        try:
            found = read_evidence(file)
            verify_recognition(found, question, network.trust, now=now(), max_age=300)
        except (Unproven, Malformed):
            continue
        else:
            assert found == evidence
            survived += 1
    assert survived <= 2  # white space at the end of JSON, no more


def test_importing_again_changes_nothing(network: Network) -> None:
    head = network.running.ledger.head()
    plan, done = network.import_(register_text("CN"), "CN")
    assert (plan.changes, plan.unchanged, plan.doubts, done.publications, done.block >= head) == ((), 500, (), 0, True)
    ledger = network.running.ledger
    assert all(
        not ledger.block_with_transactions(block)["transactions"] for block in range(head + 1, ledger.head() + 1)
    )


def test_a_suspended_row_is_a_grant_and_a_suspension_with_their_own_dates(network: Network) -> None:
    row = next(line.split(",") for line in register_text("BY").splitlines() if ",SUSPENDED," in line)
    tin, kind = row[0], int(row[2]) - 1
    record = network.desk.standings([network.entry(tin, "BY", kind)]).records[0]
    assert record is not None
    assert (record.status, record.kind, record.sequence) == (Status.SUSPENDED, EventKind.SUSPEND, 2)
    day = _question(tin, "BY", on=row[5]).on
    assert record.since == day
    assert record.valid_from == _question(tin, "BY", on=row[7]).on
    assert record.valid_from < record.since


def test_each_certificate_leaves_its_document_and_salt_with_the_issuer(network: Network) -> None:
    text = "\n".join(register_text("BY").splitlines()[:1]) + (
        "\nBY123123123,BY/0999/ТИП3,3,carrier,ACTIVE,2020-01-01,2020-01-01,2020-01-01,,Somebody,Somewhere\n"  # noqa: RUF001
    )
    entry = network.entry("BY123123123", "BY", 2)
    assert network.import_(text, "BY")[1].certificates == 1
    with network.book as book:
        kept = book.documents_of(network.number("BY"))[entry]
    assert len(kept.salt) == 32
    assert read_document(kept.content)["certificate_number"] == "BY/0999/ТИП3"  # noqa: RUF001
