"""A keyed register through the offices, real HTTP and the commands: who holds the key is answered, and the gateway learns no trader."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from aeo_ledger.cli.main import app
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, EventKind, PartyActKind, RegisterMode, ResolutionAct, Role
from aeo_ledger.errors import Unproven
from aeo_ledger.errors.protocol import KeyNeeded, WrongLookupKey
from aeo_ledger.errors.verify import OtherHistory
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence, Question
from aeo_ledger.evidence.news import About, Cursor, NewsItem
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.office.cache import BorderCache
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.govern import resolve
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.layouts import REGISTER, pack
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys, derive_lookup_key
from aeo_ledger.signing import Password
from aeo_ledger.signing.lookup_file import HeldKeys, keep_held_keys
from aeo_ledger.verify import TRUST_FORM, TrustBundle, verify_each, verify_recognition
from aeo_ledger.verify.certificate_history import verify_trader_histories
from support.network import PASSWORD, Network, now, opened, served
from support.story import Story
from support.waiting import WITHIN_S

DE, TIN, OTHER, ABSENT = 5, "DE600000003", "DE600000004", "DE600000005"
SECRET = bytes(range(32))
KEYS = LookupKeys([derive_lookup_key(SECRET, DE, 0)])
WRONG = LookupKeys([derive_lookup_key(bytes(32), DE, 0)])
QUESTION = ("--recogniser", "CN", "--direction", "import", "--role", "exporter")
CN_DE = """
name = "CN-DE"
signed = "2019-04"
text = "China and Germany, as if Germany kept a register of its own"
[[recognition]]
recogniser = "CN"
register = "DE"
types = ["AEO"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2019-07-24
"""


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """The network, what happened when, and the asker's files."""

    story: Story
    trust: TrustBundle
    home: Path
    asked: list[str]
    """The body and the path of each request to a gateway without keys."""
    url: str
    """That gateway."""
    keyed_url: str
    """A gateway whose operator holds the keys."""

    @property
    def network(self) -> Network:
        return self.story.network

    def run(self, *arguments: str, keys: str | None = "held.json", gateway: str | None = None) -> Result:
        given = [] if keys is None else ["--lookup-keys", str(self.home / keys)]
        reach = [] if arguments[0] == "verify" or "--snapshot" in arguments else ["--gateway", gateway or self.url]
        environment = {"AEO_LEDGER_PASSWORD": PASSWORD, "AEO_LEDGER_TRUST": str(self.home / "trust.json")}
        result = CliRunner().invoke(app, [*arguments, *given, *reach], env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def json(self, *arguments: str, code: int = 0, **more: Any) -> dict[str, Any]:
        result = self.run(*arguments, "--json", **more)
        assert result.exit_code == code, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found


def change(story: Story, what: str, office: ProvenDesk, tin: str, kind: EventKind, **entered: Any) -> None:
    network, entry = story.network, entries_of(Tin(tin), KEYS.key)(DE, RegisterMode.KEYED, 0)
    signers = [network.signer("DE")]
    _, done = change_status(office, entry, Change(kind=kind, **entered), register=DE, issuer=DE, signers=signers)
    assert done.sealed is not None
    story.note(what, done.sealed.block)


@pytest.fixture(scope="module")
def keyed(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """Germany opens a keyed register of its own; China recognises it; one certificate is suspended and reinstated."""
    home = tmp_path_factory.mktemp("keyed")
    folder = shutil.copytree(founded, home / "net")
    with opened(folder) as network:
        germany = replace(network.trust.by_code["DE"], types=("AEO",))
        parties = tuple(germany if party.code == "DE" else party for party in network.trust.parties)
        trust = replace(network.trust, parties=parties)
        office = ProvenDesk(network.desk, trust, approve=without_asking)
        story = Story(network)
        authority = network.signer("DE", "authority")
        seats = [network.signer(code, "authority") for code in ("BY", "CN", "KZ", "EU")]
        assert resolve(network.office, ResolutionAct.GIVE_REGISTER, seats, party=DE).sealed is not None
        (key,) = KEYS
        check = int.from_bytes(key.check, "big")
        story.alone("checked", "DE", PartyActKind.SET_KEY_CHECK, authority, detail=check)
        word = pack(REGISTER, mode=RegisterMode.KEYED, types=1)
        story.alone("opened", "DE", PartyActKind.SET_REGISTER, authority, detail=word)
        signers = [network.signer("CN", "authority"), authority]
        assert conclude(draft(CN_DE, office), signers, office, keep=lambda _: None).done is not None
        granted: dict[str, Any] = {"roles": 1 << Role.EXPORTER, "valid_from": 1_577_836_800}
        for tin in (TIN, OTHER):
            change(story, f"granted {tin}", office, tin, EventKind.GRANT, **granted)
        change(story, "suspended", office, TIN, EventKind.SUSPEND)
        change(story, "reinstated", office, TIN, EventKind.REINSTATE)
        (home / "trust.json").write_text(TRUST_FORM.encode_json(trust))
        for name, keys in (("held.json", KEYS), ("wrong.json", WRONG)):
            held = HeldKeys.of(keys, ())
            keep_held_keys(
                home / name, held, Password(PASSWORD), trust.chains, randomness=secrets.token_bytes, work_factor=2
            )
        asked: list[str] = []
        running = network.running
        keyless = create_app(running.ledger, running.relay, trust, behind="")
        with_keys = create_app(running.ledger, running.relay, trust, behind="", held=HeldKeys.of(KEYS, ()))

        async def listening(scope: Any, receive: Any, send: Any) -> None:
            async def heard() -> Any:
                message = await receive()
                asked.append(message.get("body", b"").decode())
                return message

            if scope["type"] == "http":
                asked.append(scope["path"] + "?" + scope["query_string"].decode() + str(scope["headers"]))
            await keyless(scope, heard, send)

        with served(listening) as url, served(with_keys) as keyed_url:  # type: ignore[arg-type]
            yield Keyed(story=story, trust=trust, home=home, asked=asked, url=url, keyed_url=keyed_url)


def question(tin: str = TIN, **more: Any) -> Question:
    return Question(tin=Tin(tin), recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER, **more)


def gather(keyed: Keyed, *asked: Question, keys: LookupKeys = KEYS, **more: Any) -> Evidence:
    with GatewayClient(keyed.url, timeout_s=WITHIN_S) as desk:
        return gather_evidence(asked, desk, keyed.trust, keys=keys, clock=now, **more)


# ------------------------------------------------------------------ asking


def test_with_the_key_the_command_proves_a_yes_and_a_no_and_the_gateway_learns_no_trader(keyed: Keyed) -> None:
    keyed.asked.clear()
    answer = keyed.json("ask", TIN, *QUESTION)
    assert (answer["recognised"], answer["issuer"], answer["registers"]) == (True, "DE", ["EU", "DE"])
    nobody = keyed.json("ask", ABSENT, *QUESTION, code=1)
    assert nobody["reasons"] == ["no_certificate"]
    heard = "".join(keyed.asked)
    assert "/v1/proofs" in heard
    assert "decisions" not in heard
    for tin in (TIN, ABSENT):
        assert tin not in heard
        assert tin[2:] not in heard
        assert entries_of(Tin(tin), KEYS.key)(DE, RegisterMode.KEYED, 0).hex() not in heard


def test_a_cache_with_the_key_keeps_answers_until_news_of_the_trader_and_names_it_to_nobody(keyed: Keyed) -> None:
    keyed.asked.clear()
    with GatewayClient(keyed.url, timeout_s=WITHIN_S) as desk:
        cache = BorderCache(desk, keyed.trust, clock=now, max_age=300, keys=KEYS)
        for _ in range(2):
            assert cache.ask(question()).decision.recognised
            assert not cache.ask(question(ABSENT)).decision.recognised
        asked = len(keyed.asked)
        entries = entries_of(Tin(TIN), KEYS.key), entries_of(Tin(OTHER), KEYS.key)
        own, others = (entry_of(DE, RegisterMode.KEYED, 0) for entry_of in entries)
        for entry in (others, own):
            cache.hear(
                NewsItem(at=Cursor(9, 0), time=1, about=About.STANDING, register=DE, entry=entry, words=((0, 1),))
            )
            cache.ask(question(ABSENT))
            assert len(keyed.asked) == asked, "news of another trader"
        cache.ask(question())
        assert len(keyed.asked) > asked
        assert TIN[2:] not in "".join(keyed.asked)
        without = BorderCache(desk, keyed.trust, clock=now, max_age=300)
        with pytest.raises(KeyNeeded):
            without.ask(question())
        wrong = BorderCache(desk, keyed.trust, clock=now, max_age=300, keys=WRONG)
        with pytest.raises(WrongLookupKey):
            wrong.ask(question())


def test_a_wrong_key_and_no_key_are_unproven_and_never_a_no(keyed: Keyed) -> None:
    for tin in (TIN, ABSENT):
        wrong = keyed.json("ask", tin, *QUESTION, keys="wrong.json", code=4)
        assert (wrong["error"], wrong["family"]) == ("WrongLookupKey", "unproven")
        none = keyed.json("ask", tin, *QUESTION, keys=None, code=4)
        assert (none["error"], none["family"]) == ("KeyNeeded", "unproven")


def test_evidence_is_verified_off_line_with_the_key(keyed: Keyed, tmp_path: Path) -> None:
    file = tmp_path / "evidence.cbor"
    keyed.json("ask", TIN, *QUESTION, "--evidence", str(file))
    assert keyed.json("verify", str(file), TIN, *QUESTION)["recognised"] is True
    for keys, error in ((None, "KeyNeeded"), ("wrong.json", "WrongLookupKey")):
        assert keyed.json("verify", str(file), TIN, *QUESTION, keys=keys, code=4)["error"] == error


def test_a_snapshot_is_asked_with_the_key(keyed: Keyed, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.cbor"
    taken = keyed.run("snapshot", "take", "--out", str(file), keys=None)
    assert taken.exit_code == 0, taken.output
    asked = (*QUESTION, "--snapshot", str(file))
    assert keyed.json("ask", TIN, *asked)["recognised"] is True
    assert keyed.json("ask", ABSENT, *asked, code=1)["reasons"] == ["no_certificate"]
    for keys, error in ((None, "KeyNeeded"), ("wrong.json", "WrongLookupKey")):
        assert keyed.json("ask", TIN, *asked, keys=keys, code=4)["error"] == error
    everywhere = ("ask", TIN, "--everywhere", "--role", "exporter", "--snapshot", str(file))
    assert keyed.json(*everywhere)["recognised_by"] == ["CN"]
    assert keyed.json(*everywhere, keys=None, code=4)["could_not_be_asked"] == ["CN"]


def test_everywhere_a_register_without_its_key_could_not_be_asked(keyed: Keyed) -> None:
    asked = ("ask", TIN, "--everywhere", "--role", "exporter")
    keyed.asked.clear()
    found = keyed.json(*asked)
    assert (found["recognised_by"], found["could_not_be_asked"]) == (["CN"], [])
    assert TIN not in "".join(keyed.asked)
    for keys in (None, "wrong.json"):
        for url in (keyed.url, keyed.keyed_url):
            found = keyed.json(*asked, keys=keys, gateway=url, code=4)
            assert (found["recognised_by"], found["could_not_be_asked"]) == ([], ["CN"])
            assert "BY" in found["not_recognised_by"]


def test_many_questions_are_gathered_as_one_evidence(keyed: Keyed) -> None:
    asked = (question(), question(ABSENT), question(OTHER), question("BY600000001"))
    answers = verify_each(gather(keyed, *asked), asked, keyed.trust, now=now(), keys=KEYS)
    assert [None if isinstance(one, Unproven) else one.decision.recognised for one in answers] == [
        True,
        False,
        True,
        False,
    ]


# ------------------------------------------------------------------ a gateway with the keys


def test_a_gateway_with_the_keys_answers_and_whoever_has_them_can_check(keyed: Keyed) -> None:
    with GatewayClient(keyed.keyed_url, timeout_s=WITHIN_S) as desk:
        found = desk.evidence(question())
        assert verify_recognition(found, question(), keyed.trust, now=now(), keys=KEYS).decision.recognised
        with pytest.raises(KeyNeeded):
            verify_recognition(found, question(), keyed.trust, now=now())
        manifest = (question(), question(ABSENT))
        many = desk.evidence_of_many(manifest)
        answers = verify_each(many, manifest, keyed.trust, now=now(), keys=KEYS)
        assert [not isinstance(one, Unproven) and one.decision.recognised for one in answers] == [True, False]
    asked = {"tin": TIN, "recogniser": "CN", "direction": "import", "role": "exporter"}
    answer = httpx.get(f"{keyed.keyed_url}/v1/decisions", params=asked)
    assert answer.json()["recognised"] is True
    assert KEYS.key(DE, 0).secret.hex() not in answer.text
    refused = httpx.get(f"{keyed.url}/v1/decisions", params=asked).json()
    assert (refused["type"], refused["family"]) == ("urn:aeo-ledger:problem:key-needed", "unproven")


# ------------------------------------------------------------------ past times


@pytest.mark.parametrize(
    ("on", "known", "reasons"),
    [
        ("granted DE600000003", None, ()),
        ("suspended", None, ("suspended",)),
        ("suspended", "granted DE600000003", None),
        ("reinstated", None, ()),
    ],
)
def test_a_past_time_is_proven_with_signed_history_by_either_way(
    keyed: Keyed, on: str, known: str | None, reasons: tuple[str, ...] | None
) -> None:
    at = keyed.story.at
    asked = question(on=at[on], known=None if known is None else at[known] + 1)
    gathered = gather(keyed, asked, with_history=True)
    with GatewayClient(keyed.keyed_url, timeout_s=WITHIN_S) as desk:
        made = desk.evidence(asked, with_history=True)
    one, two = (
        verify_recognition(found, asked, keyed.trust, now=now(), keys=KEYS).decision for found in (gathered, made)
    )
    assert one == two
    assert EVIDENCE_FORM.decode_json(EVIDENCE_FORM.encode_json(gathered)) == gathered
    if reasons is not None:
        assert tuple(reason.name.lower() for reason in one.reasons) == reasons
    with pytest.raises(KeyNeeded):
        verify_recognition(gathered, asked, keyed.trust, now=now())
    with pytest.raises(WrongLookupKey):
        verify_recognition(gathered, asked, keyed.trust, now=now(), keys=WRONG)


def test_a_certificate_s_whole_life_is_shown_with_the_key_and_without_it_nothing_is_claimed(keyed: Keyed) -> None:
    keyed.asked.clear()
    found = keyed.json("history", TIN)
    (certificate,) = found["certificates"]
    assert [event["event"] for event in certificate["events"]] == ["grant", "suspend", "reinstate"]
    assert found["could_not_be_asked"] == []
    assert TIN not in "".join(keyed.asked)
    assert keyed.json("history", TIN, keys=None, code=4)["error"] == "KeyNeeded"
    assert keyed.json("history", TIN, keys="wrong.json", code=4)["error"] == "WrongLookupKey"


def test_a_history_of_another_trader_is_not_taken_for_the_askers(keyed: Keyed) -> None:
    entry = entries_of(Tin(OTHER), KEYS.key)(DE, RegisterMode.KEYED, 0)
    with GatewayClient(keyed.url, timeout_s=WITHIN_S) as desk:
        others = desk.history([entry])
    assert verify_trader_histories(others, Tin(OTHER), DE, [0], keyed.trust, now=now(), keys=KEYS).events[entry]
    with pytest.raises(OtherHistory):
        verify_trader_histories(others, Tin(TIN), DE, [0], keyed.trust, now=now(), keys=KEYS)
    for keys, error in ((NO_KEYS, KeyNeeded), (WRONG, WrongLookupKey)):
        with pytest.raises(error):
            verify_trader_histories(others, Tin(OTHER), DE, [0], keyed.trust, now=now(), keys=keys)


# ------------------------------------------------------------------ the route of proofs


@pytest.mark.parametrize(
    "subject",
    [{}, {"entry": "0x00"}, {"party": -1}, {"party": 1, "entry": "0x" + "00" * 32}, {"recogniser": 1}, {"recogniser": 1, "register": "BY"},
     {"recogniser": 1, "alias_hash": "0x00"}, {"recogniser": 1, "register": 2, "more": 3}],
    ids=str,
)  # fmt: skip
def test_a_subject_of_another_form_is_malformed(keyed: Keyed, subject: dict[str, Any]) -> None:
    answer = httpx.post(f"{keyed.url}/v1/proofs", json={"slots": [], "histories": [{"party": 1}, subject]})
    assert (answer.status_code, answer.json()["family"]) == (400, "malformed")
    assert "histories[1]" in answer.text


# ------------------------------------------------------------------ many, along a route, and in the standard's words


def test_a_file_and_a_corridor_tell_the_gateway_no_trader(keyed: Keyed, tmp_path: Path) -> None:
    file, evidence = tmp_path / "tins.txt", tmp_path / "e.cbor"
    file.write_text(f"{TIN}\n{ABSENT}\n{OTHER}\n", encoding="utf-8")
    keyed.asked.clear()
    many = keyed.json("ask", "--file", str(file), *QUESTION, "--evidence", str(evidence), code=1)
    verdicts = ["recognised", "not_recognised", "recognised"]
    assert [one["verdict"] for one in many["lines"]] == verdicts
    route = keyed.json("ask", TIN, "--corridor", "DE,KZ,CN", "--role", "exporter", code=1)
    assert (route["breaks_at"], route["reaches"]) == (["KZ"], ["DE"])
    assert [stage.get("recognised") for stage in route["stages"]] == [None, False, True]
    heard = "".join(keyed.asked)
    assert "/v1/proofs" in heard
    assert not any(tin[2:] in heard for tin in (TIN, ABSENT, OTHER))
    checked = keyed.json("verify", str(evidence), "--file", str(file), *QUESTION, code=1)
    assert checked["lines"] == many["lines"]
    without = keyed.json("verify", str(evidence), "--file", str(file), *QUESTION, keys=None, code=4)
    assert {(one["verdict"], one["note"].partition(":")[0]) for one in without["lines"]} == {("unproven", "KeyNeeded")}


def test_a_gateway_without_the_key_says_neither_yes_nor_no_to_the_standard_question(keyed: Keyed) -> None:
    asked = {"entity_id": TIN, "authority_id": "CN", "action": "import", "resource": "exporter"}
    bare = httpx.post(f"{keyed.url}/authorization", json=asked).json()
    assert (bare["type"], bare["status"]) == ("urn:aeo-ledger:problem:key-needed", 422)
    assert httpx.post(f"{keyed.keyed_url}/authorization", json=asked).json()["authorized"] is True
    about = {"entity_id": "DE", "authority_id": "CN", "action": "import", "resource": "AEO:exporter"}
    assert httpx.post(f"{keyed.url}/recognition", json=about).json()["recognized"] is True, "it is about no trader"


def test_a_traders_history_and_corridor_need_the_gateway_s_key(keyed: Keyed) -> None:
    path, asked = f"/v1/traders/{TIN}/history", {"register": "DE"}
    assert httpx.get(keyed.url + path, params=asked).json()["type"].endswith(":key-needed")
    (told,) = httpx.get(keyed.keyed_url + path, params=asked).json()["certificates"]
    assert [event["event"] for event in told["events"]] == ["grant", "suspend", "reinstate"]
    body = {"tin": TIN, "role": "exporter", "corridor": ["DE", "CN"]}
    for url, unbroken in ((keyed.url, None), (keyed.keyed_url, True)):
        assert httpx.post(f"{url}/v1/corridors", json=body).json()["unbroken"] is unbroken
