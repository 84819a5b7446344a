"""The gateway's routes of registers: what a register says about all its certificates, and a trader's certificates with their histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.customs.entry import type_of
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import find_problems, read_tin
from aeo_ledger.customs.vocabulary import RegisterMode, Status
from aeo_ledger.errors.gateway import CursorPast, StrangeCursor
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import Evidence, decode_header
from aeo_ledger.gateway.answers import name_block
from aeo_ledger.gateway.cursor import Cursor, hash_filters, read_cursor
from aeo_ledger.gateway.freshness import TAGGED_IN_BOTH, answer_if_new, as_of_newest
from aeo_ledger.gateway.media import medium_of
from aeo_ledger.gateway.problems import STATUS, describe
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.histories import describe_event, describe_record, find_register, find_types
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.protocol.tables import Contract, record_slot
from aeo_ledger.prover.listing import Page, list_standings
from aeo_ledger.prover.prove import fetch_nodes, prove_certificates
from aeo_ledger.prover.relay import Relay
from aeo_ledger.prover.state import State
from aeo_ledger.verify import TrustBundle, TrustedParty

PartyInPath = Annotated[str, Path(examples=["BY"], description="Code of the party that keeps the register.")]
TinInPath = Annotated[str, Path(examples=["BY511125808"], description="Trader identification number.")]


class RegisterListQuery(BaseModel):
    """Which certificates are listed."""

    model_config = ConfigDict(extra="forbid")

    certificate_type: str | None = Field(None, alias="type", examples=["3"], description="Default: all types.")
    status: str | None = Field(
        None, examples=["active"], description=f"As signed: {', '.join(status.name.lower() for status in Status)}."
    )
    since: int | None = Field(
        None, ge=0, lt=1 << 64, examples=[0], description="Only what was recorded after this block, by its number."
    )
    most: int = Field(
        500, ge=1, le=1_000, examples=[100], description="Most certificates on a page. It may have fewer."
    )
    cursor: str | None = Field(None, max_length=100, description="From the page before, for the same filters.")
    evidence: bool = Field(default=False, examples=[True], description="Add the proof of each record on the page.")


class RegisterPageBody(BaseModel):
    """Part of a list as of one block, ascending by entry. It names no trader: an entry holds a pseudonym."""

    register_of: str = Field(alias="register")
    block: int
    block_hash: str
    block_time: int
    certificates: list[dict[str, Any]]
    cursor: str | None = Field(
        description="Gives the next page, as of the same block, while the gateway keeps it: the last few blocks. Null at the end."
    )
    evidence: dict[str, Any] | None = Field(description="`aeo-ledger/state-evidence/1` of the records, if asked for.")


class TraderHistoryQuery(BaseModel):
    """Which certificates of a trader."""

    model_config = ConfigDict(extra="forbid")

    register_of: str | None = Field(
        None, alias="register", examples=["BY"], description="Default: the register that the TIN's prefix says."
    )
    certificate_type: str | None = Field(None, alias="type", examples=["3"], description="Default: all types.")
    accept_odd: bool = Field(
        default=False, examples=[False], description="Accept a TIN that breaks its country's rule."
    )
    evidence: bool = Field(default=False, examples=[True])


class TraderHistoryBody(BaseModel):
    """Every signed event of a trader's certificates. It is not proven to its reader: check the evidence."""

    tin: str
    problems: list[str]
    register_of: str = Field(alias="register")
    certificates: list[dict[str, Any]] = Field(description="Each with `type`, `entry` and `events`, oldest first.")
    block: int
    block_hash: str
    block_time: int
    evidence: dict[str, Any] | None = Field(description="`aeo-ledger/history-evidence/1`, if asked for.")


def list_registers(app: FastAPI, ledger: Ledger, relay: Relay, trust: TrustBundle, keys: LookupKeys = NO_KEYS) -> None:
    """Add the routes of registers; see `create_app` for the arguments."""

    @app.get(
        "/v1/registers/{party}",
        response_model=RegisterPageBody,
        responses={**TAGGED_IN_BOTH, STATUS[CursorPast]: describe(CursorPast)},
        summary="List the certificates of a register, without names, as of one block",
    )
    def get_register(party: PartyInPath, asked: Annotated[RegisterListQuery, Query()], request: Request) -> Response:
        medium = medium_of(request)
        register = _find_keeper(party, trust)
        state, cursor = _find_block(relay, asked.cursor, _hash(register, asked))

        def tell() -> Response:
            page = _list(register, asked, state, cursor, ledger)
            entries = [entry for entry, _ in page.records]
            after = page.last and Cursor(
                block=state.block, block_hash=state.hash[:8], filters=_hash(register, asked), last=page.last
            )
            return medium.write(
                {
                    "register": register.code,
                    **name_block(state.decoded),
                    "certificates": [_describe(entry, record, register, trust) for entry, record in page.records],
                    "cursor": None if after is None else str(after),
                    "evidence": medium.embed(_prove(entries, state, ledger)) if asked.evidence else None,
                }
            )

        return answer_if_new(request, ledger.as_of(state.block), tell)

    @app.get(
        "/v1/traders/{tin}/history",
        response_model=TraderHistoryBody,
        responses=TAGGED_IN_BOTH,
        summary="Every signed event of a trader's certificates in one register, and who signed it; with evidence on request",
    )
    def get_history(tin: TinInPath, asked: Annotated[TraderHistoryQuery, Query()], request: Request) -> Response:
        medium, near = medium_of(request), as_of_newest(ledger)
        trader = read_tin(tin, accept_odd=asked.accept_odd)
        register = find_register(trader, asked.register_of, trust)
        words = WordView(lambda contract, slot: near.word(contract, slot, near.head()))
        kept, entry_of = words.register(register.number), entries_of(trader, keys.compared(words.key_check))
        mode = RegisterMode.OPEN if kept is None else kept.mode
        entries = {
            entry_of(register.number, mode, number): name
            for number, name in find_types(asked.certificate_type, register).items()
        }

        def tell() -> Response:
            evidence, events = prove_certificates(list(entries), near, trust)
            return medium.write(
                {
                    "tin": trader.text,
                    "problems": list(find_problems(trader)),
                    "register": register.code,
                    "certificates": [
                        {
                            "type": name,
                            "entry": to_hex(entry),
                            "events": [describe_event(event, trust) for event in events[entry]],
                        }
                        for entry, name in entries.items()
                    ],
                    **name_block(decode_header(evidence.header)),
                    "evidence": medium.embed(evidence) if asked.evidence else None,
                }
            )

        return answer_if_new(request, near, tell)


def _find_keeper(code: str, trust: TrustBundle) -> TrustedParty:
    """Find the party of a register by its code.

    Raises:
        MalformedText: No pinned party of this code keeps a register.
    """
    keepers = {party.code: party for party in trust.parties if party.types}
    return keepers[choose(code, keepers, what="register")]


def _find_block(relay: Relay, cursor: str | None, filters: bytes) -> tuple[State, Cursor | None]:
    """Find the words of the newest block, or those of the block whose list a cursor continues.

    Raises:
        StrangeCursor: It is of another list, or of another ledger.
        CursorPast: The block is not kept any more.
    """
    if cursor is None:
        return relay.state(), None
    read = read_cursor(cursor, filters)
    newest = relay.state()
    state = relay.state(read.block)
    if state is None and read.block < newest.block:
        raise CursorPast(block=read.block)
    if state is None or state.hash[:8] != read.block_hash:
        raise StrangeCursor
    return state, read


def _list(
    register: TrustedParty, asked: RegisterListQuery, state: State, cursor: Cursor | None, ledger: Ledger
) -> Page:
    types = find_types(asked.certificate_type, register)
    statuses = {status.name.lower(): status for status in Status}
    status = None if asked.status is None else statuses[choose(asked.status, statuses, what="status")]
    since = -1
    if asked.since is not None:
        if asked.since > state.block:
            raise MalformedText("since", f"block {asked.since}", f"a block up to {state.block}, the newest one")
        since = ledger.time_of(asked.since)

    def is_wanted(entry: bytes, record: Record) -> bool:
        return type_of(entry) in types and status in {None, record.status} and record.recorded_at > since

    after = b"" if cursor is None else cursor.last
    return list_standings(state, register.number, after=after, most=asked.most, is_wanted=is_wanted)


def _hash(register: TrustedParty, asked: RegisterListQuery) -> bytes:
    return hash_filters(register.number, asked.certificate_type, asked.status, asked.since)


def _describe(entry: bytes, record: Record, register: TrustedParty, trust: TrustBundle) -> Mapping[str, Any]:
    number = type_of(entry)
    name = register.types[number] if number < len(register.types) else str(number)
    return {"entry": to_hex(entry), "type": name, **describe_record(record, trust)}


def _prove(entries: Sequence[bytes], state: State, ledger: Ledger) -> Evidence:
    """Prove the record of each entry."""
    slots = [(Contract.REGISTERS, record_slot(entry)) for entry in entries]
    return Evidence(questions=(), header=state.header, nodes=fetch_nodes(ledger.as_of(state.block), slots, state.block))
