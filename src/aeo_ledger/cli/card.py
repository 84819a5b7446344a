"""`aeo-ledger party card`: who an administration is: its card, and the X.509 certificate that stands for its authority's keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aeo_ledger.cli.acting import describe_facts
from aeo_ledger.cli.extras import demand_extra
from aeo_ledger.cli.options import (
    AsJson,
)
from aeo_ledger.cli.output import now, put, reporting, require_name, show
from aeo_ledger.cli.screen import named, said
from aeo_ledger.cli.shared import READS, SIGNS, Common, sharing
from aeo_ledger.cli.written import STATEMENT, TRUST
from aeo_ledger.errors import AeoLedgerError, Unproven
from aeo_ledger.errors.gateway import CardNotHeld
from aeo_ledger.errors.office import CardUnbound, OtherX509Key
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.identity import MAX_SIGNATURE_BYTES, IdentityStatement
from aeo_ledger.office.ask import read_file, read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.card import (
    create_card,
    propose_card,
    read_card,
    read_certificates,
    read_revocations,
    write_card,
)
from aeo_ledger.office.identity import SignStatement, draft_statement, sign_statement
from aeo_ledger.office.naming import count
from aeo_ledger.office.parties import Shown, find_number
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.trust import pin_certificate
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.signing import obtain_password
from aeo_ledger.verify import TRUST_FORM, ProvenState
from aeo_ledger.verify.identity import ClaimedIdentity, find_signers, slots_of_card, verify_card, verify_claim
from aeo_ledger.wording.words import ENGLISH, Words

if TYPE_CHECKING:  # needs the extra
    from aeo_ledger.verify.x509 import ProvenIdentity

app = typer.Typer(help="Who a party is: its card, and the X.509 certificate that stands for its authority's keys.")

CardFile = Annotated[Path, typer.Argument(metavar="FILE", help="The card.")]
OfferedCard = Annotated[
    Path | None,
    typer.Option(
        "--file", metavar="FILE", help="The card. Default: the one that the gateway holds. Neither is trusted."
    ),
]
Roots = Annotated[
    list[Path] | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        help="Certificates of authorities that you trust, PEM or DER; repeat it. Without one, the X.509 certificate is not judged.",
    ),
]
Revocations = Annotated[
    list[Path] | None,
    typer.Option(
        "--crl", metavar="FILE", help="With --ca: the present list of revoked certificates of each issuer; repeat it."
    ),
]
Code = Annotated[str, typer.Argument(metavar="CODE", help="Code of the party.")]


@app.command("new")
@reporting
def new(
    party: Code,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The new file, to be filled in.")],
    as_json: AsJson = False,
) -> None:
    """Write a card to be filled in: whatever begins with < is refused until you have written it."""
    create_card(require_name(out), propose_card(party))
    lines = [f"fill it in: {named(out)}", f"then: aeo-ledger party card check {named(out)}"]
    show({"file": str(out), "party": party}, as_json=as_json, lines=lines)


@app.command("check")
@reporting
def check(file: CardFile, as_json: AsJson = False) -> None:
    """Check the form of a card, and show it with the hash to be recorded. Whether it is its party's is not judged here."""
    card = read_card(file)
    signed = f"; {_tell_signed(card)}" if card.identity else ""
    lines = [f"the card of {card.party}, in good form{signed}", *tell_card(card), f"hash {to_hex(card.hash())}"]
    document = {"file": str(file), "hash": to_hex(card.hash()), "card": CARD_FORM.encode_values(card)}
    show(document, as_json=as_json, lines=lines)


@app.command("bind")
@reporting
@sharing(SIGNS - {"unproven"} | {"lang"})
def bind(
    file: CardFile,
    common: Common,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Begin a new statement about this X.509 certificate: PEM, the certificate and then those that lead to its root.",
        ),
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate's own key: PKCS#8 in PEM, encrypted.")
    ] = None,
    content: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="If the certificate's key is on a token: write here what it must sign, with SHA-256."
        ),
        STATEMENT,
    ] = None,
    certificate_signature: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The token's signature of that: PSS of RSA, or ECDSA in DER.")
    ] = None,
) -> None:
    """State that a party's authority and an X.509 certificate are one. Each side signs the statement in the card, in any order."""
    demand_extra("ledger", "cryptography")
    from aeo_ledger.verify.x509 import name_subject  # noqa: PLC0415 (needs the extra)

    card = read_card(file)
    with common.open_desk() as desk:
        if certificate is not None:
            card = draft_statement(desk, card, read_certificates(certificate))
        statement = card.identity
        if statement is None:
            raise CardUnbound(path=str(file))
        subject = name_subject(statement.certificates[0])
        sign = _open_certificate_key(statement, subject, certificate_key, certificate_signature, common.password_file)
        bound = sign_statement(desk, card, common.open_keys(), sign, subject=subject)
    write_card(file, bound)
    if content is not None:
        put(content, statement.content())
    lines = [f"{named(file)}: {_tell_signed(bound)}", f"hash {to_hex(bound.hash())}"]
    document = {"file": str(file), "hash": to_hex(bound.hash()), "card": CARD_FORM.encode_values(bound)}
    show(document, as_json=common.as_json, lines=lines)


def _open_certificate_key(
    statement: IdentityStatement, subject: str, key: Path | None, signature: Path | None, password_file: Path | None
) -> SignStatement | None:
    """Open the key of a certificate, or read what a token signed with it; None if neither is at hand.

    Raises:
        OtherX509Key: The key is not the certificate's.
        X509Unsigned: The token signed something else, or with another key.
        UnreadableFile, OversizedFile: The signature cannot be read.
        WrongPassword, MalformedKeyFile, ExposedFile, KeyFileUnavailable: See `open_x509_key`.
    """
    from aeo_ledger.signing.x509_key import open_x509_key  # noqa: PLC0415 (needs the extra)
    from aeo_ledger.verify.x509 import verify_signed  # noqa: PLC0415

    if key is not None:
        own = open_x509_key(key, obtain_password(f"the certificate's key in {named(key)}", file=password_file))
        if not own.is_of(statement.certificates[0]):
            raise OtherX509Key(path=str(key), subject=subject)
        return own.sign
    if signature is not None:
        given = read_file(signature, max_bytes=MAX_SIGNATURE_BYTES)
        verify_signed(replace(statement, certificate_signature=given))
        return lambda _: given
    return None


@app.command("show")
@reporting
@sharing(READS - {"unproven"} | {"lang"})
def show_card(
    party: Code,
    common: Common,
    file: OfferedCard = None,
    ca: Roots = None,
    crl: Revocations = None,
    pin: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --ca: write your trust bundle to this file, with the certificate noted in it. Pin that instead, if you mean it.",
        ),
        TRUST,
    ] = None,
) -> None:
    """Prove that a card is the one that its party recorded and, with --ca, that the X.509 certificate in it is genuine and theirs."""
    if (crl or pin) and not ca:
        raise MalformedText("--crl and --pin", "no --ca", "the certificates of authorities that you trust")
    if ca:
        demand_extra("ledger", "cryptography")
    pinned = read_trust(common.trust)
    roots = [one for path in ca or [] for one in read_certificates(path)]
    lists = [one for path in crl or [] for one in read_revocations(path)]
    with common.open_desk() as desk:
        number = find_number(desk, party)
        card = read_card(file, party) if file is not None else desk.relay.card(party)
        proven = prove_card(desk, card, number, must_claim=bool(ca))
    identity = None
    if ca:
        from aeo_ledger.verify.x509 import verify_x509  # noqa: PLC0415 (needs the extra)

        assert proven.claim is not None  # noqa: S101 (it had to)
        identity = verify_x509(proven.claim, roots=roots, revocations=lists, now=now())
        if pin is not None:
            put(pin, TRUST_FORM.encode_file(pin_certificate(pinned, number, proven.claim.statement.fingerprint)))
    block, words = describe_facts(proven.facts), common.words
    time = show_moment(proven.facts.time)
    lines = [
        words.say("the card of {party}, as its authority recorded it", party=party),
        *tell_card(card, words),
        *proven.tell(words),
        *([] if identity is None else _tell_identity(identity, words)),
        words.say("proven as of block {block} of {time}", block=block["block"], time=time),
        *([] if pin is None else [f"noted in {named(pin)}: to trust it, run aeo-ledger trust pin"]),
    ]
    document = {**proven.describe(), "identity": identity and _describe_identity(identity), **block}
    show(document, as_json=common.as_json, lines=lines, proven=True)


# ---- what `party show` shows of it too


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A card that is proven, and what is known of its statement."""

    card: Card
    facts: Facts
    claim: ClaimedIdentity | None
    """None if the statement does not hold, or if there is none."""
    doubt: str
    """Why the statement does not hold; empty if it does, or if there is none."""

    def tell(self, words: Words = ENGLISH) -> list[str]:
        """Tell what is proven of the statement without judging the certificate."""
        if self.doubt:
            return [words.say("  UNPROVEN    that the certificate is the authority's: {doubt}", doubt=self.doubt)]
        if self.claim is None:
            return []
        signed = words.plural(
            "  signed      by {number} key of the authority, whose present keys it names; the ledger has its fingerprint",
            "  signed      by {number} keys of the authority, whose present keys it names; the ledger has its fingerprint",
            len(self.claim.signers),
        )
        return [signed]

    def describe(self) -> dict[str, Any]:
        """Describe it for machines."""
        return {
            "card": CARD_FORM.encode_values(self.card),
            "hash": to_hex(self.card.hash()),
            "claimed": self.claim is not None,
            "doubt": self.doubt or None,
        }


def prove_card(desk: ProvenDesk, card: Card, number: int, *, must_claim: bool) -> Proof:
    """Prove that a card is a party's, and look whether its statement holds.

    Raises:
        NoCardRecorded, OtherCard: It is not.
        Unproven: `must_claim`, and the statement does not hold, or there is none.
    """
    facts = desk.facts(slots_of_card(card, number))
    if not isinstance(facts, ProvenState):
        raise Unproven("a card cannot be proven by words that a gateway only claims")
    proven, claim, doubt = verify_card(card, number, facts), None, ""
    if must_claim or card.identity is not None:
        try:
            claim = verify_claim(proven, facts)
        except Unproven as error:
            if must_claim:
                raise
            doubt = str(error)
    return Proof(card=card, facts=facts, claim=claim, doubt=doubt)


def find_proof(desk: ProvenDesk, found: Shown, words: Words) -> Proof | str:
    """Ask the gateway for the card that a party recorded, and prove it; or say in words why that is not possible."""
    if not isinstance(found.facts, ProvenState):
        return words.say("a gateway's claim, so no card is shown")
    try:
        return prove_card(desk, desk.relay.card(found.party.code), found.number, must_claim=False)
    except CardNotHeld:
        return words.say("this gateway does not hold it")
    except AeoLedgerError as error:
        return words.say("what this gateway holds is not it: {error}", error=error)


def tell_card(card: Card, words: Words = ENGLISH) -> list[str]:
    """Write a card for people, line by line, in the words of its party."""
    phone = f", {said(card.phone)}" if card.phone else ""
    lines = [
        *(
            words.say("  name        {name} ({language})", name=said(name), language=language)
            for language, name in card.names.items()
        ),
        words.say("  time zone   {zone}", zone=card.time_zone),
        words.say("  liaison     {contact}", contact=f"{said(card.office)}, {card.email}{phone}"),
        words.say("  programme   {basis}, {link}", basis=said(card.legal_basis), link=said(card.link)),
    ]
    if card.gateway:
        lines.append(words.say("  gateway     {url}", url=said(card.gateway)))
    if card.disclosure_key is not None:
        key = card.disclosure_key
        hashed = to_hex(keccak256(key.public_key))
        lines.append(
            words.say(
                "  seals to    {algorithm}, public key with the hash {hash}", algorithm=key.algorithm, hash=hashed
            )
        )
    lines += [words.say("  reader      {address}", address=to_hex(address)) for address in card.reader_keys]
    if card.identity is not None:
        lines.append(
            words.say("  certificate X.509, SHA-256 {fingerprint}", fingerprint=to_hex(card.identity.fingerprint))
        )
    return lines


def _tell_signed(card: Card) -> str:
    """Say who has signed the statement, and who has not."""
    statement = card.identity
    assert statement is not None  # noqa: S101 (for the type checker)
    signers: Sequence[bytes] = find_signers(statement)
    lacking = max(statement.threshold - len(signers), 0)
    missing = [count(lacking, "authority key")] if lacking else []
    missing += [] if statement.certificate_signature else ["the certificate's key"]
    return f"the statement lacks {' and '.join(missing)}" if missing else "both sides have signed the statement"


def _tell_identity(identity: ProvenIdentity, words: Words) -> list[str]:
    issuer, root, until = said(identity.issuer), said(identity.root), show_moment(identity.until)
    asked = (
        words.say("              valid until {time}; revocation not on the lists given", time=until)
        if identity.asked_revocation
        else words.say("              valid until {time}; revocation not asked: give --crl", time=until)
    )
    return [
        words.say("  genuine     it names {subject}", subject=said(identity.subject)),
        words.say("              issued by {issuer}, under the root {root}", issuer=issuer, root=root),
        asked,
    ]


def _describe_identity(identity: ProvenIdentity) -> dict[str, Any]:
    return {
        "subject": identity.subject,
        "issuer": identity.issuer,
        "root": identity.root,
        "until": identity.until,
        "revocation_asked": identity.asked_revocation,
        "fingerprint": to_hex(identity.claim.statement.fingerprint),
        "signers": [to_hex(signer) for signer in identity.claim.signers],
    }
