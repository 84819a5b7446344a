"""The sender of webhooks: each item of news is a signed HTTP request to everybody who wants it, until it is accepted or given up.

A message is sent again, later each time, while its receiver does not accept it; the ones after it wait, so they arrive in order. What is
given up is kept as a dead letter, and can be sent again. While a receiver fails, further messages are tried once each. When it accepts again, it is
first told which part of the news it missed (`gap`). Messages arrive at least once: after a crash some arrive twice, with the same id. Redirects
are not followed, and what a receiver answers is neither kept nor shown.

Source: Standard Webhooks 1.0.0.
"""

from __future__ import annotations

import json
import logging
import math
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import httpx
import stamina
from anyio.to_thread import run_sync
from stamina.instrumentation import set_on_retry_hooks

from aeo_ledger.errors import Unavailable
from aeo_ledger.errors.gateway import LeaseLost, NotDelivered
from aeo_ledger.errors.prover import DatabaseOfOthers, IndexUnavailable
from aeo_ledger.errors.transport import PrivateAddress
from aeo_ledger.evidence.news import Cursor
from aeo_ledger.gateway.journal import Journal, Told
from aeo_ledger.gateway.webhook_file import OpenHook
from aeo_ledger.gateway.webhook_store import LEASE_S, HookStore, Letter
from aeo_ledger.signing.webhooks import sign_delivery
from aeo_ledger.transport.exchange import AnswerTooSlow, ask, open_client

T = TypeVar("T")

_LARGEST_ANSWER: Final = 1 << 16
"""Most bytes that a receiver may answer."""
_ANSWER_S: Final = 15.0
"""Seconds within which it must answer."""
_PLACE_S: Final = 10.0
"""Seconds between two notes of a place at which nothing was to be sent."""
_LOOK_S: Final = 1.0
"""Seconds between two looks for letters that are due, and before something that failed is tried again."""

_LOG = logging.getLogger(__name__)
set_on_retry_hooks(())  # its lines name neither the webhook nor what happened, and structlog prints them past our log


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a message is sent again."""

    attempts: int = 10
    within_s: float = 300.0
    first_s: float = 0.5
    """Seconds before the second attempt; twice as long each time."""
    longest_s: float = 60.0


PATIENCE: Final = Patience()


class Sender:
    """Sends the news to some hooks, while it holds the lease.

    Args:
        hooks: Who is told what.
        journal: Has the news.
        store: Remembers how far each hook got.
        chain_id: Makes ids of messages unique among ledgers.
        patience: How long a message is sent again.
        clock: Returns UTC seconds.
    """

    def __init__(
        self,
        hooks: Sequence[OpenHook],
        journal: Journal,
        store: HookStore,
        *,
        chain_id: int,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hooks, self._journal, self._store, self._chain_id = tuple(hooks), journal, store, chain_id
        self._patience, self._clock = patience, clock
        self._holder = secrets.token_hex(8)
        self._failing: set[str] = set()
        self._waits_for = ""
        """What is the matter with the database; told once."""

    async def run(self) -> None:
        """Send until cancelled. Without the lease, wait for it."""
        await self._insist(self._store.prepare)
        try:
            while True:
                if not await self._insist(self._hold):
                    await anyio.sleep(LEASE_S / 3)
                    continue
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._renew, tasks.cancel_scope)
                    tasks.start_soon(self._replay, tasks.cancel_scope)
                    for hook in self._hooks:
                        tasks.start_soon(self._serve, hook, tasks.cancel_scope)
        finally:
            with anyio.CancelScope(shield=True), suppress(IndexUnavailable):
                await run_sync(self._store.release, self._holder)

    def _hold(self) -> bool:
        return self._store.hold(self._holder, int(self._clock()))

    async def _renew(self, sending: anyio.CancelScope) -> None:
        """Renew the lease; without it, stop sending."""
        while True:
            await anyio.sleep(LEASE_S / 3)
            try:
                held = await run_sync(self._hold)
            except IndexUnavailable:
                continue  # nothing can be noted either, so nothing more is sent than once
            if not held:
                sending.cancel()
                return

    async def _serve(self, hook: OpenHook, sending: anyio.CancelScope) -> None:
        """Send everything that a hook wants, in order."""
        try:
            with (
                open_client(only_public=not hook.private, trust_env=False, follow_redirects=False) as client,
                self._journal.reader(),
            ):
                await self._tell_all(hook, client)
        except LeaseLost:
            sending.cancel()

    async def _tell_all(self, hook: OpenHook, client: httpx.Client) -> None:
        await self._patiently(self._journal.catch_up)
        cursor = await self._insist(partial(self._store.place, hook.name))
        if cursor is None:
            cursor = self._journal.newest
            await self._insist(partial(self._store.skip, self._holder, hook.name, None, cursor))
        noted = told_missed = -math.inf
        while True:
            if anyio.current_time() - told_missed >= self._patience.longest_s:
                await self._tell_missed(hook, client)
                told_missed = anyio.current_time()
            mark = self._journal.mark
            page = await self._patiently(partial(self._journal.after, cursor))
            interest = await self._patiently(partial(self._journal.interest, hook.wanted.recogniser))
            if page.lost is not None:
                await self._insist(partial(self._store.skip, self._holder, hook.name, cursor, page.lost))
                told_missed = -math.inf
            for told in page.items:
                if hook.wanted.takes(told.item, interest):
                    await self._deliver(hook, client, told.item.at, self._write(told))
                    noted = anyio.current_time()
            if page.upto != cursor and anyio.current_time() - noted >= _PLACE_S:
                await self._insist(partial(self._store.advance, self._holder, hook.name, page.upto))
                noted = anyio.current_time()
            cursor = page.upto
            if page.time is not None:
                await self._journal.wait(mark, _PLACE_S)

    def _write(self, told: Told) -> tuple[str, bytes]:
        item = told.item
        id_ = f"msg_{self._chain_id}_{item.at.block}_{item.at.log}"
        kind = item.about.value if item.what is None else f"{item.about.value}.{item.what}"
        return id_, _write(kind, item.time, told.text)

    async def _tell_missed(self, hook: OpenHook, client: httpx.Client) -> NotDelivered | PrivateAddress | None:
        """Tell a hook what it missed, if it missed anything; return why it still is not told.

        A new hook missed all before, another one what cannot be told any more, and what it did not accept.
        """
        missed = await self._insist(partial(self._store.missed, hook.name))
        if missed is None:
            return None
        since, until = (None if place is None else str(place) for place in missed)
        id_ = f"gap_{self._chain_id}_{since or 'start'}_{until}".replace(":", "-")
        body = _write("gap", int(self._clock()), json.dumps({"since": since, "until": until}))
        fault = await self._try(hook, client, id_, body)
        if fault is None:
            await self._insist(partial(self._store.settle_missed, self._holder, hook.name))
        return fault

    async def _deliver(self, hook: OpenHook, client: httpx.Client, at: Cursor, message: tuple[str, bytes]) -> None:
        """Send a message until it is accepted or given up, and note it. First of all the hook is told what it missed."""
        fault = await self._tell_missed(hook, client) or await self._try(hook, client, *message)
        failed = None
        if fault is not None:
            _LOG.warning("%s; the message %s is a dead letter", fault, message[0])
            failed = self._letter(hook, *message, fault)
        await self._insist(partial(self._store.advance, self._holder, hook.name, at, failed))

    def _letter(self, hook: OpenHook, id_: str, body: bytes, fault: Exception) -> Letter:
        return Letter(hook=hook.name, id=id_, body=body, failed_at=int(self._clock()), detail=str(fault))

    async def _try(
        self, hook: OpenHook, client: httpx.Client, id_: str, body: bytes
    ) -> NotDelivered | PrivateAddress | None:
        """Send a message until it is accepted; return why it is not."""
        patience = self._patience
        try:
            async for attempt in stamina.retry_context(
                on=NotDelivered,
                attempts=1 if hook.name in self._failing else patience.attempts,
                timeout=patience.within_s,
                wait_initial=patience.first_s,
                wait_max=patience.longest_s,
                wait_jitter=patience.first_s,
            ):
                with attempt:
                    await run_sync(partial(self._send_and_log, hook, client, id_, body), abandon_on_cancel=True)
        except (NotDelivered, PrivateAddress) as fault:
            self._failing.add(hook.name)
            return fault
        self._failing.discard(hook.name)
        return None

    def _send_and_log(self, hook: OpenHook, client: httpx.Client, id_: str, body: bytes) -> None:
        try:
            self._send(hook, client, id_, body)
        except NotDelivered as fault:
            _LOG.warning("%s", fault)
            raise

    def _send(self, hook: OpenHook, client: httpx.Client, id_: str, body: bytes) -> None:
        """Send a message once.

        Raises:
            NotDelivered: it was not accepted.
            PrivateAddress: its receiver is in this network, and must not be.
        """
        headers = sign_delivery(hook.signers, id_, int(self._clock()), body)
        headers |= {"content-type": "application/json", "user-agent": "aeo-ledger"}
        try:
            answer = ask(
                client,
                "POST",
                hook.url.text,
                max_bytes=_LARGEST_ANSWER,
                within_s=_ANSWER_S,
                content=body,
                headers=headers,
            )
        except AnswerTooSlow as error:
            raise NotDelivered(hook=hook.name, detail=f"no answer within {_ANSWER_S:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise NotDelivered(hook=hook.name, detail=f"{type(error).__name__} at {hook.url.name}") from error
        if not 200 <= answer.status < 300:
            raise NotDelivered(hook=hook.name, detail=f"status {answer.status} from {hook.url.name}")

    async def _replay(self, sending: anyio.CancelScope) -> None:
        """Send the letters that are due again."""
        hooks = {hook.name: hook for hook in self._hooks}
        try:
            while True:
                for letter in await self._insist(partial(self._store.letters, only_due=True)):
                    if (hook := hooks.get(letter.hook)) is not None:
                        await self._send_again(hook, letter)
                await anyio.sleep(_LOOK_S)
        except LeaseLost:
            sending.cancel()

    async def _send_again(self, hook: OpenHook, letter: Letter) -> None:
        with open_client(only_public=not hook.private, trust_env=False, follow_redirects=False) as client:
            fault = await self._try(hook, client, letter.id, letter.body)
        failed = None if fault is None else self._letter(hook, letter.id, letter.body, fault)
        await self._insist(partial(self._store.settle, self._holder, letter, failed))

    async def _insist(self, call: Callable[[], T]) -> T:
        """Ask the database until it works."""
        while True:
            try:
                found = await run_sync(call)
            except (IndexUnavailable, DatabaseOfOthers) as fault:
                if self._waits_for != str(fault):
                    _LOG.warning("webhooks wait: %s", fault)
                self._waits_for = str(fault)
                await anyio.sleep(_LOOK_S)
            else:
                self._waits_for = ""
                return found

    async def _patiently(self, call: Callable[[], Any]) -> Any:
        """Ask the journal until the node answers."""
        while True:
            try:
                return await call()
            except Unavailable:
                await anyio.sleep(_LOOK_S)


def _write(kind: str, at: int, data: str) -> bytes:
    """Write a message's body: its type, when it happened, and what."""
    moment = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    return f'{{"type":"{kind}","timestamp":"{moment}","data":{data}}}'.encode()
