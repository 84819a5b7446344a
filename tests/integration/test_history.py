"""Past times, through the offices and real HTTP: what was true at a time, as known at a time, proven from signed history."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from aeo_ledger.cli.main import app
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, LaneActKind, PartyActKind, Reason, Role
from aeo_ledger.errors import AeoLedgerError, Malformed, Unproven
from aeo_ledger.errors.customs import HistoryNeeded
from aeo_ledger.errors.verify import HeadDiffers, HistoryIncomplete, NotYetProvable, OtherHistory, Stale, SurplusNodes
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence, Question
from aeo_ledger.gateway.recognitions import RegisterQuery, read_register_question
from aeo_ledger.office.calendar import write_moment
from aeo_ledger.verify import ProvenDecision, verify_recognition, verify_recognitions, verify_register
from aeo_ledger.verify.certificate_history import verify_certificate_histories
from support.network import CN_BY, now, opened
from support.story import CN_EU, Story, rotate_operator

TIN, OTHER, GERMAN = "BY600000001", "BY600000002", "DE600000003"


@pytest.fixture(scope="module")
def story(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("history") / "net")
    with opened(folder) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.conclude(CN_EU, "CN", "EU")
        told = Story(network)
        told.note("concluded", network.running.ledger.head())
        granted: dict[str, Any] = {"roles": 1 << Role.EXPORTER, "valid_from": 1_577_836_800}
        told.change("granted", TIN, EventKind.GRANT, **granted)
        told.change("other granted", OTHER, EventKind.GRANT, **granted)
        told.change("german granted", GERMAN, EventKind.GRANT, "EU", "DE", **granted)
        told.change("suspended", TIN, EventKind.SUSPEND)
        told.lane("lane suspended", LaneActKind.SUSPEND)
        told.lane("lane resumed", LaneActKind.RESUME)
        rotate_operator(told)
        told.change("reinstated", TIN, EventKind.REINSTATE)
        told.change("annulled", TIN, EventKind.ANNUL)
        eu, de = network.number("EU"), network.signer("DE", "authority")
        told.alone("left", "DE", PartyActKind.LEAVE_UNION, de, detail=eu)
        yield told


def question(tin: str, on: int | None = None, known: int | None = None, register: str | None = None) -> Question:
    return Question(
        tin=Tin(tin),
        recogniser="CN",
        direction=Direction.IMPORT,
        role=Role.EXPORTER,
        on=on,
        known=known,
        register=register,
    )


def check(story: Story, evidence: Evidence, asked: Question) -> ProvenDecision:
    return verify_recognition(evidence, asked, story.network.trust, now=now(), max_age=300)


def ask(
    story: Story, tin: str, on: str | int, known: str | None = None, register: str | None = None
) -> tuple[Reason, ...]:
    """Ask as of a time, and as known at one; no reasons is a yes."""
    asked = question(
        tin, on if isinstance(on, int) else story.at[on], None if known is None else story.at[known], register
    )
    evidence = story.network.desk.evidence(asked, with_history=True)
    assert (
        EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence))
        == EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(evidence))
        == evidence
    )
    proven = check(story, evidence, asked)
    assert (proven.decision.time, proven.decision.known) == (asked.on, asked.known)
    return () if proven.decision.recognised else proven.decision.reasons


@pytest.mark.parametrize(
    ("on", "known", "reasons"),
    [
        ("granted", "granted", ()),
        ("suspended", "suspended", (Reason.SUSPENDED,)),
        ("suspended", "granted", ()),
        ("reinstated", "reinstated", ()),
        ("reinstated", "added", (Reason.SUSPENDED,)),
        ("annulled", "reinstated", ()),
        ("granted", "reinstated", ()),
        ("granted", "annulled", (Reason.ANNULLED,)),
        ("granted", None, (Reason.ANNULLED,)),
        ("annulled", "concluded", (Reason.NO_CERTIFICATE,)),
    ],
)
def test_an_annulment_changes_what_was_and_not_what_was_known(
    story: Story, on: str, known: str | None, reasons: tuple[Reason, ...]
) -> None:
    assert ask(story, TIN, on, known) == reasons


@pytest.mark.parametrize(
    ("on", "known", "reasons"),
    [
        ("other granted", None, ()),
        ("suspended", None, ()),
        ("lane suspended", None, (Reason.ARRANGEMENT_SUSPENDED,)),
        ("lane suspended", "suspended", ()),
        ("lane resumed", None, ()),
        ("lane resumed", "lane suspended", (Reason.ARRANGEMENT_SUSPENDED,)),
        ("annulled", None, ()),
        (1_600_000_000, None, ()),
        (1_500_000_000, None, (Reason.NOT_YET_EFFECTIVE,)),
    ],
)
def test_an_edge_suspended_and_resumed_was_not_in_force_in_between(
    story: Story, on: str | int, known: str | None, reasons: tuple[Reason, ...]
) -> None:
    assert ask(story, OTHER, on, known) == reasons


def test_what_an_operator_signed_stays_valid_after_it_is_retired(story: Story) -> None:
    asked = question(TIN, story.at["granted"], story.at["reinstated"])
    evidence = story.network.desk.evidence(asked, with_history=True)
    assert evidence.history is not None
    (chain,) = evidence.history.standings
    assert [len(chain.events), len(evidence.history.publications)] == [4, 4]
    assert check(story, evidence, asked).decision.recognised


def test_a_former_member_of_a_union_was_a_member_before(story: Story) -> None:
    assert ask(story, GERMAN, "german granted") == ()
    assert ask(story, GERMAN, "annulled") == ()
    assert ask(story, GERMAN, "left", "annulled") == ()
    assert ask(story, GERMAN, "left", register="EU") == (Reason.PARTY_GONE,)
    assert Reason.NO_CERTIFICATE in ask(story, GERMAN, "left")


def test_history_is_needed_if_left_out_and_not_sent_if_the_words_suffice(story: Story) -> None:
    asked = question(TIN, story.at["granted"], story.at["granted"])
    with pytest.raises(HistoryNeeded):
        check(story, story.network.desk.evidence(asked), asked)
    for told in (question(TIN), question(OTHER), question("BY999999999", story.at["granted"])):
        evidence = story.network.desk.evidence(told, with_history=True)
        assert evidence.history is None
        assert evidence.questions == (told,)
        check(story, evidence, told)


def test_a_gateway_s_own_answer_is_the_proven_one(story: Story) -> None:
    asked = {"tin": TIN, "recogniser": "CN", "direction": "import", "role": "exporter"}
    times = {"on": write_moment(story.at["granted"]), "known": write_moment(story.at["reinstated"])}
    response = story.network.http.get("/v1/decisions", params={**asked, **times, "history": "true"}).json()
    assert (response["recognised"], response["unproven"], response["evidence"]) == (True, None, None)
    response = story.network.http.get("/v1/decisions", params={**asked, **times}).json()
    assert response["recognised"] is None
    assert response["unproven"].startswith("history needed")


def test_a_manifest_brings_the_history_that_its_questions_need_and_no_other(story: Story) -> None:
    at, trust = story.at, story.network.trust
    asked = [
        question(TIN, at["granted"]),
        question(TIN, at["suspended"]),
        question(OTHER),
        question(TIN, at["granted"], at["reinstated"]),
        question(TIN),
    ]
    misput = [
        replace(asked[0], register="XX"),
        replace(asked[0], certificate_type="9"),
        replace(asked[0], on=now() + 600),
    ]
    found = story.network.desk.ask_many([misput[0], *asked, *misput[1:]], with_history=True)
    assert [(place, type(problem).__name__) for place, problem in sorted(found.problems.items())] == [
        (0, "UnknownParty"),
        (6, "UnknownCertificateType"),
        (7, "NotYetProvable"),
    ]
    assert found.evidence is not None
    proven = verify_recognitions(found.evidence, asked, trust, now=now(), max_age=300)
    alone = [check(story, story.network.desk.evidence(one, with_history=True), one) for one in asked]
    assert [one.decision.reasons for one in proven] == [one.decision.reasons for one in alone]
    assert [one.decision.recognised for one in proven] == [False, False, True, True, False]
    with pytest.raises(HistoryNeeded):
        verify_recognitions(story.network.desk.evidence_of_many(asked), asked, trust, now=now(), max_age=300)


@pytest.mark.parametrize(
    ("at", "reasons", "from_history"),
    [
        ("granted", (), True),
        ("lane suspended", (Reason.ARRANGEMENT_SUSPENDED,), True),
        ("lane resumed", (), False),
    ],
)
def test_a_question_about_a_register_at_a_past_time_is_proven_by_history(
    story: Story, at: str, reasons: tuple[Reason, ...], from_history: bool
) -> None:
    on, network = story.at[at], story.network
    asked = {"recogniser": "CN", "register": "BY", "direction": "import", "role": "exporter", "type": "3"}
    asked |= {"on": write_moment(on), "evidence": "true"}
    read = read_register_question(RegisterQuery.model_validate(asked))
    bare = network.http.get("/v1/recognitions", params=asked).json()
    found = network.http.get("/v1/recognitions", params={**asked, "history": "true"}).json()
    evidence = EVIDENCE_FORM.decode_values(found["evidence"])
    proven = verify_register(evidence, read, network.trust, now=now(), max_age=300)
    assert proven.decision.reasons == reasons
    assert found["recognised"] is proven.decision.recognised is (not reasons)
    assert (evidence.history is not None) is from_history
    bare_evidence = EVIDENCE_FORM.decode_values(bare["evidence"])
    if from_history:
        assert (bare["recognised"], bare["unproven"].partition(":")[0]) == (None, "history needed")
        with pytest.raises(HistoryNeeded):
            verify_register(bare_evidence, read, network.trust, now=now(), max_age=300)
    body = {"entity_id": "BY", "authority_id": "CN", "action": "import", "resource": "3:exporter"}
    answer = network.http.post("/recognition", json={**body, "context": {"time": write_moment(on)}}).json()
    assert answer["recognized"] is (not reasons)


def test_what_will_be_known_is_not_provable_yet(story: Story) -> None:
    asked = question(TIN, known=now() + 600)
    evidence = story.network.desk.evidence(asked, with_history=True)
    with pytest.raises(NotYetProvable):
        check(story, evidence, asked)


def test_history_that_is_cut_short_proves_nothing(story: Story) -> None:
    """A gateway that hides the newest event, or says that it was recorded at another time."""
    asked = question(TIN, story.at["granted"], story.at["reinstated"])
    evidence = story.network.desk.evidence(asked, with_history=True)
    assert evidence.history is not None
    (chain,) = evidence.history.standings
    shorter = replace(evidence.history, standings=(replace(chain, events=chain.events[:-1]),))
    with pytest.raises(HistoryIncomplete) as refusal:
        check(story, replace(evidence, history=shorter), asked)
    assert (refusal.value.found, refusal.value.needed) == (3, 4)
    with pytest.raises(HistoryNeeded):
        check(story, replace(evidence, history=None), asked)
    first = evidence.history.publications[0]
    earlier = replace(
        evidence.history,
        publications=(replace(first, recorded_at=first.recorded_at + 1), *evidence.history.publications[1:]),
    )
    with pytest.raises(HeadDiffers):
        check(story, replace(evidence, history=earlier), asked)


@pytest.mark.parametrize("form", ["json", "cbor"])
def test_no_byte_of_signed_history_can_be_altered(story: Story, form: str) -> None:
    """Any byte of the evidence, at random: it is refused, or proves the very same decision."""
    asked = question(TIN, story.at["lane suspended"], story.at["reinstated"])
    evidence = story.network.desk.evidence(asked, with_history=True)
    proven = check(story, evidence, asked)
    assert evidence.history is not None
    assert evidence.history.standings
    assert evidence.history.pairs
    data = EVIDENCE_FORM.encode_json(evidence).encode() if form == "json" else EVIDENCE_FORM.encode_cbor(evidence)
    decode = EVIDENCE_FORM.decode_json if form == "json" else EVIDENCE_FORM.decode_cbor
    begins, ends = data.index(b"history"), len(data) if form == "json" else data.index(b"questions")
    assert ends - begins > 1_000
    chance, refused = Random(form), 0  # noqa: S311
    for _ in range(600):
        altered = bytearray(data)
        place = chance.randrange(begins, ends)
        if chance.random() < 0.8:
            altered[place] ^= 1 << chance.randrange(8)
        elif chance.random() < 0.5:
            del altered[place]
        else:
            altered.insert(place, chance.randrange(256))
        try:
            found = check(story, decode(bytes(altered)), asked)
        except AeoLedgerError as error:
            assert isinstance(error, Unproven | Malformed), type(error)  # noqa: PT017
            refused += 1
        else:
            assert found.decision == proven.decision
    assert refused > (300 if form == "json" else 590)  # white space may go
    assert json.loads(EVIDENCE_FORM.encode_json(evidence))["history"]["standings"][0]["events"]


# ---- the whole life of a certificate


def entry(story: Story, tin: str = TIN) -> bytes:
    return story.network.entry(tin, "BY", 2)


def test_a_certificate_s_whole_life_is_proven_with_who_signed_it(story: Story) -> None:
    never = entry(story, "BY999999999")
    evidence = story.network.desk.history([entry(story), never])
    assert (
        EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(evidence))
        == EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(evidence))
        == evidence
    )
    proven = verify_certificate_histories(evidence, [entry(story), never], story.network.trust, now=now(), max_age=300)
    events = proven.events[entry(story)]
    assert [EventKind(event.record.kind).name for event in events] == ["GRANT", "SUSPEND", "REINSTATE", "ANNUL"]
    assert [event.record.recorded_at for event in events] == [
        story.at[what] for what in ("granted", "suspended", "reinstated", "annulled")
    ]
    first, second = story.network.signer("BY").address, story.operator.address
    assert [event.signers for event in events] == [(first,), (first,), (second,), (second,)]
    assert proven.events[never] == ()


def test_a_life_of_another_certificate_or_one_cut_short_is_refused(story: Story) -> None:
    trust, own = story.network.trust, entry(story)
    evidence = story.network.desk.history([own])
    for asked in ([entry(story, OTHER)], [own, entry(story, OTHER)], []):
        with pytest.raises(OtherHistory):
            verify_certificate_histories(evidence, asked, trust, now=now(), max_age=300)
    with pytest.raises(OtherHistory):
        verify_certificate_histories(replace(evidence, history=None), [own], trust, now=now(), max_age=300)
    with pytest.raises(Stale):
        verify_certificate_histories(evidence, [own], trust, now=now() + 600, max_age=300)
    assert evidence.history is not None
    (chain,) = evidence.history.standings
    shorter = replace(evidence.history, standings=(replace(chain, events=chain.events[:3]),))
    with pytest.raises(HistoryIncomplete):
        verify_certificate_histories(replace(evidence, history=shorter), [own], trust, now=now(), max_age=300)
    known = story.network.desk.evidence(question(OTHER))
    nodes = tuple(dict.fromkeys((*evidence.nodes, *known.nodes)))
    with pytest.raises(SurplusNodes):
        verify_certificate_histories(replace(evidence, nodes=nodes), [own], trust, now=now(), max_age=300)


def command(story: Story, *arguments: str) -> Result:
    trust = ["--trust", str(story.network.folder / "trust.json"), "--gateway", story.network.url]
    return CliRunner().invoke(app, [*arguments, *trust])


def test_history_shows_a_person_what_happened_and_who_signed(story: Story, tmp_path: Path) -> None:
    kept = tmp_path / "history.cbor"
    shown = command(story, "history", TIN, "--type", "3", "--evidence", str(kept))
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.output.splitlines()]
    assert [line[3] for line in lines[1:9:2]] == ["GRANT", "SUSPEND", "REINSTATE", "ANNUL"]
    assert all(line[2].endswith("Z") and line[:2] for line in lines[1:9:2])
    assert lines[2][:4] == ["signed", "as", "operators", "of"]
    assert lines[2][-1] == f"0x{story.network.signer('BY').address.hex()}"
    again = command(story, "history", TIN, "--type", "3", "--from-evidence", str(kept))
    assert again.output == shown.output
    other = command(story, "history", OTHER, "--type", "3", "--from-evidence", str(kept))
    assert other.exit_code == 4


def test_history_for_machines_names_every_type_and_proves_that_there_was_none(story: Story) -> None:
    shown = json.loads(command(story, "history", TIN, "--json").output)
    assert [len(certificate["events"]) for certificate in shown["certificates"]] == [0, 0, 4]
    assert shown["certificates"][2]["events"][3]["status"] == "annulled"
    assert "there never was an event" in command(story, "history", TIN, "--type", "1").output
    german = json.loads(command(story, "history", GERMAN, "--register", "EU", "--json").output)
    assert [event["issuer"] for event in german["certificates"][1]["events"]] == ["DE"]


@pytest.mark.parametrize("wrong", [["--register", "XX"], ["--register", "DE"], ["--type", "4"]])
def test_history_of_an_unknown_register_or_type_is_malformed(story: Story, wrong: list[str]) -> None:
    assert command(story, "history", TIN, *wrong).exit_code == 2


def test_ask_takes_history_for_past_times_unless_told_not_to(story: Story, tmp_path: Path) -> None:
    asked = ["ask", TIN, "--recogniser", "CN", "--direction", "import", "--role", "exporter"]
    granted = write_moment(story.at["granted"])
    times = ["--on", granted, "--as-known", write_moment(story.at["reinstated"])]
    kept = tmp_path / "e.json"
    shown = command(story, *asked, *times, "--evidence", str(kept))
    assert shown.exit_code == 0
    assert "as known at" in shown.output
    assert command(story, *asked, "--on", granted).exit_code == 1
    assert command(story, *asked, *times, "--no-history").exit_code == 4
    arguments = ["verify", str(kept), *asked[1:], *times, "--trust", str(story.network.folder / "trust.json")]
    checked = CliRunner().invoke(app, arguments)
    assert (checked.exit_code, checked.output) == (0, shown.output)


@pytest.mark.parametrize(
    "asked", [{}, {"entries": []}, {"entries": ["0x00"]}, {"entries": ["0x" + "00" * 32] * 17}, {"entries": [], "x": 1}]
)
def test_a_history_that_is_asked_for_in_another_form_is_malformed(story: Story, asked: dict[str, Any]) -> None:
    assert story.network.http.post("/v1/history", json=asked).status_code == 400


def test_the_histories_of_a_party_and_of_a_pair_are_fetched_without_any_certificate(story: Story) -> None:
    network = story.network
    by, cn = network.number("BY"), network.number("CN")
    found = network.desk.prove_past([], [by, (cn, by)])
    proven = verify_certificate_histories(found, [], network.trust, now=now(), parties=[by], pairs=[(cn, by)])
    assert proven.events == {}
    names = {act.name for act in proven.acts}
    assert {"Founding", "PartyAct", "Conclusion"} <= names
    authority = network.signer("BY", "authority").address
    assert all(authority in act.signers for act in proven.acts if act.name == "PartyAct")
    assert all(act.signers == () for act in proven.acts if act.name == "Founding")
    for parties, pairs in (([cn], [(cn, by)]), ([by], []), ([by], [(by, cn)])):
        with pytest.raises(OtherHistory):
            verify_certificate_histories(found, [], network.trust, now=now(), parties=parties, pairs=pairs)
