"""The routes of the *Office* page: acts and plans are shown in words and drafted as files. No key enters a page, and nothing is signed here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.console.terms_body import TermsBody
from aeo_ledger.errors.registers import UnsoundPlan
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.conclude import draft
from aeo_ledger.office.footing import slots_of
from aeo_ledger.office.gather import gather, make_file
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.rehearse import tell_refusal
from aeo_ledger.office.terms import Terms
from aeo_ledger.office.who_signs import slots_of_sides, take_poll
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.prover.prove import prove_past
from aeo_ledger.prover.relay import Relay
from aeo_ledger.registers.look import look_at_plan
from aeo_ledger.registers.plan import PLAN_FORM
from aeo_ledger.registers.planning import prove_state
from aeo_ledger.registers.tell import tell_plan
from aeo_ledger.verify import TrustBundle
from aeo_ledger.wording.catalogues import open_words

Language = Annotated[str, Field(pattern="^(en|ru)$")]


class FileBody(BaseModel):
    """A file that an officer opened in the page, and the language to tell it in."""

    model_config = ConfigDict(extra="forbid")

    file: dict[str, Any]
    language: Language = "en"


class DraftBody(BaseModel):
    """Terms of an arrangement, with its own text."""

    model_config = ConfigDict(extra="forbid")

    terms: TermsBody
    text: Annotated[str, Field(max_length=100_000)]


def open_office(app: FastAPI, ledger: Ledger, relay: Relay, trust: TrustBundle) -> None:
    """Add these routes.

    Args:
        app: The gateway.
        ledger: The port to its node.
        relay: Gives the words on which an act depends; they are proven to the page's reader again by the command that signs.
        trust: Names of parties.
    """

    def open_desk(language: str = "en") -> ProvenDesk:
        return ProvenDesk(relay, trust, approve=without_asking, clock=relay.clock, words=open_words(language))

    @app.post("/console/office/act", include_in_schema=False)
    def post_act(body: FileBody) -> dict[str, Any]:
        desk = open_desk(body.language)
        found = gather(ActFile.from_json(body.file), [], desk, keep=_keep_nothing, looks=True)
        return {
            "reads": list(found.file.reads),
            "told": list(found.told),
            "signed": list(found.signed),
            "missing": list(map(str, found.lacks)),
            "refused": None if found.refused is None else tell_refusal(found.refused, desk.words),
        }

    @app.post("/console/office/plan", include_in_schema=False)
    def post_plan(body: FileBody) -> dict[str, Any]:
        desk, plan = open_desk(body.language), PLAN_FORM.decode_values(body.file)
        party = trust.by_number.get(plan.issuer)
        if party is None:
            raise UnsoundPlan(where="issuer", reason=f"party {plan.issuer} is not pinned")
        seals = any(change.details is not None for change in plan.changes)
        found = look_at_plan(
            desk,
            plan,
            state=prove_state(desk, plan.register, lambda one: prove_past((), [one], ledger, trust), seals=seals),
            tell=lambda living: tell_plan(
                plan, party.code, quote=str, proven_living=living, show_all=True, words=desk.words
            ),
        )
        return {"told": list(found.told), "signed": list(found.signed), "missing": list(map(str, found.lacks))}

    @app.post("/console/office/draft", include_in_schema=False)
    def post_draft(body: DraftBody) -> dict[str, Any]:
        desk = open_desk()
        written = Terms(
            name=body.terms.name,
            text=body.text,
            recognitions=[one.model_dump(by_alias=True) for one in body.terms.recognitions],
        ).write(desk.now())
        act = draft(written, desk)
        facts = desk.facts([*slots_of(act), *slots_of_sides(act, desk)])
        poll = take_poll(act, [], facts, time=max(facts.time, desk.now()))
        return {"text": written, "file": make_file(act, desk, facts, poll.lacks).to_json()}


def _keep_nothing(_: ActFile) -> None:
    """Keep nothing: nothing was signed."""
