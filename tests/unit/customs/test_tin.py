from __future__ import annotations

import csv
import io
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.customs.prefixes import PREFIXES
from aeo_ledger.customs.tin import Tin, find_other_form, find_problems, find_wrong_form, read_tin
from aeo_ledger.errors.customs import MalformedTin


@pytest.mark.parametrize(
    "text", ["BY200988541", "DE1", "CN1234567890", "XI/-~!123", "BR12345678901234", "AE123456789012345"]
)
def test_a_tin_is_kept_as_it_stands(text: str) -> None:
    tin = Tin(text)
    assert (tin.text, tin.prefix, tin.identifier, str(tin)) == (text, text[:2], text[2:], text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 characters, needed 3 to 17"),
        ("BY", "2 characters, needed 3 to 17"),
        ("BY1234567890123456", "18 characters, needed 3 to 17"),
        ("AEOBY200988541", "this is the code of an AEO certificate, with AEO before the TIN"),
        ("EL1", "EL is Greece's prefix in tax matters, its traders are registered under GR"),
        ("by200988541", "character 1 is 'b', a lower-case letter"),
        ("BYMa1953684", "character 4 is 'a', a lower-case letter"),
        ("BY 200988541", "character 3 is ' ', a space or control character"),
        ("BY200988541\n", "character 12 is '\\n', a space or control character"),
        ("200988541", "'20' is not a prefix"),
        ("B1200988541", "'B1' is not a prefix"),
        ("ZZ511125808", "no country has the prefix ZZ"),
        ("AA123", "no country has the prefix AA"),
        ("UK123456789", "no country has the prefix UK"),
        ("ВY200988541", "character 1 is CYRILLIC CAPITAL LETTER VE, which looks like B"),  # noqa: RUF001
        ("BYМА1953684", "character 3 is CYRILLIC CAPITAL LETTER EM, which looks like M"),  # noqa: RUF001
        ("BY/0119/ТИП3", "character 9 is CYRILLIC CAPITAL LETTER TE, which looks like T"),  # noqa: RUF001
        ("ΕL123", "character 1 is GREEK CAPITAL LETTER EPSILON, which looks like E"),  # noqa: RUF001
        ("DE１23", "character 3 is FULLWIDTH DIGIT ONE, which looks like 1"),  # noqa: RUF001
        ("DE\u00a0123", "character 3 is NO-BREAK SPACE"),
        ("DE\u200b123", "character 3 is ZERO WIDTH SPACE"),
        ("DEЖ", "character 3 is CYRILLIC CAPITAL LETTER ZHE"),
    ],
)
def test_what_only_resembles_a_tin_is_refused_and_the_reason_named(text: str, reason: str) -> None:
    with pytest.raises(MalformedTin) as refusal:
        Tin(text)
    assert refusal.value.reason == reason
    assert refusal.value.found == text[:40]
    assert reason in str(refusal.value)


@given(st.text(max_size=20) | st.text(alphabet="AEOLGRCNBY 01-", max_size=20))
def test_a_text_is_a_tin_exactly_if_it_has_the_form(text: str) -> None:
    upper = [c for c in text if "\x21" <= c <= "\x7e" and not "a" <= c <= "z"]
    expected = len(upper) == len(text) and 3 <= len(text) <= 17 and text[:2] in PREFIXES
    expected = expected and not (text[:3] == "AEO" and len(text) > 4 and text[3:5].isalpha())
    try:
        found = Tin(text).text == text
    except MalformedTin:
        found = False
    assert found == expected


@pytest.mark.parametrize("accept_odd", [False, True])
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("by511125808", "BY511125808"),
        ("BY 511125808", "BY511125808"),
        (" BY511125808 ", "BY511125808"),
        ("BY511125808\r\n", "BY511125808"),
        ("BY\u00a0511\u2009125\u200b808", "BY511125808"),
        ("Cn 2102994919", "CN2102994919"),
        ("AEOCN2102994919", "CN2102994919"),
        ("aeo cn 2102994919", "CN2102994919"),
        ("AEOSGT08GA0028A12", "SGT08GA0028A12"),
        ("AEOTW123456789", "TW123456789"),
        ("EL094014201", "GR094014201"),
        ("el 094014201", "GR094014201"),
        ("us12-3456789", "US12-3456789"),
        ("\u0412Y511125808", "BY511125808"),
    ],
)
def test_the_right_form_is_advised_where_a_rule_shows_it_and_never_assumed(
    text: str, written: str, accept_odd: bool
) -> None:
    with pytest.raises(MalformedTin) as refusal:
        read_tin(text, accept_odd=accept_odd)
    assert refusal.value.advice == f"write {written}"
    assert str(refusal.value).endswith(f"; write {written}")
    assert read_tin(written).text == written


@pytest.mark.parametrize(
    "text",
    ["Carrier", "cn", "127.0.0.1:8547", "\u00dfY511125808", "AEOCN123", "by51112580", "\u0421N2102994919", "EL", "BY"],
)
def test_nothing_is_advised_that_no_rule_gives(text: str) -> None:
    with pytest.raises(MalformedTin) as refusal:
        read_tin(text)
    assert refusal.value.advice.startswith("needed two capital letters")


@pytest.mark.parametrize("text", ["ZZ511125808", "AA123", "UK123456789"])
def test_a_prefix_of_no_country_is_advised_upon_by_itself(text: str) -> None:
    with pytest.raises(MalformedTin) as refusal:
        read_tin(text)
    assert refusal.value.advice == (
        "look again at the first two letters: the code of the country whose register gave the number"
    )


@pytest.mark.parametrize("bad", ["BY20098854", "CN123", "KZ12345678901", "AM1234567", "SG12345", "BR1", "DE12/3:"])
def test_a_tin_outside_its_countrys_rule_is_read_only_if_accepted(bad: str) -> None:
    with pytest.raises(MalformedTin) as refusal:
        read_tin(bad)
    assert refusal.value.reason == find_wrong_form(Tin(bad))
    assert refusal.value.advice == "look again, and accept it as odd only if its register has it so"
    assert read_tin(bad, accept_odd=True).text == bad


@pytest.mark.parametrize(
    ("bad", "written"), [("BY-511-125-808", "BY511125808"), ("DE12-3", "DE123"), ("CN.2102994919", "CN2102994919")]
)
def test_separators_in_a_number_are_named(bad: str, written: str) -> None:
    with pytest.raises(MalformedTin) as refusal:
        read_tin(bad)
    assert refusal.value.advice == f"write {written}"
    assert read_tin(bad, accept_odd=True).text == bad


@pytest.mark.parametrize("odd", ["BY511125809", "RU1234567895", "JP1835678256246", "US1"])
def test_a_wrong_check_digit_does_not_change_the_form(odd: str) -> None:
    assert read_tin(odd).text == odd


@pytest.mark.parametrize(
    "good",
    [
        *(
            "BY200988541",
            "CN1234567890",
            "KZ940940000384",
            "RU1234567894",
            "AM12345678",
            "KG12345678901234",
            "DE4711",
            "XI4711",
        ),
        *("SGT08GA0028A12", "JP5835678256246", "KR1168200276", "BR16727230000197", "US/ANY-THING"),
    ],
)
def test_numbers_that_a_national_register_gives_have_no_problems(good: str) -> None:
    assert find_problems(Tin(good)) == ()


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("BY200988542", "check digit"),
        ("BY20098854", "9 digits"),
        ("BY900988541", "region"),
        ("CN123", "10 digits"),
        ("KZ12345678901", "12 digits"),
        ("RU1234567895", "check digit"),
        ("RU123456789", "10 digits"),
        ("AM1234567", "8 digits"),
        ("KG1", "14 digits"),
        ("DE12-3", "EORI"),
        ("SG12345", "12 capitals"),
        ("JP1835678256246", "check digit"),
        ("KR0008200276", "not given out"),
        ("KR1", "10 digits"),
        ("BR16727230000198", "check digits"),
        ("BR1", "CNPJ"),
    ],
)
def test_a_well_formed_tin_that_its_register_would_not_give_is_doubted(bad: str, said: str) -> None:
    (problem,) = find_problems(Tin(bad))
    assert said in problem


@pytest.mark.parametrize("register", ["BY", "CN"])
def test_the_sample_registers_hold_numbers_of_real_form(register: str) -> None:
    text = resources.files("aeo_ledger.registers").joinpath(f"samples/{register}.csv").read_text("utf-8")
    tins = [Tin(row["tin"]) for row in csv.DictReader(io.StringIO(text))]
    assert len(tins) > 300
    assert not any(find_problems(tin) for tin in tins)


@pytest.mark.parametrize(
    ("tin", "other"),
    [
        ("GB205672212000", "XI205672212000"),
        ("XI205672212000", "GB205672212000"),
        ("XI4711", None),  # no British number has this form
        ("GB4711", None),  # odd: nothing is known of it
        ("BY511125808", None),
        ("AQ12345", None),
    ],
)
def test_the_other_registration_of_a_trader_is_known_both_ways(tin: str, other: str | None) -> None:
    assert find_other_form(Tin(tin)) == (None if other is None else Tin(other))
