"""Who may ask a gateway: everybody, or those who show a token of a key that stands on the ledger; and how often.

Every token that is shown is checked, also where none is needed. Each check that leads to 401 or 403 has its own problem.

Source: RFC 6750 (bearer tokens), RFC 9110 section 10.2.3 (`Retry-After`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond, parse, parse_many
from limits.strategies import FixedWindowRateLimiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match
from starlette.types import Scope

from aeo_ledger.errors.gateway import (
    NotAllowed,
    NotIdentified,
    RateExceeded,
    ScopeMissing,
    ScopeNotGiven,
    TokenEarly,
    TokenExpired,
    TokenMalformed,
    TokenNeeded,
    TokenOfOther,
    TokenTooLong,
    TokenUsedUp,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.gateway.askers import MAY, Asker, Cards, find_asker
from aeo_ledger.gateway.counts import Counts
from aeo_ledger.gateway.hosts import find_other_host
from aeo_ledger.gateway.token import confirm_token, read_token
from aeo_ledger.gateway.wire import CHAIN_HEADER
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.protocol.access import LONGEST_S, MOST_USES, OPERATE, PUBLISH, READ, VERIFY, Token
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.prover.indexed import at_hand
from aeo_ledger.transport.queue import caller_of

EVERYBODY: Final = ""
"""In place of a scope: no token is needed. What is said there tells nothing about a trader."""

SCOPE_OF: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("GET", "/healthz"): EVERYBODY,
        ("GET", "/livez"): EVERYBODY,
        ("GET", "/readyz"): EVERYBODY,
        ("GET", "/metrics"): EVERYBODY,  # only from the networks that `--metrics` names, or with `operate`
        ("GET", "/docs"): EVERYBODY,
        ("GET", "/openapi.json"): EVERYBODY,
        ("GET", "/console"): EVERYBODY,  # words and forms: their scripts ask the other routes
        ("GET", "/console/{language}/{name}"): EVERYBODY,
        ("GET", "/console/static/{version}/{path:path}"): EVERYBODY,
        ("POST", "/console/office/act"): READ,
        ("POST", "/console/office/plan"): READ,
        ("POST", "/console/office/draft"): READ,
        ("GET", "/v1/trust"): EVERYBODY,
        ("GET", "/v1/decisions"): VERIFY,
        ("POST", "/v1/decisions"): VERIFY,
        ("GET", "/v1/traders/{tin}/recognitions"): VERIFY,
        ("GET", "/v1/traders/{tin}/history"): VERIFY,
        ("POST", "/v1/corridors"): VERIFY,
        ("GET", "/v1/recognitions"): VERIFY,
        ("POST", "/recognition"): VERIFY,
        ("POST", "/authorization"): VERIFY,
        ("POST", "/v1/proofs"): VERIFY,
        ("POST", "/v1/history"): VERIFY,
        ("GET", "/v1/trust/update"): VERIFY,
        ("GET", "/v1/trust/chain"): VERIFY,
        ("GET", "/v1/blocks/{number}"): VERIFY,
        ("GET", "/v1/news"): VERIFY,
        ("GET", "/v1/parties"): READ,
        ("GET", "/v1/parties/{party}/card"): READ,
        ("GET", "/v1/arrangements"): READ,
        ("GET", "/v1/registers/{party}"): READ,
        ("GET", "/v1/statistics"): READ,
        ("GET", "/v1/keys"): READ,
        ("POST", "/v1/standings"): READ,
        ("POST", "/v1/words"): READ,
        ("GET", "/v1/snapshot"): READ,
        ("GET", "/v1/documents/{commitment}"): READ,
        ("POST", "/v1/acts"): PUBLISH,
        ("POST", "/v1/completions"): PUBLISH,
    }
)
"""The scope that each route needs at a closed gateway, by method and template. A route that is not here needs `operate`."""

_EARLY_S: Final = 30
"""Seconds by which the clock of whoever signs may be ahead."""

_KEPT: Final = 4_096
"""Tokens whose signatures were checked and need not be again."""

MOST_GUESSES: Final = 60
"""Tokens that do not count which an address may show in a minute, where there is a rate. Beyond that it is told to wait; tokens that count go on."""

_ASKER: Final = "aeo_ledger.asker"
_OPERATES: Final = "aeo_ledger.operates"
_SERVES: Final = "aeo_ledger.serves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may ask a gateway, and how often."""

    closed: bool = False
    """Whether a token is needed."""
    rate: str = ""
    """How often one caller may ask, as in `1000/second` or `20000/minute`; empty is without a limit."""
    origins: tuple[str, ...] = ()
    """Web pages of which origins may ask from a browser, as in `https://desk.customs.example`."""
    operated_by: str = ""
    """Code of the party whose operators may operate the gateway; empty is nobody's."""
    counts: Path | None = None
    """The file in which several workers count together; None for one worker."""

    def __post_init__(self) -> None:
        """Check what people write.

        Raises:
            MalformedText: The rate, or an origin, has another form.
        """
        if self.rate:
            try:
                rates = parse_many(self.rate)
            except ValueError:
                rates = []
            if len(rates) != 1 or rates[0].amount < 1:
                needed = "one number from 1 and a time, as 1000/second or 20000/minute"
                raise MalformedText("--rate", ascii(self.rate[:80]), needed)
        for origin in self.origins:
            if parse_url(origin, what="--cors").name != origin or origin != origin.lower():
                raise MalformedText("--cors", ascii(origin[:80]), "an origin as browsers write it: https://HOST[:PORT]")


OPEN: Final = Access()


class Door:
    """Lets requests in. Its `admit` belongs to one event loop.

    Args:
        access: Who may ask.
        app: Whose routes are asked.
        ledger: Where the keys stand.
        chain_id: Its id.
        names: The gateway's names, in small letters.
        cards: The folder of the parties' cards, which name readers.
        clock: Returns UTC seconds.
    """

    def __init__(
        self,
        access: Access,
        app: Starlette,
        ledger: Ledger,
        *,
        chain_id: int,
        names: Collection[str],
        cards: Path | None,
        clock: Callable[[], int],
    ) -> None:
        self._access, self._app, self._ledger, self._chain_id = access, app, ledger, chain_id
        self._names, self._cards, self._clock = names, Cards(cards), clock
        self.counts = Counts(access.counts or ":memory:")
        """What is counted of callers."""
        self._limiter = FixedWindowRateLimiter(self.counts)
        self._rate = parse(access.rate) if access.rate else None
        self._uses = RateLimitItemPerSecond(MOST_USES, LONGEST_S + _EARLY_S, namespace="token")
        self._guesses = RateLimitItemPerMinute(MOST_GUESSES, namespace="guesses")
        self._read, self._confirm = lru_cache(_KEPT)(read_token), lru_cache(_KEPT)(confirm_token)
        self._words: tuple[int, WordView] | None = None

    async def admit(self, scope: Scope) -> str:
        """Let a request in, and return its caller: the key of its token, else its address.

        Raises:
            NotIdentified, NotAllowed: A token is needed, or the one that was shown does not count or is not enough.
            RateExceeded: This caller asks too often.
            CountsUnavailable: It cannot be counted.
        """
        text = _token_in(Headers(scope=scope))
        needed = self._scope_of(scope) if self._access.closed else EVERYBODY
        if text is None:
            self._count(caller_of(scope))
            if needed:
                raise TokenNeeded
            return caller_of(scope)
        token, asker = await self._identify(text, scope)
        caller = to_hex(asker.address)
        self._count(caller)
        self._confirm(text, asker.address)
        self._demand_scope(needed, token, asker)
        if not self._limiter.hit(self._uses, caller, token.number):
            raise TokenUsedUp(limit=MOST_USES)
        scope[_ASKER] = asker
        scope[_SERVES] = partial(self._serves, token)
        scope[_OPERATES] = OPERATE in token.scopes and self._may(OPERATE, asker)
        return caller

    async def _identify(self, text: str, scope: Scope) -> tuple[Token, Asker]:
        """Find whose token it is.

        Tokens that do not count are counted by address, apart from all else. Nobody can guess one that counts, and to refuse one is cheap.
        So who shows one that counts is never refused for what others at the same address do.
        """
        try:
            token = self._read(text)
            self._check(token, scope)
            return token, await self._find(token)
        except NotIdentified:
            if self._rate is not None:
                self._demand_rate(self._guesses, caller_of(scope))
            raise

    def _scope_of(self, scope: Scope) -> str:
        """Look up the scope that a route needs. Where no route is, nothing is told, and nothing is needed."""
        for route in self._app.routes:
            if route.matches(scope)[0] is Match.FULL:
                return SCOPE_OF.get((scope["method"], getattr(route, "path", "")), OPERATE)
        return EVERYBODY

    def _check(self, token: Token, scope: Scope) -> None:
        """Check for which gateway and when a token counts."""
        if token.chain_id != self._chain_id:
            raise TokenOfOther(found=token.audience, reason=f"this ledger is chain {self._chain_id}")
        reached = Headers(scope=scope).get("host", "")
        if other := find_other_host(token.host, reached, scope.get("server"), self._names):
            raise TokenOfOther(found=token.audience, reason=other)
        now, serves_s = self._clock(), token.until - token.issued_at
        if serves_s > LONGEST_S:
            raise TokenTooLong(found=serves_s, limit=LONGEST_S)
        if token.issued_at > now + _EARLY_S:
            raise TokenEarly(from_time=token.issued_at, now=now)
        if token.until <= now:
            raise TokenExpired(until_time=token.until, now=now)

    async def _find(self, token: Token) -> Asker:
        """Find who a token speaks for. The newest words are in memory; without an index the node is asked, from another thread."""
        near = at_hand(self._ledger)
        if near is None:
            return await run_in_threadpool(lambda: self._find_in(self._ledger, token))
        return self._find_in(near, token)

    def _find_in(self, ledger: Ledger, token: Token) -> Asker:
        block, known = ledger.head(), self._words
        if known is None or known[0] != block:
            known = block, WordView(lambda contract, slot: ledger.word(contract, slot, block))
            self._words = known
        return find_asker(token, known[1], self._cards, now=self._clock())

    def _serves(self, token: Token) -> bool:
        """Tell whether a token that counted still does; without an index nothing tells, and its own end must be enough."""
        near = at_hand(self._ledger)
        if near is None:
            return True
        try:
            self._find_in(near, token)
        except (NotIdentified, NotAllowed):
            return False
        return True

    def _demand_scope(self, needed: str, token: Token, asker: Asker) -> None:
        if not needed:
            return
        if needed not in token.scopes:
            raise ScopeMissing(found=token.scopes, needed=needed)
        if not self._may(needed, asker):
            raise ScopeNotGiven(kind=asker.kind, party=asker.party.code, needed=needed)

    def _may(self, needed: str, asker: Asker) -> bool:
        is_own = needed != OPERATE or asker.party.code == self._access.operated_by
        return is_own and needed in MAY[asker.kind]

    def _count(self, caller: str) -> None:
        if self._rate is not None:
            self._demand_rate(self._rate, caller)

    def _demand_rate(self, rate: RateLimitItem, caller: str) -> None:
        """Count once more.

        Raises:
            RateExceeded: It was too often.
        """
        if not self._limiter.hit(rate, caller):
            until = self._limiter.get_window_stats(rate, caller).reset_time
            raise RateExceeded(limit=str(rate), retry_after_s=max(1, math.ceil(until - time.time())))


def let_pages_in(app: Starlette, access: Access) -> None:
    """Let web pages of some origins read answers in a browser, refusals included: so call this after all else that may refuse."""
    if access.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=access.origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type", "if-none-match", "last-event-id"),
            expose_headers=(CHAIN_HEADER, "etag", "retry-after", "www-authenticate"),
        )


def demand_tokens(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document which routes need a token."""
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if SCOPE_OF.get((method.upper(), path), OPERATE):
                described["security"] = [{"token": []}]


def asker_of(scope: Scope) -> Asker | None:
    """Return who asks; None if no token was shown."""
    asker: Asker | None = scope.get(_ASKER)
    return asker


def serves(scope: Scope) -> bool:
    """Tell whether who asked may still hear the answer, after blocks in which a key may have been retired; who showed no token may."""
    is_so: Callable[[], bool] | None = scope.get(_SERVES)
    return is_so is None or is_so()


def operates(scope: Scope) -> bool:
    """Tell whether who asks showed a token to operate this gateway, and may."""
    return bool(scope.get(_OPERATES))


def name_caller(scope: Scope) -> str:
    """Name the caller of a request that was let in: the key of its token, else its address."""
    asker = asker_of(scope)
    return caller_of(scope) if asker is None else to_hex(asker.address)


def _token_in(headers: Headers) -> str | None:
    """Find the token in `Authorization`; None if there is none. Another scheme is not ours: a proxy may have its own.

    Raises:
        TokenMalformed: There are two of them.
    """
    found = [value.partition(" ") for value in headers.getlist("authorization")]
    tokens = [rest.strip() for scheme, _, rest in found if scheme.lower() == "bearer"]
    if len(tokens) > 1:
        raise TokenMalformed(detail="two tokens")
    return tokens[0] if tokens else None
