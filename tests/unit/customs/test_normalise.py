"""Laws of `normalise` for texts that nobody listed: it ends in a TIN, does nothing twice, and never makes one trader another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from aeo_ledger.customs.prefixes import COUNTRIES
from aeo_ledger.customs.spelling import Step
from aeo_ledger.customs.tin import Normalised, Tin, find_wrong_form, normalise, read_tin
from aeo_ledger.errors.customs import MalformedTin

VECTORS = json.loads((Path(__file__).parents[2] / "conformance/vectors/tin/normalise.json").read_bytes())
KNOWN = sorted({vector["tin"] for vector in VECTORS if "tin" in vector})
NOISE = (
    "\u0410\u0412\u0415\u0421\u0423\u0417\u0395\u0660\u0665\uff11\uff21\u200b\u00a0 -./()'\"\tabyAELOGRCNBY0123456789"
)
texts = (
    st.text(max_size=24)
    | st.text(alphabet=NOISE, max_size=24)
    | st.sampled_from([vector["typed"] for vector in VECTORS])
)
countries = st.none() | st.sampled_from(sorted(COUNTRIES)) | st.sampled_from(["EU", "EAEU", "MERCOSUR", "XX"])


def _normalise(text: str, country: str | None, *, accept_odd: bool = False) -> Normalised | None:
    try:
        return normalise(text, country, accept_odd=accept_odd)
    except MalformedTin:
        return None


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # most texts are no TIN
@given(texts, countries, st.booleans())
@example("MERCOSUR123", "MERCOSUR", False)
@example("\u00df1", None, False)
def test_what_comes_out_is_a_tin_and_comes_out_again_unchanged(
    text: str, country: str | None, accept_odd: bool
) -> None:
    found = _normalise(text, country, accept_odd=accept_odd)
    assume(found is not None)
    assert found is not None
    assert Tin(found.tin.text) == found.tin
    assert accept_odd or find_wrong_form(found.tin) is None
    assert country not in COUNTRIES or found.tin.prefix == country
    for place in (country, None, found.tin.prefix):
        assert normalise(found.tin.text, place, accept_odd=accept_odd) == Normalised(found.tin.text, found.tin)


@given(texts | st.sampled_from(KNOWN), countries, st.booleans())
def test_a_tin_is_never_made_another(text: str, country: str | None, accept_odd: bool) -> None:
    try:
        tin = read_tin(text)
    except MalformedTin:
        return
    found = _normalise(text, country, accept_odd=accept_odd)
    assert found == (Normalised(text, tin) if country not in COUNTRIES or country == tin.prefix else None)


@given(st.sampled_from(KNOWN), st.data())
def test_spaces_capitals_and_invisible_characters_change_nothing(tin: str, data: st.DataObject) -> None:
    parts = [c.lower() if data.draw(st.booleans()) else c for c in tin]
    typed = "".join(part + data.draw(st.sampled_from(["", " ", "\u00a0", "\u200b", "\ufeff"])) for part in parts)
    found = normalise(typed, data.draw(st.sampled_from([None, tin[:2]])))
    assert found.tin.text == tin
    assert {*found.done} <= {Step.INVISIBLE, Step.SPACES, Step.CAPITALS}


@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN), st.data())
def test_two_traders_are_two_however_they_are_typed(one: str, other: str, data: st.DataObject) -> None:
    """Marks between characters never bring two numbers together."""
    assume(one != other)
    typed = "".join(c + data.draw(st.sampled_from(["", "-", ".", " "])) for c in one)
    found = _normalise(typed, None)
    assert found is None or found.tin.text != other


@pytest.mark.parametrize(
    ("typed", "country", "reason", "advice"),
    [
        ("BY/0119/\u0422\u0418\u041f3", None, "this is the number of a certificate, not of its holder", "write the trader's number"),
        ("\u0421N2102994919", None, "character 1 is CYRILLIC CAPITAL LETTER ES, which looks like C", "type the number in Latin letters and digits"),
        (" b\u0416", None, "character 3 is CYRILLIC CAPITAL LETTER ZHE", "type the number in Latin letters and digits"),
        (
            "AT123", "DE", "this may be AT123, which is not a number of DE",
            "write AT123 if that is meant, else DE before the number",
        ),
        ("USCARRIER", "DE", "USCARRIER does not begin with DE", MalformedTin.advice),
        ("us carrier", None, "USCARRIER has no digit, and no rule is known for numbers of US", MalformedTin.advice),
        ("51112580", "BY", "a Belarusian UNP of an organisation has 9 digits", None),
        ("1" * 200, "BY", "202 characters, needed 3 to 17", MalformedTin.advice),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_what_to_write(typed: str, country: str | None, reason: str, advice: str | None) -> None:
    with pytest.raises(MalformedTin) as refusal:
        normalise(typed, country)
    assert refusal.value.reason == reason
    assert advice is None or refusal.value.advice == advice


def test_who_accepts_odd_numbers_means_exactly_this_text() -> None:
    assert normalise("BY-511-125-808").tin.text == "BY511125808"
    assert normalise("BY-511-125-808", accept_odd=True) == Normalised("BY-511-125-808", Tin("BY-511-125-808"))
    assert normalise("by 1", accept_odd=True) == Normalised("by 1", Tin("BY1"), (Step.SPACES, Step.CAPITALS))
    assert normalise("EL094014201", accept_odd=True).tin.text == "GR094014201"
    with pytest.raises(MalformedTin):
        normalise("by 1", "KZ", accept_odd=True)
