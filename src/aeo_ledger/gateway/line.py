"""The line to gateways: one after another is asked, each with limits of size and time; their problems become errors again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NoReturn, TypeVar

import httpx

from aeo_ledger.errors import AeoLedgerError, Malformed, Unavailable
from aeo_ledger.errors.gateway import (
    GatewayBroke,
    GatewaySlow,
    GatewayUnclear,
    GatewayUnreachable,
    NoGatewayAnswers,
    PossiblyRelayed,
    RateExceeded,
)
from aeo_ledger.errors.rpc import OtherChainServed
from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.gateway.opening import open_to
from aeo_ledger.gateway.problems import from_problem, is_problem
from aeo_ledger.gateway.wire import (
    CHAIN_HEADER,
)
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.transport.events import Event, read_events
from aeo_ledger.transport.exchange import Answer, AnswerTooLong, AnswerTooSlow, ask, open_stream

T = TypeVar("T")

_CHAIN_ID: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
LARGEST: Final = 1 << 24
"""Most bytes of an answer, except evidence for many questions, histories and snapshots."""

_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOT_TAKEN: Final = (GatewayUnreachable, OtherChainServed, LineFull, ShareUsed, RateExceeded)
"""Faults after which a gateway certainly did not relay the act."""


class Line:
    """The connection to one gateway, or to several of one ledger; the arguments are those of `GatewayClient`."""

    def __init__(
        self,
        urls: str | Sequence[str],
        client: httpx.Client | None,
        *,
        timeout_s: float,
        chain: int | None,
        token_for: Callable[[str], str] | None = None,
    ) -> None:
        parsed = [parse_url(url, what="gateway") for url in ([urls] if isinstance(urls, str) else urls)]
        self._urls = [url.text.rstrip("/") for url in parsed]
        self.timeout_s, self._chain = timeout_s, chain
        self._client = client or open_to(parsed, token_for)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    @property
    def url(self) -> str:
        """The gateway that answered last, without the secret parts of its URL; at the beginning, the first one."""
        return _without_secrets(self._urls[0])

    def fetch(self, path: str, read: Callable[[Answer], T], *, max_bytes: int) -> T:
        """Ask for bytes, and read them."""
        return self._ask_in_turn(lambda url: self._once(url, "GET", path, read, max_bytes=max_bytes))

    def ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        max_bytes: int = LARGEST,
        once: bool = False,
        params_for: Callable[[str], dict[str, Any]] | None = None,
        **how: Any,
    ) -> T:
        """Ask for a JSON document, and read it. `params_for` makes the query anew for each try, from the host that is asked."""

        def read_answer(answer: Answer) -> T:
            return read(_parse(answer, max_bytes))

        def ask_one(url: str) -> T:
            more: dict[str, Any] = (
                {} if params_for is None else {"params": params_for(httpx.URL(url).netloc.decode("ascii"))}
            )
            return self._once(url, method, path, read_answer, max_bytes=max_bytes, **how, **more)

        if not once:
            return self._ask_in_turn(ask_one)

        def relay(url: str) -> T:
            try:
                return ask_one(url)
            except (GatewaySlow, GatewayBroke, GatewayUnclear) as fault:
                raise PossiblyRelayed(url=_without_secrets(url), detail=str(fault)) from fault

        return self._ask_in_turn(relay, skipping=_NOT_TAKEN)

    def _ask_in_turn(
        self, ask_one: Callable[[str], T], *, skipping: tuple[type[Unavailable], ...] = (Unavailable,)
    ) -> T:
        """Ask one gateway after another; ask busy ones again at the time that they gave, until the time is over.

        Args:
            ask_one: Asks the gateway of a URL.
            skipping: Faults after which another gateway may be asked.
        """
        until = time.monotonic() + self.timeout_s
        while True:
            faults: list[Unavailable] = []
            for url in self._urls:
                try:
                    found = ask_one(url)
                except skipping as fault:
                    faults.append(fault)
                else:
                    self._urls = [url, *(other for other in self._urls if other != url)]
                    return found
            pauses = [fault.retry_after_s for fault in faults if isinstance(fault, LineFull | ShareUsed | RateExceeded)]
            if not pauses or time.monotonic() + min(pauses) > until:
                raise faults[0] if len(faults) == 1 else NoGatewayAnswers(said=tuple(map(str, faults)))
            time.sleep(max(min(pauses), 1))

    def _once(
        self,
        url: str,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        max_bytes: int,
        within_s: float | None = None,
        **how: Any,
    ) -> T:
        """Ask one gateway once.

        Raises:
            Unavailable: it gave no answer that can be read.
            AeoLedgerError: the problem that it reports.
        """
        within_s, shown = within_s or self.timeout_s, _without_secrets(url)
        with _reporting(shown, path, within_s):
            answer = ask(self._client, method, url + path, max_bytes=max_bytes, within_s=within_s, **how)
        return self._read(shown, path, answer, read)

    @contextmanager
    def listen(self, path: str, *, within_s: float, **how: Any) -> Iterator[Iterator[Event]]:
        """Open a stream of events at the first gateway that has one, and yield its events as they come.

        Args:
            path: Of the stream.
            within_s: Seconds within which each next part must arrive.
            how: `params` or `headers`.

        Raises:
            Unavailable: no gateway has the stream, or it broke off; also while the events are read.
            AeoLedgerError: the problem that a gateway reports.
        """
        with ExitStack() as opened:

            def open_one(url: str) -> Iterator[Event]:
                shown = _without_secrets(url)
                with ExitStack() as opening:
                    opening.enter_context(_reporting(shown, path, within_s))
                    stream = open_stream(self._client, url + path, max_bytes=LARGEST, within_s=within_s, **how)
                    found = opening.enter_context(stream)
                    if isinstance(found, Answer):
                        return self._read(shown, path, found, _refuse_whole)
                    self._check_chain(shown, found.headers)
                    opened.push(opening.pop_all())
                return read_events(found.parts)

            yield self._ask_in_turn(open_one)

    def _read(self, shown: str, path: str, answer: Answer, read: Callable[[Answer], T]) -> T:
        """Read an answer, or raise the problem that it reports."""
        self._check_chain(shown, answer.headers)
        if answer.status >= 400:
            raise _problem(shown, path, answer)
        if answer.status >= 300:
            raise GatewayUnclear(url=shown, path=path, detail=f"status {answer.status}")
        try:
            return read(answer)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, Malformed) as error:
            detail = str(error) if isinstance(error, Malformed) else "its JSON has another form"
            raise GatewayUnclear(url=shown, path=path, detail=detail) from error

    def _check_chain(self, url: str, headers: httpx.Headers) -> None:
        """Refuse a gateway that names another ledger. If it lies about the ledger, the proof will fail."""
        served = headers.get(CHAIN_HEADER, "")
        if self._chain is None or not _CHAIN_ID.fullmatch(served) or int(served) == self._chain:
            return
        raise OtherChainServed(endpoint=url, found=f"chain {served}", needed=f"chain {self._chain}")


def _refuse_whole(_: Answer) -> NoReturn:
    raise ValueError("the answer is not a stream")


@contextmanager
def _reporting(shown: str, path: str, within_s: float) -> Iterator[None]:
    """Report why no answer can be read.

    Args:
        shown: The gateway, without secrets.
        path: What it is asked for.
        within_s: Seconds that it had.

    Raises:
        Unavailable: no answer can be read.
    """
    try:
        yield
    except AnswerTooSlow as error:
        raise GatewaySlow(url=shown, waited_s=within_s) from error
    except (AnswerTooLong, httpx.DecodingError) as error:
        raise GatewayUnclear(url=shown, path=path, detail=str(error)) from error
    except _NOT_REACHED as error:
        raise GatewayUnreachable(url=shown, detail=str(error) or type(error).__name__) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
        raise GatewayBroke(url=shown, detail=str(error) or type(error).__name__) from error


def _problem(url: str, path: str, answer: Answer) -> AeoLedgerError:
    """Read the problem in an answer."""
    try:
        document = _parse(answer, LARGEST)
    except Malformed as error:
        detail = f"status {answer.status}, and the {error}"
        return GatewayUnclear(url=url, path=path, detail=detail, status=answer.status)
    if not is_problem(document):
        return GatewayUnclear(url=url, path=path, detail=f"status {answer.status}", status=answer.status)
    told = from_problem(document, answer.status)
    told.said_by = f"the gateway at {url}"
    return told


def _parse(answer: Answer, max_bytes: int) -> Any:
    return parse_json(answer.body, document="answer", max_bytes=max_bytes, fractions=True)


def _without_secrets(url: str) -> str:
    """Leave a user's name and password out of a URL."""
    return str(httpx.URL(url).copy_with(userinfo=b"")) if "@" in url else url
