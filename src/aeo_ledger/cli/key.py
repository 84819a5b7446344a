"""`aeo-ledger key`: make an encrypted key file, name a signer outside, or show the address of either."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import httpx
import typer

from aeo_ledger.cli import repudiate
from aeo_ledger.cli.options import AsJson, PasswordFile, Trust, open_keys
from aeo_ledger.cli.output import hear, now, reporting, require_name, show
from aeo_ledger.cli.screen import named
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.disclosure_key import Algorithm
from aeo_ledger.evidence.identity import CODE
from aeo_ledger.files import create_file
from aeo_ledger.office.ask import read_trust
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.protocol.access import LONGEST_S, SCOPES, VERIFY, Token
from aeo_ledger.signing import (
    Command,
    Password,
    confirm_key_file,
    create_key_file,
    create_signer_file,
    identify_key_file,
    obtain_password,
    read_signer_file,
    write_engine_key,
)
from aeo_ledger.signing.access import sign_token
from aeo_ledger.signing.command import TIMEOUT_S

app = typer.Typer()
app.command("repudiate")(repudiate.repudiate)


@app.command("new")
@reporting
def new(
    file: Annotated[Path, typer.Argument(help="Path of the new key file; nothing may be there yet.")],
    disclosure: Annotated[
        bool,
        typer.Option("--disclosure", help="A key that opens what registers send to your party, and signs nothing."),
    ] = False,
    algorithm: Annotated[
        str, typer.Option(help=f"With --disclosure: {' or '.join(Algorithm)}, which quantum computers will break.")
    ] = Algorithm.MLKEM768_X25519,
    public: Annotated[
        Path | None, typer.Option(help="With --disclosure: write the public key here, for your card.")
    ] = None,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key and write it, encrypted."""
    require_name(file)
    chosen = Algorithm(choose(algorithm, Algorithm, what="--algorithm"))
    if not disclosure and (public is not None or chosen is not Algorithm.MLKEM768_X25519):
        raise MalformedText("--public" if public else "--algorithm", "no --disclosure", "it: it is for disclosure keys")
    password = obtain_password(named(file), file=password_file, twice=True)
    if disclosure:
        _make_disclosure_key(file, chosen, public, password, as_json=as_json)
        return
    signer = create_key_file(file, password, randomness=secrets.token_bytes)
    address = to_hex(signer.address)
    show({"file": str(file), "address": address}, as_json=as_json, lines=[f"{address} in {named(file)}"])


def _make_disclosure_key(
    file: Path, algorithm: Algorithm, public: Path | None, password: Password, *, as_json: bool
) -> None:
    from aeo_ledger.signing.disclosure_file import create_disclosure_key  # noqa: PLC0415 (few commands need it)

    made = create_disclosure_key(file, algorithm, password, randomness=secrets.token_bytes)
    if public is not None:
        create_file(require_name(public), f"{made}\n".encode())
    lines = [f"{algorithm} disclosure key in {named(file)}"]
    lines += [str(made)] if public is None else [f"public key, for your card, in {named(public)}"]
    document = {"file": str(file), "algorithm": algorithm.value, "public": str(made)}
    show(document, as_json=as_json, lines=lines)


@app.command("outside")
@reporting
def outside(
    file: Annotated[Path, typer.Argument(help="Path of the new signer file; nothing may be there yet.")],
    command: Annotated[
        list[str],
        typer.Argument(
            metavar="-- COMMAND...",
            help="Program and arguments. It gets a digest of 32 bytes on standard input, and answers with r and s.",
        ),
    ],
    address: Annotated[
        str | None, typer.Option(help="The key's address, 0x and 40 digits, if you know it. Default: the one found.")
    ] = None,
    seconds: Annotated[int, typer.Option(help="How long the command may take for one signature.")] = TIMEOUT_S,
    password_in: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Environment variable in which the command gets the password, as a PIN. If it is set already, it stays as it is.",
        ),
    ] = "",
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Name a command that signs with a key kept elsewhere: a token, a cloud's service, a wallet. It signs two random digests as a trial."""
    require_name(file)
    wanted = None if address is None else parse_hex(address, what="--address", length=20)
    signing = Command(words=tuple(command), timeout_s=seconds, password_in=password_in)
    password = obtain_password(named(file), file=password_file) if signing.needs_password else None
    signer = create_signer_file(file, signing, password, randomness=secrets.token_bytes, address=wanted, hear=hear)
    shown = to_hex(signer.address)
    lines = [f"{shown} signs outside, by the command in {named(file)}"]
    if wanted is None:
        lines.append("found by two trial signatures: compare it with the address or public key that the device shows")
    show({"file": str(file), "address": shown}, as_json=as_json, lines=lines)


@app.command("show")
@reporting
def show_key(
    file: Annotated[Path, typer.Argument(help="The key file, or the signer file.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the address of a key file or a signer file; the key itself is never shown."""
    signer_file = read_signer_file(file)
    if signer_file is not None:
        address = to_hex(signer_file.address)
        show({"file": str(file), "address": address, "named": True}, as_json=as_json, lines=[address])
        return
    found, is_named = identify_key_file(file, obtain_password(named(file), file=password_file))
    address = to_hex(found)
    lines = [address]
    if not is_named:
        lines.append(
            "the file does not name its address, so an altered file would show another one; it signs nothing yet:"
        )
        lines.append(f"if this address is yours, run aeo-ledger key confirm {named(file)} --address {address}")
    show({"file": str(file), "address": address, "named": is_named}, as_json=as_json, lines=lines)


@app.command("confirm")
@reporting
def confirm(
    file: Annotated[Path, typer.Argument(help="A key file without its key's address, as some wallets write it.")],
    address: Annotated[str, typer.Option(help="The address that you know to be yours, 0x and 40 digits.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Write your address into a key file, if its key has this address. An altered file is then noticed."""
    wanted = parse_hex(address, what="--address", length=20)
    confirm_key_file(file, obtain_password(named(file), file=password_file), wanted)
    shown = to_hex(wanted)
    show({"file": str(file), "address": shown}, as_json=as_json, lines=[f"{shown} is named in {named(file)}"])


@app.command("export")
@reporting
def export(
    file: Annotated[Path, typer.Argument(help="The node's key file.")],
    out: Annotated[Path, typer.Option(help="Path at which the engine reads its node's key; nothing may be there yet.")],
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a node's key UNENCRYPTED (mode 0600), as Besu and GoQuorum need it. Run this on the node's own machine."""
    require_name(out)
    signer = write_engine_key(file, obtain_password(named(file), file=password_file), out)
    address = to_hex(signer.address)
    public_key = to_hex(signer.public_key)
    lines = [f"{address} in {named(out)}, UNENCRYPTED: whoever reads it can seal as this node"]
    lines.append(f"public key, for network.toml: {public_key}")
    show({"file": str(out), "address": address, "public_key": public_key}, as_json=as_json, lines=lines)


@app.command("token")
@reporting
def token(
    key: Annotated[Path, typer.Option(help="Key file or signer file of an operator, an authority or a reader.")],
    party: Annotated[str, typer.Option(help="Code of the party whose key it is.")],
    trust: Trust,
    gateway: Annotated[
        str, typer.Option(metavar="URL", envvar="AEO_LEDGER_GATEWAY", help="The gateway, as its askers address it.")
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What it is for: {', '.join(SCOPES)}; repeat it for more. Default: {VERIFY}."),
    ] = None,
    lifetime: Annotated[
        str, typer.Option(metavar="SPAN", help=f"How long it serves, up to {LONGEST_S // 60}m.")
    ] = f"{LONGEST_S // 60}m",
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a closed gateway and print it. Whoever has it can use it until it ends, so hand it to nobody."""
    serves_s, scopes = parse_span(lifetime), tuple(scope or (VERIFY,))
    if not 0 < serves_s <= LONGEST_S:
        raise MalformedText("--lifetime", ascii(lifetime[:40]), f"a span up to {LONGEST_S // 60}m")
    if not set(scopes) <= set(SCOPES) or len(set(scopes)) < len(scopes):
        raise MalformedText("--scope", ascii(" ".join(scopes)[:80]), f"some of {', '.join(SCOPES)}, each once")
    if not CODE.fullmatch(party):
        raise MalformedText("--party", ascii(party[:40]), "the code of a party, such as BY")
    from aeo_ledger.gateway.opening import host_of  # noqa: PLC0415 (other commands on keys reach no socket)

    host = host_of(httpx.URL(parse_url(gateway, what="--gateway").text))
    pinned, (signer,) = read_trust(trust), open_keys([key], password_file)
    at = now()
    made = Token(
        party=party,
        address=signer.address,
        chain_id=pinned.chain_id,
        host=host,
        issued_at=at,
        until=at + serves_s,
        number=secrets.token_hex(16),
        scopes=scopes,
    )
    text = sign_token(signer, made)
    shown = {"token": text, "address": to_hex(signer.address), "audience": made.audience, "until": made.until}
    show(shown, as_json=as_json, lines=[text])
