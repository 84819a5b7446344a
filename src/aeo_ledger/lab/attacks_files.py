"""A mailbox: who owns it, or can send in its name, owns the monthly file.

The files are real: `registers.read` reads them, as an office does. Only the mail is played. A message says whom it is from, and nothing
proves it; an office that asks for a signature is played as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Status
from aeo_ledger.lab.attacks_stage import DAY_S, Finding, Stage
from aeo_ledger.lab.own_network import BEGINS
from aeo_ledger.lab.streams import Streams
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.registers.profile import shipped
from aeo_ledger.registers.read import read_register
from aeo_ledger.signing import Signer

_MAILBOX = "aeo@customs.example"
_HEADER = "tin,certificate_number,certificate_type,roles,status,status_since,decided,effective_from,effective_until,name,address"
HONEST, SUSPENDED, FORGED = Tin("BY200988541"), Tin("BY190239501"), Tin("BY100220190")
"""A trader with a certificate; one that will be suspended; one that never had any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message with a file."""

    sender: str
    """What it says of itself."""
    file: bytes
    signature: bytes = b""
    """65 bytes; empty if nobody signed it."""


def write_file(rows: Sequence[tuple[Tin, Status]]) -> bytes:
    """Write a register's file as an office mails it."""
    lines = (
        f"{tin},BY/{number:04}/ТИП3,3,exporter,{status.name},2024-01-01,2024-01-01,2024-01-01,,Trader {number},Minsk"  # noqa: RUF001
        for number, (tin, status) in enumerate(rows, 1)
    )
    return "\n".join([_HEADER, *lines, ""]).encode()


@dataclass(slots=True)
class Office:
    """A recogniser's office: it replaces its table by each file that comes from the partner's mailbox."""

    demands: bytes | None = None
    """The address of the key that must have signed a file; None if no signature is asked for."""
    table: dict[Tin, Status] = field(default_factory=dict)
    refused: int = 0

    def receive(self, mail: Mail) -> None:
        """Read a file."""
        if mail.sender != _MAILBOX or not self._is_signed(mail):
            self.refused += 1
            return
        reading = read_register(mail.file, "BY", shipped("plain"), now=BEGINS + 400 * DAY_S, accept_odd=True)
        reading.demand_good()
        self.table = {row.tin: row.status for row in reading.rows}

    def believes(self, tin: Tin) -> bool:
        """Tell whether a trader gets benefits."""
        return self.table.get(tin) is Status.ACTIVE

    def _is_signed(self, mail: Mail) -> bool:
        if self.demands is None:
            return True
        return (
            bool(mail.signature)
            and Signature.parse(mail.signature).recover_signer(keccak256(mail.file)) == self.demands
        )


def forge_file(stage: Stage) -> Iterator[Finding]:
    """Send a file in the partner's name, a day after the genuine one: a trader without a certificate is on it."""
    issuer = Signer.generate(Streams(stage.seed).bytes_of("files"))
    thief = Signer.generate(Streams(stage.seed).bytes_of("thief"))
    genuine = write_file([(HONEST, Status.ACTIVE)])
    forged = write_file([(HONEST, Status.ACTIVE), (FORGED, Status.ACTIVE)])
    for against, demands in (("monthly file", None), ("monthly file, signed", issuer.address)):
        office = Office(demands=demands)
        office.receive(_mail(genuine, issuer))
        office.receive(_mail(forged, thief))
        succeeds = office.believes(FORGED)
        lasts = 0
        while office.believes(FORGED):
            lasts += DAY_S
            if lasts + stage.assumed.sent_s >= stage.assumed.month_s:
                office.receive(_mail(genuine, issuer))
        yield Finding(
            attack="forged monthly file",
            owns="nothing: a sender's name in a message is not proven",
            against=against,
            succeeds=succeeds,
            gain="a certificate that nobody granted, for one message" if succeeds else "nothing",
            lasts_s=lasts,
            refused="" if succeeds else "the signature is another's",
            shown_by="the next genuine file, if somebody compares the two" if succeeds else "the refusal",
        )


def hold_back_file(stage: Stage) -> Iterator[Finding]:
    """Delete one month's message: a suspended trader keeps its benefits."""
    issuer = Signer.generate(Streams(stage.seed).bytes_of("files"))
    before = write_file([(HONEST, Status.ACTIVE), (SUSPENDED, Status.ACTIVE)])
    after = write_file([(HONEST, Status.ACTIVE), (SUSPENDED, Status.SUSPENDED)])
    office = Office(demands=issuer.address)
    office.receive(_mail(before, issuer))
    now = suspended = stage.assumed.sent_s
    held = stage.assumed.month_s
    succeeds = office.believes(SUSPENDED)
    while office.believes(SUSPENDED):
        now += DAY_S
        if now % stage.assumed.month_s == 0 and now != held:  # the file of the first month never arrives
            office.receive(_mail(after, issuer))
    yield Finding(
        attack="file held back",
        owns="the recogniser's mailbox",
        against="monthly file, signed",
        succeeds=succeeds,
        gain="benefits of a suspended trader for a month more than without the attack",
        lasts_s=now - suspended,
        shown_by="a month without a file, if somebody counts them",
    )


def _mail(file: bytes, signer: Signer) -> Mail:
    return Mail(sender=_MAILBOX, file=file, signature=signer.seal(keccak256(file)))
