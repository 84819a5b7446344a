"""Acts on certificates, and the keys that sign them, as an officer enters them."""

from __future__ import annotations

import json
import re
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import EventKind, Status
from aeo_ledger.office.calendar import parse_moment
from support.network import PASSWORD
from support.workshop import QUESTION, TYPE_3, Workshop, day_in

KEY_CASES = Path(__file__).parents[1] / "cases/keys"


def test_a_certificate_lives_through_every_verb(shop: Workshop) -> None:
    tin, review, bar = "BY600000001", day_in(400), day_in(370)
    for verb, more, status, sequence in (
        ("grant", ["--roles", "carrier,exporter", "--from", "2024-01-01"], "ACTIVE", 1),
        ("amend", ["--roles", "carrier", "--until", "2099-01-01"], "ACTIVE", 2),
        ("amend", ["--until", "open"], "ACTIVE", 3),
        ("suspend", ["--hold", "2098-01-01", "--reason", "conditions_not_met"], "SUSPENDED", 4),
        ("reinstate", [], "ACTIVE", 5),
        ("reassess", ["--review", review], "ACTIVE", 6),
        ("revoke", ["--hold", bar], "REVOKED", 7),
        ("annul", [], "ANNULLED", 8),
    ):
        result = shop.act(verb, tin, "--type", "3", *more, "--json")
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert (document["status"], document["sequence"], document["register"]) == (status, sequence, "BY")
    (record,) = shop.records(tin)
    assert record.since == record.valid_from == parse_moment("2024-01-01", "BY", what="")
    assert record.review_day == (date.fromisoformat(review) - date(1970, 1, 1)).days
    assert record.hold_until == parse_moment(bar, "BY", what="")  # annulment shortens no bar
    assert shop.act("restore", tin, "--type", "3").exit_code == 3  # an operator's key
    authority = shop.key("BY", "authority")
    assert shop.act("restore", tin, "--type", "3", "--roles", "broker", key=authority).exit_code == 0
    (record,) = shop.records(tin)
    assert (record.status, record.kind, record.hold_until, record.roles) == (Status.ACTIVE, EventKind.RESTORE, 0, 8)
    assert shop.act("withdraw", tin, "--type", "3").exit_code == 0
    again = shop.act("grant", tin, "--type", "3", "--roles", "broker")
    assert (again.exit_code, again.stdout.startswith(f"{tin} type 3: ACTIVE, event 11")) == (0, True)


def test_a_bar_keeps_out_a_new_grant(shop: Workshop) -> None:
    tin = "BY600000002"
    for verb, more in (("grant", ["--roles", "carrier"]), ("revoke", ["--hold", day_in(370)])):
        assert shop.act(verb, tin, "--type", "3", *more).exit_code == 0
    refused = shop.json(
        "grant",
        tin,
        "--party",
        "BY",
        "--type",
        "3",
        "--roles",
        "carrier",
        "--key",
        shop.key("BY"),
        "--accept-odd",
        code=3,
    )
    assert "(code" in refused["detail"]
    assert "BARRED" in refused["detail"]


def test_a_grant_from_a_day_to_come_is_not_yet_effective(shop: Workshop) -> None:
    tin = "BY600000003"
    assert shop.act("grant", tin, "--type", "3", "--roles", "carrier", "--from", "2090-01-01").exit_code == 0
    assert shop.json("ask", tin, *QUESTION, code=1)["reasons"] == ["not_yet_effective"]


def test_a_number_with_a_wrong_check_digit_is_granted_only_on_request(shop: Workshop) -> None:
    tin = "BY600000004"
    command = ["grant", tin, "--party", "BY", "--type", "3", "--roles", "carrier", "--key", shop.key("BY")]
    refused = shop.json(*command, code=3)
    assert refused["error"] == "OddTin"
    assert "check digit is wrong" in refused["detail"]
    assert shop.records(tin) == [None]
    granted = shop.json(*command, "--accept-odd")
    assert granted["problems"] == ["the UNP's region or check digit is wrong"]
    suspended = shop.json("suspend", tin, "--party", "BY", "--type", "3", "--key", shop.key("BY"))
    assert suspended["problems"] == granted["problems"]


def test_a_number_of_another_form_is_granted_only_on_request_and_can_then_be_asked_about(shop: Workshop) -> None:
    tin = "BY60000005"
    command = ["grant", tin, "--party", "BY", "--type", "3", "--roles", "carrier", "--key", shop.key("BY")]
    assert shop.json(*command, code=3)["error"] == "OddTin"
    assert shop.json("ask", tin, *QUESTION, code=2)["error"] == "MalformedTin"
    assert shop.json(*command, "--accept-odd")["status"] == "ACTIVE"
    answer = shop.json("ask", tin, *QUESTION, "--accept-odd")
    assert (answer["recognised"], answer["problems"]) == (True, ["a Belarusian UNP of an organisation has 9 digits"])
    assert shop.json("history", tin, "--type", "3", code=2)["error"] == "MalformedTin"
    assert shop.json("history", tin, "--type", "3", "--accept-odd")["certificates"][0]["events"]
    rest = ["--recogniser", "CN", "--register", "BY", "--type", "3", "--key", shop.key("CN")]
    assert shop.json("withhold", tin, *rest, code=2)["error"] == "MalformedTin"
    assert shop.json("withhold", tin, *rest, "--accept-odd")["benefits"] == "withheld"


@pytest.mark.parametrize("tin", ["AEOCN2102994919", "EL094014201"])
def test_another_form_of_a_number_is_never_granted(shop: Workshop, tin: str) -> None:
    refused = shop.act("grant", tin, "--type", "3", "--roles", "carrier")
    assert (refused.exit_code, "; write " in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("verb", "arguments", "told"),
    [
        ("grant", ["--type", "3"], "--roles"),
        ("grant", ["--type", "9", "--roles", "carrier"], "one of 1, 2, 3"),
        ("grant", ["--type", "3", "--roles", "pirate"], "'pirate'"),
        ("grant", ["--type", "3", "--roles", "carrier", "--since", "2020-01-01"], "No such option: --since"),
        ("amend", ["--type", "3"], "--roles or --until"),
        ("suspend", ["--type", "3", "--reason", "whim"], "'whim'"),
        ("suspend", ["--type", "3", "--since", "yesterday"], "'yesterday'"),
        ("reinstate", ["--type", "3", "--hold", "2030-01-01"], "No such option: --hold"),
        ("annul", ["--type", "3", "--since", "2020-01-01"], "No such option: --since"),
    ],
)
def test_what_an_act_cannot_use_is_malformed(shop: Workshop, verb: str, arguments: list[str], told: str) -> None:
    result = shop.act(verb, TYPE_3, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("verb", "own"),
    [
        ("grant", {"--roles", "--from", "--until"}),
        ("amend", {"--roles", "--until"}),
        ("reassess", {"--review"}),
        ("suspend", {"--since", "--hold", "--by-union"}),
        ("reinstate", {"--since"}),
        ("revoke", {"--since", "--hold", "--by-union"}),
        ("withdraw", {"--since", "--by-union"}),
        ("annul", {"--hold", "--by-union"}),
        ("transfer", set()),
        ("restore", {"--since", "--roles", "--until"}),
    ],
)
def test_each_verb_lists_its_own_options_and_no_other(shop: Workshop, verb: str, own: set[str]) -> None:
    told = shop.run(verb, "--help", COLUMNS="200").stdout
    common = {
        "--party",
        "--type",
        "--trust",
        "--key",
        "--register",
        "--reason",
        "--grounds",
        "--book",
        "--gateway",
        "--timeout",
        "--yes",
        "--unproven",
        "--secrets",
        "--password-file",
        "--json",
        "--lang",
        "--accept-odd",
        "--out",
        "--for",
    }
    assert set(re.findall(r"^│ \*?\s+(--[a-z-]+)", told, re.MULTILINE)) == common | own | {"--help"}


@pytest.mark.parametrize(
    ("verb", "warned"),
    [("revoke", "only the authority can restore it"), ("annul", "answers about the past change too"), ("suspend", "")],
)
def test_no_act_is_signed_that_was_not_shown_and_meant(shop: Workshop, verb: str, warned: str) -> None:
    result = shop.run(verb, TYPE_3, "--party", "BY", "--key", shop.key("BY"), "--type", "3")
    assert (result.exit_code, "say --yes" in result.stderr, warned in result.stderr) == (3, True, True)
    assert f"{verb.upper()}: {TYPE_3}, type 3 in the register of BY, event 2" in result.stderr
    assert "  status: ACTIVE -> " in result.stderr
    assert "what stands now is proven as of block" in result.stderr
    (record,) = shop.records(TYPE_3)
    assert record.status is Status.ACTIVE


def test_a_second_suspension_says_what_it_replaces(shop: Workshop) -> None:
    tin = "BY600000024"
    assert shop.act("grant", tin, "--type", "3", "--roles", "carrier", "--from", "2024-01-01").exit_code == 0
    first = shop.act("suspend", tin, "--type", "3", "--since", "2024-02-01T00:00:00Z")
    assert "already" not in first.stdout
    second = shop.act(
        "suspend", tin, "--type", "3", "--since", "2024-03-01T00:00:00Z", "--hold", "2098-01-01T00:00:00Z"
    )
    assert (
        "it was suspended already, since 2024-02-01 00:00:00Z (2024-02-01 03:00:00 in Europe/Minsk); this second suspension "
        "replaces it" in second.stdout
    )
    assert (
        "since 2024-03-01 00:00:00Z (2024-03-01 03:00:00 in Europe/Minsk), planned end 2098-01-01 00:00:00Z"
        in second.stdout
    )
    third = shop.act("suspend", tin, "--type", "3", "--since", "2024-03-02T00:00:00Z", "--json")
    assert json.loads(third.stdout)["was"] == "SUSPENDED"


def test_a_grant_dated_ahead_says_so(shop: Workshop) -> None:
    ahead = shop.act("grant", "BY600000005", "--type", "3", "--roles", "carrier", "--from", "2090-01-01T00:00:00Z")
    assert (
        "granted in advance: it takes effect at 2090-01-01 00:00:00Z (2090-01-01 03:00:00 in Europe/Minsk)"
        in ahead.stdout
    )
    now = shop.act("grant", "BY600000006", "--type", "3", "--roles", "carrier")
    assert "ahead" not in now.stdout


def test_an_act_on_nothing_or_for_nobody_is_refused(shop: Workshop) -> None:
    for verb in ("suspend", "reinstate", "revoke", "withdraw", "annul", "restore"):
        assert "grant one first" in shop.act(verb, "BY600000009", "--type", "3").stderr
    unknown = shop.act("suspend", TYPE_3, "--type", "3", party="XX", key=shop.key("BY"))
    assert (unknown.exit_code, "BY, CN, KZ, EU, DE, PL" in unknown.stderr) == (3, True)


def test_a_member_grants_in_its_unions_register(shop: Workshop) -> None:
    granted = shop.act("grant", "DE1234567", "--type", "AEOS", "--roles", "exporter", "--json", party="DE")
    assert (granted.exit_code, json.loads(granted.stdout)["register"]) == (0, "EU")
    asked = ["--recogniser", "PL", "--direction", "import", "--role", "exporter"]
    answer = shop.json("ask", "DE1234567", *asked, code=1)
    assert (answer["registers"], answer["reasons"]) == (["EU"], ["no_arrangement"])
    outsider = shop.act(
        "grant", "CN1234567", "--type", "AEOS", "--roles", "exporter", "--register", "EU", "--json", party="CN"
    )
    assert outsider.exit_code == 3
    assert json.loads(outsider.stdout)["error"] == "RefusedBeforehand"
    other_member = shop.act("suspend", "DE1234567", "--type", "AEOS", "--json", party="PL")
    assert other_member.exit_code == 3  # only the issuer changes its standing
    union = shop.act("suspend", "DE1234567", "--type", "AEOS", "--json", party="EU")
    assert union.exit_code == 3


def test_a_certificate_moves_to_another_member_when_both_sides_have_signed(shop: Workshop, tmp_path: Path) -> None:
    tin, kind = "DE7654321", ("--type", "AEOS")
    assert shop.act("grant", tin, *kind, "--roles", "exporter", party="DE").exit_code == 0
    alone = shop.act("transfer", tin, *kind, "--json", party="PL")
    assert (alone.exit_code, "TOO_FEW_SIGNATURES" in alone.stdout) == (3, True)
    file = str(tmp_path / "transfer.act.json")
    drafted = shop.json("transfer", tin, *kind, "--party", "PL", "--key", shop.key("PL"), "--out", file, "--yes")
    assert (drafted["missing"], drafted["lacks"][0]["role"]) == (["DE"], "operator")
    shown = shop.run("act", "show", file, "--tin", tin, "--tin", "DE1").stdout
    assert f"TRANSFER: {tin}, type AEOS in the register of EU, event 2" in shown
    assert "still missing: operators of DE" in shown
    union = shutil.copy(file, tmp_path / "union.act.json")
    by_union = shop.json("act", "sign", str(union), "--key", shop.key("EU", "authority"), "--yes")
    assert by_union["missing"] == []  # the authority of the register's union may sign in place of the old issuer
    wrong = shop.json("act", "sign", file, "--key", shop.key("BY"), "--yes", code=3)
    assert "this act needs an operator of PL or DE or the authority of EU" in wrong["detail"]
    shop.json("act", "sign", file, "--key", shop.key("DE"), "--yes")
    assert shop.json("act", "submit", file, "--yes")["proven"] is True
    again = shop.json("suspend", tin, *kind, "--party", "DE", "--key", shop.key("DE"), code=3)
    assert "WRONG_ISSUER" in again["detail"]
    suspended = ("suspend", tin, *kind, "--party", "PL", "--by-union", "--key", shop.key("EU", "authority"))
    assert shop.json(*suspended)["status"] == "SUSPENDED"


def test_a_single_act_may_go_round_between_two_operators(shop: Workshop, tmp_path: Path) -> None:
    file, tin = str(tmp_path / "withhold.act.json"), "BY640000099"
    where = ["--recogniser", "CN", "--register", "BY", "--type", "3"]
    drafted = shop.json("withhold", tin, *where, "--accept-odd", "--out", file)
    assert drafted["missing"] == ["CN"]
    assert shop.json("withhold", tin, *where, "--accept-odd", "--out", file, code=3)["error"] == "OutputTaken"
    assert shop.json("withhold", tin, *where, "--accept-odd", code=2)["error"] == "MalformedText"
    assert f"WITHHOLD BENEFITS from {tin}" in shop.run("act", "show", file, "--tin", tin).stdout
    assert shop.json("act", "sign", file, "--key", shop.key("CN"), "--yes")["missing"] == []
    assert shop.json("act", "submit", file, "--yes")["proven"] is True
    shown = "the ledger shows already what this act says"
    again = shop.json("act", "submit", file, "--yes", code=3)
    assert (again["error"], f"{shown}; nothing was sent (" in again["detail"]) == ("RefusedBeforehand", True)
    released = [*where, "--accept-odd", "--key", shop.key("CN"), "--yes", "--release"]
    assert shop.json("withhold", tin, *released)["benefits"] == "granted again"
    later = shop.json("act", "submit", file, "--yes", code=3)  # it was sealed, and is no longer what stands
    assert (later["error"], shown in later["detail"]) == ("RefusedBeforehand", False)


def test_withholding_is_the_recognisers_and_can_be_undone(shop: Workshop) -> None:
    tin = "BY413751283"
    rest = ["--register", "BY", "--type", "3", "--key", shop.key("CN"), "--yes"]
    assert shop.json("withhold", tin, "--recogniser", "CN", *rest)["benefits"] == "withheld"
    assert shop.json("ask", tin, *QUESTION, code=1)["reasons"] == ["benefits_withheld"]
    assert shop.run("withhold", tin, "--recogniser", "BY", *rest).exit_code == 3
    released = shop.run("withhold", tin, "--recogniser", "CN", *rest, "--release")
    assert released.stdout.startswith("benefits granted again by CN")
    assert shop.json("ask", tin, *QUESTION)["recognised"] is True


def test_a_new_key_is_for_its_owner_alone(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    address = shop.json("key", "new", str(file))["address"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch("0x[0-9a-f]{40}", address)
    assert shop.run("key", "show", str(file)).stdout == f"{address}\n"
    assert shop.json("key", "show", str(file)) == {"file": str(file), "address": address, "named": True}
    assert shop.json("key", "new", str(file), code=3)["error"] == "KeyFileExists"


def test_every_file_of_keys_that_a_founding_makes_is_private(shop: Workshop) -> None:
    files = [*shop.folder.glob("parties/*/*.json"), shop.folder / "validators.keys"]
    assert len(files) == 13
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(shop.folder.stat().st_mode) == 0o700


def test_a_wrong_or_missing_password_is_refused(shop: Workshop, tmp_path: Path) -> None:
    wrong = shop.run("key", "show", shop.key("BY"), AEO_LEDGER_PASSWORD="wrong")
    assert (wrong.exit_code, "the password is wrong" in wrong.stderr) == (3, True)
    assert "wrong-" not in wrong.output
    missing = shop.run("key", "show", shop.key("BY"), AEO_LEDGER_PASSWORD=None)
    assert missing.exit_code == 3
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\nsecond line\n")
    password.chmod(0o644)
    exposed = shop.run("key", "show", shop.key("BY"), "--password-file", str(password))
    assert (exposed.exit_code, "chmod 600" in exposed.stderr) == (3, True)
    password.chmod(0o600)
    right = shop.run("key", "show", shop.key("BY"), "--password-file", str(password), AEO_LEDGER_PASSWORD="wrong")
    assert right.exit_code == 0


@pytest.mark.parametrize("name", sorted(path.name for path in KEY_CASES.glob("*")))
def test_no_file_of_a_key_or_password_is_a_fault(shop: Workshop, tmp_path: Path, name: str) -> None:
    """The right answer for each of these files is in `unit/signing/test_key_cases.py`."""
    file = tmp_path / name
    file.write_bytes((KEY_CASES / name).read_bytes())
    file.chmod(0o600)
    command = (
        ["key", "show", str(file)]
        if name.endswith(".json")
        else ["key", "show", shop.key("BY"), "--password-file", str(file)]
    )
    ended = shop.run(*command, AEO_LEDGER_PASSWORD="pw")
    assert ended.exit_code in {0, 2, 3}
    nameless = ended.exit_code == 0 and "key confirm" in ended.output
    assert len(ended.output.splitlines()) == (3 if nameless else 1)
