"""The client of a gateway: a `Desk` by URL, and evidence on request. No decision depends on what a gateway says.

A gateway can cost its caller only seconds and megabytes: each answer has a limit of size, of time and of memory, before it is
parsed. Several gateways may be given. The one that answered last is asked first; one that is silent, busy or unclear is skipped.
A signed act is the exception: once a gateway may have it, no other gateway gets it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from aeo_ledger.customs.tin import find_wrong_form
from aeo_ledger.errors import AeoLedgerError, Malformed, Unavailable
from aeo_ledger.errors.evidence import ChainTooLong
from aeo_ledger.errors.gateway import (
    GatewayBroke,
    GatewaySlow,
    GatewayUnclear,
    GatewayUnreachable,
    NoGatewayAnswers,
    PossiblyRelayed,
)
from aeo_ledger.errors.registers import OtherDocument
from aeo_ledger.errors.rpc import OtherChainServed
from aeo_ledger.errors.transport import LineFull, ShareUsed
from aeo_ledger.evidence import Evidence, Question
from aeo_ledger.evidence.ancestry import CHAIN_FORM, MAX_LINKS, MAX_PIECE, HeaderChain
from aeo_ledger.evidence.handover import UPDATE_FORM, TrustUpdate
from aeo_ledger.evidence.snapshot import MAX_BYTES, SNAPSHOT_FORM, Snapshot
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.connection import open_connection
from aeo_ledger.gateway.problems import from_problem
from aeo_ledger.gateway.wire import (
    CHAIN_HEADER,
    document_from_json,
    member_from_json,
    place_to_json,
    sealed_from_json,
    standings_from_json,
    words_from_json,
)
from aeo_ledger.office.ask import write_asked
from aeo_ledger.office.desk import ANSWERED_WITHIN_S, SEALED_WITHIN_S, Member, Place, Standings
from aeo_ledger.primitives.documents import parse_json
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.primitives.urls import parse_url
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Slot
from aeo_ledger.registers.disclosure import DocumentRequest
from aeo_ledger.registers.documents import Kept
from aeo_ledger.transport.exchange import Answer, AnswerTooLong, AnswerTooSlow, ask

T = TypeVar("T")

_CHAIN_ID: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
_LARGEST: Final = 1 << 24
"""Most bytes of an answer, except evidence for many questions, histories and snapshots."""

_LARGEST_DOCUMENT: Final = 1 << 26
"""Most bytes of an answer with a document, whose content is hexadecimal."""

_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOT_TAKEN: Final = (GatewayUnreachable, OtherChainServed, LineFull, ShareUsed)
"""Faults after which a gateway certainly did not relay the act."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a gateway says about itself."""

    block: int
    block_time: int
    """UTC seconds."""
    ledger: str
    """The ledger that it serves, in its own words."""
    trouble: str | None
    """Why it accepts no act now, in its own words; None if it accepts acts."""


class GatewayClient:
    """One gateway by URL, or several of one ledger.

    Args:
        urls: `http://HOST:PORT` or `https://...`; the first one that answers is asked.
        client: A client of httpx, to use something other than a socket.
        timeout_s: Seconds for a whole answer of one gateway. An act has 60 more, to be sealed.
        chain: Id of the pinned chain; None accepts any.

    Raises:
        MalformedText: a URL is malformed, or the environment's proxies or certificates cannot be used.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        client: httpx.Client | None = None,
        *,
        timeout_s: float = ANSWERED_WITHIN_S,
        chain: int | None = None,
    ) -> None:
        parsed = [parse_url(url, what="gateway") for url in ([urls] if isinstance(urls, str) else urls)]
        self._urls = [url.text.rstrip("/") for url in parsed]
        self._timeout_s, self._chain = timeout_s, chain
        self._client = client or open_connection(parsed)

    def __enter__(self) -> Self:
        """Use the connection until the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._client.close()

    @property
    def url(self) -> str:
        """The gateway that answered last, without the secret parts of its URL; at the beginning, the first one."""
        return _without_secrets(self._urls[0])

    def health(self) -> Health:
        """Ask whether it answers, and how new its ledger's last block is.

        Raises:
            Unavailable: it does not answer, or says that its ledger does not.
        """

        def read(found: Mapping[str, Any]) -> Health:
            block, time, ledger, trouble = (found[name] for name in ("block", "block_time", "ledger", "trouble"))
            return Health(int(block), int(time), str(ledger), None if trouble is None else str(trouble))

        return self._ask("GET", "/healthz", read)

    def submit(self, act: SignedAct) -> Sealed:
        """Relay a signed act until it is sealed; see `Desk`.

        Raises:
            PossiblyRelayed: a gateway may have the act, and did not answer.
        """
        within_s = self._timeout_s + SEALED_WITHIN_S
        return self._ask("POST", "/v1/acts", sealed_from_json, json=act.to_json(), within_s=within_s, once=True)

    def members(self) -> Sequence[Member]:
        """List the parties, by number."""
        return self._ask("GET", "/v1/parties", lambda found: [member_from_json(part) for part in found["parties"]])

    def standings(self, entries: Sequence[bytes]) -> Standings:
        """Read records by entry, at most 1,000."""
        asked = {"entries": [f"0x{entry.hex()}" for entry in entries]}
        return self._ask("POST", "/v1/standings", standings_from_json, json=asked)

    def clock(self) -> int:
        """Read the relay's clock; see `Desk`."""
        return self.standings(()).clock

    def words(self, places: Sequence[Place]) -> Sequence[int]:
        """Read words by table and key, at most 1,000."""
        return self._ask(
            "POST", "/v1/words", words_from_json, json={"places": [place_to_json(place) for place in places]}
        )

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Fetch evidence of at most 2,000 words, as of the newest block; it is not checked here."""
        asked = {
            "slots": [{"contract": contract, "slot": to_hex(slot.to_bytes(32, "big"))} for contract, slot in slots]
        }
        largest = EVIDENCE_FORM.max_bytes
        return self._ask("POST", "/v1/proofs", EVIDENCE_FORM.decode_values, json=asked, max_bytes=largest)

    def evidence(self, question: Question, *, with_history: bool = False) -> Evidence:
        """Fetch the evidence for a question, with the signed history that a past time needs; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked: dict[str, Any] = {**write_asked(question), "evidence": "true"}
        asked |= {"history": "true"} if with_history else {}
        asked |= {"accept_odd": "true"} if find_wrong_form(question.tin) else {}
        largest = EVIDENCE_FORM.max_bytes if with_history else _LARGEST
        return self._ask("GET", "/v1/decisions", _read_evidence, params=asked, max_bytes=largest)

    def evidence_of_many(self, questions: Sequence[Question]) -> Evidence:
        """Fetch one evidence document for up to 1,000 questions; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        odd = any(find_wrong_form(question.tin) for question in questions)
        asked = {"questions": [write_asked(question) for question in questions], "accept_odd": odd}
        largest = EVIDENCE_FORM.max_bytes
        return self._ask("POST", "/v1/decisions", _read_evidence, json=asked, max_bytes=largest)

    def history(self, entries: Sequence[bytes]) -> Evidence:
        """Fetch every signed event of up to 16 standings, by their entries (32 bytes each); they are not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked = {"entries": [f"0x{entry.hex()}" for entry in entries]}
        return self._ask(
            "POST", "/v1/history", EVIDENCE_FORM.decode_values, json=asked, max_bytes=EVIDENCE_FORM.max_bytes
        )

    def trust_update(self, since: int) -> TrustUpdate:
        """Fetch the steps from a pinned checkpoint's block to the newest block; they are not checked here.

        Raises:
            Unavailable, Malformed: the gateway's error.
        """
        asked = {"since": since}
        largest = EVIDENCE_FORM.max_bytes
        return self._ask("GET", "/v1/trust/update", UPDATE_FORM.decode_values, params=asked, max_bytes=largest)

    def header_chain(self, since: int, until: int) -> HeaderChain:
        """Fetch the headers between two blocks, piece by piece; they are not checked here.

        Raises:
            ChainTooLong: there are more than can be checked.
            Unavailable, Malformed: the gateway's error.
        """
        if until - since > MAX_LINKS:
            raise ChainTooLong(found=until - since, limit=MAX_LINKS)
        links: list[bytes] = []
        while len(links) < until - since:
            asked = {"since": since + len(links), "until": min(since + len(links) + MAX_PIECE, until)}
            largest = EVIDENCE_FORM.max_bytes
            piece = self._ask("GET", "/v1/trust/chain", CHAIN_FORM.decode_values, params=asked, max_bytes=largest)
            if len(piece.links) != asked["until"] - asked["since"]:
                detail = f"{len(piece.links)} headers, asked for {asked['until'] - asked['since']}"
                raise GatewayUnclear(url=self.url, path="/v1/trust/chain", detail=detail)
            links += piece.links
        return HeaderChain(links=tuple(links))

    def document(self, request: DocumentRequest, signature: Signature) -> Kept:
        """Fetch the document of a signed request, and check that the commitment binds it.

        Raises:
            OtherDocument: it does not.
            NotEntitled, UnknownDocument, NoDocumentsServed, Unavailable, Malformed: the gateway's error.
        """
        asked = {"at": request.at, "signature": to_hex(signature.encode())}
        path = f"/v1/documents/{to_hex(request.commitment)}"
        found = self._ask("GET", path, document_from_json, params=asked, max_bytes=_LARGEST_DOCUMENT)
        if found.commitment != request.commitment:
            raise OtherDocument(commitment=request.commitment)
        return found

    def snapshot(self) -> Snapshot:
        """Fetch a snapshot of the whole ledger, up to the longest size; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """

        def read(answer: Answer) -> Snapshot:
            return SNAPSHOT_FORM.decode_cbor(answer.body)

        return self._ask_in_turn(lambda url: self._once(url, "GET", "/v1/snapshot", read, max_bytes=MAX_BYTES))

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        max_bytes: int = _LARGEST,
        once: bool = False,
        **how: Any,
    ) -> T:
        """Ask for a JSON document, and read it."""

        def read_answer(answer: Answer) -> T:
            return read(_parse(answer, max_bytes))

        def ask_one(url: str) -> T:
            return self._once(url, method, path, read_answer, max_bytes=max_bytes, **how)

        if not once:
            return self._ask_in_turn(ask_one)

        def relay(url: str) -> T:
            try:
                return ask_one(url)
            except (GatewaySlow, GatewayBroke, GatewayUnclear) as fault:
                raise PossiblyRelayed(url=_without_secrets(url), detail=str(fault)) from fault

        return self._ask_in_turn(relay, skipping=_NOT_TAKEN)

    def _ask_in_turn(
        self, ask_one: Callable[[str], T], *, skipping: tuple[type[Unavailable], ...] = (Unavailable,)
    ) -> T:
        """Ask one gateway after another; ask busy ones again at the time that they gave, until the time is over.

        Args:
            ask_one: Asks the gateway of a URL.
            skipping: Faults after which another gateway may be asked.
        """
        until = time.monotonic() + self._timeout_s
        while True:
            faults: list[Unavailable] = []
            for url in self._urls:
                try:
                    found = ask_one(url)
                except skipping as fault:
                    faults.append(fault)
                else:
                    self._urls = [url, *(other for other in self._urls if other != url)]
                    return found
            pauses = [fault.retry_after_s for fault in faults if isinstance(fault, LineFull | ShareUsed)]
            if not pauses or time.monotonic() + min(pauses) > until:
                raise faults[0] if len(faults) == 1 else NoGatewayAnswers(said=tuple(map(str, faults)))
            time.sleep(max(min(pauses), 1))

    def _once(
        self,
        url: str,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        max_bytes: int,
        within_s: float | None = None,
        **how: Any,
    ) -> T:
        """Ask one gateway once.

        Raises:
            Unavailable: it gave no answer that can be read.
            AeoLedgerError: the problem that it reports.
        """
        within_s, shown = within_s or self._timeout_s, _without_secrets(url)
        try:
            answer = ask(self._client, method, url + path, max_bytes=max_bytes, within_s=within_s, **how)
        except AnswerTooSlow as error:
            raise GatewaySlow(url=shown, waited_s=within_s) from error
        except (AnswerTooLong, httpx.DecodingError) as error:
            raise GatewayUnclear(url=shown, path=path, detail=str(error)) from error
        except _NOT_REACHED as error:
            raise GatewayUnreachable(url=shown, detail=str(error) or type(error).__name__) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise GatewayBroke(url=shown, detail=str(error) or type(error).__name__) from error
        self._check_chain(shown, answer)
        if answer.status >= 400:
            raise _problem(shown, path, answer)
        if answer.status >= 300:
            raise GatewayUnclear(url=shown, path=path, detail=f"status {answer.status}")
        try:
            return read(answer)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, Malformed) as error:
            detail = str(error) if isinstance(error, Malformed) else "its JSON has another form"
            raise GatewayUnclear(url=shown, path=path, detail=detail) from error

    def _check_chain(self, url: str, answer: Answer) -> None:
        """Refuse a gateway that names another ledger. If it lies about the ledger, the proof will fail."""
        served = answer.headers.get(CHAIN_HEADER, "")
        if self._chain is None or not _CHAIN_ID.fullmatch(served) or int(served) == self._chain:
            return
        raise OtherChainServed(endpoint=url, found=f"chain {served}", needed=f"chain {self._chain}")


def _problem(url: str, path: str, answer: Answer) -> AeoLedgerError:
    """Read the problem in an answer."""
    try:
        document = _parse(answer, _LARGEST)
    except Malformed as error:
        return GatewayUnclear(url=url, path=path, detail=f"status {answer.status}, and the {error}")
    told = from_problem(document if isinstance(document, dict) else {}, answer.status)
    told.said_by = f"the gateway at {url}"
    return told


def _parse(answer: Answer, max_bytes: int) -> Any:
    return parse_json(answer.body, document="answer", max_bytes=max_bytes, fractions=True)


def _read_evidence(found: Any) -> Evidence:
    return EVIDENCE_FORM.decode_values(found["evidence"])


def _without_secrets(url: str) -> str:
    """Leave a user's name and password out of a URL."""
    return str(httpx.URL(url).copy_with(userinfo=b"")) if "@" in url else url
