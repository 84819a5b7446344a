"""The workshop's routes: people join, act and look. Whoever acts shows the secret of their seat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

import anyio
from fastapi import Depends, FastAPI, Header, Query, Request

from aeo_ledger.console.terms_body import TermsBody
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.party import DAY_S
from aeo_ledger.customs.vocabulary import Benefit, ReasonClass, Status, name_number
from aeo_ledger.errors.gateway import NoRecordKept
from aeo_ledger.gateway.record import DecisionRecord
from aeo_ledger.office.ask import read_question
from aeo_ledger.office.terms import Terms
from aeo_ledger.primitives.choices import choose
from aeo_ledger.transport.queue import caller_of
from aeo_ledger.wording.catalogues import open_words
from aeo_ledger.wording.words import later
from aeo_ledger.workshop.bench import CHANGES, Bench, Draft, Entered
from aeo_ledger.workshop.bodies import (
    ChangeBody,
    ImportBody,
    JoinBody,
    ProgressBody,
    SeatBody,
    TableBody,
    TryBody,
)
from aeo_ledger.workshop.room import Participant, Room

_LOOK_S: Final = 20.0
"""Seconds for which a screen waits for a change before it asks again."""
_PAUSE_S: Final = 0.1
_SAYS: Final[Mapping[str, str]] = {
    "grant": later("{party} granted a certificate of type {type} to {trader}."),
    "suspend": later("{party} suspended the certificate of type {type} of {trader}."),
    "reinstate": later("{party} reinstated the certificate of type {type} of {trader}."),
    "revoke": later("{party} revoked the certificate of type {type} of {trader}."),
}
"""What is told in the room of each act on a certificate."""

SeatHeader = Annotated[str, Header(max_length=64, alias="workshop-seat", description="The secret of a seat.")]


class Seats:
    """Who may ask a route: somebody at a table, the facilitator, or either. Each is a dependency of the framework."""

    def __init__(self, room: Room) -> None:
        def sit(seat: SeatHeader = "") -> Participant:
            return room.find(seat)

        def lead(seat: SeatHeader = "") -> None:
            room.demand_facilitator(seat)

        def enter(seat: SeatHeader = "") -> None:
            if seat != room.facilitator:
                room.find(seat)

        self.seated, self.leads, self.inside = Depends(sit), Depends(lead), Depends(enter)


def let_people_in(app: FastAPI, room: Room, bench: Bench, seats: Seats) -> None:
    """Add what concerns people: they join, look at the room, and say how far they are."""

    @app.post("/workshop/seats", status_code=201, response_model=SeatBody, summary="Join the workshop")
    def post_seat(body: JoinBody, request: Request) -> dict[str, str]:
        secret = room.join(body.code, body.name, body.party, caller=caller_of(request.scope))
        one = room.find(secret)
        room.tell(later("{name} sits down at the table of {party}."), name=one.name, party=one.party)
        return {"seat": secret}

    @app.get("/workshop/seat", summary="Who has this seat?")
    def get_seat(who: Participant = seats.seated) -> dict[str, Any]:
        return {"name": who.name, "party": who.party, "exercise": who.exercise, "step": who.step}

    @app.get("/workshop/room", summary="Look at the room; waits for a change after the version that was seen")
    async def get_room(
        since: Annotated[int, Query(ge=-1)] = -1,
        language: Annotated[Literal["en", "ru"], Query()] = "en",
        _: None = seats.inside,
    ) -> dict[str, Any]:
        with anyio.move_on_after(_LOOK_S):
            while room.version == since and not room.is_over:
                await anyio.sleep(_PAUSE_S)
        return {**room.describe(open_words(language)), "drafts": [_write_draft(one) for one in bench.list_drafts()]}

    @app.post("/workshop/progress", summary="Say how far this participant is")
    def post_progress(body: ProgressBody, seat: SeatHeader = "") -> dict[str, Any]:
        room.move(seat, body.exercise, body.step)
        return {"exercise": body.exercise, "step": body.step}


def let_tables_act(app: FastAPI, room: Room, bench: Bench, seats: Seats) -> None:
    """Add what one table does alone: acts on certificates, and the import of a register."""

    @app.post("/workshop/certificates", summary="Carry out an act on one certificate")
    def post_change(body: ChangeBody, who: Participant = seats.seated) -> dict[str, Any]:
        acts = {kind.name.lower(): kind for kind in CHANGES}
        reasons = {reason.name.lower(): reason for reason in ReasonClass}
        entered = Entered(
            kind=acts[choose(body.act, acts, what="act")],
            tin=body.tin,
            certificate_type=body.type,
            roles=body.roles,
            reason=reasons[choose(body.reason, reasons, what="reason")],
            accept_odd=body.accept_odd,
        )
        trader, status = bench.change(who.party, entered)
        room.tell(_SAYS[entered.kind.name.lower()], party=who.party, type=body.type, trader=trader.text)
        return {"trader": trader.text, "status": name_number(status, Status)}

    @app.post("/workshop/imports", summary="Import a register from its file")
    def post_import(body: ImportBody, who: Participant = seats.seated) -> dict[str, Any]:
        done = bench.import_register(who.party, body.text, accept_odd=body.accept_odd)
        room.tell(
            later("{party} imported its register: {number} certificates."),
            party=who.party,
            number=str(done.certificates),
        )
        return {"certificates": done.certificates}


def let_tables_agree(app: FastAPI, room: Room, bench: Bench, seats: Seats) -> None:
    """Add what tables do together: they try terms, offer them, sign and decline them."""

    @app.post("/workshop/trials", summary="What would a question get under these terms? Nothing is signed")
    def post_trial(body: TryBody, _: Participant = seats.seated) -> dict[str, Any]:
        question = read_question(body.tin, body.recogniser, body.direction, body.role)
        return _write_decision(bench.preview(_read_terms(body.terms), question))

    @app.post("/workshop/drafts", status_code=201, summary="Offer terms to the other side, signed by this table")
    def post_draft(body: TermsBody, who: Participant = seats.seated) -> dict[str, Any]:
        return tell(bench.offer(who.party, _read_terms(body)), who.party)

    @app.post("/workshop/drafts/{number}/signature", summary="Sign a draft that another table offers")
    def post_signature(number: int, who: Participant = seats.seated) -> dict[str, Any]:
        return tell(bench.sign(who.party, number), who.party)

    @app.post("/workshop/drafts/{number}/end", summary="Take an offer back, or decline it")
    def post_end(number: int, who: Participant = seats.seated) -> dict[str, Any]:
        dropped = bench.drop(who.party, number)
        says = (
            later("{party} takes its offer back.") if dropped.by == who.party else later("{party} declines an offer.")
        )
        room.tell(says, party=who.party)
        return _write_draft(dropped)

    def tell(offered: Draft, party: str) -> dict[str, Any]:
        others = ", ".join(offered.missing)
        if others:
            room.tell(later("{party} offers an arrangement; {others} must sign it."), party=party, others=others)
        else:
            room.tell(later("{party} signed last: the arrangement is concluded."), party=party)
        return _write_draft(offered)


def let_facilitator_lead(app: FastAPI, room: Room, bench: Bench, seats: Seats) -> None:
    """Add what only the facilitator does."""

    @app.get("/workshop/facilitator", summary="What only the facilitator sees")
    def get_facilitator(_: None = seats.leads) -> dict[str, Any]:
        return {"code": room.code}

    @app.post("/workshop/clear", summary="Clear a table: its people join again, and begin anew")
    def post_clear(body: TableBody, _: None = seats.leads) -> dict[str, Any]:
        room.clear(body.party)
        bench.drop_all(body.party)
        room.tell(later("The facilitator cleared the table of {party}."), party=body.party)
        return {"party": body.party}


def show_figures(app: FastAPI, record: DecisionRecord | None, seats: Seats, *, clock: Callable[[], float]) -> None:
    """Add the counts of what was told in the room. This day is shown too: nobody in the room is a real trader."""

    @app.get("/workshop/figures", summary="What was told in this room, counted without traders")
    def get_figures(_: None = seats.inside) -> dict[str, Any]:
        if record is None:
            raise NoRecordKept
        record.flush()
        day = int(clock()) // DAY_S
        counted = record.read(day - 1, day + 1, unfinished=True)
        return {"counts": [{**one.cell._asdict(), "count": one.count} for one in counted]}


def _read_terms(body: TermsBody) -> Terms:
    return Terms(
        name=body.name,
        text=f"{body.name}: terms of a workshop, of no legal effect",
        recognitions=[one.model_dump(by_alias=True) for one in body.recognitions],
    )


def _write_draft(offered: Draft) -> dict[str, Any]:
    return {
        "number": offered.number,
        "by": offered.by,
        "text": offered.text,
        "reads": list(offered.file.reads),
        "signed": list(offered.signed),
        "missing": list(offered.missing),
    }


def _write_decision(found: Decision) -> dict[str, Any]:
    return {
        "recognised": found.recognised,
        "reasons": [reason.name.lower() for reason in found.reasons],
        "benefits": [name_number(benefit, Benefit) for benefit in found.benefits],
    }
