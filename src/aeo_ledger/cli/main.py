"""`aeo-ledger`: the verbs and the module of each."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from aeo_ledger.cli import (
    about,
    arrangement,
    ask,
    audit,
    book,
    certificate,
    chain,
    document,
    due,
    export,
    gateway,
    health,
    history,
    key,
    network,
    node,
    profile,
    register,
    snapshot,
    trust,
    trust_store,
    verify,
    withhold,
)
from aeo_ledger.cli.verbs import NAME, Verbs

app = typer.Typer(cls=Verbs, no_args_is_help=True, pretty_exceptions_enable=False)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 (takes its time to load)

        sys.stdout.write(f"aeo-ledger {version('aeo-ledger')}\n")
        raise typer.Exit


@app.callback()
def aeo_ledger(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version, and do nothing.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Share the status of AEO certificates, and check it yourself.

    Exit codes: 0 yes or done, 1 not recognised, 2 malformed, 3 refused,
    4 unproven, 5 unavailable; 10 something is due (`register due`).
    """


app.add_typer(network.app, name="network")
app.add_typer(key.app, name="key")
register.app.add_typer(profile.app, name="profile")
register.app.command("export")(export.export_register)
register.app.command("due")(due.due)
app.add_typer(register.app, name="register")
app.add_typer(export.app, name="export")
app.add_typer(book.app, name="book")
app.add_typer(document.app, name="document")
app.add_typer(arrangement.app, name="arrangement")
app.add_typer(chain.app, name="chain")
app.add_typer(trust.app, name="trust")
app.add_typer(snapshot.app, name="snapshot")
trust.app.command("list")(trust_store.list_pinned)
trust.app.command("chain")(trust_store.chain)
app.command("gateway")(gateway.serve)
app.command("health")(health.health)
app.command("node")(node.serve)
app.command("audit")(audit.audit)
app.command("ask")(ask.ask)
app.command("verify")(verify.verify)
app.command("about")(about.about)
app.command("history")(history.history)
app.command("withhold")(withhold.withhold)
for verb, command in certificate.COMMANDS.items():
    app.command(verb)(command)


def main() -> None:
    """Run a command. Characters that the terminal cannot show are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    typer.main.get_command(app).main(prog_name=NAME)


if __name__ == "__main__":
    from aeo_ledger.cli.start import main as start

    start()
