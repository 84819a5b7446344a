"""The other end of the gateway's HTTP: a `Desk` by URL, and evidence on request. Nothing that it says is trusted with a decision."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from aeo_ledger.customs.arrangement import Pair
from aeo_ledger.errors import GatewayUnclear, GatewayUnreachable, Malformed, MalformedText
from aeo_ledger.evidence import Evidence, Question, decode_json, encode_question
from aeo_ledger.evidence.handover import TrustUpdate, decode_update_json
from aeo_ledger.evidence.snapshot import MAX_BYTES, Snapshot, decode_snapshot
from aeo_ledger.gateway.problems import from_problem
from aeo_ledger.gateway.wire import member_from_json, pair_from_json, receipt_from_json, standings_from_json
from aeo_ledger.office.desk import Member, Receipt, Standings
from aeo_ledger.protocol.acts import SignedAct

T = TypeVar("T")


class GatewayClient:
    """A gateway by URL. Give a client of httpx to speak through something else than a socket."""

    def __init__(self, url: str, client: httpx.Client | None = None, *, timeout_s: float = 90.0) -> None:
        self._url = url
        try:
            self._client = client or httpx.Client(base_url=url, timeout=timeout_s)
        except (httpx.InvalidURL, ValueError) as error:
            raise MalformedText("gateway", repr(url)[:120], f"a URL such as http://127.0.0.1:8547 ({error})") from error

    def __enter__(self) -> Self:
        """Keep the connection."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._client.close()

    def submit(self, act: SignedAct) -> Receipt:
        """Have a signed act relayed and sealed; see `Desk`."""
        return self._ask("POST", "/v1/acts", receipt_from_json, json=act.to_json())

    def members(self) -> Sequence[Member]:
        """List the parties, by number."""
        return self._ask("GET", "/v1/parties", lambda found: [member_from_json(part) for part in found["parties"]])

    def standings(self, entries: Sequence[bytes]) -> Standings:
        """Read records by entry, at most 1,000."""
        asked = {"entries": [f"0x{entry.hex()}" for entry in entries]}
        return self._ask("POST", "/v1/standings", standings_from_json, json=asked)

    def pair(self, recogniser: int, register: int) -> Pair:
        """Read a pair's word; a pair that never had an act is empty."""

        def find(found: Mapping[str, Any]) -> Pair:
            for pair in found["pairs"]:
                if (pair["recogniser_number"], pair["register_number"]) == (recogniser, register):
                    return pair_from_json(pair)
            return Pair()

        return self._ask("GET", "/v1/arrangements", find)

    def evidence(self, question: Question, *, with_history: bool = False) -> Evidence:
        """Fetch the evidence that answers a question, unchecked; with the signed history that a past time needs.

        Raises:
            Refused, Unavailable, Malformed: what the gateway says.
        """
        asked: dict[str, Any] = {**encode_question(question), "evidence": "true"}
        asked |= {"history": "true"} if with_history else {}
        return self._ask("GET", "/v1/decisions", lambda found: decode_json(json.dumps(found["evidence"])), params=asked)

    def evidence_of_many(self, questions: Sequence[Question]) -> Evidence:
        """Fetch one evidence that answers up to 1,000 questions, unchecked.

        Raises:
            Refused, Unavailable, Malformed: what the gateway says.
        """
        asked = {"questions": [encode_question(question) for question in questions]}
        return self._ask("POST", "/v1/decisions", lambda found: decode_json(json.dumps(found["evidence"])), json=asked)

    def history(self, entries: Sequence[bytes]) -> Evidence:
        """Fetch every signed event of up to 16 standings, by their entries of 32 bytes, unchecked.

        Raises:
            Refused, Unavailable, Malformed: what the gateway says.
        """
        asked = {"entries": [f"0x{entry.hex()}" for entry in entries]}
        return self._ask("POST", "/v1/history", lambda found: decode_json(json.dumps(found)), json=asked)

    def trust_update(self, since: int) -> TrustUpdate:
        """Fetch the steps from a pinned checkpoint's block to the newest one, unchecked.

        Raises:
            Unavailable, Malformed: what the gateway says.
        """

        def read(found: Any) -> TrustUpdate:
            return decode_update_json(json.dumps(found))

        return self._ask("GET", "/v1/trust/update", read, params={"since": since})

    def snapshot(self) -> Snapshot:
        """Fetch a snapshot of the whole ledger, unchecked; one that is too long is not read to its end.

        Raises:
            Refused, Unavailable, Malformed: what the gateway says.
        """
        path = "/v1/snapshot"
        data = bytearray()
        try:
            with self._client.stream("GET", path) as response:
                if response.is_error:
                    response.read()
                    self._document(path, response)
                for part in response.iter_bytes():
                    data += part
                    if len(data) > MAX_BYTES:
                        raise GatewayUnclear(url=self._url, path=path, detail=f"more than {MAX_BYTES} bytes")
        except httpx.HTTPError as error:
            raise GatewayUnreachable(url=self._url, detail=str(error) or type(error).__name__) from error
        try:
            return decode_snapshot(bytes(data))
        except Malformed as error:
            raise GatewayUnclear(url=self._url, path=path, detail=str(error)) from error

    def _ask(self, method: str, path: str, read: Callable[[Any], T], **how: Any) -> T:
        try:
            response = self._client.request(method, path, **how)
        except httpx.HTTPError as error:
            raise GatewayUnreachable(url=self._url, detail=str(error) or type(error).__name__) from error
        document = self._document(path, response)
        try:
            return read(document)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, Malformed) as error:
            detail = str(error) if isinstance(error, Malformed) else repr(error)
            raise GatewayUnclear(url=self._url, path=path, detail=detail) from error

    def _document(self, path: str, response: httpx.Response) -> Any:
        """Read a response's JSON; raise the problem that it tells."""
        try:
            document = response.json()
        except (ValueError, RecursionError) as error:
            raise GatewayUnclear(
                url=self._url, path=path, detail=f"status {response.status_code} without JSON"
            ) from error
        if response.is_error:
            raise from_problem(document if isinstance(document, dict) else {}, response.status_code)
        return document
