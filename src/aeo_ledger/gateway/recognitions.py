"""The gateway's route about registers: does this party recognise the certificates of that register, whoever holds them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.customs.decision import Decision
from aeo_ledger.evidence import Evidence, RegisterQuestion
from aeo_ledger.gateway.answers import name_answer, name_block
from aeo_ledger.gateway.freshness import TAGGED_IN_BOTH, answer_if_new, as_of_newest
from aeo_ledger.gateway.media import medium_of
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import read_circumstances
from aeo_ledger.office.calendar import write_moment
from aeo_ledger.prover.prove import prove_register
from aeo_ledger.verify import TrustBundle


class RegisterQuery(BaseModel):
    """A question about a register. Unknown parameters are refused, because a question read in part is another question."""

    model_config = ConfigDict(extra="forbid")

    recogniser: str = Field(examples=["CN"], description="Code of the party that recognises.")
    register_of: str = Field(alias="register", examples=["BY"], description="Code of the register's party.")
    direction: str = Field(examples=["import"], description="Seen from the recogniser.")
    role: str = Field(examples=["carrier"], description="Of the foreign operator.")
    certificate_type: str | None = Field(
        None, alias="type", examples=["3"], description="Default: is any type of the register recognised?"
    )
    on: str | None = Field(
        None, examples=["2024-01-01"], description="A day of the recogniser's calendar, or a moment with its offset."
    )
    known: str | None = Field(None, examples=["2024-02-01"], description="As known at this time.")
    evidence: bool = Field(default=False, examples=[True])
    history: bool = Field(
        default=False, examples=[True], description="Add the signed history of what the present words do not show."
    )


class RegisterAnswerBody(BaseModel):
    """An answer. It is not proven to its reader: check the evidence."""

    question: dict[str, Any]
    block: int
    block_hash: str
    block_time: int
    recognised: bool | None = Field(description="Null if the words alone cannot decide; see `unproven`.")
    reasons: list[str]
    benefits: list[str]
    arrangements: list[str] = Field(description="Of a yes: the arrangements under which it holds.")
    unproven: str | None
    evidence: dict[str, Any] | None = Field(
        description="`aeo-ledger/state-evidence/1` if asked for, or `aeo-ledger/history-evidence/1` where history is needed."
    )


def answer_about_registers(app: FastAPI, ledger: Ledger, trust: TrustBundle) -> None:
    """Add the route of questions about registers.

    Args:
        app: Gets it.
        ledger: Whose words decide.
        trust: Names of parties and types.
    """

    @app.get(
        "/v1/recognitions",
        response_model=RegisterAnswerBody,
        responses=TAGGED_IN_BOTH,
        summary="Does this party recognise that register's certificates? With evidence on request",
    )
    def get_recognition(asked: Annotated[RegisterQuery, Query()], request: Request) -> Response:
        medium, near = medium_of(request), as_of_newest(ledger)
        question = read_register_question(asked)

        def tell() -> Response:
            how = {"with_evidence": asked.evidence, "with_history": asked.history}
            return medium.write(answer_about(question, near, trust, **how, embed=medium.embed))

        return answer_if_new(request, near, tell)


def read_register_question(asked: RegisterQuery) -> RegisterQuestion:
    """Read a question about a register.

    Raises:
        MalformedText: A part of it cannot be read.
    """
    return RegisterQuestion(
        **read_circumstances(
            asked.recogniser,
            asked.direction,
            asked.role,
            asked.certificate_type,
            asked.register_of,
            asked.on,
            asked.known,
        )
    )


def answer_about(
    question: RegisterQuestion,
    ledger: Ledger,
    trust: TrustBundle,
    *,
    with_evidence: bool,
    with_history: bool,
    embed: Callable[[Evidence], Any],
) -> Mapping[str, Any]:
    """Answer a question about a register, with evidence on request, embedded in the form of the answer."""
    prepared = prove_register(question, ledger, trust, with_history=with_history)
    (found,) = prepared.answers
    told = name_answer(found, trust)
    return {
        "question": write_register_question(question),
        **name_block(prepared.header),
        **{name: told[name] for name in ("recognised", "reasons", "benefits", "unproven")},
        "arrangements": list(dict.fromkeys(lane.lane.arrangement for lane in found.lanes))
        if isinstance(found, Decision)
        else [],
        "evidence": embed(prepared.evidence) if with_evidence else None,
    }


def write_register_question(question: RegisterQuestion) -> dict[str, Any]:
    """Write a question as it can be asked again; what is not asked is left out."""
    times = {"on": question.on, "known": question.known}
    written = {
        "recogniser": question.recogniser,
        "register": question.register,
        "direction": question.direction.name.lower(),
        "role": question.role.name.lower(),
        "type": question.certificate_type,
        **{name: None if time is None else write_moment(time) for name, time in times.items()},
    }
    return {name: value for name, value in written.items() if value is not None}
