"""Strict reading of requests: a request that two readers could understand differently is refused before a route sees it.

Of two equal keys or parameters, the framework may take one, and a proxy or a log before it the other. So no key and no parameter
may be given twice, and JSON is read by the strict reader of this project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.gateway.limits import longest_body
from aeo_ledger.primitives.documents import parse_json

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
"""What is needed, by the framework's name of the error."""

_FRAMEWORK_BEGINS: Final = re.compile(r"^(Input|Value|String|List) should (be |have |match )?(a valid )?")


def tell_form(wrong: Mapping[str, Any]) -> MalformedText:
    """Describe a malformed request in this project's words; `wrong` is the framework's first error."""
    where = ".".join(str(part) for part in wrong["loc"])
    if wrong["type"] == "missing":
        return MalformedText(where, "nothing", "a value")
    needed = _NEEDED.get(wrong["type"]) or _FRAMEWORK_BEGINS.sub("", wrong["msg"])
    return MalformedText(where, repr(wrong.get("input"))[:120], needed)


class _StrictRequest(Request):
    """A request whose JSON can be read in only one way."""

    _read: Any = None

    async def json(self) -> Any:
        """Read the body.

        Raises:
            MalformedDocument: It is not JSON that this project reads.
        """
        if self._read is None:
            self._read = parse_json(await self.body(), document="request", max_bytes=longest_body(self.scope))
        return self._read


class StrictRoute(APIRoute):
    """A route that reads its requests strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make the function that serves a request."""
        handle = super().get_route_handler()

        async def serve(request: Request) -> Response:
            for name in request.query_params:
                if len(request.query_params.getlist(name)) > 1:
                    raise MalformedText(f"query.{ascii(name[:40])[1:-1]}", "it twice", "it once")
            strict = _StrictRequest(request.scope, request.receive)
            kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
            if self.body_field is not None and kind == "application/json":
                await strict.json()  # read it here: the framework would report a refusal in its own words
            return await handle(strict)

        return serve
