"""The route of documents: a signed request, addressed to this gateway, is answered to those entitled."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Query, Request

from aeo_ledger.errors.registers import NotEntitled, UnknownDocument
from aeo_ledger.gateway.library import Library
from aeo_ledger.gateway.problems import STATUS, describe
from aeo_ledger.gateway.schemas import DocumentBody, DocumentQuery
from aeo_ledger.gateway.wire import document_to_json
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.relay import Relay
from aeo_ledger.registers.disclosure import DocumentRequest, UsedRequests, disclose
from aeo_ledger.verify import TrustBundle

_PORT = 80
"""The port of a plain address without one."""


def give_documents(
    app: FastAPI, ledger: Ledger, relay: Relay, trust: TrustBundle, library: Library, names: Collection[str]
) -> None:
    """Add the route; see `create_app` for the arguments."""
    used = UsedRequests(relay.clock())

    @app.get(
        "/v1/documents/{commitment}",
        response_model=DocumentBody,
        summary="Fetch the document that a commitment binds, if you recognise its certificate; check it yourself",
        responses={STATUS[kind]: describe(kind) for kind in (NotEntitled, UnknownDocument)},
    )
    def get_document(commitment: str, asked: Annotated[DocumentQuery, Query()], sent: Request) -> dict[str, Any]:
        wanted = parse_hex(commitment, what="commitment", length=32)
        library.demand_documents()
        entry = None if asked.entry is None else parse_hex(asked.entry, what="entry", length=32)
        refuse_other_host(asked.host, sent.headers.get("host", ""), sent.scope.get("server"), names)
        request = DocumentRequest(
            chain=trust.chain_id,
            registers=trust.address(Contract.REGISTERS),
            commitment=wanted,
            at=asked.at,
            nonce=parse_hex(asked.nonce, what="nonce", length=16),
            host=asked.host,
        )
        block = ledger.head()
        words = WordView(lambda contract, slot: ledger.word(contract, slot, block))
        signature = Signature.parse(parse_hex(asked.signature, what="signature", length=65))
        return document_to_json(
            disclose(lambda one: library.find(one, entry), words, request, signature, used, now=relay.clock())
        )


def refuse_other_host(signed: str, reached: str, server: Any, names: Collection[str]) -> None:
    """Refuse a request that was signed for another gateway, and then passed on to this one.

    A gateway answers to the names that its operator gave it, under any port, since a proxy may stand before it. Without a name, it answers
    to the address and port at which it listens, and there also to `localhost`. It cannot know more: `Host` is the caller's word, and any
    address may stand in it.

    Args:
        signed: The host in the signed request.
        reached: The `Host` with which the request came.
        server: Address and port at which it came in, as ASGI gives them; None if they are not known.
        names: The gateway's names, in small letters.

    Raises:
        NotEntitled: It is for another gateway.
    """
    who = f"a request signed for {signed}"
    if signed != reached.lower():
        raise NotEntitled(who=who, reason=f"it came to {reached[:200]} (a proxy must pass Host on as it is)")
    try:
        asked = urlsplit(f"//{signed}")
        if asked.hostname in names:
            return
        address, port = server
        is_here = asked.hostname == address or (asked.hostname == "localhost" and ip_address(address).is_loopback)
        if is_here and (asked.port or _PORT) == (port or _PORT):
            return
    except (ValueError, TypeError):  # a port or an address that is none
        pass
    raise NotEntitled(who=who, reason="this gateway is not called so (its operator names it with --host-name)")
