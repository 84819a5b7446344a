"""Options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aeo_ledger.cli.access import open_token_key
from aeo_ledger.cli.output import hear
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import ANSWERS
from aeo_ledger.customs.alias_codes import KIND_NAMES
from aeo_ledger.errors.cli import WrongUsage
from aeo_ledger.errors.office import OtherSecrets
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.desk import ANSWERED_WITHIN_S
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.signing import Password, Signer, obtain_password, open_signer
from aeo_ledger.verify import TrustBundle
from aeo_ledger.wording.catalogues import LANGUAGES, find_language, open_words
from aeo_ledger.wording.words import ENGLISH, Words

if TYPE_CHECKING:  # most commands must not reach a socket
    from aeo_ledger.gateway.client import GatewayClient
    from aeo_ledger.protocol.lookup_keys import LookupKeys
    from aeo_ledger.signing.lookup_file import HeldKeys
    from aeo_ledger.signing.register_file import RegisterSecrets

INDEX: Final = "index.sqlite"
"""The index's database, in the folder of an embedded network."""
DEFAULT_GATEWAY: Final = ["http://127.0.0.1:8547"]
DEFAULT_TIMEOUT: Final = ANSWERED_WITHIN_S
SNAPSHOT_TIMEOUT: Final = 60.0
"""Seconds. A snapshot is long, and a gateway makes a new one for each block."""
_LONGEST_TIMEOUT_S: Final = 3_600


def read_timeout(text: str | float) -> float:
    """Read seconds, or a span such as `2m`; anything else is an error of the command line."""
    try:
        seconds = float(parse_span(text)) if isinstance(text, str) and text[-1:].isalpha() else float(text)
    except (ValueError, MalformedText):
        seconds = math.nan
    if not 0 < seconds <= _LONGEST_TIMEOUT_S:
        raise typer.BadParameter(f"found {text!r}, needed seconds or a span such as 2m, up to an hour")
    return seconds


Language = StrEnum("Language", {code.upper(): code for code in LANGUAGES})  # type: ignore[misc]
"""A language that a command can speak."""


def choose_words(language: Language | None, *, as_json: bool) -> Words:
    """Open the words of a command's reader: in the language asked for, else in that of the locale. Machines get English."""
    return ENGLISH if as_json else open_words(language or find_language(os.environ))


Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        envvar="AEO_LEDGER_LANG",
        help="Language of the answer. Default: your locale's, else en. --json and errors are always English.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object for machines.")]
Gateway = Annotated[
    list[str],
    typer.Option(
        "--gateway",
        metavar="URL",
        envvar="AEO_LEDGER_GATEWAY",
        help="URL of a gateway. Repeat it for others, which are asked if one does not answer. No gateway's answer is trusted.",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        parser=read_timeout,
        help="Longest wait for a gateway's whole answer; an act has one minute more, to be sealed.",
    ),
]
HostNames = Annotated[
    list[str] | None,
    typer.Option(
        "--host-name",
        metavar="NAME",
        help="Name under which others reach this server, as in a request's Host header; repeat it for more. Addresses and "
        "localhost are always accepted; any other name might be a trick of a web page.",
    ),
]
Trust = Annotated[
    Path,
    typer.Option(
        "--trust",
        envvar="AEO_LEDGER_TRUST",
        help="Your pinned trust: the file of a bundle that you got out of band, or the folder of a trust store.",
    ),
]
Keys = Annotated[
    list[Path],
    typer.Option(
        "--key", help="Encrypted key file, or signer file; repeat it for each signer.", exists=True, dir_okay=False
    ),
]
OwnKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        help="Encrypted key file or signer file of yours; repeat it for each key that you hold.",
        exists=True,
        dir_okay=False,
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        help="File whose first line is the password of the keys. Default: AEO_LEDGER_PASSWORD, or you are asked."
    ),
]
SecretsOption = Annotated[
    Path | None,
    typer.Option(
        "--secrets",
        metavar="FILE",
        envvar="AEO_LEDGER_SECRETS",
        help="The secrets of your keyed register, encrypted. Default: PARTY.register.json in the working folder.",
    ),
]
LookupKeysOption = Annotated[
    Path | None,
    typer.Option(
        "--lookup-keys",
        metavar="FILE",
        help="Keys of keyed registers, encrypted: from `register receive`, or your own register's secrets.",
        dir_okay=False,
    ),
]
AcceptOdd = Annotated[
    bool,
    typer.Option("--accept-odd", help="Accept a TIN that breaks its country's rule, because its register has it so."),
]
TinArgument = Annotated[str, typer.Argument(metavar="TIN", help="Trader identification number, as registered.")]
OptionalTin = Annotated[
    str | None, typer.Argument(metavar="[TIN]", help="Trader identification number, as registered; or give --alias.")
]
AliasOption = Annotated[
    str | None,
    typer.Option("--alias", help="Instead of a TIN: the code by which the recogniser means the trader, such as a MID."),
]
KindOption = Annotated[
    str | None, typer.Option("--kind", help=f"Kind of the alias: {', '.join(KIND_NAMES)}. Default: what its form says.")
]
AliasesOption = Annotated[
    Path | None,
    typer.Option(
        "--aliases",
        help="Your own file of aliases. It names the TIN behind an alias, which is then proven: the ledger shows only hashes.",
    ),
]
NamesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--aliases",
        metavar="FILE",
        help="Your own file of aliases: it names the TIN behind an alias, which is then proven. With --everywhere: "
        "CODE=FILE, the recogniser and its file; repeat it.",
    ),
]
Everywhere = Annotated[
    bool,
    typer.Option("--everywhere", help="Ask about all recognisers: who recognises the trader, since when, and why not."),
]
Recogniser = Annotated[str, typer.Option(help="Code of the party that recognises: usually your own.")]
AnyRecogniser = Annotated[
    str | None, typer.Option("--recogniser", help="Code of the party that recognises: usually your own.")
]
AnyDirection = Annotated[
    str | None, typer.Option("--direction", help="import, export or transit; seen from the recogniser.")
]
DirectionOption = Annotated[
    str, typer.Option("--direction", help="import, export or transit; seen from the recogniser.")
]
RoleOption = Annotated[str, typer.Option("--role", help="Role of the foreign operator, e.g. exporter.")]
AnyRole = Annotated[str | None, typer.Option("--role", help="Role of the foreign operator, e.g. exporter.")]
CorridorOption = Annotated[
    str | None,
    typer.Option(
        "--corridor",
        metavar="CODES",
        help="Ask along a route of goods, as CN,KZ,AZ,GE,TR: who on it recognises the trader, and where recognition breaks.",
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file",
        help="Ask about every trader in this file: one TIN a line, or CSV with a column tin, and columns recogniser, direction, role, "
        "type, register, on and known where lines differ; - is standard input.",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="With --file: write the table of answers here, as CSV; - is standard output."),
    ANSWERS,
]
TypeOption = Annotated[
    str | None, typer.Option("--type", help="Only this certificate type, by its name in the register.")
]
RegisterOption = Annotated[str | None, typer.Option("--register", help="Only this register, by its party's code.")]
OnOption = Annotated[
    str | None, typer.Option("--on", help="A day (midnight in the recogniser's time zone) or a moment with its offset.")
]
AsKnownOption = Annotated[
    str | None,
    typer.Option(
        "--as-known", help="As known at this time, written like --on: what was recorded later does not count."
    ),
]


def demand_option(name: str, given: str | None, verb: str) -> str:
    """Demand an option that only some ways to use a verb need.

    Raises:
        WrongUsage: it was not given.
    """
    if given is None:
        raise WrongUsage(detail=f"Missing option '--{name}'.", command=f"aeo-ledger {verb}")
    return given


def split_urls(text: str | None) -> list[str]:
    """Read URLs, separated by commas; an empty list if the option was not given.

    Raises:
        MalformedText: it names no URL.
    """
    if text is not None and not text.strip(", "):
        raise MalformedText("--rpc", repr(text), "URL[,URL], as http://127.0.0.1:8545")
    return [url.strip() for url in text.split(",")] if text else []


def demand_embedded(folder: Path) -> Path:
    """Return a network's folder if its ledger may be in it; say of a network of real nodes that it is not.

    Raises:
        MalformedText: it is the folder of a network of real nodes.
    """
    if (folder / "network.toml").exists() and not (folder / "ledger.sqlite").exists():
        needed = "that of an embedded network: the ledger of this one is on its nodes (--rpc, where a command has it; OPERATION.md)"
        raise MalformedText("folder", f"{named(folder)}, the folder of a network of real nodes", needed)
    return folder


def open_keys(paths: list[Path], password_file: Path | None) -> list[Signer]:
    """Open key files and signer files, asking for a password once, for each signer file that takes one, and only if one is needed."""
    obtain = cache(partial(obtain_password, "the keys", file=password_file))
    return [
        open_signer(
            path, obtain, partial(obtain_password, f"the command in {named(path)}", file=password_file), hear=hear
        )
        for path in paths
    ]


def read_trust_and_keys(
    trust: Path, lookup_keys: Path | None, password_file: Path | None
) -> tuple[TrustBundle, LookupKeys | None]:
    """Read the bundle of a ledger, and open the file of its lookup keys; None if none is given."""
    from aeo_ledger.office.ask import read_trust  # noqa: PLC0415 (some commands read none)

    pinned = read_trust(trust)
    return pinned, open_lookup_keys_if_given(lookup_keys, password_file, pinned.chains)


def open_lookup_keys_if_given(
    path: Path | None, password_file: Path | None, chains: Sequence[int]
) -> LookupKeys | None:
    """Open the file of lookup keys for a ledger of these chains; None if none is given."""
    if path is None:
        return None
    from aeo_ledger.signing.lookup_file import open_lookup_keys  # noqa: PLC0415 (most commands open none)

    return open_lookup_keys(path, obtain_password("the lookup keys", file=password_file), chains)


def reach_gateway(urls: list[str], timeout_s: float, pinned: TrustBundle) -> GatewayClient:
    """Make the client of these gateways, for the pinned ledger; it shows tokens if a key for them was named."""
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415 (see above)

    token_for = open_token_key(pinned.chain_id)
    return GatewayClient(urls, timeout_s=timeout_s, chain=pinned.chain_id, token_for=token_for)


def secrets_path(given: Path | None, party: str) -> Path:
    """Return the file of a register's secrets that an option names, or a party's own in the working folder."""
    return given or Path(f"{party}.register.json")


def open_secrets(
    path: Path, register: int, trust: TrustBundle, password_file: Path | None, *, password: Password | None = None
) -> RegisterSecrets:
    """Open the secrets of a register, by its number.

    Raises:
        OtherSecrets: They are of another register, or of a chain that this ledger does not continue.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_register_secrets`.
    """
    from aeo_ledger.signing.register_file import open_register_secrets  # noqa: PLC0415 (few commands need it)

    found = open_register_secrets(path, password or obtain_password(path.name, file=password_file))
    if found.register != register or not trust.continues(found.chain):
        raise OtherSecrets(found=found.register, chain=found.chain, needed=register, needed_chain=trust.chain_id)
    return found


def own_keys(secrets: Path | None, party: str, password_file: Path | None, pinned: TrustBundle) -> HeldKeys:
    """Open the keys of the register that a party writes to: those that an option names, else its own in the working folder, if it is there.

    Raises:
        OtherLedgersKeys, WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_held_keys`.
    """
    path = secrets_path(secrets, party)
    return held_keys(path if secrets is not None or path.exists() else None, password_file, pinned)


def held_keys(path: Path | None, password_file: Path | None, pinned: TrustBundle) -> HeldKeys:
    """Open a file of keys of keyed registers, if an option names one.

    Raises:
        OtherLedgersKeys, WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_held_keys`.
    """
    from aeo_ledger.signing.lookup_file import NOTHING_HELD, open_held_keys  # noqa: PLC0415 (few commands need it)

    if path is None:
        return NOTHING_HELD
    return open_held_keys(path, obtain_password(path.name, file=password_file), pinned.chains)
