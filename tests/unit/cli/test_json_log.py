"""A line of the JSON log has what this project wrote, and nothing that a caller wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from aeo_ledger.cli.json_log import keep_json_log, note_in_json, note_request
from aeo_ledger.gateway.observe import Served

TIN = "BY511125808"


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("aeo_ledger")
    before = root.level, root.handlers[:], ours.level
    yield
    root.level, root.handlers[:], ours.level = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_and_a_note_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    keep_json_log()
    note_in_json("it\nbegins")
    note_request(Served(method="GET", route="/v1/traders/{tin}/recognitions", status=200, seconds=0.0125))
    told, request = lines(capsys)
    assert (told["event"], told["level"], told["logger"]) == ("it\nbegins", "info", "aeo_ledger.gateway")
    assert {key: request[key] for key in ("event", "method", "route", "status", "ms")} == {
        "event": "request", "method": "GET", "route": "/v1/traders/{tin}/recognitions", "status": 200, "ms": 12.5,
    }  # fmt: skip
    assert request["time"].endswith("Z")


def test_a_library_is_quoted_without_what_was_put_into_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    keep_json_log()
    other = logging.getLogger("uvicorn.error")
    other.warning("refused %s", TIN, extra={"tin": TIN}, stack_info=True)
    other.error(f"Task exception was never retrieved\nfuture: ValueError({TIN!r})")
    try:
        int(TIN)
    except ValueError:
        other.exception("Exception in ASGI application\n")
    text = capsys.readouterr().err
    assert TIN not in text
    one, two, three = (json.loads(line) for line in text.splitlines())
    assert (one["event"], two["event"]) == ("refused %s", "Task exception was never retrieved")
    assert (three["event"], three["error"]) == ("Exception in ASGI application", "ValueError")
    assert "test_json_log.py" in three["at"][-1]
