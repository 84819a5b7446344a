"""Requests read strictly: what two readers could take for two things is refused before a route sees it.

A framework takes the last of two equal keys, or the first of two equal parameters, and a proxy or a log before it the other one. So
neither may stand twice, and JSON is read as everywhere in this project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.protocol.acts import LARGEST_ACT

_NEEDED: Final[Mapping[str, str]] = {
    "extra_forbidden": "no such key",
    "dict_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
"""What is needed, by the framework's name of what is wrong."""

_FRAMEWORK_BEGINS: Final = re.compile(r"^(Input|Value|String|List) should (be |have |match )?(a valid )?")


def tell_form(wrong: Mapping[str, Any]) -> MalformedText:
    """Say what is wrong with a request's form in this project's words; `wrong` is the framework's first error."""
    where = ".".join(str(part) for part in wrong["loc"])
    if wrong["type"] == "missing":
        return MalformedText(where, "nothing", "a value")
    needed = _NEEDED.get(wrong["type"]) or _FRAMEWORK_BEGINS.sub("", wrong["msg"])
    return MalformedText(where, repr(wrong.get("input"))[:120], needed)


class _StrictRequest(Request):
    """A request whose JSON has one reading."""

    _read: Any = None

    async def json(self) -> Any:
        """Read the body.

        Raises:
            MalformedDocument: It is not JSON that this project reads.
        """
        if self._read is None:
            self._read = parse_json(await self.body(), document="request", max_bytes=LARGEST_ACT)
        return self._read


class StrictRoute(APIRoute):
    """A route that reads its requests strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what serves a request."""
        handle = super().get_route_handler()

        async def serve(request: Request) -> Response:
            for name in request.query_params:
                if len(request.query_params.getlist(name)) > 1:
                    raise MalformedText(f"query.{ascii(name[:40])[1:-1]}", "it twice", "each parameter once")
            strict = _StrictRequest(request.scope, request.receive)
            kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
            if self.body_field is not None and kind == "application/json":
                await strict.json()  # here, since the framework would tell its refusal in words of its own
            return await handle(strict)

        return serve
