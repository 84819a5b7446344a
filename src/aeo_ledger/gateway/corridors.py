"""The gateway's route of corridors: who along a route of goods recognises a trader, and where recognition breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from aeo_ledger.customs.tin import read_tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role, name_number
from aeo_ledger.evidence import Evidence
from aeo_ledger.gateway.answers import name_answer, name_block
from aeo_ledger.gateway.media import IN_BOTH, medium_of
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.corridor import Corridor, Stage, read_route, sum_up_passage
from aeo_ledger.office.many import complete, list_needed
from aeo_ledger.primitives.choices import choose
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.prover.indexed import at_hand
from aeo_ledger.prover.prove import prove_many
from aeo_ledger.verify import TrustBundle


class CorridorBody(BaseModel):
    """A trader, and the route of its goods."""

    model_config = ConfigDict(extra="forbid")

    tin: str = Field(examples=["BY511125808"])
    role: str = Field(examples=["carrier"], description="Of the trader.")
    corridor: list[str] = Field(
        examples=[["BY", "KZ", "CN"]],
        description="Codes of parties, in the order in which goods pass them. The first one sees them as an export, the last one as an "
        "import, the others in transit. The trader's own party is not asked.",
    )
    direction: str | None = Field(
        None, examples=["transit"], description="Asked of every party instead of what follows from its place."
    )
    accept_odd: StrictBool = Field(
        default=False, examples=[False], description="Accept a TIN that breaks its country's rule."
    )


class PassageBody(BaseModel):
    """What each party on the route answers, and all of them together. It is not proven to its reader: check the evidence."""

    block: int
    block_hash: str
    block_time: int
    unbroken: bool | None = Field(description="Null if it is not proven, because a party could not be asked.")
    breaks_at: list[str] = Field(
        description="Parties that do not recognise the trader; at the first one recognition breaks."
    )
    open_at: list[str] = Field(description="Parties for which neither yes nor no is proven.")
    reaches: list[str] = Field(description="Parties from the first one on up to which recognition is unbroken.")
    benefits: list[str] = Field(description="What all that recognise the trader grant.")
    stages: list[dict[str, Any]] = Field(
        description="In the order of the route: `party`, `direction`, `standing` (home, asked, not on this ledger) and, if it is asked, "
        "what a single decision says."
    )
    evidence: dict[str, Any] | None = Field(
        description="`aeo-ledger/recognition-evidence/1` for all that are asked; null if nobody is."
    )


def answer_corridors(app: FastAPI, ledger: Ledger, trust: TrustBundle, keys: LookupKeys = NO_KEYS) -> None:
    """Add the route of corridors.

    Args:
        app: Gets it.
        ledger: Whose words decide.
        trust: Names of parties and types.
        keys: The lookup keys that the gateway's operator holds.
    """

    @app.post(
        "/v1/corridors",
        response_model=PassageBody,
        responses=IN_BOTH,
        summary="Who along this route recognises this trader, and where does recognition break? With one evidence document",
    )
    def post_corridors(body: CorridorBody, request: Request) -> Response:
        medium = medium_of(request)
        return medium.write(answer_corridor(read_corridor(body), ledger, trust, keys=keys, embed=medium.embed))


def read_corridor(body: CorridorBody) -> Corridor:
    """Read a question along a route.

    Raises:
        MalformedTin, MalformedText: A part of it cannot be read.
    """
    directions = {direction.name.lower(): direction for direction in Direction}
    return Corridor(
        tin=read_tin(body.tin, accept_odd=body.accept_odd),
        role=Role[choose(body.role, [role.name.lower() for role in Role], what="role").upper()],
        route=read_route(body.corridor),
        direction=None if body.direction is None else directions[choose(body.direction, directions, what="direction")],
    )


def answer_corridor(
    corridor: Corridor,
    ledger: Ledger,
    trust: TrustBundle,
    *,
    keys: LookupKeys = NO_KEYS,
    embed: Callable[[Evidence], Any],
) -> Mapping[str, Any]:
    """Answer a question along a route as of one block, with one evidence document, embedded in the form of the answer."""
    stages = corridor.stages(trust)
    asked = [stage.question for stage in stages if stage.question is not None]
    near = at_hand(ledger) or ledger
    prepared = prove_many(list_needed(asked) if asked else (), near, trust, keys=keys)
    for problem in prepared.problems.values():
        raise problem
    decisions = dict(zip(prepared.evidence.questions, prepared.answers, strict=True))
    passage = sum_up_passage(stages, lambda question: complete(question, decisions))

    def write(stage: Stage) -> dict[str, Any]:
        told = {"party": stage.code, "direction": stage.direction.name.lower(), "standing": stage.standing.value}
        if stage.question is None:
            return told
        return {**told, **name_answer(complete(stage.question, decisions), trust)}

    return {
        **name_block(prepared.header),
        "unbroken": passage.unbroken,
        "breaks_at": list(passage.breaks_at),
        "open_at": list(passage.open_at),
        "reaches": list(passage.reaches),
        "benefits": [name_number(benefit, Benefit) for benefit in passage.benefits],
        "stages": [write(stage) for stage in stages],
        "evidence": embed(prepared.evidence) if asked else None,
    }
