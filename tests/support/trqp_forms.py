"""The forms of the Trust Registry Query Protocol 2.0, as this project read them: which members each document has, and of which kind.

They are stated here in this project's own words, and are not a copy of the foundation's files. `test_trqp` compares them with the
originals where a folder of these is given.

Source: ToIP Trust Registry Query Protocol 2.0, specification/v2/core/schema/trqp_*.schema.json in
https://github.com/trustoverip/tswg-trust-registry-protocol, read at commit 0b6c24b6436a4ec9884b67c3391c986a6dc787ff. The foundation
licenses its specifications under CC BY 4.0 and its source code under Apache 2.0.
"""

from __future__ import annotations

from typing import Any, Final

_ASKED: Final = ("entity_id", "authority_id", "action", "resource")
_MOMENTS: Final = ("time_requested", "time_evaluated")
VERDICT: Final = {"recognition": "recognized", "authorization": "authorized"}
"""The member that says yes or no, by question."""


def _text(form: str | None = None) -> dict[str, Any]:
    return {"type": "string", **({} if form is None else {"format": form})}


def _context(question: str, *, checks_time: bool) -> dict[str, Any]:
    """All members are texts; a locator is known for authorization alone."""
    known = {"time": _text("date-time" if checks_time else None)}
    known |= {"locator": _text()} if question == "authorization" else {}
    return {"type": "object", "properties": known, "additionalProperties": _text()}


def request_form(question: str) -> dict[str, Any]:
    """State the form of a request, as a JSON Schema."""
    return {
        "type": "object",
        "required": list(_ASKED),
        "properties": {**{name: _text() for name in _ASKED}, "context": _context(question, checks_time=True)},
    }


def response_form(question: str) -> dict[str, Any]:
    """State the form of a response, as a JSON Schema."""
    verdict = VERDICT[question]
    return {
        "type": "object",
        "required": [*_ASKED, "time_evaluated", verdict],
        "properties": {
            **{name: _text() for name in (*_ASKED, "message")},
            **{name: _text("date-time") for name in _MOMENTS},
            verdict: {"type": "boolean"},
            "context": _context(question, checks_time=False),
        },
    }
