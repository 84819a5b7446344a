"""The gateway's route of proofs: evidence of words that the caller names, and of histories. It is asked for no trader."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.gateway.media import IN_BOTH, medium_of
from aeo_ledger.gateway.schemas import Hex
from aeo_ledger.gateway.wire import subject_from_json
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.desk import MOST_SLOTS, MOST_SUBJECTS
from aeo_ledger.primitives.documents import within
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.prover.prove import prove_past
from aeo_ledger.prover.relay import Relay
from aeo_ledger.verify import TrustBundle


class SlotBody(BaseModel):
    """The place of a word in storage. The caller derives the slot from table and key."""

    model_config = ConfigDict(extra="forbid")

    contract: Literal[Contract.CONSORTIUM, Contract.REGISTERS]
    slot: Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]


class SlotsBody(BaseModel):
    """Words to prove and, for past times, the subjects whose whole signed histories are wanted with them."""

    model_config = ConfigDict(extra="forbid")

    slots: list[SlotBody] = Field(
        max_length=MOST_SLOTS, examples=[[{"contract": "consortium", "slot": "0x" + "00" * 32}]]
    )
    histories: list[dict[str, Any]] = Field(
        [],
        max_length=MOST_SUBJECTS,
        examples=[[{"party": 1}, {"recogniser": 2, "register": 1}]],
        description="Each is a standing {entry}, a party {party}, a pair {recogniser, register} or an alias {recogniser, alias_hash}.",
    )


class StateEvidenceBody(BaseModel):
    """Evidence of words, and of the histories that were wanted; these are claims until they are checked."""

    format: Literal["aeo-ledger/state-evidence/1", "aeo-ledger/history-evidence/1"]
    questions: list[dict[str, Any]]
    header: Hex
    nodes: list[Hex]
    history: dict[str, Any] | None = Field(None, description="Left out if no history was wanted.")


def give_proofs(app: FastAPI, ledger: Ledger, relay: Relay, trust: TrustBundle) -> None:
    """Add the route of proofs."""

    @app.post(
        "/v1/proofs",
        responses=IN_BOTH,
        response_model=StateEvidenceBody,
        summary="Fetch evidence of words, by contract and slot, to prepare an act or to decide yourself; check it yourself",
    )
    def post_proofs(body: SlotsBody, request: Request) -> Response:
        medium = medium_of(request)
        slots = [(place.contract, int(place.slot, 16)) for place in body.slots]
        subjects = []
        for place, one in enumerate(body.histories):
            with within(f"histories[{place}]"):
                subjects.append(subject_from_json(one))
        found = prove_past(slots, subjects, ledger, trust) if subjects else relay.prove_words(slots)
        return medium.write_evidence(found)
