"""The two forms of an answer with evidence: JSON, and CBOR for those who accept it.

In CBOR, the evidence in an answer is a byte string: the evidence document itself, which can be kept and verified as it is. CBOR is half as
long, and neither side converts bytes to digits.

Source: RFC 9110, section 12.5.1; RFC 8949.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from fastapi import Request, Response

from aeo_ledger.evidence import Evidence
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.access import name_caller
from aeo_ledger.primitives.cbor import encode_cbor

_REFUSED: Final = re.compile(r"q=0(\.0{0,3})?")
"""The weight of what a caller does not accept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A form of answers."""

    name: str
    """The media type."""
    embed: Callable[[Evidence], Any]
    """Writes evidence as a member of an answer."""
    encode: Callable[[Any], bytes]
    """Encodes an answer."""

    tell: Callable[[Mapping[str, Any]], None] = lambda _: None
    """Hears of each answer, as the record of decisions does."""

    def write(self, document: Mapping[str, Any]) -> Response:
        """Write an answer, in the thread that made it: FastAPI would write it in the event loop, and all other requests would wait."""
        body = self.encode(document)
        self.tell(document)
        return self._respond(body)

    def write_evidence(self, evidence: Evidence) -> Response:
        """Write evidence alone."""
        embedded = self.embed(evidence)
        return self._respond(embedded if isinstance(embedded, bytes) else self.encode(embedded))

    def _respond(self, body: bytes) -> Response:
        return Response(body, media_type=self.name, headers={"vary": "accept"})


def _encode_json(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


JSON: Final = Medium(name="application/json", embed=EVIDENCE_FORM.encode_values, encode=_encode_json)
CBOR: Final = Medium(name="application/cbor", embed=EVIDENCE_FORM.encode_cbor, encode=encode_cbor)

IN_BOTH: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            CBOR.name: {
                "schema": {"description": "The same members; evidence is a byte string, which is a CBOR document."}
            }
        }
    }
}
"""The description of an answer that has both forms."""


def medium_of(request: Request) -> Medium:
    """Choose the form: CBOR if the caller names it and does not refuse it, else JSON. The app's record of decisions hears of the answer."""
    medium, record = _form_of(request), getattr(request.app.state, "record", None)
    return medium if record is None else replace(medium, tell=partial(record.tell, caller=name_caller(request.scope)))


def _form_of(request: Request) -> Medium:
    for accepted in request.headers.get("accept", "").lower().split(","):
        kind, *parameters = (part.strip() for part in accepted.split(";"))
        if kind == CBOR.name and not any(_REFUSED.fullmatch(parameter) for parameter in parameters):
            return CBOR
    return JSON
