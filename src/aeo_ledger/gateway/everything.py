"""The gateway's routes that tell everything of a kind: all parties, all arrangements, and all words in one document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from aeo_ledger.evidence.snapshot import FORMAT, SNAPSHOT_FORM, rows_of
from aeo_ledger.gateway.freshness import NOT_MODIFIED, answer_if_new, as_of_newest
from aeo_ledger.gateway.media import JSON
from aeo_ledger.gateway.schemas import ArrangementsBody, PartiesBody
from aeo_ledger.gateway.wire import member_to_json, pair_to_json
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.prover.relay import Relay

_CHUNK_BYTES: Final = 1 << 16


def tell_everything(app: FastAPI, ledger: Ledger, relay: Relay) -> None:
    """Add these routes; see `create_app` for the arguments."""
    encode = lru_cache(1)(SNAPSHOT_FORM.encode_cbor)

    @app.get("/v1/parties", response_model=PartiesBody, responses=NOT_MODIFIED, summary="List the parties")
    def get_parties(request: Request) -> Response:
        def tell() -> Response:
            return JSON.write(
                {"block": ledger.head(), "parties": [member_to_json(member) for member in relay.members()]}
            )

        return answer_if_new(request, as_of_newest(ledger), tell)

    @app.get(
        "/v1/arrangements",
        response_model=ArrangementsBody,
        responses=NOT_MODIFIED,
        summary="List who recognises whose register",
    )
    def get_arrangements(request: Request) -> Response:
        def tell() -> Response:
            members, pairs = {member.number: member for member in relay.members()}, relay.pairs().items()
            return JSON.write(
                {
                    "pairs": [
                        pair_to_json(members[one], members[other], pair, lanes) for (one, other), (pair, lanes) in pairs
                    ]
                }
            )

        return answer_if_new(request, as_of_newest(ledger), tell)

    @app.get(
        "/v1/snapshot",
        summary="Download every word of the ledger, to verify and ask it off line",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"application/cbor": {}}, "description": f"A document of the format {FORMAT}"},
            **NOT_MODIFIED,
        },
    )
    def get_snapshot(request: Request) -> Response:
        def tell() -> Response:
            document = encode(relay.snapshot())

            async def rows() -> AsyncIterator[bytes]:
                for row in rows_of(document, _CHUNK_BYTES):
                    yield row

            headers = {"content-length": str(len(document))}
            return StreamingResponse(rows(), media_type="application/cbor", headers=headers)

        return answer_if_new(request, as_of_newest(ledger), tell)
