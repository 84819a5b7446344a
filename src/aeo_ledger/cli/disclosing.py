"""`aeo-ledger document of|check`: the document of one certificate, and how a third party checks what is disclosed to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.booking import BookOption, open_kept_book
from aeo_ledger.cli.certificate import find_entry
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    DEFAULT_TIMEOUT,
    AcceptOdd,
    AsJson,
    Gateway,
    LookupKeysOption,
    PasswordFile,
    Timeout,
    TinArgument,
    Trust,
    held_keys,
    open_keys,
    reach_gateway,
)
from aeo_ledger.cli.output import now, reporting, require_name, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.entry import register_of, type_of
from aeo_ledger.customs.tin import read_tin
from aeo_ledger.errors.registers import UnknownDocument
from aeo_ledger.evidence.disclosed import DISCLOSED_FORM, DisclosedCertificate
from aeo_ledger.files import create_file
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.calendar import show_moment, write_moment
from aeo_ledger.office.conclude import find_party
from aeo_ledger.office.naming import name_types
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.spans import parse_span
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.verify.certificate_history import verify_certificate_histories
from aeo_ledger.verify.disclosed import ProvenDisclosure, verify_disclosed

if TYPE_CHECKING:  # only some commands need them
    from aeo_ledger.protocol.signature import Signature
    from aeo_ledger.registers.disclosure import DocumentRequest
    from aeo_ledger.registers.documents import Document, Kept
    from aeo_ledger.signing import Signer
    from aeo_ledger.verify import TrustBundle

_AGE = "5m"


@reporting
def show_certificate(
    tin: TinArgument,
    register: Annotated[str, typer.Option("--register", help="Code of the register's party.")],
    certificate_type: Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")],
    trust: Trust,
    key: Annotated[
        Path | None,
        typer.Option(
            help="Ask a gateway instead of a book: your operator's key file, which signs the request.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    book: BookOption = None,
    lookup_keys: LookupKeysOption = None,
    disclose: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the certificate with its evidence to this new file, for a third party: it checks it without any key.",
        ),
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    accept_odd: AcceptOdd = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what a trader's certificate says, from the book or from a gateway that may show it, checked against the ledger."""
    pinned, trader = read_trust(trust), read_tin(tin, accept_odd=accept_odd)
    with reach_gateway(gateway, timeout, pinned) as client:
        desk = ProvenDesk(client, pinned, approve=lambda _: None)
        desk.keys = held_keys(lookup_keys, password_file, desk.trust)
        entry = find_entry(desk, trader, certificate_type, find_party(pinned, register))
        evidence = client.history([entry])
        proven = verify_certificate_histories(evidence, [entry], pinned, now=now(), max_age=parse_span(_AGE))
        commitments = list(dict.fromkeys(one.document for one in reversed(proven.events[entry]) if any(one.document)))
        if key is None:
            with open_kept_book(book, register) as kept:
                found = _find(commitments, kept.find, entry)
        else:
            (signer,) = open_keys([key], password_file)
            found = _find(commitments, lambda one: client.document(one, request_of(one, pinned, signer), entry), entry)
    made = DisclosedCertificate(entry=entry, salt=found.salt, document=found.content, evidence=evidence)
    checked = verify_disclosed(made, pinned, now=now(), max_age=parse_span(_AGE))
    if disclose is not None:
        create_file(require_name(disclose), DISCLOSED_FORM.encode_file(made))
    written = [] if disclose is None else [f"written to {named(disclose)}; who gets it: aeo-ledger document check FILE"]
    show(_describe(checked, pinned), as_json=as_json, lines=[*_tell(checked, pinned), *written], proven=True)


@reporting
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A certificate, from `document of --disclose`.")],
    trust: Trust,
    max_age: Annotated[str, typer.Option(help="Oldest evidence that you accept, as in 30s, 5m, 2h, 1d.")] = "1d",
    as_json: AsJson = False,
) -> None:
    """Check a certificate that was disclosed to you, against your own trust. No key and no network is needed."""
    pinned, span = read_trust(trust), parse_span(max_age)
    disclosed = DISCLOSED_FORM.decode_json(read_file(file, max_bytes=DISCLOSED_FORM.max_bytes))
    proven = verify_disclosed(disclosed, pinned, now=now(), max_age=span)
    show(_describe(proven, pinned), as_json=as_json, lines=_tell(proven, pinned), proven=True)


def request_of(
    wanted: bytes, pinned: TrustBundle, signer: Signer
) -> Callable[[str], tuple[DocumentRequest, Signature]]:
    """Make what signs a request to a gateway's host for the document of a commitment (32 bytes)."""
    from aeo_ledger.registers.disclosure import DocumentRequest  # noqa: PLC0415 (only here)

    address = pinned.address(Contract.REGISTERS)

    def sign(host: str) -> tuple[DocumentRequest, Signature]:
        request = DocumentRequest(
            chain=pinned.chain_id,
            registers=address,
            commitment=wanted,
            at=now(),
            nonce=secrets.token_bytes(16),
            host=host,
        )
        return request, signer.sign(request.digest())

    return sign


def _find(commitments: list[bytes], find: Callable[[bytes], Kept], entry: bytes) -> Kept:
    """Find the newest document of a certificate that somebody has; a commitment may also bind the grounds of a decision.

    Raises:
        UnknownDocument: There is none.
    """
    from aeo_ledger.registers.documents import Kind  # noqa: PLC0415 (only here)

    missing = UnknownDocument(commitment=commitments[0] if commitments else bytes(32), book="the place that was asked")
    for commitment in commitments:
        try:
            found = find(commitment)
        except UnknownDocument as error:
            missing = error
        else:
            if found.kind is Kind.CERTIFICATE and found.entry == entry:
                return found
    raise missing


def _describe(proven: ProvenDisclosure, trust: TrustBundle) -> dict[str, Any]:
    record = proven.events[-1].record
    return {
        "entry": to_hex(proven.entry),
        "register": trust.by_number[register_of(proven.entry)].code,
        "type": _name_type(proven, trust),
        "document": _read(proven.document),
        "event": proven.event,
        "events": len(proven.events),
        "latest": proven.is_latest,
        "status": record.status.name,
        "since": record.since,
        "block": proven.sealed.header.number,
        "block_time": proven.sealed.header.timestamp,
        "proven": True,
    }


def _tell(proven: ProvenDisclosure, trust: TrustBundle) -> list[str]:
    register, record = trust.by_number[register_of(proven.entry)], proven.events[-1].record
    issuer = trust.by_number[proven.events[proven.event - 1].record.issuer]
    later = "" if proven.is_latest else "; a later event commits to something else"
    since = show_moment(record.since, register.code)
    header = proven.sealed.header
    return [
        f"certificate of type {_name_type(proven, trust)} in the register of {register.code}: {record.status.name} since {since}",
        *(f"  {name}: {said(value)}" for name, value in _read(proven.document).items()),
        f"proven: {issuer.code} signed this document in event {proven.event} of {len(proven.events)}{later}",
        f"proven: its whole history, as of block {header.number}, {write_moment(header.timestamp)}",
        "whose certificate it is, is the issuer's word: the document names the trader",
    ]


def _name_type(proven: ProvenDisclosure, trust: TrustBundle) -> str:
    code = trust.by_number[register_of(proven.entry)].code
    return name_types(1 << type_of(proven.entry), list_type_names(code))[0]


def _read(document: bytes) -> Document:
    """Read what a document says; nothing if its issuer wrote something else."""
    from aeo_ledger.registers.documents import read_columns  # noqa: PLC0415 (only here)

    return read_columns(document)
