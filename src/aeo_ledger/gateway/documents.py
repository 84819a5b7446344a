"""The route of documents, which are given to those entitled: a token says who asks, or a request that is signed for this one document."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import NotEntitled, UnknownDocument
from aeo_ledger.gateway.access import asker_of
from aeo_ledger.gateway.askers import Kind
from aeo_ledger.gateway.hosts import find_other_host
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
from aeo_ledger.registers.disclosure import CountsRequests, DocumentRequest, disclose, disclose_to
from aeo_ledger.registers.documents import Kept
from aeo_ledger.verify import TrustBundle


def give_documents(
    app: FastAPI,
    ledger: Ledger,
    relay: Relay,
    trust: TrustBundle,
    library: Library,
    names: Collection[str],
    used: CountsRequests,
) -> None:
    """Add the route; see `create_app` for the arguments."""

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
        block = ledger.head()
        words = WordView(lambda contract, slot: ledger.word(contract, slot, block))
        asker, now = asker_of(sent.scope), relay.clock()

        def find(one: bytes) -> Kept:
            return library.find(one, entry)

        if asker is not None and asked.signature is None:
            if asker.kind is Kind.AUTHORITY:
                raise NotEntitled(who=asker.party.code, reason="its authority's keys fetch no document")
            return document_to_json(disclose_to(find, words, asker.number, wanted, now=now))
        if asked.at is None or asked.nonce is None or asked.host is None or asked.signature is None:
            raise MalformedText("query", "no token, and no whole signed request", "at, nonce, host and signature")
        if other := find_other_host(asked.host, sent.headers.get("host", ""), sent.scope.get("server"), names):
            raise NotEntitled(who=f"a request signed for {asked.host}", reason=other)
        request = DocumentRequest(
            chain=trust.chain_id,
            registers=trust.address(Contract.REGISTERS),
            commitment=wanted,
            at=asked.at,
            nonce=parse_hex(asked.nonce, what="nonce", length=16),
            host=asked.host,
        )
        signature = Signature.parse(parse_hex(asked.signature, what="signature", length=65))
        return document_to_json(disclose(find, words, request, signature, used, now=now))
