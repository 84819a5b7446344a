"""The gateway's HTTP interface: it answers with evidence, and relays signed acts. Its callers can check all that it decides."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.errors.chain import BlockUnknown
from aeo_ledger.errors.gateway import CardNotHeld, GatewayFault, NoSuchRoute, WrongMethod
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.ancestry import CHAIN_FORM
from aeo_ledger.evidence.card import CARD_FORM
from aeo_ledger.evidence.handover import UPDATE_FORM
from aeo_ledger.gateway.access import OPEN, Access, Door, demand_tokens, let_pages_in
from aeo_ledger.gateway.corridors import answer_corridors
from aeo_ledger.gateway.documents import give_documents
from aeo_ledger.gateway.everything import tell_everything
from aeo_ledger.gateway.journal import Journal
from aeo_ledger.gateway.library import Library
from aeo_ledger.gateway.limits import THREADS, longest_body, make_queues, refuse
from aeo_ledger.gateway.media import IN_BOTH, medium_of
from aeo_ledger.gateway.news import Streams, tell_news
from aeo_ledger.gateway.operation import UNWATCHED, Operation, give_operation
from aeo_ledger.gateway.page import POLICY, render
from aeo_ledger.gateway.problems import STATUS, describe
from aeo_ledger.gateway.proofs import give_proofs
from aeo_ledger.gateway.questions import answer_questions
from aeo_ledger.gateway.recognitions import answer_about_registers
from aeo_ledger.gateway.registers import list_registers
from aeo_ledger.gateway.schemas import (
    CompletionBody,
    EntriesBody,
    HeaderBody,
    HeaderChainBody,
    HeaderChainQuery,
    HealthBody,
    HistoriesBody,
    HistoryBody,
    KeysBody,
    KeysQuery,
    PlacesBody,
    Problem,
    ReceiptBody,
    SignedActBody,
    StandingsBody,
    TrustUpdateBody,
    TrustUpdateQuery,
    WordsBody,
)
from aeo_ledger.gateway.strict import StrictRoute, tell_form
from aeo_ledger.gateway.trqp import answer_standard_questions
from aeo_ledger.gateway.webhooks import Sender
from aeo_ledger.gateway.wire import (
    CHAIN_HEADER,
    MOST_KEYS,
    name_status,
    pending_to_json,
    place_from_json,
    sealed_to_json,
    standings_to_json,
    words_to_json,
)
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.card import hold_card
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.prover.ancestry import fetch_header, prove_ancestry
from aeo_ledger.prover.indexed import database_fault_of, fault_of
from aeo_ledger.prover.prove import NO_NAMES, Names, prove_standings
from aeo_ledger.prover.relay import Relay
from aeo_ledger.prover.updates import prove_update
from aeo_ledger.registers.disclosure import CountsRequests, UsedRequests
from aeo_ledger.signing.lookup_file import NOTHING_HELD, HeldKeys
from aeo_ledger.transport.guard import RequestGuard
from aeo_ledger.verify import TRUST_FORM, TrustBundle

if TYPE_CHECKING:  # needs the extra [office]
    from aeo_ledger.registers.book import Book


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: describe(error)
    for error, status in STATUS.items()
    if status not in {404, 405, 410}  # these are of single routes, or of paths and methods that are not described here
}

RECURSION_LIMIT: Final = 1_500
"""Close to Python's default. Libraries under the ledger raise it a hundredfold, and deeply nested JSON would then end the process."""

BlockInPath = Annotated[int, Path(ge=0, lt=1 << 64, examples=[1], description="Number of the block.")]

CodeInPath = Annotated[str, Path(pattern="^[A-Z]{2,6}$", examples=["BY"], description="Code of the party.")]


def create_app(
    ledger: Ledger,
    relay: Relay,
    trust: TrustBundle,
    *,
    behind: str,
    names: Collection[str] = (),
    traders: Names = NO_NAMES,
    held: HeldKeys = NOTHING_HELD,
    book: Book | None = None,
    used: CountsRequests | None = None,
    cards: FilePath | None = None,
    sender: Callable[[Journal], Sender] | None = None,
    operation: Operation = UNWATCHED,
    access: Access = OPEN,
) -> FastAPI:
    """Make the gateway of one ledger.

    Args:
        ledger: The port to its node. Snapshots need a port that knows the genesis.
        relay: Sends signed acts to the ledger.
        trust: Names of parties and types; callers may read it.
        behind: The ledger that the gateway serves, in plain words for `/healthz`, especially whether it is simulated.
        names: Host names of this gateway that requests may use, besides addresses and `localhost`.
        traders: The trader of each alias that the gateway's operator knows by name.
        held: The keys of keyed registers that the gateway's operator holds. They never leave the gateway.
        book: The book of the office beside this gateway, whose documents it gives to those entitled.
        used: Remembers the used requests for documents; None for a gateway of one process, which remembers them until it ends.
        cards: The folder of the parties' cards, `CODE.json`; each is read when it is asked for.
        sender: Makes the sender of webhooks; None if nobody wants them.
        operation: How the gateway is watched.
        access: Who may ask, and how often.
    """
    journal = Journal(ledger)
    sys.setrecursionlimit(RECURSION_LIMIT)
    app = FastAPI(
        title="AEO Ledger gateway",
        version="1",
        description=f"Recognition of AEO certificates, with evidence that the asker checks. {behind}",
        responses=_PROBLEMS,
        docs_url=None,
        redoc_url=None,
        lifespan=partial(_living, journal, None if sender is None else sender(journal)),
    )
    app.state.end_streams, app.state.refuse = journal.end, refuse
    own_names = frozenset(name.lower() for name in names)
    door = Door(access, app, ledger, chain_id=trust.chain_id, names=own_names, cards=cards, clock=relay.clock)
    shares = None if access.counts is None else door.counts
    app.add_middleware(
        RequestGuard,
        refuse=refuse,
        limit_of=longest_body,
        names=names,
        queue_of=make_queues(shares),
        admit=door.admit,
        headers={CHAIN_HEADER: str(trust.chain_id)},
    )
    let_pages_in(app, access)
    app.router.route_class = StrictRoute
    _answer_errors(app)
    _describe_problems(app, access)

    @app.post(
        "/v1/acts", status_code=201, response_model=ReceiptBody, summary="Relay a signed act; answers when it is sealed"
    )
    def post_act(body: SignedActBody) -> Mapping[str, Any]:
        return sealed_to_json(relay.submit(SignedAct.from_json(body.model_dump())))

    @app.post(
        "/v1/completions",
        status_code=201,
        response_model=ReceiptBody,
        summary="Complete the replacement of a party's authority, when it is ready; nobody signs",
    )
    def post_completion(body: CompletionBody) -> Mapping[str, Any]:
        return sealed_to_json(relay.complete_replacement(body.party))

    @app.get("/v1/keys", response_model=KeysBody, summary="List addresses that serve or served a party, unproven")
    def get_keys(asked: Annotated[KeysQuery, Query()]) -> Mapping[str, Any]:
        return {"keys": [to_hex(key) for key in relay.keys(asked.party)[:MOST_KEYS]]}

    @app.post("/v1/standings", response_model=StandingsBody, summary="Read records by entry, unproven")
    def post_standings(body: EntriesBody) -> Mapping[str, Any]:
        return standings_to_json(relay.standings(_read_entries(body.entries)))

    @app.post("/v1/words", response_model=WordsBody, summary="Read words by table and key, unproven")
    def post_words(body: PlacesBody) -> Mapping[str, Any]:
        return words_to_json(relay.words([place_from_json(place.table, place.key) for place in body.places]))

    @app.get(
        "/v1/parties/{party}/card",
        responses={STATUS[CardNotHeld]: describe(CardNotHeld)},
        summary="Fetch a party's card, by its code; the ledger has its hash: check it yourself",
    )
    def get_card(party: CodeInPath) -> dict[str, Any]:
        return CARD_FORM.encode_values(hold_card(cards, party))

    @app.get("/v1/trust", summary="Read the trust bundle; pin only a copy that came out of band")
    def get_trust() -> dict[str, Any]:
        return TRUST_FORM.encode_values(trust)

    @app.post(
        "/v1/history",
        responses=IN_BOTH,
        response_model=HistoryBody,
        summary="Fetch every signed event of some standings, by entry; check them yourself",
    )
    def post_history(body: HistoriesBody, request: Request) -> Response:
        return medium_of(request).write_evidence(prove_standings(_read_entries(body.entries), ledger, trust))

    @app.get(
        "/v1/trust/update",
        response_model=TrustUpdateBody,
        summary="Fetch the steps that move a pinned trust bundle forward; check each step yourself",
    )
    def get_trust_update(asked: Annotated[TrustUpdateQuery, Query()]) -> Response:
        return Response(UPDATE_FORM.encode_json(prove_update(ledger, asked.since)), media_type="application/json")

    @app.get(
        "/v1/trust/chain",
        responses={STATUS[BlockUnknown]: describe(BlockUnknown)},
        response_model=HeaderChainBody,
        summary="Fetch the headers between two blocks, to show that a pinned checkpoint follows the earlier block",
    )
    def get_header_chain(asked: Annotated[HeaderChainQuery, Query()]) -> dict[str, Any]:
        return CHAIN_FORM.encode_values(prove_ancestry(ledger, asked.since, asked.until))

    @app.get(
        "/v1/blocks/{number}",
        responses={STATUS[BlockUnknown]: describe(BlockUnknown)},
        response_model=HeaderBody,
        summary="Fetch a block's header, with which a chain begins",
    )
    def get_header(number: BlockInPath) -> dict[str, Any]:
        return {"header": to_hex(fetch_header(ledger, number))}

    answer_questions(app, ledger, trust, traders, held.lookup)
    answer_corridors(app, ledger, trust, held.lookup)
    answer_about_registers(app, ledger, trust)
    answer_standard_questions(app, ledger, trust, held.lookup, clock=operation.clock)
    list_registers(app, ledger, relay, trust, held.lookup)
    tell_everything(app, ledger, relay)
    give_proofs(app, ledger, relay, trust)
    tell_news(app, Streams(journal, shares), trust)
    library, remembers = Library(ledger, book, held), used or UsedRequests(relay.clock())
    give_documents(app, ledger, relay, trust, library, own_names, remembers)

    give_operation(app, ledger, trust, operation)

    @app.get(
        "/healthz", response_model=HealthBody, summary="Is the gateway up, and how new is the ledger's last block?"
    )
    def get_health() -> Mapping[str, Any]:
        block = ledger.head()
        trouble, index = ledger.trouble(), fault_of(ledger)
        return {
            "status": name_status(trouble, index),
            "trouble": trouble,
            "index": index,
            "database": database_fault_of(ledger),
            "block": block,
            "block_time": ledger.time_of(block),
            "ledger": behind,
            "replacements": [
                pending_to_json(relay.code_of(party), pending) for party, pending in relay.replacements().items()
            ],
        }

    @app.get("/docs", include_in_schema=False)
    def get_docs() -> HTMLResponse:
        return HTMLResponse(render(app.openapi()), headers={"content-security-policy": POLICY})

    return app


@asynccontextmanager
async def _living(journal: Journal, sender: Sender | None, _: FastAPI) -> AsyncIterator[None]:
    """Read and send news while the gateway runs. Allow one thread for each request in progress: anyio's default is 40 for all."""
    current_default_thread_limiter().total_tokens = THREADS
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(journal.follow)
        if sender is not None:
            tasks.start_soon(sender.run)
        yield
        tasks.cancel_scope.cancel()


def _read_entries(texts: Sequence[str]) -> list[bytes]:
    """Read entries of 32 bytes; an error names the position."""
    return [parse_hex(text, what=f"entries[{place}]", length=32) for place, text in enumerate(texts)]


def _answer_errors(app: FastAPI) -> None:
    """Answer every error as a problem, also errors of the framework and bugs."""

    @app.exception_handler(AeoLedgerError)
    def on_error(_: Request, error: AeoLedgerError) -> JSONResponse:
        return refuse(error)

    @app.exception_handler(RequestValidationError)
    def on_other_form(request: Request, error: RequestValidationError) -> JSONResponse:
        return on_error(request, tell_form(error.errors()[0]))

    @app.exception_handler(HTTPException)
    def on_other_request(request: Request, error: HTTPException) -> JSONResponse:
        path = request.url.path[:200]
        if error.status_code == 404:
            return on_error(request, NoSuchRoute(path=path))
        if error.status_code == 405:
            needed = ", ".join(_methods_of(app, request))
            answer = on_error(request, WrongMethod(method=request.method, path=path, needed=needed))
            answer.headers["allow"] = needed
            return answer
        return on_error(request, MalformedText("request", error.detail, "one that /openapi.json describes"))

    @app.exception_handler(Exception)
    def on_fault(request: Request, _: Exception) -> JSONResponse:
        return on_error(request, GatewayFault())  # the server logs the exception


def _methods_of(app: FastAPI, request: Request) -> list[str]:
    """List every method that a request's path accepts: each method has its own route."""
    found: set[str] = set()
    for route in app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def _describe_problems(app: FastAPI, access: Access) -> None:
    """Add to OpenAPI what no route returns: the problem's schema, and which routes of a closed gateway need a token."""
    as_framed = app.openapi

    def openapi() -> dict[str, Any]:
        document = as_framed()
        document["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        if access.closed:
            demand_tokens(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
