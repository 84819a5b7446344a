"""`aeo-ledger snapshot`: the whole ledger in a file, for `ask --snapshot` without a network."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    SNAPSHOT_TIMEOUT,
    AsJson,
    Gateway,
    LookupKeysOption,
    PasswordFile,
    Timeout,
    Trust,
    open_lookup_keys_if_given,
    reach_gateway,
)
from aeo_ledger.cli.output import now, put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import SNAPSHOT
from aeo_ledger.customs.entry import register_of
from aeo_ledger.customs.tin import Tin
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence import SNAPSHOT_FORM
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.naming import count
from aeo_ledger.office.snapshot import Difference, compare, read_snapshot
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span, show_span
from aeo_ledger.protocol.lookup_keys import NO_KEYS
from aeo_ledger.verify import ProvenSnapshot, TrustBundle, verify_snapshot

app = typer.Typer()

Counts = dict[str, dict[str, int]]
"""Standings by register and status."""

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Snapshot, from `snapshot take`.")]


@app.command("take")
@reporting
def take(
    out: Annotated[Path, typer.Option(help="File to write; - is standard output."), SNAPSHOT],
    trust: Trust,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = SNAPSHOT_TIMEOUT,
    max_age: Annotated[str, typer.Option(help="Oldest block that you accept, as in 30s, 5m, 2h, 1d.")] = "5m",
    as_json: AsJson = False,
) -> None:
    """Fetch a snapshot from a gateway and verify it; write it only if it is proven."""
    refuse_two_outputs(out, as_json=as_json)
    pinned, span = read_trust(trust), parse_span(max_age)
    with reach_gateway(gateway, timeout, pinned) as desk:
        found = desk.snapshot()
    at = now()
    proven = verify_snapshot(found, pinned, now=at, max_age=span)
    data = SNAPSHOT_FORM.encode_cbor(found)
    put(out, data)
    counts = _counts(proven)
    show(
        {"out": str(out), "bytes": len(data), **_describe(proven, at, counts)},
        as_json=as_json,
        lines=[f"{len(data):,} bytes in {named(out)}", *_tell(proven, at, counts)],
        beside=out,
    )


@app.command("show")
@reporting
def show_snapshot(file: FileArgument, trust: Trust, as_json: AsJson = False) -> None:
    """Verify a snapshot of any age, and say how old it is and what is in it."""
    at = now()
    proven = _open(file, read_trust(trust), at)
    counts = _counts(proven)
    show(_describe(proven, at, counts), as_json=as_json, lines=_tell(proven, at, counts))


@app.command("diff")
@reporting
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The earlier snapshot.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The later snapshot.")],
    trust: Trust,
    old_trust: Annotated[
        Path | None, typer.Option(help="The bundle that was pinned when OLD was taken, if trust was updated since.")
    ] = None,
    tin: Annotated[
        list[str] | None, typer.Option("--tin", help="A trader to be named if it changed; repeat it for each.")
    ] = None,
    tins: Annotated[Path | None, typer.Option(help="File of traders to be named, one TIN on each line.")] = None,
    lookup_keys: LookupKeysOption = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Verify two snapshots of any age, and say what changed between them.

    Traders are pseudonyms on the ledger; only the traders that you give are named,
    in keyed registers with your lookup keys.
    """
    traders = [Tin(text) for text in [*(tin or []), *_read_tins(tins)]]
    at, pinned = now(), read_trust(trust)
    keys = open_lookup_keys_if_given(lookup_keys, password_file, pinned.chains) or NO_KEYS
    before = _open(old, pinned if old_trust is None else read_trust(old_trust), at)
    after = _open(new, pinned, at)
    found = compare(before, after, traders, keys)
    show(
        {
            "old": _block(before),
            "new": _block(after),
            "differences": [
                {"subject": one.subject, "field": one.field, "before": one.before, "after": one.after}
                for one in found.differences
            ],
            "other_words": found.other_words,
        },
        as_json=as_json,
        lines=[
            f"from {_name(before)} to {_name(after)}",
            *_tell_differences(found.differences),
            f"{count(found.other_words, 'other word')} changed: heads of histories, keys, counters, withholdings, aliases",
        ],
    )


def _read_tins(path: Path | None) -> list[str]:
    """Read a file of TINs, separated by white space.

    Raises:
        UnreadableFile: it cannot be read.
        MalformedText: it is not UTF-8.
    """
    if path is None:
        return []
    try:
        return read_file(path).decode("utf-8-sig").split()
    except UnicodeDecodeError as error:
        raise MalformedText(str(path), f"byte {error.start} is not UTF-8", "one TIN on each line") from error


def _open(file: Path, trust: TrustBundle, at: int) -> ProvenSnapshot:
    return verify_snapshot(read_snapshot(file), trust, now=at, max_age=0, refuse_stale=False)


def _name(proven: ProvenSnapshot) -> str:
    return f"block {proven.sealed.header.number} of {show_moment(proven.time)}"


def _block(proven: ProvenSnapshot) -> dict[str, Any]:
    header = proven.sealed.header
    return {"block": header.number, "block_hash": to_hex(proven.sealed.hash), "block_time": header.timestamp}


def _counts(proven: ProvenSnapshot) -> Counts:
    """Count standings by register and status."""
    counts: dict[str, Counter[str]] = {}
    for entry, record in proven.standings():
        number = register_of(entry)
        party = proven.party(number)
        code = str(number) if party is None else party.code
        counts.setdefault(code, Counter())[record.status.name.lower()] += 1
    return {code: dict(sorted(found.items())) for code, found in counts.items()}


def _describe(proven: ProvenSnapshot, at: int, counts: Counts) -> dict[str, Any]:
    return {
        **_block(proven),
        "age_s": proven.age_s(at),
        "words": {contract.value: len(table) for contract, table in proven.tables.items()},
        "standings": counts,
    }


def _tell(proven: ProvenSnapshot, at: int, counts: Counts) -> list[str]:
    lines = [
        f"{_name(proven)}, {show_span(proven.age_s(at))} old, sealed by {len(proven.sealed.sealers)} validators",
        "every word is there: " + ", ".join(f"{len(table):,} of {name}" for name, table in proven.tables.items()),
    ]
    for code, found in counts.items():
        lines.append(f"  {code:<6} " + ", ".join(f"{count:,} {status}" for status, count in found.items()))
    return lines


def _tell_differences(differences: tuple[Difference, ...]) -> list[str]:
    lines: list[str] = []
    subject = ""
    for one in differences:
        if one.subject != subject:
            subject = one.subject
            lines.append(subject)
        words = one.field.replace("_", " ")
        change = f"{one.before} -> {one.after}" if one.before and one.after else (one.after or f"{one.before}, gone")
        lines.append(f"  {words + ': ' if words else ''}{change}")
    return lines
