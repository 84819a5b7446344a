"""Terms of an arrangement as somebody enters them in a form, written as the draft that lawyers read and `arrangement conclude` takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aeo_ledger.office.calendar import write_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Each side recognises the other's register, or one side alone."""

    name: str
    text: str
    """The arrangement's own text; only its hash goes on the ledger."""
    recognitions: Sequence[Mapping[str, object]]
    """Each with recogniser, register, types, directions and benefits, as in the draft."""

    def write(self, in_force_from: int) -> str:
        """Write the draft, TOML; in force from a time, UTC seconds. What was entered is checked where the draft is read."""
        lines = [f"name = {_quote(self.name)}", f"text = {_quote(self.text)}"]
        for one in self.recognitions:
            lines += ["", "[[recognition]]", *(f"{key} = {_quote(value)}" for key, value in one.items())]
            lines.append(f"in_force_from = {_quote(write_moment(in_force_from))}")
        return "\n".join(lines) + "\n"


def _quote(value: object) -> str:
    """Write a text or a list of texts in TOML, whose basic strings are those of JSON."""
    return json.dumps(value, ensure_ascii=False)
