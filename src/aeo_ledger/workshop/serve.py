"""Make a workshop that can be served: a gateway with the console, the workshop's pages and its routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from aeo_ledger.console.office import open_office
from aeo_ledger.console.pages import PAGES, Page
from aeo_ledger.console.serve import add_console
from aeo_ledger.customs.vocabulary import Benefit, Direction, EventKind, ReasonClass, Role
from aeo_ledger.gateway.app import create_app
from aeo_ledger.gateway.operation import Operation
from aeo_ledger.network.reach import Running
from aeo_ledger.registers.columns import COLUMNS
from aeo_ledger.registers.sample import SAMPLES, read_sample
from aeo_ledger.signing import Password
from aeo_ledger.wording.words import later
from aeo_ledger.workshop.bench import CHANGES, Bench
from aeo_ledger.workshop.exercises import EXERCISES
from aeo_ledger.workshop.opening import open_keys
from aeo_ledger.workshop.room import Room
from aeo_ledger.workshop.routes import (
    Seats,
    let_facilitator_lead,
    let_people_in,
    let_tables_act,
    let_tables_agree,
    show_figures,
)

BANNER: Final = later(
    "WORKSHOP: a demonstration. This server holds everybody's keys, and nothing here has legal effect."
)
"""Stands above every page."""


def list_pages(network: Running) -> tuple[Page, ...]:
    """List the pages of a workshop, its own before the console's."""
    trust = network.trust
    facts = {
        "parties": trust.parties,
        "types": {party.code: party.types for party in trust.parties},
        "registers": dict(_find_registers(network)),
        "samples": {"": ",".join(COLUMNS), **{code: read_sample(code).decode() for code in SAMPLES}},
        "exercises": EXERCISES,
        "changes": [kind.name.lower() for kind in CHANGES],
        "events": EventKind,
        "reasons": [reason.name.lower() for reason in ReasonClass],
        "roles_known": [role.name.lower() for role in Role],
        "directions_known": [direction.name.lower() for direction in Direction],
        "benefits_known": [benefit.name.lower() for benefit in Benefit],
        "vocabulary": {"Role": Role, "Direction": Direction, "Benefit": Benefit, "Reason": ReasonClass},
    }
    return (
        Page(name="workshop", title=later("Workshop"), facts=facts),
        Page(name="facilitator", title=later("Facilitator"), is_listed=False, facts=facts),
        Page(name="handout", title=later("Hand-out"), facts=facts),
        *PAGES,
    )


def _find_registers(network: Running) -> Iterator[tuple[str, str]]:
    """Find in whose register each party's certificates stand: its own, or that of a union that keeps one for it."""
    members = {member.number: member for member in network.relay.members()}
    for member in members.values():
        unions = [members[one.union] for one in member.party.memberships if one.union in members]
        keepers = [one.party.code for one in (member, *unions) if one.party.keeps_register]
        yield member.party.code, keepers[0] if keepers else member.party.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A workshop that can be served."""

    app: FastAPI
    room: Room


def open_workshop(
    network: Running,
    home: Path,
    password: Password,
    books: Path,
    *,
    operation: Operation,
    clock: Callable[[], float],
    randomness: Callable[[int], bytes],
) -> Workshop:
    """Make the gateway of a workshop, with its pages and routes.

    Args:
        network: The room's ledger, open.
        home: Its folder, with everybody's key files.
        password: Opens them.
        books: A folder for the books of the tables.
        operation: How the gateway is watched; it counts decisions.
        clock: UTC seconds.
        randomness: Returns the given number of secret random bytes.

    Raises:
        WrongPassword, UnreadableFile: see `open_keys`.
    """
    keys = open_keys(home, password)
    app = create_app(
        network.ledger, network.relay, network.trust, behind=f"{BANNER} {network.banner}", operation=operation
    )
    room = Room(tuple(keys), clock=clock, randomness=randomness)
    bench = Bench(network, keys, books, clock=clock, randomness=randomness)
    add_console(app, pages=list_pages(network), banner=BANNER)
    open_office(app, network.ledger, network.relay, network.trust)
    end_gateway = app.state.end_streams

    def end_streams() -> None:
        room.end()
        end_gateway()

    app.state.end_streams = end_streams
    seats = Seats(room)
    let_people_in(app, room, bench, seats)
    let_tables_act(app, room, bench, seats)
    let_tables_agree(app, room, bench, seats)
    let_facilitator_lead(app, room, bench, seats)
    show_figures(app, operation.record, seats, clock=clock)
    return Workshop(app=app, room=room)
