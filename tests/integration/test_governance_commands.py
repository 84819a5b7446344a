"""Every act of the constitution by its command, on one network: files that go round, acts of a party, resolutions, emergencies."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.errors.office import KeysHidden, NoReplacement, RefusedBeforehand
from aeo_ledger.evidence.card import CARD_FORM
from aeo_ledger.office.complete import complete_replacement
from aeo_ledger.office.parties import show_party
from aeo_ledger.signing import Password, Signer, create_key_file, open_key_file
from support.hand_held import found_at, held
from support.identities import MIDDLE, OWN, card_of
from support.network import CN_BY, PASSWORD, found, now
from support.ports import free_port
from support.waiting import await_that
from support.workshop import Workshop, day_in, run_gateway

START = 1_750_000_000
SEATS = ("BY", "CN", "KZ", "EU")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = found(tmp_path_factory.mktemp("governed") / "net")
    port = free_port()
    with run_gateway(folder, port):
        yield Workshop(folder=folder, port=port)


def fresh(shop: Workshop, name: str) -> tuple[str, str]:
    """Make a new key; return its file and its address."""
    file = shop.folder.parent / f"{name}-{secrets.token_hex(3)}.json"
    signer = create_key_file(file, Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
    return str(file), f"0x{signer.address.hex()}"


def address_of(file: str) -> str:
    return f"0x{open_key_file(Path(file), Password(PASSWORD)).address.hex()}"


def do(shop: Workshop, *words: str, keys: tuple[str, ...] = (), code: int = 0) -> dict[str, Any]:
    found = shop.json(*words, *(part for key in keys for part in ("--key", key)), "--yes", code=code)
    if code == 0 and "--out" not in words:
        assert found["proven"] is True
    return found


def own(shop: Workshop, verb: str, *words: str, party: str = "BY", more: tuple[str, ...] = (), code: int = 0) -> Any:
    """Let a party act alone, with the key of its authority and others."""
    keys = (shop.key(party, "authority"), *more)
    return do(shop, "party", "act", verb, "--party", party, *words, keys=keys, code=code)


def resolve(shop: Workshop, verb: str, *words: str, by: tuple[str, ...] = SEATS[1:], more: tuple[str, ...] = ()) -> Any:
    """Draft a resolution, let each seat sign it, and submit it."""
    file = str(shop.folder.parent / f"{verb}-{secrets.token_hex(3)}.act.json")
    drafted = do(shop, "resolution", "draft", verb, *words, "--out", file, keys=more)
    assert drafted["lacks"][0]["role"] == "authority"
    signed = do(shop, "act", "sign", file, keys=tuple(shop.key(seat, "authority") for seat in by))
    assert signed["missing"] == []
    return do(shop, "act", "submit", file)


def party(shop: Workshop, code: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.json("party", "show", code)
    assert found["proven"] is True
    return found


# ---- files that go round


def test_an_act_goes_round_on_a_stick_in_any_order_and_is_submitted_once(shop: Workshop, tmp_path: Path) -> None:
    file, copy = tmp_path / "suspend.act.json", tmp_path / "copy.act.json"
    drafted = do(
        shop, "resolution", "draft", "give-seat", "--party", "DE", "--out", str(file), "--grounds", "0x" + "5a" * 32
    )
    assert drafted["lacks"] == [{"enough": 3, "of": list(SEATS), "role": "authority"}]
    document = json.loads(file.read_text())
    assert document["reads"] == [
        "message: Resolution",
        "party: DE",
        "number: 1",
        document["reads"][3],
        "act: give seat",
        f"grounds: 0x{'5a' * 32}",
    ]
    assert document["reads"][3].startswith("deadline: 20")
    assert document["missing"] == ["authority: 3 of BY, CN, KZ, EU"]
    shutil.copy(file, copy)
    assert do(shop, "act", "sign", str(copy), keys=(shop.key("KZ", "authority"),))["missing"] == ["BY", "CN", "EU"]
    do(shop, "act", "sign", str(file), keys=(shop.key("CN", "authority"),))
    early = do(shop, "act", "submit", str(file), code=3)
    assert (early["error"], "2 of BY, KZ, EU" in early["detail"]) == ("Undersigned", True)
    twice = shop.run("act", "sign", str(file), "--key", shop.key("CN", "authority"), "--yes")
    assert (twice.exit_code, "had signed already" in twice.stdout) == (0, True)
    assert len(json.loads(file.read_text())["signed"]) == 1
    joined = do(shop, "act", "sign", str(file), "--join", str(copy), keys=(shop.key("EU", "authority"),))
    assert joined["missing"] == []
    shown = shop.run("act", "show", str(file))
    assert shown.exit_code == 0
    assert "GIVE SEAT, a resolution about DE (Germany)" in shown.stdout
    assert "everybody has signed that must" in shown.stdout
    assert shown.stdout.count("signed by 0x") == 3
    assert do(shop, "act", "submit", str(file))["proven"] is True
    again = do(shop, "act", "submit", str(file), code=3)
    assert (again["error"], "WRONG_NUMBER" in again["detail"]) == ("RefusedBeforehand", True)
    assert "; nothing was sent (" in again["detail"]
    refused = shop.json("act", "show", str(file))["refused"]
    assert refused["code"] == "WRONG_NUMBER"
    assert resolve(shop, "take-seat", "--party", "DE", by=(*SEATS[1:], "DE"))["proven"] is True


@pytest.mark.parametrize(
    "words",
    [
        ("resolution", "draft", "give-seat", "--party", "DE"),
        ("resolution", "draft", "supersede", "--date", "DAY"),
        ("network", "supersede", "--date", "DAY"),
        ("party", "act", "set-threshold", "--party", "BY", "--count", "1"),
        ("party", "freeze", "--party", "BY"),
    ],
    ids=" ".join,
)
def test_the_decision_behind_any_act_is_a_file_that_the_book_keeps(
    shop: Workshop, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file, decision = tmp_path / "drafted.act.json", tmp_path / "decision.txt"
    words = tuple(day_in(300) if word == "DAY" else word for word in words)
    decision.write_text(f"why we did {words}")
    where = (str(file),) if words[0] == "network" else ("--out", str(file))
    do(shop, *words, *where, "--grounds", str(decision))
    grounds = json.loads(file.read_text())["act"]["values"]["grounds"]
    shown = shop.json("document", "show", grounds)
    assert (shown["kind"], shown["media"], shown["content"]) == (
        "grounds",
        "text/plain",
        f"0x{decision.read_bytes().hex()}",
    )
    file.unlink()
    do(shop, *words, *where, "--grounds", grounds)
    assert json.loads(file.read_text())["act"]["values"]["grounds"] == grounds
    file.unlink()
    absent = do(shop, *words, *where, "--grounds", str(tmp_path / "absent"), code=2)
    assert (absent["error"], file.exists()) == ("UnreadableFile", False)


def test_a_resolution_needs_a_book_to_keep_its_decision_and_a_party_has_its_own(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("decision.txt").write_text("why")
    more = ("--out", "a.act.json", "--grounds", "decision.txt", "--yes", "--json")
    asked = shop.run("resolution", "draft", "give-seat", "--party", "DE", *more, AEO_LEDGER_BOOK=None)
    assert (asked.exit_code, json.loads(asked.stdout)["error"]) == (2, "MalformedText")
    nobody = shop.run("party", "freeze", "--party", "ZZ", *more, AEO_LEDGER_BOOK=None)
    assert (nobody.exit_code, json.loads(nobody.stdout)["error"]) == (3, "NoSuchParty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["decision.txt"]
    assert shop.run("party", "freeze", "--party", "BY", *more, AEO_LEDGER_BOOK=None).exit_code == 0
    assert Path("BY.book.sqlite").is_file()


@pytest.mark.parametrize(
    ("part", "alter", "error"),
    [
        ("reads", lambda d: d["reads"].__setitem__(1, "party: PL"), "FileSaysOtherwise"),
        ("reads", lambda d: d["reads"].append("it is only a formality"), "FileSaysOtherwise"),
        ("signed", lambda d: d["signed"].append(d["signed"][0]), "FileSaysOtherwise"),
        ("signed", lambda d: d["signed"].clear(), "FileSaysOtherwise"),
        ("chain", lambda d: d.__setitem__("chain", "7"), "FileOfAnotherChain"),
        ("act", lambda d: d["act"]["values"].__setitem__("party", "6"), "OtherArrangement"),
    ],
)
def test_an_altered_file_is_refused_by_name(shop: Workshop, tmp_path: Path, part: str, alter: Any, error: str) -> None:
    file = tmp_path / "reinstate.act.json"
    words = ("resolution", "draft", "expel", "--party", "DE", "--out", str(file))
    do(shop, *words, keys=(shop.key("CN", "authority"),))
    document = json.loads(file.read_text())
    alter(document)
    file.write_text(json.dumps(document))
    for verb in ("show", "submit"):
        assert shop.json("act", verb, str(file), code=3)["error"] == error
    assert do(shop, "act", "sign", str(file), keys=(shop.key("KZ", "authority"),), code=3)["error"] == error


def test_what_is_not_a_file_of_an_act_is_malformed(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "expel.act.json"
    do(shop, "resolution", "draft", "expel", "--party", "DE", "--out", str(file))
    document = json.loads(file.read_text())
    for broken in (
        {**document, "surplus": 1},
        {**document, "format": "aeo-ledger/act-file/2"},
        {**document, "chain": 7},
        {**document, "chain": "-7"},
        {**document, "reads": [5]},
        {**document, "missing": "nobody"},
        document["act"],
    ):
        (tmp_path / "broken.json").write_text(json.dumps(broken))
        assert shop.json("act", "show", str(tmp_path / "broken.json"), code=2)["family"] == "malformed"
    taken = do(shop, "resolution", "draft", "expel", "--party", "DE", "--out", str(file), code=3)
    assert taken["error"] == "OutputTaken"
    other = tmp_path / "other.act.json"
    do(shop, "resolution", "draft", "expel", "--party", "PL", "--out", str(other))
    assert do(shop, "act", "sign", str(file), "--join", str(other), code=3)["error"] == "FilesDiffer"
    assert do(shop, "act", "sign", str(file), code=2)["error"] == "MalformedText"


def test_a_wrong_key_and_an_expired_file_are_refused(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "expel.act.json"
    do(shop, "resolution", "draft", "expel", "--party", "DE", "--out", str(file), "--for", "10s")
    for key in (shop.key("CN"), shop.key("DE", "authority"), fresh(shop, "stranger")[0]):
        assert do(shop, "act", "sign", str(file), keys=(key,), code=3)["error"] in {
            "OtherArrangement",
            "RefusedBeforehand",
        }
    deadline = int(json.loads(file.read_text())["act"]["values"]["deadline"])
    await_that(lambda: time.time() > deadline + 1)
    late = do(shop, "act", "sign", str(file), keys=(shop.key("CN", "authority"),), code=3)
    assert (late["error"], "TOO_LATE" in late["detail"]) == ("RefusedBeforehand", True)
    assert shop.json("act", "show", str(file))["refused"]["code"] == "TOO_LATE"
    assert json.loads(file.read_text())["signed"] == []


# ---- what a party decides alone


def test_keys_are_added_rotated_and_retired_with_dates(shop: Workshop) -> None:
    second, operator, third = fresh(shop, "second"), fresh(shop, "operator"), fresh(shop, "third")
    authority, daily = shop.key("BY", "authority"), shop.key("BY")
    short = own(shop, "add-operator", "--new", operator[1], code=3)
    assert (short["error"], "TOO_FEW_SIGNATURES" in short["detail"]) == ("RefusedBeforehand", True)
    assert own(shop, "add-operator", "--new", operator[1], party="CN", more=(daily,), code=3)["error"] == "WrongKey"
    own(shop, "add-operator", "--new", operator[1], more=(operator[0],))
    own(shop, "set-threshold", "--count", "2")
    own(shop, "set-threshold", "--count", "1")
    own(shop, "retire-operator", "--old", operator[1])
    own(shop, "add-authority-key", "--new", second[1], more=(second[0],))
    own(shop, "set-authority-threshold", "--count", "2")
    one = own(shop, "set-authority-threshold", "--count", "1", code=3)
    assert "needed 2 authority keys of BY" in one["detail"]
    own(shop, "set-authority-threshold", "--count", "1", more=(second[0],))
    own(shop, "rotate-authority", "--old", second[1], "--new", third[1], more=(third[0],))
    own(shop, "retire-authority-key", "--old", third[1])
    found = party(shop, "BY")
    keys = {key["address"]: key for key in found["keys"]}
    assert {address for address, key in keys.items() if key["serves"] and key["role"] != "node"} == {
        address_of(authority),
        address_of(daily),
    }
    for gone in (operator[1], second[1], third[1]):
        assert keys[gone]["retired_at"] >= keys[gone]["added_at"] > 0
    assert (found["authority_keys"], found["counters"]["operators"], found["counters"]["serial"]) == (1, 1, 9)
    told = shop.run("party", "show", "BY").stdout
    assert "BY (Belarus), party 1, administration: active, seat, register" in told
    assert f"  operator  {operator[1]}  since " in told
    shown = [(key["role"], key["added_at"]) for key in found["keys"]]
    assert shown == sorted(shown, key=lambda one: (("authority", "operator", "node").index(one[0]), one[1]))


def test_particulars_unions_and_registers(shop: Workshop, tmp_path: Path) -> None:
    card, certificate = card_of(), tmp_path / "certificate.pem"
    (tmp_path / "card.json").write_bytes(CARD_FORM.encode_file(card))
    certificate.write_bytes(OWN.pem + MIDDLE.pem)
    own(shop, "card", "--file", str(tmp_path / "card.json"))
    own(shop, "certificate", "--file", str(certificate))
    own(shop, "key-check", "--type", "3", "--hash", "0x" + "11" * 32, party="KZ", code=3)  # KZ opened its register
    own(shop, "register", "--mode", "open", "--types", "1,2,3")
    found = party(shop, "BY")
    assert (found["card"], found["certificate"]) == (
        f"0x{card.hash().hex()}",
        f"0x{OWN.certificate.fingerprint(SHA256()).hex()}",
    )
    assert found["register"] == {"mode": "open", "types": ["1", "2", "3"], "epoch": 0}
    day = time.strftime("%Y-%m-%d", time.gmtime(now() + 40 * 86_400))
    union = ("--union", "EU")
    own(shop, "leave-union", *union, "--from", day, party="DE")
    assert party(shop, "DE")["unions"][0]["leaves_at"] > now()
    own(shop, "revoke-leaving", *union, party="DE")
    own(shop, "eject-member", "--member", "DE", "--from", day, party="EU")
    assert party(shop, "DE")["unions"][0]["ejected"] is True
    own(shop, "revoke-ejection", "--member", "DE", party="EU")
    own(shop, "leave-union", *union, party="DE")
    assert party(shop, "DE")["unions"] == []
    file = str(shop.folder.parent / "join.act.json")
    drafted = own(shop, "join-union", *union, "--out", file, party="DE")
    assert drafted["missing"] == ["EU"]
    do(shop, "act", "sign", file, keys=(shop.key("EU", "authority"),))
    do(shop, "act", "submit", file)
    assert [place["code"] for place in party(shop, "DE")["unions"]] == ["EU"]


def test_a_freeze_is_one_command_and_one_key(shop: Workshop) -> None:
    wrong = do(shop, "party", "freeze", "--party", "BY", keys=(shop.key("BY", "authority"),), code=3)
    assert wrong["error"] == "WrongKey"
    do(shop, "party", "freeze", "--party", "BY", keys=(shop.key("BY"),))
    assert party(shop, "BY")["frozen"] is True
    again = do(shop, "party", "freeze", "--party", "BY", keys=(shop.key("BY"),), code=3)
    assert "WRONG_FREEZE" in again["detail"]
    own(shop, "unfreeze")
    assert party(shop, "BY")["frozen"] is False


# ---- the seats


def test_two_thirds_admit_suspend_and_expel(shop: Workshop) -> None:
    file, address = fresh(shop, "uz")
    admitted = ("--code", "UZ", "--kind", "administration", "--keeps-register", "--new", address)
    resolve(shop, "admit", *admitted, more=(file,))
    listed = {one["code"]: one for one in shop.json("party", "list")["parties"]}
    assert (listed["UZ"]["number"], listed["UZ"]["seat"], listed["UZ"]["keeps_register"]) == (7, False, True)
    name_in_a_store(shop)
    resolve(shop, "take-register", "--party", "UZ")
    resolve(shop, "give-register", "--party", "UZ")
    resolve(shop, "suspend", "--party", "UZ", "--until", time.strftime("%Y-%m-%d", time.gmtime(now() + 9 * 86_400)))
    assert party(shop, "UZ")["state"] == "suspended"
    resolve(shop, "reinstate", "--party", "UZ")
    resolve(shop, "expel", "--party", "UZ")
    assert party(shop, "UZ")["state"] == "expelled"
    assert shop.json("party", "show", "XX", code=3)["error"] == "NoSuchParty"
    again, key = fresh(shop, "uz-again")
    resolve(shop, "admit", *admitted[:-1], key, more=(again,))
    numbers = [json.loads(shop.run("trust", "name", "UZ", "--json", **own_trust(shop)).stdout)["number"] for _ in "ab"]
    assert numbers == [8, 8], "the code is the newcomer's, and the expelled party has lost it"
    resolve(shop, "expel", "--party", "UZ")
    assert json.loads(shop.run("trust", "name", "UZ", "--json", **own_trust(shop)).stdout)["number"] == 8
    assert shop.run("party", "list").stdout.splitlines()[6].startswith("  7  UZ     administration  expelled")


def own_trust(shop: Workshop) -> dict[str, str]:
    """A trust store of one's own."""
    return {"AEO_LEDGER_TRUST": str(shop.folder.parent / "own")}


def name_in_a_store(shop: Workshop) -> None:
    """A bundle that was made before does not know the newcomer; it does when the newcomer is named in it."""
    trust = own_trust(shop)
    told = json.loads(shop.run("trust", "show", "--json").stdout)["fingerprint"]
    assert shop.run("trust", "pin", str(shop.folder / "trust.json"), "--fingerprint", told, **trust).exit_code == 0
    assert "UZ (not in your trust bundle)" in shop.run("party", "show", "UZ", **trust).stdout
    nobody = shop.run("trust", "name", "XX", "--json", **trust)
    assert (nobody.exit_code, json.loads(nobody.stdout)["error"]) == (3, "NoSuchParty")
    moved = json.loads(shop.run("trust", "name", "UZ", "--json", **trust).stdout)
    assert (moved["number"], moved["named"], moved["proven"]) == (7, True, True)
    assert "UZ is named already, as party 7" in shop.run("trust", "name", "UZ", **trust).stdout
    assert [line.split()[2] for line in shop.run("trust", "list", **trust).stdout.splitlines()] == ["pinned", "named"]
    assert "UZ (Uzbekistan)" in shop.run("party", "show", "UZ", **trust).stdout


def test_a_number_that_was_taken_meanwhile_is_refused_before_anybody_signs(shop: Workshop, tmp_path: Path) -> None:
    slow = tmp_path / "slow.act.json"
    words = ("resolution", "draft", "give-seat", "--party", "PL", "--out", str(slow))
    do(shop, *words, keys=(shop.key("CN", "authority"),))
    resolve(shop, "give-seat", "--party", "PL")
    late = do(shop, "act", "sign", str(slow), keys=(shop.key("KZ", "authority"),), code=3)
    assert (late["error"], "another act has taken" in late["detail"]) == ("RefusedBeforehand", True)
    resolve(shop, "take-seat", "--party", "PL", by=(*SEATS[1:], "PL"))


def test_signatures_of_a_seat_that_too_few_of_its_keys_gave_are_not_submitted(shop: Workshop) -> None:
    """The others are enough, and the ledger refuses an act that bears them."""
    second = fresh(shop, "second")
    own(shop, "add-authority-key", "--new", second[1], party="KZ", more=(second[0],))
    own(shop, "set-authority-threshold", "--count", "2", party="KZ")
    assert resolve(shop, "give-seat", "--party", "DE", by=SEATS)["proven"] is True
    assert resolve(shop, "take-seat", "--party", "DE", by=(*SEATS, "DE"))["proven"] is True
    own(shop, "set-authority-threshold", "--count", "1", party="KZ", more=(second[0],))
    own(shop, "retire-authority-key", "--old", second[1], party="KZ")


def test_validators_are_seated_replaced_and_unseated(shop: Workshop) -> None:
    node, other = fresh(shop, "node"), fresh(shop, "other")
    resolve(shop, "seat-validator", "--party", "DE", "--new", node[1], more=(node[0],))
    swapped = ("--party", "DE", "--old", node[1], "--new", other[1])
    for _ in range(2):  # validators change two blocks apart at least
        own(shop, "card", "--hash", "0x" + secrets.token_hex(32))
    resolve(shop, "replace-validator", *swapped, more=(other[0],))
    for _ in range(2):
        own(shop, "card", "--hash", "0x" + secrets.token_hex(32))
    resolve(shop, "unseat-validator", "--party", "DE", "--old", other[1])


def test_a_successor_is_named_and_taken_back(shop: Workshop, tmp_path: Path) -> None:
    date = time.strftime("%Y-%m-%d", time.gmtime(now() + 90 * 86_400))
    resolve(shop, "supersede", "--date", date)
    resolve(shop, "cancel-succession")


# ---- a lost or stolen authority


def test_a_replacement_waits_is_objected_to_stopped_cancelled_and_completed(shop: Workshop) -> None:
    assert (
        do(shop, "party", "object", "--party", "PL", keys=(shop.key("PL", "authority"),), code=3)["error"]
        == "NoReplacement"
    )
    assert do(shop, "party", "complete-replacement", "PL", code=3)["error"] == "NoReplacement"

    def begin() -> tuple[str, str]:
        key = fresh(shop, "new")
        resolve(shop, "replace-authority", "--party", "PL", "--new", key[1], more=(key[0],))
        return key

    waiting = begin()
    pending = party(shop, "PL")["replacement"]
    assert (pending["key"], pending["objected"]) == (waiting[1], False)
    assert f"THE AUTHORITY OF PL IS BEING REPLACED by {waiting[1]}" in shop.run("party", "show", "PL").stdout
    assert (
        f"РУКОВОДСТВО СТОРОНЫ PL ЗАМЕНЯЕТСЯ ключом {waiting[1]}"
        in shop.run("party", "show", "PL", "--lang", "ru").stdout
    )
    assert shop.json("health")["replacements"] == [{"party": "PL", **pending}]
    assert "aeo-ledger party show PL" in shop.run("health").stdout
    resolve(shop, "cancel-replacement", "--party", "PL")
    begin()
    own(shop, "cancel-replacement", party="PL")
    begin()
    do(shop, "party", "object", "--party", "PL", keys=(shop.key("PL", "authority"),))
    assert party(shop, "PL")["replacement"]["objected"] is True
    early = do(shop, "party", "complete-replacement", "PL", code=3)
    assert (early["error"], "NOT_YET" in early["detail"]) == ("RefusedBeforehand", True)
    few = do(shop, "party", "stop", "--party", "PL", keys=(shop.key("BY", "authority"),), code=3)
    assert "TOO_FEW_SIGNATURES" in few["detail"]
    do(shop, "party", "stop", "--party", "PL", keys=(shop.key("BY", "authority"), shop.key("KZ", "authority")))
    assert party(shop, "PL")["replacement"] is None
    assert shop.json("health")["replacements"] == []


def test_a_replacement_that_is_ready_is_completed_by_anybody_and_proven(tmp_path: Path) -> None:
    new = Signer.generate(secrets.token_bytes)
    with held(found_at(tmp_path / "net", START), START) as network:
        network.resolve(ResolutionAct.REPLACE_AUTHORITY, new, party=6, key=new.address)
        waits = show_party(network.office, 6)
        assert waits.pending is not None
        with pytest.raises(RefusedBeforehand, match="code 33, NOT_YET"):
            complete_replacement(network.office, 6)
        network.wait_until(waits.pending.ready_at)
        done = complete_replacement(network.office, 6)
        assert done.told[0] == "COMPLETE the replacement of the authority of PL"
        found = show_party(network.office, 6)
        assert (found.party.epoch, [key for key, word in found.keys.items() if found.serves(word)]) == (
            1,
            [new.address],
        )
        with pytest.raises(NoReplacement):
            complete_replacement(network.office, 6)
        network.resolve(
            ResolutionAct.REPLACE_AUTHORITY, fresh := Signer.generate(secrets.token_bytes), party=6, key=fresh.address
        )
        pending = show_party(network.office, 6).pending
        assert pending is not None
        network.wait_until(pending.lapses_at)
        with pytest.raises(RefusedBeforehand, match="REPLACEMENT_LAPSED"):
            complete_replacement(network.office, 6)


def test_a_gateway_that_hides_a_key_is_found_out(tmp_path: Path) -> None:
    with held(found_at(tmp_path / "net", START), START) as network:
        keys = network.relay.keys(1)
        assert len(keys) == 3  # authority, operator, node
        operator = network.signer("BY").address
        network.keys = lambda _: [key for key in keys if key != operator]  # type: ignore[attr-defined]
        with pytest.raises(KeysHidden) as hidden:
            show_party(network.office, 1)
        assert (hidden.value.role, hidden.value.found, hidden.value.needed) == ("operator", 0, 1)
        network.keys = lambda _: [*keys, bytes(20), b"\1" * 20, keys[0]]  # type: ignore[attr-defined]
        shown = show_party(network.office, 1).keys
        assert set(shown) == set(keys)
        assert [key.role.name for key in shown.values()] == ["AUTHORITY", "OPERATOR", "NODE"]


# ---- arrangements


def test_a_recognition_is_amended_suspended_resumed_and_ended(shop: Workshop, tmp_path: Path) -> None:
    draft = tmp_path / "cn-by.toml"
    draft.write_text(CN_BY)
    both = (shop.key("CN", "authority"), shop.key("BY", "authority"))
    do(shop, "arrangement", "conclude", str(draft), keys=both)
    wider = tmp_path / "wider.toml"
    wider.write_text(CN_BY.replace('types = ["3"]', 'types = ["2", "3"]'))
    first = do(shop, "arrangement", "amend", str(wider), keys=both[:1])
    assert first["missing"] == ["BY"]
    done = do(shop, "arrangement", "amend", first["act"], keys=both[1:])
    assert any("types: 3 -> 2, 3" in line for line in done["told"])
    unknown = tmp_path / "unknown.toml"
    unknown.write_text(CN_BY.replace('"CN-BY"', '"CN-XX"'))
    assert do(shop, "arrangement", "amend", str(unknown), keys=both, code=3)["error"] == "NoSuchLane"
    pair = ("--recogniser", "CN", "--register", "BY")
    wrong = do(shop, "arrangement", "suspend", "--party", "BY", *pair, keys=both[1:], code=3)
    assert "SURPLUS_SIGNATORY" in wrong["detail"]
    do(shop, "arrangement", "suspend", "--party", "CN", *pair, keys=both[:1])
    do(shop, "arrangement", "resume", "--party", "CN", *pair, "--lane", "0", keys=both[:1])
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now() + 60))
    do(shop, "arrangement", "end", "--party", "BY", *pair, "--until", until, keys=both[1:])
    nowhere = do(
        shop, "arrangement", "suspend", "--party", "KZ", "--recogniser", "KZ", "--register", "CN", keys=both, code=3
    )
    assert (nowhere["error"], "--lane" in nowhere["detail"]) == ("NoSuchLane", False)
