"""What the verbs of parties, seats and lanes share: an act is carried out at once, or drafted as a file with `--out`.

A verb's options derive from the fields that its row in `office.draft_acts` names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import typer

from aeo_ledger.cli.acting import describe_done, describe_progress, keep_act, tell_done, tell_progress
from aeo_ledger.cli.booking import keeping
from aeo_ledger.cli.grounds import keep_grounds
from aeo_ledger.cli.output import reporting, require_name, show
from aeo_ledger.cli.shared import DRAFTS, Common, spread
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.vocabulary import PartyKind, RegisterMode
from aeo_ledger.errors.cli import OutputTaken
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.calendar import parse_moment
from aeo_ledger.office.card import read_card, read_certificates
from aeo_ledger.office.carry_out import LIFETIME_S, carry_out
from aeo_ledger.office.gather import gather
from aeo_ledger.office.parties import find_number
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.choices import choose
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer

Entry: TypeAlias = Mapping[str, Any]
"""What was entered, by field, as the command line reads it."""

Draft: TypeAlias = Callable[[ProvenDesk, int, bytes], SignedAct]
"""Drafts an act on a desk, for a lifetime in seconds and with the hash of its grounds."""

OutNeeded = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The new file of the act, to be signed and passed on.")
]


@dataclass(frozen=True, slots=True)
class Field:
    """How a field is entered on the command line, and read."""

    flag: str
    helps: str
    read: Callable[[Any, ProvenDesk, str], Any]
    """From what was entered, the desk and the code of the acting party to the value that a draft needs."""
    kind: Any = str


def _hex(flag: str, length: int) -> Callable[[Any, ProvenDesk, str], bytes]:
    return lambda text, _, __: parse_hex(text, what=flag, length=length)


def _moment(flag: str) -> Callable[[Any, ProvenDesk, str], int]:
    return lambda text, _, __: parse_moment(text, None, what=flag)


def _card(path: Path, _: ProvenDesk, party: str) -> bytes:
    return read_card(path, party).hash()


def _fingerprint(path: Path, _: ProvenDesk, __: str) -> bytes:
    return sha256(read_certificates(path)[0]).digest()


def _party(text: str, desk: ProvenDesk, _: str) -> int:
    return find_number(desk, text)


def _plain(value: Any, _: ProvenDesk, __: str) -> Any:
    return value


def _types(text: str, _: ProvenDesk, party: str) -> int:
    names = list_type_names(party)
    return sum({1 << names.index(choose(name.strip(), names, what="--types")) for name in text.split(",")})


def _type(text: str, _: ProvenDesk, party: str) -> int:
    names = list_type_names(party)
    return names.index(choose(text, names, what="--type"))


def _word(words: type[IntEnum], flag: str) -> Callable[[Any, ProvenDesk, str], IntEnum]:
    known = {word.name.lower(): word for word in words}
    return lambda text, _, __: known[choose(text, known, what=flag)]


FIELDS: Final[Mapping[str, Field]] = {
    "party": Field("--party", "Code of the party.", _party),
    "recogniser": Field("--recogniser", "Code of the party that recognises.", _party),
    "register": Field("--register", "Code of the register's party.", _party),
    "lane": Field("--lane", "Number of the recognition; needed if the pair has several.", _plain, int),
    "old": Field("--old", "Address of the key that leaves, 0x and 40 digits.", _hex("--old", 20)),
    "new": Field("--new", "Address of the new key, which must sign too (another --key).", _hex("--new", 20)),
    "count": Field("--count", "How many keys must sign.", _plain, int),
    "hash": Field("--hash", "The hash, 0x and 64 digits.", _hex("--hash", 32)),
    "card": Field("--file", "The party's card: its hash is recorded.", _card, Path),
    "certificate": Field(
        "--file", "The certificate, PEM or DER; of a chain the first one: its SHA-256 is recorded.", _fingerprint, Path
    ),
    "union": Field("--union", "Code of the union.", _party),
    "member": Field("--member", "Code of the member.", _party),
    "day": Field("--from", "The UTC day on which the membership ends. Default: at once.", _moment("--from")),
    "until": Field("--until", "Its end: a day (UTC) or a moment with its offset.", _moment("--until")),
    "mode": Field("--mode", "open or keyed; it never changes.", _word(RegisterMode, "--mode")),
    "types": Field("--types", "All types in use, by name: 1,2,3.", _types),
    "type": Field("--type", "The type, by its name.", _type),
    "epoch": Field("--epoch", "Epoch of the payload secret. Default: 0.", _plain, int),
    "code": Field("--code", "The new party's code, two to six capitals; it never changes.", _plain),
    "kind": Field("--kind", "administration or union.", _word(PartyKind, "--kind")),
    "seat": Field("--seat", "Give it a seat.", _plain, bool),
    "keeps_register": Field("--keeps-register", "Let it keep a register.", _plain, bool),
}
"""How each field is entered."""


def make_command(
    does: str,
    enters: tuple[str, ...],
    may: tuple[str, ...],
    act: Callable[[Entry, Common], None],
    *,
    drafts_only: bool = False,
) -> Callable[..., None]:
    """Make the command of a verb.

    Args:
        does: What it does, in one sentence.
        enters: The fields that an officer enters.
        may: Fields among these that may be left out.
        act: Carries it out.
        drafts_only: Whether `--out` is needed, because several parties sign.
    """

    def command(common: Common, **entered: Any) -> None:
        act(entered, common)

    command.__doc__ = does
    own = [_option(name, optional=name in may) for name in enters]
    needed: dict[str, Any] = {"out": OutNeeded} if drafts_only else {}
    return reporting(spread(command, own, DRAFTS, **needed))


def _option(name: str, *, optional: bool) -> Parameter:
    """Make the option of a field."""
    field = FIELDS[name]
    most = {"min": 0, "max": (1 << 32) - 1} if field.kind is int else {}
    option = typer.Option(field.flag, help=field.helps, **most)  # type: ignore[call-overload]
    kind: Any = field.kind | None if optional else field.kind
    default = False if field.kind is bool else None if optional else Parameter.empty
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[kind, option], default=default)


def read_fields(entered: Entry, desk: ProvenDesk, party: str = "") -> dict[str, Any]:
    """Read what was entered into the values that a draft needs; `party` is the code of the party that acts.

    Raises:
        MalformedText, NoSuchParty: It cannot be read.
    """
    return {name: None if value is None else FIELDS[name].read(value, desk, party) for name, value in entered.items()}


def run(draft: Draft, common: Common, party: str | None = None) -> None:
    """Carry out an act at once, or write it as a file.

    `party` is the code of the party that acts; None if several decide. Without `--book`, its own book keeps the act and its grounds.

    Raises:
        NoSuchParty: No such party is there, so it has no book.
        MalformedText: Neither a key nor a file is named.
        OutputTaken: The file exists.
    """
    require_keys_or_file(common.key, common.out)
    with common.open_desk() as desk, keeping(desk, common.book, party):
        if common.grounds is not None and party is not None:
            find_number(desk, party)
        grounds = keep_grounds(common.grounds, common.book, party)
        if common.out is not None:
            act, signers = draft(desk, parse_span(common.lifetime), grounds), common.open_keys()
            draft_file(desk, act, signers, common.out, as_json=common.as_json)
            return
        act = draft(desk, LIFETIME_S, grounds)
        done = carry_out(desk, act, common.open_keys())
    words = common.words
    lines = [words.say("done: {act}", act=done.told[0]), tell_done(done, words)]
    show(describe_done(done), as_json=common.as_json, lines=lines)


def require_keys_or_file(key: list[Path] | None, out: Path | None) -> None:
    """Refuse an act that nobody signs and that is not drafted, and a draft in place of another file.

    Raises:
        MalformedText: Neither a key nor a file is named.
        OutputTaken: The file exists.
    """
    if out is None and not key:
        raise MalformedText("--key", "none", "a key file, or --out FILE to draft an act that others sign")
    if out is not None and require_name(out).exists():
        raise OutputTaken(path=str(out), reason="is there already, perhaps with signatures")


def draft_file(
    desk: ProvenDesk,
    act: SignedAct,
    signers: Sequence[Signer],
    out: Path,
    *,
    as_json: bool,
    traders: Mapping[bytes, str] | None = None,
) -> None:
    """Write a draft as a file, with the signatures of the keys at hand, and show it."""
    progress = gather(act, signers, desk, keep=lambda file: keep_act(out, file), traders=traders, submits=False)
    lines = tell_progress(progress, "", out, signed=bool(signers), words=desk.words)
    show(describe_progress(progress, out), as_json=as_json, lines=lines)
