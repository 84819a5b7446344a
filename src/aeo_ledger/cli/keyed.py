"""`aeo-ledger register open|roll|share|receive`: a keyed register's secrets, and the keys that its partners get."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aeo_ledger.cli.acting import describe_done, tell_done
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.drafting import draft_file, require_keys_or_file
from aeo_ledger.cli.options import (
    SNAPSHOT_TIMEOUT,
    LookupKeysOption,
    open_secrets,
    reach_gateway,
    secrets_path,
)
from aeo_ledger.cli.output import DUE, EXIT_CODES, reporting, require_name, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.shared import DRAFTS, READS, Common, sharing
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.errors import AeoLedgerError, Unproven
from aeo_ledger.errors.office import NoDisclosureKey
from aeo_ledger.errors.primitives import MalformedDocument, MalformedText
from aeo_ledger.errors.protocol import WrongLookupKey
from aeo_ledger.errors.signing import EnvelopeClosed, MalformedDisclosureKey, UnreadableEnvelope
from aeo_ledger.errors.verify import OtherCard
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.carry_out import LIFETIME_S, Done, carry_out
from aeo_ledger.office.draft_acts import draft_party_act
from aeo_ledger.office.naming import count, name_types
from aeo_ledger.office.parties import find_number
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.signing import obtain_password

if TYPE_CHECKING:  # only some of these commands need them
    from aeo_ledger.office.open_register import Step
    from aeo_ledger.office.receive import Received
    from aeo_ledger.signing.register_file import RegisterSecrets

_LARGEST_CARD: Final = 1 << 20
"""Most bytes of a card's file."""

_SEALS: Final = DRAFTS - {"grounds", "unproven", "lang"} | {"secrets"}
"""Options of a command that works with a register's secrets."""

PartyOption = Annotated[str, typer.Option("--party", help="Code of the register's party: your own.")]


@reporting
@sharing(_SEALS)
def open_register(
    party: PartyOption,
    mode: Annotated[str, typer.Option(help="open or keyed; it never changes.")],
    types: Annotated[str, typer.Option(help="Types to put in use, by name: 1,2,3. Those in use remain.")],
    common: Common,
) -> None:
    """Open a register, or put more types in use. A keyed one gets its secrets first, then the check values, then its types.

    If others must sign too, --out drafts the next act; run it again when that one is sealed.
    """
    from aeo_ledger.office.open_register import find_steps  # noqa: PLC0415 (only here)

    require_keys_or_file(common.key, common.out)
    wanted = RegisterMode[choose(mode, [one.name.lower() for one in RegisterMode], what="--mode").upper()]
    names = list_type_names(party)
    bits = sum({1 << names.index(choose(name.strip(), names, what="--types")) for name in types.split(",")})
    path = secrets_path(common.secrets, party)
    with common.open_desk() as desk, keeping(desk, common.book, party):
        number = find_number(desk, party)
        kept = None
        if wanted is RegisterMode.KEYED:
            kept = _open_or_draw(desk, path, number, common.password_file)
        steps = find_steps(desk, number, wanted, bits, kept)
        done = _take(desk, number, steps, common)
    if done is None:
        return
    told = [f"done: {one.told[0]}" for one in done] or ["nothing to do: the register is so already"]
    kept_line = [] if kept is None else [f"its secrets are in {named(path)}: keep a copy, nobody can make them again"]
    document = {
        "party": party,
        "mode": mode,
        "secrets": None if kept is None else str(path),
        "acts": [describe_done(one) for one in done],
    }
    show(document, as_json=common.as_json, lines=[*told, *kept_line, *([tell_done(done[-1])] if done else [])])


@reporting
@sharing(_SEALS)
def roll(
    party: PartyOption,
    common: Common,
) -> None:
    """Begin the next epoch of a keyed register: a former partner cannot read details that are published from then on.

    It can go on reading statuses under the pseudonyms that it knows. Give the new keys to the others: register share.
    """
    from aeo_ledger.office.open_register import find_roll  # noqa: PLC0415 (only here)
    from aeo_ledger.signing.register_file import add_epoch  # noqa: PLC0415 (the same)

    require_keys_or_file(common.key, common.out)
    path = secrets_path(common.secrets, party)
    with common.open_desk() as desk, keeping(desk, common.book, party):
        number = find_number(desk, party)
        password = obtain_password(named(path), file=common.password_file)
        step = find_roll(desk, open_secrets(path, number, desk.trust, common.password_file, password=password))
        add_epoch(path, step.entered["epoch"], password, randomness=secrets.token_bytes)
        done = _take(desk, number, [step], common)
    for one in done or ():
        about = {"party": party, "epoch": step.entered["epoch"], "secrets": str(path)}
        lines = [f"done: {one.told[0]}", tell_done(one), f"epoch {about['epoch']}; next: register share"]
        show({**about, **describe_done(one)}, as_json=common.as_json, lines=lines)


@reporting
@sharing(_SEALS, timeout=SNAPSHOT_TIMEOUT)
def share(
    party: PartyOption,
    common: Common,
    recogniser: Annotated[
        str | None, typer.Option("--with", help="Code of the party that gets keys. Default: all that wait for keys.")
    ] = None,
    card: Annotated[
        list[str] | None,
        typer.Option(
            "--card",
            metavar="CODE=FILE",
            help="File of a party's card with its disclosure key; its hash stands on the ledger. Repeat it for more.",
        ),
    ] = None,
) -> int:
    """Send a recogniser the keys of exactly the types that its recognitions in force cover, sealed for it alone.

    Exit code 10: others wait for keys, and their card is not named, or is none to which keys can be sealed.
    """
    from aeo_ledger.office.share import draft_envelope  # noqa: PLC0415 (only here)

    if common.out is not None and recogniser is None:
        raise MalformedText("--out", "no --with", "--with: one file is the keys of one party")
    files = _read_files(card)
    path = secrets_path(common.secrets, party)
    sent: list[tuple[str, list[str], Done]] = []
    failed: dict[str, AeoLedgerError] = {}
    with common.open_desk() as desk, keeping(desk, common.book, party):
        number = find_number(desk, party)
        for code in files:
            find_number(desk, code)  # a slip in a code would look as if that party waited for nothing
        kept = open_secrets(path, number, desk.trust, common.password_file)
        if recogniser is None:
            codes = _list_waiting(desk, number, common)
        else:
            codes = [recogniser]
            if recogniser not in files:
                raise MalformedText("--card", "none", f"{recogniser}=FILE, the file of its card")
        ready = [code for code in codes if code in files]
        if ready:
            require_keys_or_file(common.key, common.out)
        signers = common.open_keys()
        for code in ready:
            lifetime_s = LIFETIME_S if common.out is None else parse_span(common.lifetime)
            try:
                act, given = draft_envelope(desk, kept, find_number(desk, code), files[code], lifetime_s=lifetime_s)
            except (OtherCard, NoDisclosureKey, MalformedDisclosureKey, MalformedDocument) as error:
                failed[code] = error  # its fault: the others wait for their keys
                continue
            if common.out is not None:
                draft_file(desk, act, signers, common.out, as_json=common.as_json)
                return 0
            bits = sum(1 << kind for kind in given.types)
            sent.append((code, name_types(bits, list_type_names(party)), carry_out(desk, act, signers)))
    if failed and not sent:
        raise next(iter(failed.values()))
    left = [code for code in codes if code not in files]
    lines = [f"{code} has the keys of types {', '.join(kinds)}; {tell_done(done)}" for code, kinds, done in sent]
    lines += [f"{code} waits for keys: name its card, --card {code}=FILE" for code in left]
    lines += [f"{code}: not sent: {error}" for code, error in failed.items()]
    document = {
        "failed": _describe_failed(failed),
        "sent": [{"to": code, "types": kinds, **describe_done(done)} for code, kinds, done in sent],
        "waiting": left,
    }
    show(document, as_json=common.as_json, lines=lines or ["nobody waits for keys"])
    return DUE if left or failed else 0


@reporting
@sharing(
    READS - {"unproven"} | {"lookup_keys", "password_file"}, timeout=SNAPSHOT_TIMEOUT, lookup_keys=LookupKeysOption
)
def receive(
    party: Annotated[str, typer.Option("--party", help="Code of the party that receives: your own.")],
    disclosure_key: Annotated[
        Path, typer.Option("--disclosure-key", help="Your disclosure key, from `key new --disclosure`.", exists=True)
    ],
    common: Common,
    register: Annotated[
        str | None, typer.Option("--from", help="Code of the register's party. Default: every keyed register.")
    ] = None,
) -> int:
    """Open the keys that registers sent to your party, compare them with the ledger, and keep them in an encrypted file.

    Exit code 4: what one of them sent is not its keys. Those of the others are kept.
    """
    from aeo_ledger.office.receive import receive_keys  # noqa: PLC0415 (only here)
    from aeo_ledger.signing.disclosure_file import open_disclosure_key  # noqa: PLC0415 (the same)
    from aeo_ledger.signing.lookup_file import keep_held_keys  # noqa: PLC0415 (the same)

    pinned = read_trust(common.trust)
    if common.lookup_keys is None:
        raise MalformedText(
            "--lookup-keys", "none", "the file in which the keys are kept; it is made if it is not there"
        )
    kept_in = require_name(common.lookup_keys)
    password = obtain_password(named(disclosure_key), file=common.password_file)
    opener = open_disclosure_key(disclosure_key, password)
    with reach_gateway(common.gateway, common.timeout, pinned) as client:
        desk = ProvenDesk(client, pinned, approve=lambda _: None)
        number = find_number(desk, party)
        senders = [find_number(desk, register)] if register else _keyed_registers(desk)
        found: list[Received] = []
        failed: dict[str, Unproven] = {}
        for sender in senders:
            try:
                one = receive_keys(desk, client.prove_past((), [sender]), opener, number, sender)
            except (EnvelopeClosed, UnreadableEnvelope, WrongLookupKey) as error:
                failed[pinned.by_number[sender].code] = error
            else:
                found += [] if one is None else [one]
    if failed and not found:
        raise next(iter(failed.values()))
    for one in found:
        keep_held_keys(kept_in, one.keys, password, pinned.chains, randomness=secrets.token_bytes)
    rows = []
    for one in found:
        code = pinned.by_number[one.register].code
        bits = sum(1 << held.certificate_type for held in one.keys.lookup)
        rows.append((code, name_types(bits, list_type_names(code)), one))
    lines = [
        f"{code}: keys of types {', '.join(kinds)}, epoch {one.epoch}, sent {show_moment(one.recorded_at)}; "
        + (
            "they are the ones that the register uses"
            if one.epoch == one.present
            else f"the register is in epoch {one.present}, of which it sent you none"
        )
        for code, kinds, one in rows
    ]
    lines += [
        f"{code}: {count(one.older, 'older envelope')} for another key of yours, or without keys of the register"
        for code, _, one in rows
        if one.older
    ]
    lines += [f"{code}: not received: {error}" for code, error in failed.items()]
    lines += [f"kept in {named(kept_in)}"] if rows else ["nothing was sent to you"]
    document = {
        "lookup_keys": str(kept_in),
        "registers": [
            {
                "register": code,
                "types": kinds,
                "epoch": one.epoch,
                "present_epoch": one.present,
                "sent_at": one.recorded_at,
                "older": one.older,
            }
            for code, kinds, one in rows
        ],
        "failed": _describe_failed(failed),
        "proven": True,
    }
    show(document, as_json=common.as_json, lines=lines)
    return EXIT_CODES[Unproven] if failed else 0


def _describe_failed(failed: Mapping[str, AeoLedgerError]) -> list[dict[str, str]]:
    return [{"party": code, "error": type(error).__name__, "detail": str(error)} for code, error in failed.items()]


def _list_waiting(desk: ProvenDesk, register: int, common: Common) -> list[str]:
    """List the codes of the parties that wait for keys of a register, by its number."""
    from aeo_ledger.office.share import find_waiting  # noqa: PLC0415 (only here)

    words = desk.all_facts()
    with reach_gateway(common.gateway, common.timeout, desk.trust) as client:
        history = desk.envelopes(client.prove_past((), [register]), register)
    waiting = find_waiting(words, history, desk.trust.by_number, time=max(words.time, desk.now()))
    return [desk.trust.by_number[one.recogniser].code for one in waiting]


def _take(desk: ProvenDesk, number: int, steps: Sequence[Step], common: Common) -> list[Done] | None:
    """Carry out steps one after the other; None if the first one was drafted as a file instead."""
    signers, done = common.open_keys(), list[Done]()
    for step in steps:
        lifetime_s = LIFETIME_S if common.out is None else parse_span(common.lifetime)
        act = draft_party_act(desk, step.kind, number, step.entered, lifetime_s=lifetime_s)
        if common.out is not None:
            draft_file(desk, act, signers, common.out, as_json=common.as_json)
            return None
        done.append(carry_out(desk, act, signers))
    return done


def _open_or_draw(desk: ProvenDesk, path: Path, number: int, password_file: Path | None) -> RegisterSecrets:
    """Open a register's secrets; if there is no file, and the register is not opened yet, draw them and write it."""
    from aeo_ledger.office.open_register import require_unopened  # noqa: PLC0415 (only here)
    from aeo_ledger.signing.register_file import draw_register_secrets  # noqa: PLC0415 (only here)

    if path.exists():
        return open_secrets(path, number, desk.trust, password_file)
    require_unopened(desk, number)
    password = obtain_password(named(path), file=password_file, twice=True)
    drawn = draw_register_secrets(desk.trust.chain_id, number, randomness=secrets.token_bytes)
    drawn.write(require_name(path), password, randomness=secrets.token_bytes)
    return drawn


def _read_files(given: list[str] | None) -> dict[str, bytes]:
    """Read the files of cards, by the code of their party."""
    files: dict[str, bytes] = {}
    for text in given or []:
        code, separator, file = text.partition("=")
        if not separator or code in files:
            raise MalformedText("--card", text, "CODE=FILE, one for each party")
        files[code] = read_file(Path(file), max_bytes=_LARGEST_CARD)
    return files


def _keyed_registers(desk: ProvenDesk) -> list[int]:
    """List the numbers of all keyed registers."""
    words = desk.all_facts()
    opened = {number: words.register(number) for number in desk.trust.by_number}
    return [number for number, one in opened.items() if one is not None and one.mode is RegisterMode.KEYED]
