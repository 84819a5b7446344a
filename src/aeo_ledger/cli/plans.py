"""`aeo-ledger register sign|apply`: a plan in a file is signed, mailed on, and carried out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.acting import describe_facts, describe_lacks, open_desk, tell_signatures
from aeo_ledger.cli.booking import BookOption, open_book, tell_book
from aeo_ledger.cli.confirm import Yes
from aeo_ledger.cli.grounds import PlanGrounds, keep_plan_grounds, read_decision
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    SNAPSHOT_TIMEOUT,
    AsJson,
    Gateway,
    Keys,
    Lang,
    PasswordFile,
    SecretsOption,
    Timeout,
    Trust,
    choose_words,
    open_keys,
    own_keys,
    reach_gateway,
)
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.cli.shared import Common
from aeo_ledger.cli.written import PLAN
from aeo_ledger.errors.registers import UnsoundPlan
from aeo_ledger.files import write_file
from aeo_ledger.office.ask import encode_as_named, read_file, read_trust
from aeo_ledger.office.naming import count

if TYPE_CHECKING:  # other commands do not need it
    from aeo_ledger.office.proven_desk import ProvenDesk
    from aeo_ledger.registers.apply import Applied
    from aeo_ledger.registers.plan import Plan
    from aeo_ledger.registers.state import RegisterState
    from aeo_ledger.verify import TrustBundle

ShowAll = Annotated[
    bool, typer.Option("--show-all", help="Show each certificate before it is signed, however many there are.")
]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan, from `register plan`.")]


@reporting
def sign(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan, from `register plan`, signed or not."), PLAN],
    trust: Trust,
    key: Keys,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    show_all: ShowAll = False,
    yes: Yes = False,
    secrets: SecretsOption = None,
    password_file: PasswordFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Add an operator's signature to a plan, to be mailed on. Compare the plan's hash by voice first."""
    from aeo_ledger.registers.apply import sign_plan  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.plan import PLAN_FORM  # noqa: PLC0415 (the same)
    from aeo_ledger.registers.tell import tell_plan  # noqa: PLC0415 (the same)

    words = choose_words(lang, as_json=as_json)
    pinned, found = read_trust(trust), _read_plan(plan)
    code = _party_of(found, pinned)
    signers = open_keys(key, password_file)
    from aeo_ledger.cli.bars import pausing, working_bar  # noqa: PLC0415 (takes its time to load)

    with (
        open_desk(gateway, timeout, pinned, yes=yes, unproven=False, as_json=as_json, words=words) as desk,
        working_bar(f"checking the plan of {code}", as_json=as_json) as bar,
    ):
        desk.approve = pausing(bar, desk.approve)
        desk.keys = own_keys(secrets, code, password_file, desk.trust)
        signed = sign_plan(
            desk,
            found,
            signers,
            state=_prove_state(desk, found, gateway, timeout),
            tell=lambda living: tell_plan(
                found, code, quote=said, proven_living=living, show_all=show_all, words=words
            ),
            show_all=show_all,
        )
    write_file(plan, encode_as_named(plan, PLAN_FORM, signed))
    made = len(signed.signatures[0])
    document = {
        "out": str(plan),
        "plan": f"0x{signed.hash.hex()}",
        "publications": len(signed.signatures),
        "signatures": made,
    }
    lines = [
        f"plan 0x{signed.hash.hex()}: {count(made, 'signature')} under each of {count(len(signed.signatures), 'publication')}",
        f"mail it on, or carry it out: aeo-ledger register apply {named(plan)}",
    ]
    show(document, as_json=as_json, lines=lines)


@reporting
def apply(
    plan: PlanFile,
    trust: Trust,
    key: Annotated[
        list[Path] | None,
        typer.Option(
            "--key", help="Key file of an operator who signs now; repeat it for each.", exists=True, dir_okay=False
        ),
    ] = None,
    book: BookOption = None,
    grounds: PlanGrounds = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    show_all: ShowAll = False,
    yes: Yes = False,
    secrets: SecretsOption = None,
    password_file: PasswordFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Carry out a plan byte for byte. If it broke off, the same command goes on where it stopped."""
    from aeo_ledger.registers.apply import apply_plan  # noqa: PLC0415 (needs the extra)

    words = choose_words(lang, as_json=as_json)
    pinned, found = read_trust(trust), _read_plan(plan)
    code = _party_of(found, pinned)
    from aeo_ledger.cli.bars import import_bar, pausing  # noqa: PLC0415 (takes its time to load)

    decision = None if grounds is None else read_decision(grounds)
    with (
        open_book(book, code) as kept,
        open_desk(gateway, timeout, pinned, yes=yes, unproven=False, as_json=as_json, words=words) as desk,
        import_bar(as_json=as_json) as bar,
    ):
        desk.approve = pausing(bar, desk.approve)
        signers = open_keys(key or [], password_file)
        desk.keys = own_keys(secrets, code, password_file, desk.trust)
        keep_plan_grounds(decision, kept, code, found.hash)
        task = bar.add_task(f"register of {code}", total=len(found.changes))
        done = apply_plan(
            desk,
            kept,
            found,
            signers,
            state=_prove_state(desk, found, gateway, timeout),
            show_all=show_all,
            progress=lambda number: bar.advance(task, number),
        )
        line, where = tell_book(kept), kept.name
    document = {"plan": f"0x{found.hash.hex()}", "book": where, **describe_applied(done)}
    lines = [f"plan 0x{found.hash.hex()}: done", *tell_applied(done), line]
    show(document, as_json=as_json, lines=lines)


def show_plan(path: Path, common: Common) -> None:
    """Show a plan in words, proven, with who has signed and who is missing; for `act show`."""
    from aeo_ledger.registers.look import look_at_plan  # noqa: PLC0415 (other commands do not need it)
    from aeo_ledger.registers.tell import describe_plan, tell_plan  # noqa: PLC0415 (the same)

    plan, words = _read_plan(path), common.words
    with common.open_desk() as desk:
        code = _party_of(plan, desk.trust)
        found = look_at_plan(
            desk,
            plan,
            state=_prove_state(desk, plan, common.gateway, common.timeout),
            tell=lambda living: tell_plan(plan, code, quote=said, proven_living=living, words=words),
        )
    document = {
        **describe_plan(plan, code),
        "told": list(found.told),
        "signed": list(found.signed),
        "lacks": describe_lacks(found.lacks),
        **describe_facts(found.before),
    }
    lines = [*found.told, *tell_signatures(found.signed, found.lacks, words)]
    show(document, as_json=common.as_json, lines=lines)


def _prove_state(desk: ProvenDesk, plan: Plan, gateway: list[str], timeout: float) -> RegisterState:
    """Prove the register of a plan; if the plan seals documents, also who could read them and is not to."""
    from aeo_ledger.registers.planning import prove_state  # noqa: PLC0415 (other commands do not need it)

    seals = any(change.details is not None for change in plan.changes)
    with reach_gateway(gateway, timeout, desk.trust) as client:
        return prove_state(desk, plan.register, lambda party: client.prove_past((), [party]), seals=seals)


def _read_plan(path: Path) -> Plan:
    from aeo_ledger.registers.plan import PLAN_FORM  # noqa: PLC0415 (other commands do not need it)

    return PLAN_FORM.decode(read_file(path, max_bytes=PLAN_FORM.max_bytes))


def _party_of(plan: Plan, pinned: TrustBundle) -> str:
    """Return the code of a plan's issuer.

    Raises:
        UnsoundPlan: no such party is pinned.
    """
    if plan.issuer not in pinned.by_number:
        raise UnsoundPlan(where="the issuer", reason=f"party {plan.issuer} is not pinned")
    return pinned.by_number[plan.issuer].code


def describe_applied(done: Applied) -> dict[str, Any]:
    """Describe what is proven about a plan that was carried out; for `--json`."""
    return {
        "certificates": done.certificates,
        "sealed_before": done.before,
        "publications": done.publications,
        "told": list(done.told),
        "proven": True,
        "block": done.block,
    }


def tell_applied(done: Applied) -> list[str]:
    """Say in words what is proven about a plan that was carried out."""
    before = f"; {done.before:,} were sealed before" if done.before else ""
    return [
        f"{count(done.certificates, 'certificate')} in {count(done.publications, 'publication')}{before}",
        f"proven: they are on the ledger, as of block {done.block}",
    ]
