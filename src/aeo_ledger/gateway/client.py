"""The client of a gateway: a `Desk` by URL, and evidence on request. No decision depends on what a gateway says.

A gateway can cost its caller only seconds and megabytes: each answer has a limit of size, of time and of memory, before it is
parsed. Several gateways may be given. The one that answered last is asked first; one that is silent, busy or unclear is skipped.
A signed act is the exception: once a gateway may have it, no other gateway gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

import httpx

from aeo_ledger.customs.alias_codes import name_kind
from aeo_ledger.customs.history import Subject
from aeo_ledger.customs.tin import Tin, find_wrong_form
from aeo_ledger.errors.evidence import ChainTooLong
from aeo_ledger.errors.gateway import (
    GatewayUnclear,
)
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.registers import OtherDocument
from aeo_ledger.evidence import AnyQuestion, Evidence, Header, Question, decode_header
from aeo_ledger.evidence.ancestry import CHAIN_FORM, MAX_LINKS, MAX_PIECE, HeaderChain
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.handover import UPDATE_FORM, TrustUpdate
from aeo_ledger.evidence.news import Cursor, Heard
from aeo_ledger.evidence.snapshot import MAX_BYTES, SNAPSHOT_FORM, Snapshot
from aeo_ledger.evidence.wire import EVIDENCE_FORM
from aeo_ledger.gateway.line import LARGEST, Line
from aeo_ledger.gateway.listen import listen
from aeo_ledger.gateway.manifest import Manifest, read_evidence_if_any, read_manifest
from aeo_ledger.gateway.wire import (
    Health,
    document_from_json,
    health_from_json,
    keys_from_json,
    member_from_json,
    place_to_json,
    sealed_from_json,
    slots_to_json,
    standings_from_json,
    subject_to_json,
    words_from_json,
)
from aeo_ledger.office.ask import write_asked
from aeo_ledger.office.corridor import Corridor
from aeo_ledger.office.desk import ANSWERED_WITHIN_S, SEALED_WITHIN_S, Member, Place, Standings
from aeo_ledger.office.everywhere import View
from aeo_ledger.primitives.hexadecimal import parse_hex, to_hex
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.protocol.tables import Slot
from aeo_ledger.registers.disclosure import DocumentRequest
from aeo_ledger.registers.documents import Kept
from aeo_ledger.transport.exchange import Answer

T = TypeVar("T")

_LARGEST_DOCUMENT: Final = 1 << 26
"""Most bytes of an answer with a document, whose content is hexadecimal."""


class GatewayClient:
    """One gateway by URL, or several of one ledger.

    Args:
        urls: `http://HOST:PORT` or `https://...`; the first one that answers is asked.
        client: A client of httpx, to use something other than a socket.
        timeout_s: Seconds for a whole answer of one gateway. An act has 60 more, to be sealed.
        chain: Id of the pinned chain; None accepts any.
        token_for: Makes the token for a closed gateway, from its host; see `signing.access`. `client` has none of it.

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
        token_for: Callable[[str], str] | None = None,
    ) -> None:
        self._line = Line(urls, client, timeout_s=timeout_s, chain=chain, token_for=token_for)

    def __enter__(self) -> Self:
        """Use the connection until the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._line.close()

    @property
    def url(self) -> str:
        """The gateway that answered last, without the secret parts of its URL; at the beginning, the first one."""
        return self._line.url

    def health(self) -> Health:
        """Ask whether it answers, and how new its ledger's last block is.

        Raises:
            Unavailable: it does not answer, or says that its ledger does not.
        """
        return self._line.ask("GET", "/healthz", health_from_json)

    def submit(self, act: SignedAct) -> Sealed:
        """Relay a signed act until it is sealed; see `Desk`.

        Raises:
            PossiblyRelayed: a gateway may have the act, and did not answer.
        """
        within_s = self._line.timeout_s + SEALED_WITHIN_S
        return self._line.ask("POST", "/v1/acts", sealed_from_json, json=act.to_json(), within_s=within_s, once=True)

    def complete_replacement(self, party: int) -> Sealed:
        """Complete the replacement of a party's authority, by the party's number; see `Desk`.

        Raises:
            PossiblyRelayed: a gateway may have sent it, and did not answer.
        """
        within_s = self._line.timeout_s + SEALED_WITHIN_S
        asked = {"party": party}
        return self._line.ask("POST", "/v1/completions", sealed_from_json, json=asked, within_s=within_s, once=True)

    def keys(self, party: int) -> Sequence[bytes]:
        """List the addresses that serve or served a party, by the party's number; see `Desk`."""
        return self._line.ask("GET", "/v1/keys", keys_from_json, params={"party": party})

    def card(self, party: str) -> Card:
        """Fetch a party's card, by its code; it is not checked here.

        Raises:
            CardNotHeld, Unavailable, Malformed: the gateway's error.
        """
        return self._line.ask("GET", f"/v1/parties/{party}/card", CARD_FORM.decode_values)

    def members(self) -> Sequence[Member]:
        """List the parties, by number."""
        return self._line.ask("GET", "/v1/parties", lambda found: [member_from_json(part) for part in found["parties"]])

    def standings(self, entries: Sequence[bytes]) -> Standings:
        """Read records by entry, at most 1,000."""
        asked = {"entries": [f"0x{entry.hex()}" for entry in entries]}
        return self._line.ask("POST", "/v1/standings", standings_from_json, json=asked)

    def clock(self) -> int:
        """Read the relay's clock; see `Desk`."""
        return self.standings(()).clock

    def words(self, places: Sequence[Place]) -> Sequence[int]:
        """Read words by table and key, at most 1,000."""
        return self._line.ask(
            "POST", "/v1/words", words_from_json, json={"places": [place_to_json(place) for place in places]}
        )

    def prove_words(self, slots: Sequence[Slot]) -> Evidence:
        """Fetch evidence of at most 2,000 words, as of the newest block; it is not checked here."""
        asked, largest = slots_to_json(slots), EVIDENCE_FORM.max_bytes
        return self._line.ask("POST", "/v1/proofs", EVIDENCE_FORM.decode_values, json=asked, max_bytes=largest)

    def prove_past(self, slots: Sequence[Slot], subjects: Sequence[Subject]) -> Evidence:
        """Fetch evidence of words, as `prove_words` does, with the signed history of some subjects; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked = {**slots_to_json(slots), "histories": [subject_to_json(subject) for subject in subjects]}
        largest = EVIDENCE_FORM.max_bytes
        return self._line.ask("POST", "/v1/proofs", EVIDENCE_FORM.decode_values, json=asked, max_bytes=largest)

    def evidence(self, question: AnyQuestion, *, with_history: bool = False, named: Tin | None = None) -> Evidence:
        """Fetch the evidence for a question, with the signed history that a past time needs; it is not checked here.

        `named` is the TIN that the question's alias means, if the asker knows it: a gateway cannot read it from the ledger.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked: dict[str, Any] = {**write_asked(question), "evidence": "true"}
        asked |= {"history": "true"} if with_history else {}
        asked |= {} if named is None else {"tin": named.text}
        tin = question.tin if isinstance(question, Question) else named
        asked |= {"accept_odd": "true"} if tin is not None and find_wrong_form(tin) else {}
        largest = EVIDENCE_FORM.max_bytes if with_history else LARGEST
        return self._line.ask("GET", "/v1/decisions", _read_evidence, params=asked, max_bytes=largest)

    def ask_many(self, questions: Sequence[AnyQuestion], *, with_history: bool = False) -> Manifest:
        """Ask up to 1,000 questions at once; nothing is checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error about all of them.
        """
        odd = any(find_wrong_form(question.tin) for question in questions if isinstance(question, Question))
        asked: dict[str, Any] = {"questions": [write_asked(question) for question in questions], "accept_odd": odd}
        asked |= {"history": True} if with_history else {}
        largest = EVIDENCE_FORM.max_bytes
        found = self._line.ask(
            "POST",
            "/v1/decisions",
            lambda told: read_manifest(told, len(questions)),
            json=asked,
            max_bytes=largest,
        )
        for problem in found.problems.values():
            problem.said_by = f"the gateway at {self.url}"
        return found

    def evidence_of_many(self, questions: Sequence[AnyQuestion]) -> Evidence:
        """Fetch one evidence document that answers each of up to 1,000 questions; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error, about all of them or about the first that cannot be put.
        """
        found = self.ask_many(questions)
        for problem in found.problems.values():
            raise problem
        if found.evidence is None:
            raise MalformedText("questions", "none", "at least one")
        return found.evidence

    def corridor(self, corridor: Corridor) -> Evidence | None:
        """Fetch one evidence document for a trader's question along a route, None if there is nobody to ask; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked: dict[str, Any] = {
            "tin": corridor.tin.text,
            "role": corridor.role.name.lower(),
            "corridor": list(corridor.route),
            "accept_odd": bool(find_wrong_form(corridor.tin)),
        }
        asked |= {} if corridor.direction is None else {"direction": corridor.direction.name.lower()}
        largest = EVIDENCE_FORM.max_bytes
        return self._line.ask("POST", "/v1/corridors", read_evidence_if_any, json=asked, max_bytes=largest)

    def recognitions(self, view: View) -> Evidence:
        """Fetch one evidence document for a trader's question to all recognisers; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked = {
            "role": view.role.name.lower(),
            "directions": ",".join(direction.name.lower() for direction in view.directions),
            "recognisers": ",".join(view.recognisers),
            "accept_odd": "true" if find_wrong_form(view.tin) else "false",
        }
        aliases = [f"{code}:{name_kind(alias.kind)}:{alias.code}" for code, alias in view.aliases]
        asked |= {"aliases": ",".join(aliases)} if aliases else {}
        path = f"/v1/traders/{quote(view.tin.text, safe='')}/recognitions"
        return self._line.ask("GET", path, _read_evidence, params=asked, max_bytes=EVIDENCE_FORM.max_bytes)

    def history(self, entries: Sequence[bytes]) -> Evidence:
        """Fetch every signed event of up to 16 standings, by their entries (32 bytes each); they are not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        asked = {"entries": [f"0x{entry.hex()}" for entry in entries]}
        return self._line.ask(
            "POST", "/v1/history", EVIDENCE_FORM.decode_values, json=asked, max_bytes=EVIDENCE_FORM.max_bytes
        )

    def listen(
        self, recogniser: str, *, registers: str | None = None, since: Cursor | None = None
    ) -> Generator[Heard, None, None]:
        """Hear what may change the answers to a recogniser, until the stream breaks off; it is not checked here.

        Args:
            recogniser: Its code.
            registers: Codes of parties, separated by commas; None for all.
            since: The place of what was heard last; None begins with the newest block.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """
        return listen(self._line, recogniser, registers=registers, since=since)

    def trust_update(self, since: int) -> TrustUpdate:
        """Fetch the steps from a pinned checkpoint's block to the newest block; they are not checked here.

        Raises:
            Unavailable, Malformed: the gateway's error.
        """
        asked = {"since": since}
        largest = EVIDENCE_FORM.max_bytes
        return self._line.ask("GET", "/v1/trust/update", UPDATE_FORM.decode_values, params=asked, max_bytes=largest)

    def header(self, number: int) -> Header:
        """Fetch the header of a block; it is not checked here.

        Raises:
            HeaderUnsealed: the chain has no QBFT headers.
            Unavailable, Malformed: the gateway's error.
        """

        def read(found: Any) -> Header:
            return decode_header(parse_hex(found["header"], what="header"))

        return self._line.ask("GET", f"/v1/blocks/{number}", read)

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
            piece = self._line.ask("GET", "/v1/trust/chain", CHAIN_FORM.decode_values, params=asked, max_bytes=largest)
            if len(piece.links) != asked["until"] - asked["since"]:
                detail = f"{len(piece.links)} headers, asked for {asked['until'] - asked['since']}"
                raise GatewayUnclear(url=self.url, path="/v1/trust/chain", detail=detail)
            links += piece.links
        return HeaderChain(links=tuple(links))

    def document(
        self,
        commitment: bytes,
        sign: Callable[[str], tuple[DocumentRequest, Signature]],
        entry: bytes | None = None,
    ) -> Kept:
        """Fetch the document of a commitment (32 bytes), and check that the commitment binds it.

        With the entry that it is about (32 bytes), a gateway that holds keys finds it sealed in its publication too.

        `sign` makes and signs a request to a host. Each gateway that is asked needs its own, and each try a new one.

        Raises:
            OtherDocument: it does not.
            NotEntitled, UnknownDocument, NoDocumentsServed, Unavailable, Malformed: the gateway's error.
        """

        def ask(host: str) -> dict[str, Any]:
            request, signature = sign(host)
            return {
                "at": request.at,
                "nonce": to_hex(request.nonce),
                "host": request.host,
                "signature": to_hex(signature.encode()),
                **({} if entry is None else {"entry": to_hex(entry)}),
            }

        path = f"/v1/documents/{to_hex(commitment)}"
        found = self._line.ask("GET", path, document_from_json, params_for=ask, max_bytes=_LARGEST_DOCUMENT)
        if found.commitment != commitment:
            raise OtherDocument(commitment=commitment)
        return found

    def statistics(self, **days: str) -> Any:
        """Fetch how often this gateway told what: `since` and `until` are days. The document is not checked here."""
        return self._line.ask("GET", "/v1/statistics", lambda found: found, params=days)

    def snapshot(self) -> Snapshot:
        """Fetch a snapshot of the whole ledger, up to the longest size; it is not checked here.

        Raises:
            Refused, Unavailable, Malformed: the gateway's error.
        """

        def read(answer: Answer) -> Snapshot:
            return SNAPSHOT_FORM.decode_cbor(answer.body)

        return self._line.fetch("/v1/snapshot", read, max_bytes=MAX_BYTES)


def _read_evidence(found: Any) -> Evidence:
    return EVIDENCE_FORM.decode_values(found["evidence"])
