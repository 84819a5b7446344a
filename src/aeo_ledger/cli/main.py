"""`aeo-ledger`: the verbs and where each lives."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from aeo_ledger.cli import (
    arrangement,
    ask,
    audit,
    certificate,
    chain,
    gateway,
    history,
    key,
    network,
    node,
    register,
    snapshot,
    trust,
    withhold,
)

app = typer.Typer(
    help="Share the status of AEO certificates, and check it yourself. Exit codes: 0 yes or done, 1 not recognised, 2 malformed, "
    "3 refused, 4 unproven, 5 unavailable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(network.app, name="network")
app.add_typer(key.app, name="key")
app.add_typer(register.app, name="register")
app.add_typer(arrangement.app, name="arrangement")
app.add_typer(chain.app, name="chain")
app.add_typer(trust.app, name="trust")
app.add_typer(snapshot.app, name="snapshot")
app.command("gateway")(gateway.serve)
app.command("node")(node.serve)
app.command("audit")(audit.audit)
app.command("ask")(ask.ask)
app.command("verify")(ask.verify)
app.command("history")(history.history)
app.command("withhold")(withhold.withhold)
for verb, command in certificate.COMMANDS.items():
    app.command(verb)(command)


def main() -> None:
    """Run a command. What a terminal cannot show of names in other alphabets is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
