"""`aeo-ledger ask TIN --corridor CN,KZ,AZ,GE,TR`: who along a route recognises a trader, and where recognition breaks; all proven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aeo_ledger.cli import output
from aeo_ledger.cli.options import demand_option
from aeo_ledger.cli.problems import tell_problems
from aeo_ledger.cli.proving_many import Found, Prove, tell_block
from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import find_problems, find_remarks, normalise
from aeo_ledger.customs.vocabulary import Benefit, Direction, Reason, Role, name_number
from aeo_ledger.errors import Unproven, name_of
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import AnyQuestion
from aeo_ledger.office.corridor import Corridor, Passage, Stage, Standing, read_route, sum_up_passage
from aeo_ledger.office.many import Answer
from aeo_ledger.primitives.choices import choose
from aeo_ledger.verify import TrustBundle
from aeo_ledger.wording.words import Words, later

_UNASKED = {
    Standing.HOME: later("home: the trader's own administration"),
    Standing.STRANGER: later("could not be asked: it is not on this ledger, which is neither yes nor no"),
}


def read_corridor(
    tin: str | None, role: str | None, route: str | None, direction: str | None, *, accept_odd: bool
) -> Corridor:
    """Read a question along a route.

    Raises:
        MalformedTin, MalformedText: a part of it cannot be read.
    """
    if tin is None:
        raise MalformedText("--corridor", "no TIN", "one")
    role, directions = demand_option("role", role, "ask"), {one.name.lower(): one for one in Direction}
    return Corridor(
        tin=normalise(tin, accept_odd=accept_odd).tin,
        role=Role[choose(role, [one.name.lower() for one in Role], what="role").upper()],
        route=read_route(route or ""),
        direction=None if direction is None else directions[choose(direction, directions, what="direction")],
    )


def ask_corridor(corridor: Corridor, trust: TrustBundle, prove: Prove, *, words: Words, as_json: bool) -> int:
    """Prove the answers along a route, show them, and return the exit code.

    It is 0 if all on the route recognise the trader, 1 if it is proven that somebody does not, else 4.
    """
    stages = corridor.stages(trust)
    asked = [stage.question for stage in stages if stage.question is not None]
    found = prove(asked) if asked else Found()
    answers, header = found.answers, found.header

    def decided(question: AnyQuestion) -> Decision | Unproven:
        answer = answers[question]
        return answer if isinstance(answer, Unproven) else answer.decision

    passage = sum_up_passage(stages, decided)
    document = {
        "tin": corridor.tin.text,
        "problems": list(find_problems(corridor.tin)),
        "remarks": list(find_remarks(corridor.tin)),
        "role": corridor.role.name.lower(),
        "unbroken": passage.unbroken,
        "breaks_at": list(passage.breaks_at),
        "open_at": list(passage.open_at),
        "reaches": list(passage.reaches),
        "benefits": [name_number(benefit, Benefit) for benefit in passage.benefits],
        "stages": [_describe(stage, answers) for stage in stages],
        "block": header and header.number,
        "block_time": header and header.timestamp,
        "chain_id": trust.chain_id,
    }
    lines = [_sum_up(corridor, passage, words)]
    lines += [_tell(stage, answers, words) for stage in stages]
    lines += [words.say("remark     {remark}", remark=words.phrase(remark)) for remark in find_remarks(corridor.tin)]
    lines += tell_problems(corridor.tin, find_problems(corridor.tin), words)
    lines += [] if header is None else [tell_block(header, words)]
    lines += [found.note] if found.note else []
    output.show(document, as_json=as_json, lines=lines, proven=True, beside=found.kept)
    if passage.unbroken is None:
        return output.EXIT_CODES[Unproven]
    return output.YES if passage.unbroken else output.NOT_RECOGNISED


def _sum_up(corridor: Corridor, passage: Passage, words: Words) -> str:
    asked = {"tin": corridor.tin, "role": words.name(corridor.role, Role), "route": " - ".join(corridor.route)}
    if passage.breaks_at:
        return words.say(
            "{tin} as {role} on {route}: RECOGNITION BREAKS at {party}", **asked, party=passage.breaks_at[0]
        )
    if passage.open_at:
        nobody = ", ".join(passage.open_at)
        return words.say("{tin} as {role} on {route}: UNPROVEN, could not be asked: {parties}", **asked, parties=nobody)
    benefits = ", ".join(words.name(benefit, Benefit) for benefit in passage.benefits) or words.term("list", "none")
    return words.say(
        "{tin} as {role} on {route}: RECOGNISED on the whole route; benefits everywhere: {benefits}",
        **asked,
        benefits=benefits,
    )


def _describe(stage: Stage, answers: Mapping[AnyQuestion, Answer]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "party": stage.code,
        "direction": stage.direction.name.lower(),
        "standing": stage.standing.value,
    }
    if stage.question is None:
        return told
    answer = answers[stage.question]
    if isinstance(answer, Unproven):
        return {**told, "recognised": None, "error": name_of(answer), "detail": str(answer)}
    decision = answer.decision
    return {
        **told,
        "recognised": decision.recognised,
        "benefits": [name_number(benefit, Benefit) for benefit in decision.benefits],
        "reasons": [reason.name.lower() for reason in decision.reasons],
        "issuer": answer.issuer,
    }


def _tell(stage: Stage, answers: Mapping[AnyQuestion, Answer], words: Words) -> str:
    head = f"  {stage.code:<8}  {words.name(stage.direction, Direction):<8}"
    if stage.question is None:
        return f"{head}  {words.phrase(_UNASKED[stage.standing])}"
    answer = answers[stage.question]
    if isinstance(answer, Unproven):
        return f"{head}  {words.say('unproven')}: {answer}"
    decision = answer.decision
    if decision.recognised:
        benefits = [words.name(benefit, Benefit) for benefit in decision.benefits]
        return f"{head}  {words.say('recognised')}: {', '.join(benefits) or words.term('list', 'none')}"
    return (
        f"{head}  {words.say('not recognised')}: {', '.join(words.name(reason, Reason) for reason in decision.reasons)}"
    )
