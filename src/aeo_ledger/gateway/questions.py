"""The gateway's routes of questions: a single one, a manifest, and a trader's own to all recognisers."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from aeo_ledger.gateway.answers import answer, answer_many, answer_view, read_decision, read_questions, read_view
from aeo_ledger.gateway.freshness import TAGGED_IN_BOTH, answer_if_new, as_of_newest
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
        responses=TAGGED_IN_BOTH,
        summary="Is this trader recognised? With evidence on request",
    )
    async def get_decision(asked: Annotated[DecisionQuery, Query()], request: Request) -> Response:
        question, known = read_decision(asked, traders)
        medium = medium_of(request)

        def tell(near: Ledger) -> Response:
            how = {"with_evidence": asked.evidence, "with_history": asked.history}

            def make() -> Response:
                return medium.write(answer(question, near, trust, names=known, keys=keys, **how, embed=medium.embed))

            return answer_if_new(request, near, make)

        near = None if asked.history else at_hand(ledger)
        if near is None:
            return await run_in_threadpool(lambda: tell(ledger.as_of(ledger.head())))
        return tell(near)  # in this thread: it waits for nothing, and another thread would cost as much as the answer

    @app.post(
        "/v1/decisions",
        response_model=DecisionsBody,
        responses=IN_BOTH,
        summary="Are these traders recognised? As of one block, with one evidence document for all; a question that cannot be put costs no other",
    )
    def post_decisions(body: QuestionsBody, request: Request) -> Response:
        medium = medium_of(request)
        questions = read_questions(body.questions, accept_odd=body.accept_odd)
        found = answer_many(questions, ledger, trust, traders, keys=keys, with_history=body.history, embed=medium.embed)
        return medium.write(found)

    @app.get(
        "/v1/traders/{tin}/recognitions",
        response_model=DecisionsBody,
        responses=TAGGED_IN_BOTH,
        summary="Who recognises this trader? As of one block, with one evidence document for all recognisers",
    )
    def get_recognitions(tin: TinInPath, asked: Annotated[RecognitionsQuery, Query()], request: Request) -> Response:
        medium = medium_of(request)
        view, near = read_view(tin, asked, trust), as_of_newest(ledger)

        def make() -> Response:
            return medium.write(answer_view(view, near, trust, keys=keys, embed=medium.embed))

        return answer_if_new(request, near, make)
