from __future__ import annotations

import asyncio
import socket

import pytest

from aeo_ledger.cli.listen import listen
from aeo_ledger.errors.cli import PortTaken


def test_an_answer_is_sent_at_once_and_does_not_wait_for_an_acknowledgement() -> None:
    """Asyncio sets TCP_NODELAY only on sockets that name their protocol: 40 ms of each answer hang on it."""

    async def accepted_without_delay() -> bool:
        found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        with listen(0) as listener:
            async with await asyncio.start_server(look, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                no_delay = await found
                writer.close()
                await writer.wait_closed()
        return no_delay

    assert asyncio.run(accepted_without_delay())


def test_a_port_that_is_taken_is_named() -> None:
    with listen(0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            listen(port)
    assert taken.value.port == port
