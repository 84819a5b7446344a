"""Options that commands share: which they are, in which order, and what a command sees of them."""

from __future__ import annotations

from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from aeo_ledger.cli.options import DEFAULT_GATEWAY, Keys
from aeo_ledger.cli.shared import DRAFTS, KEEPS, READS, SIGNS, SUBMITS, Common, sharing

seen: list[tuple[str, Common, bool]] = []


def command(
    what: Annotated[str, typer.Argument()], common: Common, aloud: Annotated[bool, typer.Option()] = False
) -> None:
    seen.append((what, common, aloud))


def run(options: frozenset[str], *words: str, **needed: Any) -> int:
    seen.clear()
    app = typer.Typer()
    app.command()(sharing(options, **needed)(command))
    return CliRunner().invoke(app, words, env={"AEO_LEDGER_TRUST": None, "AEO_LEDGER_GATEWAY": None}).exit_code


ALL = {field.name for field in fields(Common)}


def test_each_set_has_the_one_before_and_all_are_options() -> None:
    assert READS < SUBMITS < SIGNS < KEEPS < DRAFTS < ALL
    assert {"secrets", "lookup_keys"} == ALL - DRAFTS, "for those who name traders of keyed registers"


def test_a_command_has_the_options_in_their_order_and_what_is_needed_first() -> None:
    names = list(signature(sharing(SIGNS | {"book"})(command)).parameters)
    assert names == [
        "what", "trust", "aloud", "key", "book", "gateway", "timeout", "yes", "unproven", "password_file", "as_json"
    ]  # fmt: skip
    assert list(signature(sharing(KEEPS, key=Keys)(command)).parameters)[:4] == ["what", "trust", "key", "aloud"]


def test_a_command_sees_what_was_entered_and_the_defaults_of_all_else() -> None:
    assert run(READS, "now", "--trust", "t.json", "--timeout", "2m", "--aloud", "--json") == 0
    assert seen == [("now", Common(trust=Path("t.json"), timeout=120.0, as_json=True), True)]
    assert seen[0][1].gateway == DEFAULT_GATEWAY
    assert seen[0][1].gateway is not DEFAULT_GATEWAY  # nobody's list changes another's


@pytest.mark.parametrize(
    ("options", "words", "needed"),
    [
        (READS, (), {}),
        (READS, ("--trust", "t.json", "--yes"), {}),
        (SUBMITS, ("--trust", "t.json", "--key", __file__), {}),
        (SIGNS, ("--trust", "t.json", "--book", "b.sqlite"), {}),
        (KEEPS, ("--trust", "t.json", "--out", "a.json"), {}),
        (KEEPS, ("--trust", "t.json"), {"key": Keys}),
    ],
)
def test_an_option_that_a_command_has_not_or_lacks_is_refused(
    options: frozenset[str], words: tuple[str, ...], needed: dict[str, object]
) -> None:
    assert (run(options, "now", *words, **needed), seen) == (2, [])
