"""`aeo-ledger network backup|restore`: copy an embedded network while it runs, and go on from the copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aeo_ledger.cli.confirm import Yes, confirm
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import AsJson, demand_embedded
from aeo_ledger.cli.output import reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.primitives.hexadecimal import to_hex

if TYPE_CHECKING:  # takes its time to load, or needs the extra
    from rich.progress import TaskID

    from aeo_ledger.network.backup import Copied


@reporting
def backup(
    folder: Annotated[Path, typer.Argument(help="Folder of an embedded network. A gateway may have it open.")],
    out: Annotated[Path, typer.Option(help="The backup: a new folder, with the validators' encrypted keys.")],
    as_json: AsJson = False,
) -> None:
    """Copy an embedded network as of its newest block, read the whole copy, and compare it. Needs no key."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.network.backup import back_up, describe  # noqa: PLC0415 (needs the extra)

    with showing_reading(as_json=as_json) as progress:
        copied = back_up(demand_embedded(folder), out, progress=progress)
    lines = [*_tell(copied, out), "not in it: the parties' own keys, which belong to them, and the index"]
    show({"folder": str(out), **describe(copied)}, as_json=as_json, lines=lines)


@reporting
def restore(
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="Folder of the backup; it is not changed.")],
    out: Annotated[Path, typer.Option(help="The network's new folder.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make a network's folder from a backup, unless this machine sealed later blocks: then it would make a second history."""
    demand_extra("ledger", "eth", "web3")
    from aeo_ledger.network.backup import describe  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.network.backup import restore as make  # noqa: PLC0415

    def agree(copied: Copied) -> None:
        if not copied.is_known_here:
            at = f"block {copied.head} of {show_moment(copied.time)}"
            confirm(
                f"to go on from {at} on a machine that never sealed this ledger: if a later block exists anywhere, "
                "this makes a second history, and border systems will refuse one of them",
                yes=yes,
            )

    with showing_reading(as_json=as_json) as progress:
        copied = make(folder, out, agree=agree, progress=progress)
    lines = [*_tell(copied, out), f"next: aeo-ledger gateway {named(out)}"]
    show({"folder": str(out), **describe(copied)}, as_json=as_json, lines=lines)


def _tell(copied: Copied, out: Path) -> list[str]:
    return [
        f"chain {copied.chain_id} up to block {copied.head} of {show_moment(copied.time)} in {named(out)}",
        f"read whole and compared: block {to_hex(copied.head_hash)}, state {to_hex(copied.state_root)}",
    ]


@contextmanager
def showing_reading(*, as_json: bool) -> Iterator[Callable[[str, int], None]]:
    """Show a bar of what is read."""
    from aeo_ledger.cli.bars import reading_bar  # noqa: PLC0415 (takes its time to load)

    with reading_bar(as_json=as_json) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, more: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.advance(tasks[what], more)

        yield tell
