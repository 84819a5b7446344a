"""`aeo-ledger`: the verbs and the module of each."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from aeo_ledger.cli import (
    about,
    ask,
    audit,
    certificate,
    gateway,
    health,
    history,
    node,
    trust,
    trust_store,
    verify,
    watch,
    withhold,
    workshop,
)
from aeo_ledger.cli.access import TokenKeyOption, TokenPasswordOption, name_token_key
from aeo_ledger.cli.verbs import NAME, Verbs, late

app = typer.Typer(cls=Verbs, no_args_is_help=True, pretty_exceptions_enable=False)

_LATE: Final = {
    "network": "Found a network, check it, and hand it on.",
    "key": "Key files: Web3 Secret Storage v3, encrypted, readable only by you (mode 0600).",
    "register": "A party's register.",
    "alias": "Codes that a recogniser uses for foreign traders.",
    "export": "What the ledger says, as tables.",
    "book": "The book of an office: documents, plans, signed acts, and who did what.",
    "document": "Documents that commitments on the ledger bind.",
    "arrangement": "Mutual recognition arrangements.",
    "party": "Parties: their state, keys and own acts.",
    "resolution": "What two thirds of the seats decide.",
    "act": "Acts as files, that go round for signatures in any order.",
    "chain": "The blocks of an embedded ledger.",
    "webhook": "News that a gateway sends: their keys, and what was not delivered.",
    "lab": "What a ledger changes for mutual recognition, in figures.",
    "snapshot": "The whole ledger in a file, for questions off line.",
    "console": "What officers look at in a browser.",
}
"""Groups that are loaded when they are needed, with what they are about."""


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
    token_key: TokenKeyOption = None,
    token_password_file: TokenPasswordOption = None,
) -> None:
    """Share the status of AEO certificates, and check it yourself.

    Exit codes: 0 yes or done, 1 not recognised, 2 malformed, 3 refused,
    4 unproven, 5 unavailable; 10 something is due (`register due`).
    """
    name_token_key(token_key, token_password_file)


for _name, _helps in _LATE.items():
    app.add_typer(late(f"aeo_ledger.cli.{_name}", _helps), name=_name)
app.add_typer(trust.app, name="trust")
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
app.command("watch")(watch.watch)
app.command("withhold")(withhold.withhold)
app.command("workshop")(workshop.serve)
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
