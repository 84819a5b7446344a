"""`aeo-ledger party`: show parties, proven; what a party decides alone; and what stops a stolen key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from aeo_ledger.cli import card
from aeo_ledger.cli.acting import describe_facts
from aeo_ledger.cli.did import did
from aeo_ledger.cli.drafting import Entry, make_command, read_fields, run
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.shared import READS, SUBMITS, Common, sharing
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.consortium import Replacement
from aeo_ledger.customs.party import DAY_S, Key, Membership, Party
from aeo_ledger.customs.vocabulary import (
    KeyRole,
    PartyActKind,
    PartyKind,
    PartyState,
    RegisterMode,
    ReplacementActKind,
)
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.draft_acts import (
    PARTY_VERBS,
    REPLACEMENT_VERBS,
    draft_freeze,
    draft_party_act,
    draft_replacement_act,
)
from aeo_ledger.office.naming import name_types
from aeo_ledger.office.parties import Listed, Shown, find_number, list_parties, show_party
from aeo_ledger.office.proven_desk import Facts
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.verify import ProvenState
from aeo_ledger.wording.words import Words

app = typer.Typer()
acts = typer.Typer(help="What a party decides alone, through its authority.", no_args_is_help=True)
app.add_typer(acts, name="act")
app.add_typer(card.app, name="card")
app.command("did")(did)

PartyArgument = Annotated[str, typer.Argument(metavar="CODE", help="Code of the party.")]


def _act_command(kind: PartyActKind) -> Callable[..., None]:
    verb = PARTY_VERBS[kind]

    def act(entered: Entry, common: Common) -> None:
        code = entered["party"]
        run(
            lambda desk, lifetime_s, grounds: draft_party_act(
                desk,
                kind,
                find_number(desk, code),
                read_fields({name: entered[name] for name in verb.enters}, desk, code),
                lifetime_s=lifetime_s,
                grounds=grounds,
            ),
            common,
            code,
        )

    return make_command(verb.does, ("party", *verb.enters), verb.may, act)


def _replacement_command(kind: ReplacementActKind) -> Callable[..., None]:
    def act(entered: Entry, common: Common) -> None:
        run(
            lambda desk, lifetime_s, grounds: draft_replacement_act(
                desk, kind, find_number(desk, entered["party"]), lifetime_s=lifetime_s, grounds=grounds
            ),
            common,
            entered["party"],
        )

    return make_command(REPLACEMENT_VERBS[kind].does, ("party",), (), act)


def _freeze(entered: Entry, common: Common) -> None:
    run(
        lambda desk, lifetime_s, grounds: draft_freeze(
            desk, find_number(desk, entered["party"]), lifetime_s=lifetime_s, grounds=grounds
        ),
        common,
        entered["party"],
    )


for _kind in PartyActKind:
    acts.command(PARTY_VERBS[_kind].named(_kind))(_act_command(_kind))
for _act in ReplacementActKind:
    app.command(REPLACEMENT_VERBS[_act].named(_act))(_replacement_command(_act))
app.command("freeze")(
    make_command(
        "Freeze a party's publications, all but restricting ones: any one of its operators, at once.",
        ("party",),
        (),
        _freeze,
    )
)


@app.command("complete-replacement")
@reporting
@sharing(SUBMITS | {"lang"})
def complete(party: PartyArgument, common: Common) -> None:
    """Complete the replacement of a party's authority when it is ready. Anybody may; nobody signs."""
    from aeo_ledger.office.complete import complete_replacement  # noqa: PLC0415 (commands that only ask load this module too)

    with common.open_desk() as desk:
        done = complete_replacement(desk, find_number(desk, party))
    words = common.words
    proven = isinstance(done.before, ProvenState) and isinstance(done.after, ProvenState)
    shows = describe_facts(done.after)
    document = {"told": list(done.told), "proven": proven, "shows": shows, "block": shows["block"]}
    says = (
        words.say("proven: it is sealed, as of block {block}", block=shows["block"])
        if proven
        else words.say("UNPROVEN: a gateway claims that it is sealed, as of block {block}", block=shows["block"])
    )
    show(document, as_json=common.as_json, lines=[words.say("done: {act}", act=done.told[0]), says])


@app.command("list")
@reporting
@sharing(READS | {"lang"})
def list_all(common: Common) -> None:
    """List all parties with their state, proven."""
    with common.open_desk() as desk:
        parties, facts = list_parties(desk)
    words = common.words
    kinds = {kind: words.name(kind, PartyKind) for kind in PartyKind}
    width = max(map(len, kinds.values())) + 1
    lines = [
        f"{one.number:>3}  {one.party.code:<6} {kinds[one.party.kind]:<{width}} {_tell_state(one.party, facts, words)}"
        for one in parties
    ]
    pending = [line for one in parties for line in _tell_pending(one.party.code, one.pending, facts.time, words)]
    document = {"parties": [_describe(one, facts) for one in parties], **describe_facts(facts)}
    show(document, as_json=common.as_json, lines=[*lines, *pending, _tell_block(facts, words)])


@app.command("show")
@reporting
@sharing(READS | {"lang"})
def show_one(party: PartyArgument, common: Common) -> None:
    """Show a party, proven: its state, its keys with their dates, its unions, register, card, and a pending replacement."""
    with common.open_desk() as desk:
        pinned, found = desk.trust, show_party(desk, find_number(desk, party))
        words = common.words
        known = pinned.by_number.get(found.number)
        name = words.say("not in your trust bundle") if known is None else known.name
        held = card.find_proof(desk, found, words) if any(found.card) else ""
    show(_describe_whole(found, held), as_json=common.as_json, lines=_tell_whole(found, name, held, words))


# ---- for people


def _tell_state(party: Party, facts: Facts, words: Words) -> str:
    found = party.state_at(facts.time)
    state = words.name(found, PartyState)
    if found is PartyState.SUSPENDED:
        time = show_moment(party.suspended_until, party.code, words)
        state = words.say("suspended until {time}", time=time)
    rights = [words.say("seat")] if party.seat else []
    rights += [words.say("register")] if party.keeps_register else []
    told = ", ".join([state, *rights])
    return words.say("{state}, frozen", state=told) if party.frozen else told


def _tell_pending(code: str, pending: Replacement | None, now: int, words: Words) -> list[str]:
    if pending is None:
        return []
    ready, lapses = (show_moment(time, code, words) for time in (pending.ready_at, pending.lapses_at))
    key = to_hex(pending.key)
    if now >= pending.lapses_at:
        return [
            words.say(
                "a replacement of the authority of {code} lapsed at {time}: {key}", code=code, time=lapses, key=key
            )
        ]
    replaced = words.say("THE AUTHORITY OF {code} IS BEING REPLACED by {key}", code=code, key=key)
    objected = words.say("; an authority key objected") if pending.objected else ""
    return [replaced + objected, words.say("  ready at {ready}, lapses at {lapses}", ready=ready, lapses=lapses)]


def _tell_block(facts: Facts, words: Words) -> str:
    block, time = describe_facts(facts), show_moment(facts.time)
    if block["proven"]:
        return words.say("proven as of block {block} of {time}", block=block["block"], time=time)
    return words.say("UNPROVEN, a gateway's claim as of block {block} of {time}", block=block["block"], time=time)


def _tell_key(address: bytes, key: Key, found: Shown, words: Words) -> str:
    code = found.party.code
    added = words.say("never served")
    if key.added_at:
        added = words.say("since {time}", time=show_moment(key.added_at, code, words))
    if key.retired_at:
        added += words.say(", retired at {time}", time=show_moment(key.retired_at, code, words))
    elif key.added_at and not found.serves(key):
        added += words.say(", of an authority that was replaced")
    elif not key.added_at:
        added = words.say("waits: it is the new authority of a pending replacement")
    roles = {role: words.name(role, KeyRole) for role in KeyRole}
    return f"  {roles[key.role]:<{max(map(len, roles.values()))}} {to_hex(address)}  {added}"


def _tell_membership(place: Membership, found: Shown, words: Words) -> str:
    union = found.unions.get(place.union) or words.say("party {number}", number=place.union)
    if not place.leaves:
        return words.say("member of {union}", union=union)
    time = show_moment(place.leaves * DAY_S)
    if place.ejected:
        return words.say("member of {union}, until {time}: the union gave notice", union=union, time=time)
    return words.say("member of {union}, until {time}: it gave notice", union=union, time=time)


def _tell_whole(found: Shown, name: str, held: card.Proof | str, words: Words) -> list[str]:
    party, office, code = found.party, found.office, found.party.code
    none = words.term("list", "none")
    certificate = to_hex(found.certificate) if any(found.certificate) else none
    hashed = to_hex(found.card) if any(found.card) else none
    lines = [
        words.say(
            "{code} ({name}), party {number}, {kind}: {state}",
            code=code,
            name=name,
            number=found.number,
            kind=words.name(party.kind, PartyKind),
            state=_tell_state(party, found.facts, words),
        ),
        *_tell_pending(code, found.pending, found.facts.time, words),
        words.plural(
            "authority: {enough} of {number} key must sign, replaced {times} times",
            "authority: {enough} of {number} keys must sign, replaced {times} times",
            party.authority_keys,
            enough=party.authority_threshold,
            times=party.epoch,
        ),
        words.say("operators: {enough} of {all} must sign", enough=party.threshold, all=office.operators),
        *(_tell_key(address, key, found, words) for address, key in found.keys.items()),
        *(_tell_membership(place, found, words) for place in party.memberships if place.union),
    ]
    if found.register is not None:
        lines.append(
            words.say(
                "register: {mode}, types {types}, epoch {epoch}",
                mode=words.name(found.register.mode, RegisterMode),
                types=", ".join(name_types(found.register.types, list_type_names(code))),
                epoch=found.register.epoch,
            )
        )
    lines.append(words.say("certificate: {fingerprint}", fingerprint=certificate) + _tell_pinned(found, words))
    lines.append(words.say("card: {hash}", hash=hashed) + (f" ({held})" if isinstance(held, str) and held else ""))
    if isinstance(held, card.Proof):
        lines += [*card.tell_card(held.card, words), *held.tell(words)]
    lines.append(
        words.say(
            "its own acts: {acts}; resolutions about it: {resolutions}; envelopes: {envelopes}; freezes lifted: {lifts}",
            acts=office.serial,
            resolutions=office.resolutions,
            envelopes=office.envelopes,
            lifts=office.lifts,
        )
    )
    return [*lines, _tell_block(found.facts, words)]


def _tell_pinned(found: Shown, words: Words) -> str:
    """Say whether the certificate on the ledger is the one that the trust bundle names, if it names one."""
    pinned = found.facts.trust.by_number.get(found.number)
    if pinned is None or not pinned.certificate:
        return ""
    if pinned.certificate == found.certificate:
        return words.say(", which your trust bundle names")
    return words.say(": NOT THE ONE OF YOUR TRUST BUNDLE, {fingerprint}", fingerprint=to_hex(pinned.certificate))


# ---- for machines


def _describe(one: Listed, facts: Facts) -> dict[str, Any]:
    party, pending = one.party, one.pending
    return {
        "number": one.number,
        "code": party.code,
        "kind": party.kind.name.lower(),
        "state": party.state_at(facts.time).name.lower(),
        "suspended_until": party.suspended_until,
        "seat": party.seat,
        "keeps_register": party.keeps_register,
        "frozen": party.frozen,
        "replacement": pending
        and {
            "key": to_hex(pending.key),
            "ready_at": pending.ready_at,
            "lapses_at": pending.lapses_at,
            "objected": pending.objected,
        },
    }


def _describe_whole(found: Shown, held: card.Proof | str) -> dict[str, Any]:
    party, office, register = found.party, found.office, found.register
    return {
        **_describe(found, found.facts),
        "changed_at": party.changed_at,
        "epoch": party.epoch,
        "threshold": party.threshold,
        "authority_keys": party.authority_keys,
        "authority_threshold": party.authority_threshold,
        "keys": [
            {
                "address": to_hex(address),
                "role": key.role.name.lower(),
                "added_at": key.added_at,
                "retired_at": key.retired_at,
                "epoch": key.epoch,
                "serves": found.serves(key),
            }
            for address, key in found.keys.items()
        ],
        "unions": [
            {"code": found.unions.get(place.union), "leaves_at": place.leaves * DAY_S, "ejected": place.ejected}
            for place in party.memberships
            if place.union
        ],
        "register": register
        and {
            "mode": register.mode.name.lower(),
            "types": name_types(register.types, list_type_names(party.code)),
            "epoch": register.epoch,
        },
        "card": to_hex(found.card) if any(found.card) else None,
        "card_proven": held.describe() if isinstance(held, card.Proof) else None,
        "certificate": to_hex(found.certificate) if any(found.certificate) else None,
        "counters": {
            "operators": office.operators,
            "serial": office.serial,
            "resolutions": office.resolutions,
            "envelopes": office.envelopes,
            "lifts": office.lifts,
        },
        **describe_facts(found.facts),
    }
