"""The gateway's HTTP: answers with evidence, and relays signed acts. It decides nothing that its callers could not check."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from aeo_ledger.errors import (
    AeoLedgerError,
    GatewayFault,
    MalformedText,
    NoSuchRoute,
    WrongMethod,
)
from aeo_ledger.evidence import decode_question, encode_json
from aeo_ledger.evidence.handover import encode_update_json
from aeo_ledger.evidence.snapshot import FORMAT, encode_snapshot, rows_of
from aeo_ledger.gateway.answers import answer, answer_many
from aeo_ledger.gateway.limits import BodyLimit
from aeo_ledger.gateway.problems import MEDIA_TYPE, STATUS, status_of, to_problem
from aeo_ledger.gateway.schemas import (
    ArrangementsBody,
    DecisionBody,
    DecisionQuery,
    DecisionsBody,
    EntriesBody,
    HealthBody,
    HistoriesBody,
    HistoryBody,
    PartiesBody,
    Problem,
    QuestionsBody,
    ReceiptBody,
    SignedActBody,
    StandingsBody,
    TrustUpdateBody,
    TrustUpdateQuery,
)
from aeo_ledger.gateway.wire import member_to_json, pair_to_json, receipt_to_json, standings_to_json
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.prove import prove_standings
from aeo_ledger.office.prove_trust import prove_update
from aeo_ledger.office.relay import Relay
from aeo_ledger.office.replica import Replica, Storage
from aeo_ledger.primitives.documents import Fields
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.verify import TrustBundle, encode_trust

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": f"{error.__name__}: {(error.__doc__ or '').strip()}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for error, status in STATUS.items()
    if status not in {404, 405}  # of paths and methods that are not described here
}

RECURSION_LIMIT: Final = 1_500
"""Python's own order of magnitude. Libraries under the ledger raise it a hundredfold, and deeply nested JSON would end the process."""

_CHUNK_BYTES: Final = 1 << 16


def create_app(
    ledger: Ledger, relay: Relay, trust: TrustBundle, *, behind: str, genesis: Storage | None = None
) -> FastAPI:
    """Make the gateway of one ledger.

    Args:
        ledger: The port to its node.
        relay: Sends signed acts there.
        trust: Names of parties and types; offered for reading.
        behind: What stands behind this gateway, in plain words for `/healthz`: above all, whether it is simulated.
        genesis: What both contracts' storage was before any act; without it no snapshot can be taken.
    """
    replica = Replica(ledger, genesis or {})
    sys.setrecursionlimit(RECURSION_LIMIT)
    app = FastAPI(
        title="AEO Ledger gateway",
        version="1",
        description=f"Recognition of AEO certificates, with evidence that the asker checks. {behind}",
        responses=_PROBLEMS,
    )
    app.add_middleware(BodyLimit)
    _answer_errors(app)
    _describe_problems(app)

    @app.post(
        "/v1/acts", status_code=201, response_model=ReceiptBody, summary="Relay a signed act; answers when it is sealed"
    )
    def post_act(body: SignedActBody) -> Mapping[str, Any]:
        return receipt_to_json(relay.submit(SignedAct.from_json(body.model_dump())))

    @app.post("/v1/standings", response_model=StandingsBody, summary="Read records by entry, unproven")
    def post_standings(body: EntriesBody) -> Mapping[str, Any]:
        entries = [parse_hex(entry, what="entry", length=32) for entry in body.entries]
        return standings_to_json(relay.standings(entries))

    @app.get("/v1/parties", response_model=PartiesBody, summary="List the parties")
    def get_parties() -> Mapping[str, Any]:
        return {"block": ledger.head(), "parties": [member_to_json(member) for member in relay.members()]}

    @app.get("/v1/arrangements", response_model=ArrangementsBody, summary="List who recognises whose register")
    def get_arrangements() -> Mapping[str, Any]:
        members = {member.number: member for member in relay.members()}
        return {
            "pairs": [
                pair_to_json(members[recogniser], members[register], pair, lanes)
                for (recogniser, register), (pair, lanes) in relay.pairs().items()
            ]
        }

    @app.get("/v1/trust", summary="Read the trust bundle; pin your own copy, obtained otherwise")
    def get_trust() -> dict[str, Any]:
        document: dict[str, Any] = json.loads(encode_trust(trust))
        return document

    @app.post(
        "/v1/history",
        response_model=HistoryBody,
        summary="Fetch every signed event of some standings, by entry; check them yourself",
    )
    def post_history(body: HistoriesBody) -> dict[str, Any]:
        entries = [parse_hex(entry, what="entry", length=32) for entry in body.entries]
        document: dict[str, Any] = json.loads(encode_json(prove_standings(entries, ledger, trust)))
        return document

    @app.get(
        "/v1/trust/update",
        response_model=TrustUpdateBody,
        summary="Fetch what moves a pinned trust bundle forward; check every step yourself",
    )
    def get_trust_update(asked: Annotated[TrustUpdateQuery, Query()]) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(encode_update_json(prove_update(ledger, asked.since)))
        return document

    @app.get(
        "/v1/decisions", response_model=DecisionBody, summary="Is this trader recognised? With evidence on request"
    )
    def get_decision(asked: Annotated[DecisionQuery, Query()], request: Request) -> Mapping[str, Any]:
        for name in request.query_params:
            if len(request.query_params.getlist(name)) > 1:
                raise MalformedText(f"query.{name}", "it twice", "each parameter once")
        question = read_question(
            asked.tin,
            asked.recogniser,
            asked.direction,
            asked.role,
            asked.certificate_type,
            asked.register_of,
            asked.on,
            asked.known,
        )
        return answer(question, ledger, trust, with_evidence=asked.evidence, with_history=asked.history)

    @app.post(
        "/v1/decisions",
        response_model=DecisionsBody,
        summary="Are these traders recognised? As of one block, with one evidence for all",
    )
    def post_decisions(body: QuestionsBody) -> Mapping[str, Any]:
        questions = [
            decode_question(Fields(asked, document="request", at=f"questions[{place}]"))
            for place, asked in enumerate(body.questions)
        ]
        return answer_many(questions, ledger, trust)

    @app.get(
        "/v1/snapshot",
        summary="Take every word of both contracts home, to be verified and asked off line",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/cbor": {}}, "description": f"A document of the format {FORMAT}"}},
    )
    def get_snapshot() -> StreamingResponse:
        document = encode_snapshot(replica.take())
        return StreamingResponse(rows_of(document, _CHUNK_BYTES), media_type="application/cbor")

    @app.get("/healthz", response_model=HealthBody, summary="Is it up, and how fresh is the ledger?")
    def get_health() -> Mapping[str, Any]:
        block = ledger.head()
        return {"status": "ok", "block": block, "block_time": ledger.time_of(block), "ledger": behind}

    return app


def _answer_errors(app: FastAPI) -> None:
    """Answer every error as a problem, those of the framework and those that nobody foresaw included."""

    @app.exception_handler(AeoLedgerError)
    def on_error(_: Request, error: AeoLedgerError) -> JSONResponse:
        return JSONResponse(to_problem(error), status_code=status_of(error), media_type=MEDIA_TYPE)

    @app.exception_handler(RequestValidationError)
    def on_other_form(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return on_error(request, MalformedText(where, repr(first.get("input"))[:120], first["msg"]))

    @app.exception_handler(HTTPException)
    def on_other_request(request: Request, error: HTTPException) -> JSONResponse:
        path = request.url.path[:200]
        if error.status_code == 404:
            return on_error(request, NoSuchRoute(path=path))
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "another")
            answer = on_error(request, WrongMethod(method=request.method, path=path, needed=allowed))
            answer.headers["allow"] = allowed
            return answer
        return on_error(request, MalformedText("request", error.detail, "one that /openapi.json describes"))

    @app.exception_handler(Exception)
    def on_fault(request: Request, _: Exception) -> JSONResponse:
        return on_error(request, GatewayFault())  # the server logs the exception itself


def _describe_problems(app: FastAPI) -> None:
    """Put the problem's schema, which no route returns, among those of OpenAPI."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        document["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        return document

    app.openapi = openapi  # type: ignore[method-assign]
