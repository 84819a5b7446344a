"""Acts on certificates, and the keys that sign them, as an officer enters them."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from aeo_ledger.customs.vocabulary import EventKind, Status
from aeo_ledger.office.calendar import parse_moment
from support.network import PASSWORD
from support.workshop import QUESTION, TYPE_3, Workshop


def test_a_certificate_lives_through_every_verb(shop: Workshop) -> None:
    tin = "BY600000001"
    for verb, more, status, sequence in (
        ("grant", ["--roles", "carrier,exporter", "--from", "2024-01-01"], "ACTIVE", 1),
        ("amend", ["--roles", "carrier", "--until", "2099-01-01"], "ACTIVE", 2),
        ("amend", ["--until", "open"], "ACTIVE", 3),
        ("suspend", ["--hold", "2098-01-01", "--reason", "conditions_not_met"], "SUSPENDED", 4),
        ("reinstate", [], "ACTIVE", 5),
        ("revoke", ["--hold", "2027-12-01"], "REVOKED", 6),
        ("annul", [], "ANNULLED", 7),
    ):
        result = shop.act(verb, tin, "--type", "3", *more, "--json")
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert (document["status"], document["sequence"], document["register"]) == (status, sequence, "BY")
    (record,) = shop.records(tin)
    assert record.since == record.valid_from == parse_moment("2024-01-01", "BY", what="")
    assert record.hold_until == parse_moment("2027-12-01", "BY", what="")  # annulment shortens no bar
    assert shop.act("restore", tin, "--type", "3").exit_code == 3  # an operator's key
    authority = shop.key("BY", "authority")
    assert shop.act("restore", tin, "--type", "3", "--roles", "broker", key=authority).exit_code == 0
    (record,) = shop.records(tin)
    assert (record.status, record.kind, record.hold_until, record.roles) == (Status.ACTIVE, EventKind.RESTORE, 0, 8)
    assert shop.act("withdraw", tin, "--type", "3").exit_code == 0
    again = shop.act("grant", tin, "--type", "3", "--roles", "broker")
    assert (again.exit_code, again.stdout.startswith(f"{tin} type 3: ACTIVE, event 10")) == (0, True)


def test_a_bar_keeps_out_a_new_grant(shop: Workshop) -> None:
    tin = "BY600000002"
    for verb, more in (("grant", ["--roles", "carrier"]), ("revoke", ["--hold", "2028-01-01"])):
        assert shop.act(verb, tin, "--type", "3", *more).exit_code == 0
    refused = shop.json(
        "grant", tin, "--party", "BY", "--type", "3", "--roles", "carrier", "--key", shop.key("BY"), code=3
    )
    assert "(code" in refused["detail"]
    assert "BARRED" in refused["detail"]


def test_a_grant_from_a_day_to_come_is_not_yet_effective(shop: Workshop) -> None:
    tin = "BY600000003"
    assert shop.act("grant", tin, "--type", "3", "--roles", "carrier", "--from", "2090-01-01").exit_code == 0
    assert shop.json("ask", tin, *QUESTION, code=1)["reasons"] == ["not_yet_effective"]


@pytest.mark.parametrize(
    ("verb", "arguments", "told"),
    [
        ("grant", ["--type", "3"], "--roles"),
        ("grant", ["--type", "9", "--roles", "carrier"], "one of 1, 2, 3"),
        ("grant", ["--type", "3", "--roles", "pirate"], "'pirate'"),
        ("grant", ["--type", "3", "--roles", "carrier", "--since", "2020-01-01"], "only --roles, --from, --until"),
        ("amend", ["--type", "3"], "--roles or --until"),
        ("suspend", ["--type", "3", "--reason", "whim"], "'whim'"),
        ("suspend", ["--type", "3", "--since", "yesterday"], "'yesterday'"),
        ("reinstate", ["--type", "3", "--hold", "2030-01-01"], "only --since"),
        ("annul", ["--type", "3", "--since", "2020-01-01"], "only --hold"),
    ],
)
def test_what_an_act_cannot_use_is_malformed(shop: Workshop, verb: str, arguments: list[str], told: str) -> None:
    result = shop.act(verb, TYPE_3, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


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
    assert json.loads(outsider.stdout)["error"] == "RefusedByLedger"
    other_member = shop.act("suspend", "DE1234567", "--type", "AEOS", "--json", party="PL")
    assert other_member.exit_code == 3  # only the issuer changes its standing
    union = shop.act("suspend", "DE1234567", "--type", "AEOS", "--json", party="EU")
    assert union.exit_code == 3


def test_withholding_is_the_recognisers_and_can_be_undone(shop: Workshop) -> None:
    tin = "BY413751283"
    rest = ["--register", "BY", "--type", "3", "--key", shop.key("CN")]
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
    assert shop.json("key", "show", str(file)) == {"file": str(file), "address": address}
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
