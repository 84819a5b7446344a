"""What an officer sees before a key is used: every row, the party's own days, the other lanes, and what the ledger would refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.workshop import QUESTION, TYPE_1, TYPE_3, Workshop, write_csv


@pytest.fixture
def stranger(shop: Workshop, tmp_path: Path) -> str:
    """A key that is nobody's on the ledger."""
    file = tmp_path / "stranger.json"
    shop.json("key", "new", str(file))
    return str(file)


def test_an_import_of_one_row_shows_the_whole_row(shop: Workshop, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "one.csv", {"tin": "BY640000001", "roles": "carrier|broker", "until": "2090-01-01"})
    asked = shop.run("register", "import", str(file), "--party", "BY", "--key", shop.key("BY"), "--accept-odd")
    assert asked.exit_code == 3
    for line in (
        "GRANT BY640000001, type 3 in the register of BY",
        "  ACTIVE since: 2019-12-31 21:00:00Z (2020-01-01 in Europe/Minsk)",
        "  roles: broker, carrier",
        "  valid from: 2019-12-31 21:00:00Z (2020-01-01 in Europe/Minsk)",
        "  valid until: 2089-12-31 21:00:00Z (2090-01-01 in Europe/Minsk)",
        "  look again: the UNP's region or check digit is wrong",
    ):
        assert line in asked.stderr.splitlines(), asked.stderr
    assert "so this was not done: GRANT BY640000001, type 3 in the register of BY" in asked.stderr
    done = shop.import_(file)
    assert "1 certificate recorded in 1 publication\n" in done.stdout


def test_a_long_import_shows_what_is_unusual_and_the_rest_on_request(shop: Workshop, tmp_path: Path) -> None:
    rows = [{"tin": f"BY6500000{place:02}"} for place in range(25)]
    rows[7] |= {"status": "REVOKED", "since": "2022-05-05"}
    file = write_csv(tmp_path / "many.csv", *rows)
    command = ("register", "import", str(file), "--party", "BY", "--key", shop.key("BY"), "--accept-odd")
    asked = shop.run(*command).stderr.splitlines()
    assert asked[0] == "25 certificates in the register of BY: 25 grant, 1 revoke"
    assert "  status: 24 ACTIVE; 1 REVOKED" in asked
    assert "  since: 2020-01-01 to 2022-05-05" in asked
    revoked = [line for line in asked if line.startswith("    REVOKE BY650000007, type 3: REVOKED since 2022-05-05")]
    assert len(revoked) == 1
    assert "  to see each certificate: --show-all" in asked
    shown = shop.run(*command, "--show-all").stderr.splitlines()
    assert sum(line.startswith("    GRANT BY65") for line in shown) == 25


def test_a_day_is_shown_as_the_day_that_was_entered(shop: Workshop) -> None:
    asked = shop.run(
        "grant", "BY660000001", "--party", "BY", "--type", "3", "--roles", "carrier", "--from", "2090-01-01",
        "--key", shop.key("BY"), "--accept-odd",
    )  # fmt: skip
    assert "  valid from: 2089-12-31 21:00:00Z (2090-01-01 in Europe/Minsk)" in asked.stderr.splitlines()
    answer = shop.run("ask", TYPE_3, *QUESTION, "--on", "2019-08-01").stdout
    assert "import as carrier, on 2019-07-31 16:00:00Z (2019-08-01 in Asia/Shanghai)" in answer
    ahead = shop.run("ask", TYPE_3, *QUESTION, "--on", "2090-08-01")
    assert (ahead.exit_code, "asked about 2090-07-31 16:00:00Z (2090-08-01 in Asia/Shanghai)" in ahead.stderr) == (
        4,
        True,
    )


def test_a_second_conclusion_shows_the_lanes_that_stand(shop: Workshop, tmp_path: Path) -> None:
    again = tmp_path / "again.toml"
    again.write_text((shop.folder / "cn-by.toml").read_text().replace("CN-BY", "CN-BY-2"))
    shown = shop.run("arrangement", "conclude", str(again)).stdout.splitlines()
    assert shown[0] == "CONCLUDE the arrangement CN-BY-2"
    at = shown.index("  ALREADY ON THE LEDGER, and not changed by this: CN recognises the register of BY")
    assert shown[at + 1] == (
        "    lane 0: arrangement CN-BY, open, in force from: 2019-07-23 16:00:00Z (2019-07-24 in Asia/Shanghai), until: open"
    )
    assert "    in force from: 2019-07-23 16:00:00Z (2019-07-24 in Asia/Shanghai)" in shown


def test_a_wrong_key_is_named_before_anything_is_signed(shop: Workshop, tmp_path: Path, stranger: str) -> None:
    file = write_csv(tmp_path / "a.csv", {"tin": "BY670000001"})
    for command in (
        ("suspend", TYPE_1, "--party", "BY", "--type", "1"),
        ("register", "import", str(file), "--party", "BY", "--accept-odd"),
    ):
        for key, held in ((stranger, "nobody's on this ledger"), (shop.key("CN"), "an operator of CN")):
            refused = shop.json(*command, "--key", key, code=3)
            assert refused["error"] == "WrongKey"
            assert f"is {held}, this act needs an operator of BY" in refused["detail"]
    draft = str(shop.folder / "cn-by.toml")
    shop.folder.joinpath("cn-by.act.json").unlink(missing_ok=True)
    refused = shop.json("arrangement", "conclude", draft, "--yes", "--key", shop.key("BY"), code=3)
    assert "is an operator of BY, this act needs the authority of BY or CN" in refused["detail"]


@pytest.mark.parametrize(
    ("verb", "more", "found", "needed"),
    [
        ("grant", ["--roles", "carrier"], "found ACTIVE since", "needed no certificate, or one that is REVOKED"),
        ("suspend", ["--since", "2090-10-01"], "in Europe/Minsk)", "a beginning not after now"),
        ("suspend", ["--since", "2001-10-01"], "found since 2001-09-30", "when it became ACTIVE"),
        ("reinstate", [], "found ACTIVE since", "needed SUSPENDED to reinstate"),
        ("restore", [], "found ACTIVE since", "needed REVOKED or WITHDRAWN or ANNULLED to restore"),
        ("revoke", ["--hold", "2090-01-01"], "found bar until 2089-12-31", "at most five years from now"),
        ("amend", ["--until", "2001-01-01"], "found valid from", "needed an end after the beginning"),
    ],
)
def test_what_the_ledger_would_refuse_is_refused_with_what_is_found_and_needed(
    shop: Workshop, verb: str, more: list[str], found: str, needed: str
) -> None:
    key = shop.key("BY", "authority" if verb == "restore" else "operator")
    result = shop.act(verb, TYPE_3, "--type", "3", *more, key=key)
    assert (result.exit_code, result.stderr.startswith("Refused: registers: ")) == (3, True), result.output
    assert found in result.stderr
    assert needed in result.stderr
    assert "nothing was signed" in result.stderr


def test_an_end_before_the_beginning_is_refused_in_a_grant(shop: Workshop) -> None:
    refused = shop.act(
        "grant", "BY680000001", "--type", "3", "--roles", "carrier", "--from", "2027-01-01", "--until", "2026-01-01"
    )
    assert (refused.exit_code, "needed an end after the beginning; nothing was signed" in refused.stderr) == (3, True)


@pytest.mark.parametrize("verb", ["revoke", "suspend", "annul"])
def test_a_bar_or_planned_end_that_has_passed_is_refused(shop: Workshop, verb: str) -> None:
    refused = shop.act(verb, TYPE_3, "--type", "3", "--hold", "2020-01-01", "--json")
    assert refused.exit_code == 2
    assert "which has passed" in json.loads(refused.stdout)["detail"]


def test_a_number_whose_prefix_leads_elsewhere_is_recorded_only_on_request(shop: Workshop, tmp_path: Path) -> None:
    tin = "KZ940940000205"
    why = "its prefix KZ leads to KZ: no question finds it in the register of BY unless it names that register"
    command = ["grant", tin, "--party", "BY", "--type", "3", "--roles", "carrier", "--key", shop.key("BY")]
    refused = shop.json(*command, code=3)
    assert (refused["error"], why in refused["detail"]) == ("OddTin", True)
    file = write_csv(tmp_path / "kz.csv", {"tin": TYPE_3}, {"tin": tin})
    imported = shop.json("register", "import", str(file), "--party", "BY", "--key", shop.key("BY"), code=3)
    problem = f"line 3: tin: found 'KZ940940000205', needed another number: {why}"
    assert (imported["error"], imported["problems"]) == ("OddRows", [problem])
    assert shop.records(tin) == [None]
    accepted = shop.json(*command, "--accept-odd")
    assert (accepted["status"], accepted["problems"]) == ("ACTIVE", [why])
    assert shop.json("ask", tin, *QUESTION, code=1)["reasons"][0] == "no_certificate"
    assert shop.json("ask", tin, *QUESTION, "--register", "BY")["recognised"] is True


def test_a_number_in_question_is_looked_at_again_in_a_sentence(shop: Workshop) -> None:
    wrong = "BY511125809"
    told = shop.run("history", wrong, "--type", "3").stdout
    assert f"look again at {wrong}: the UNP's region or check digit is wrong" in told.splitlines()
