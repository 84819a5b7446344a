"""The gateway's routes of questions: a single one, a manifest, and a trader's own to all recognisers."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from aeo_ledger.gateway.answers import answer, answer_many, answer_view, read_decision, read_questions, read_view
from aeo_ledger.gateway.media import IN_BOTH, medium_of
from aeo_ledger.gateway.schemas import DecisionBody, DecisionQuery, DecisionsBody, QuestionsBody, RecognitionsQuery
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.prover.indexed import at_hand
from aeo_ledger.prover.prove import Names
from aeo_ledger.verify import TrustBundle

TinInPath = Annotated[str, Path(examples=["BY511125808"], description="Trader identification number.")]


def answer_questions(
    app: FastAPI, ledger: Ledger, trust: TrustBundle, traders: Names, keys: LookupKeys = NO_KEYS
) -> None:
    """Add the routes of questions.

    Args:
        app: Gets them.
        ledger: Whose words decide.
        trust: Names of parties and types.
        traders: The trader of each alias that the gateway's operator knows by name.
        keys: The lookup keys that the gateway's operator holds.
    """

    @app.get(
        "/v1/decisions",
        response_model=DecisionBody,
        responses=IN_BOTH,
        summary="Is this trader recognised? With evidence on request",
    )
    async def get_decision(asked: Annotated[DecisionQuery, Query()], request: Request) -> Response:
        question, known = read_decision(asked, traders)
        medium = medium_of(request)

        def tell(ledger: Ledger = ledger) -> Response:
            how = {"with_evidence": asked.evidence, "with_history": asked.history}
            return medium.write(answer(question, ledger, trust, names=known, keys=keys, **how, embed=medium.embed))

        near = None if asked.history else at_hand(ledger)
        if near is None:
            return await run_in_threadpool(tell)
        return tell(near)  # in this thread: it waits for nothing, and another thread would cost as much as the answer

    @app.post(
        "/v1/decisions",
        response_model=DecisionsBody,
        responses=IN_BOTH,
        summary="Are these traders recognised? As of one block, with one evidence document for all",
    )
    def post_decisions(body: QuestionsBody, request: Request) -> Response:
        medium = medium_of(request)
        questions = read_questions(body.questions, accept_odd=body.accept_odd)
        return medium.write(answer_many(questions, ledger, trust, traders, keys=keys, embed=medium.embed))

    @app.get(
        "/v1/traders/{tin}/recognitions",
        response_model=DecisionsBody,
        responses=IN_BOTH,
        summary="Who recognises this trader? As of one block, with one evidence document for all recognisers",
    )
    def get_recognitions(tin: TinInPath, asked: Annotated[RecognitionsQuery, Query()], request: Request) -> Response:
        medium = medium_of(request)
        return medium.write(answer_view(read_view(tin, asked, trust), ledger, trust, keys=keys, embed=medium.embed))
