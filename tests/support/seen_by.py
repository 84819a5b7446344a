"""What each reader of a keyed register holds at the end of its life, and what can be learned from that by searching, opening and trying."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx

from aeo_ledger.cli.disclosing import request_of
from aeo_ledger.customs.alias_codes import read_alias
from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.ledger.topics import STATUS_CHANGED, read_event
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.entries import hash_alias
from aeo_ledger.protocol.tables import Contract, Slot, Table, lane_key, slot_of, standing_slot
from aeo_ledger.prover.details import find_details
from aeo_ledger.registers.details import open_document, read_details
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.signing.lookup_file import NOTHING_HELD, HeldKeys
from support.keyed_life import ARRANGEMENT, NOBODY, QUESTION, TRADERS, Life, Trader
from support.network import PASSWORD
from support.traces import forms_of, forms_of_bytes, forms_of_number, lay_open, read_database
from support.waiting import WITHIN_S
from support.who_learns import Fact, Reader, Way

GUESSED = "BY511125808"
"""A trader in no register of the story, whose number answers repeat."""


_WANTED = frozenset({"tin", "evidence", "history", "since"})
"""What requests may leave out and these do not."""
_BY_DAY = {"/v1/statistics"}
"""Whose `since` is a day, where others have a block."""


@dataclass(kw_only=True)
class Person:
    """Somebody, with all that it can hold."""

    name: str
    reader: Callable[[Trader], Reader | None]
    """As which reader of the table it stands to a trader; None if that is left to others."""
    holds: Mapping[str, bytes]
    """What it has, by where that is from."""
    heard: bytes = b""
    """What its gateway was asked."""
    keys: HeldKeys = field(default=NOTHING_HELD, repr=False)
    opened: bytes = b""
    """The documents in publications that its keys open."""
    given: bytes = b""
    """The documents that gateways give to its operator now."""
    told_apart: frozenset[str] = frozenset()
    """Numbers about which a gateway answers it otherwise than about a number that nobody has."""


@cache
def _has(data: bytes, forms: frozenset[bytes]) -> bool:
    return any(form in data for form in forms)


def find(holds: Mapping[str, bytes], forms: Iterator[bytes]) -> list[str]:
    """List where one of some forms stands."""
    wanted = frozenset(forms)
    return [place for place, data in holds.items() if _has(data, wanted)]


def _learn_number(life: Life, one: Person, trader: Trader) -> Way:
    if find(one.holds, forms_of_number(trader.tin)):
        return Way.YES
    tried = {life.guess(trader)}
    tried |= {
        life.entry(trader) for key in one.keys.lookup if (key.register, key.certificate_type) == place_of(life, trader)
    }
    if trader.tin in one.told_apart or any(find(one.holds, _forms_of_entry(entry)) for entry in tried):
        return Way.NUMBERS
    if trader.code is not None:
        bound = hash_alias(life.trust.by_code["CN"].number, read_alias(trader.code))
        if find(one.holds, forms_of_bytes(bound)):
            return Way.CODES
    return Way.NO


def _learn_document(one: Person, trader: Trader) -> Way:
    """Search for the name and for the address: one of them is enough."""
    forms = frozenset((*forms_of(trader.name), *forms_of(trader.address)))
    if find({**one.holds, "opened": one.opened}, iter(forms)):
        return Way.YES
    return Way.REQUEST if _has(one.given, forms) else Way.NO


def _learn_question(life: Life, one: Person) -> Way:
    """Search for the question about a number that is in no register."""
    said = {**one.holds, "heard": one.heard}
    if find(said, forms_of_number(NOBODY.tin)):
        return Way.YES
    return Way.PSEUDONYM if find(said, _forms_of_entry(life.entry(NOBODY))) else Way.NO


def learn(life: Life, one: Person, trader: Trader) -> Mapping[Fact, Way]:
    """Tell what somebody can learn of a trader, and how."""
    document = Fact.AGREED if trader.consents else Fact.SILENT
    return {
        Fact.NUMBER: _learn_number(life, one, trader),
        document: _learn_document(one, trader),
        Fact.STANDING: Way.YES if find(one.holds, _forms_of_entry(life.entry(trader))) else Way.NO,
        Fact.RECOGNITION: Way.YES if find(one.holds, _forms_of_recognition(life)) else Way.NO,
        Fact.QUESTION: _learn_question(life, one),
    }


def place_of(life: Life, trader: Trader) -> tuple[int, int]:
    """Return the register and the type of a trader's certificate, by number."""
    return life.trust.by_code[trader.register].number, trader.type_number


def _forms_of_entry(entry: bytes) -> Iterator[bytes]:
    """List the forms of an entry, and of the place at which its record stands."""
    yield from forms_of_bytes(entry)
    yield from _forms_of_slot(standing_slot(entry))


def _forms_of_recognition(life: Life) -> Iterator[bytes]:
    """List the forms of the arrangement's name, and of the place of its first recognition."""
    yield from forms_of(ARRANGEMENT)
    pair = (life.trust.by_code["CN"].number, life.trust.by_code["KZ"].number)
    yield from _forms_of_slot(slot_of(Table.LANE, lane_key(*pair, 0)))


def _forms_of_slot(slot: Slot) -> Iterator[bytes]:
    """List the forms of a slot, and of its path as the leaf of a proof ends with it: not more than 16 levels lie above."""
    place = slot[1].to_bytes(32, "big")
    yield from forms_of_bytes(place)
    yield from forms_of_bytes(keccak256(place)[8:])


# ---- what they hold


def read_chain(life: Life) -> dict[str, bytes]:
    """Read all that a validator has: its database, every block with its transactions, receipts and logs, its folder and its log."""

    def ask(method: str, *params: object) -> bytes:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = httpx.post(life.node.url, json=body)
        assert answer.json()["result"] is not None, answer.text
        return answer.content

    numbers = range(life.ledger.head() + 1)
    blocks = [ask("eth_getBlockByNumber", hex(number), True) for number in numbers]
    sent = [one["hash"] for block in blocks for one in json.loads(block)["result"]["transactions"]]
    receipts = [ask("eth_getTransactionReceipt", name) for name in sent]
    logs = ask("eth_getLogs", {"fromBlock": "0x0", "toBlock": hex(numbers[-1])})
    assert len(sent) > 20
    assert len(json.loads(logs)["result"]) > 40
    files = {name: (life.folder / name).read_bytes() for name in ("genesis.json", "trust.json", "ledger.sqlite.mark")}
    return {
        **files,
        "blocks": lay_open(b"".join(blocks)),
        "receipts": lay_open(b"".join(receipts)),
        "logs": lay_open(logs),
        "database": read_database(life.folder / "ledger.sqlite"),
        "node's log": life.node.log.read_bytes(),
        "act's file": lay_open((life.home / "draft.act.json").read_bytes()),
    }


def read_every_route(life: Life, url: str, commitments: list[bytes]) -> dict[str, bytes]:
    """Read every GET route that a gateway's OpenAPI document has, as somebody without any right who knows no number."""
    head = str(life.ledger.head())
    chosen: dict[str, list[str]] = {
        "commitment": ["0x" + one.hex() for one in commitments],
        "party": [str(life.trust.by_code["KZ"].number)],
        "{party}": ["KZ", "BY", "CN"],
        "register": ["KZ"],
        "number": ["0", head],
        "tin": [GUESSED],
        "since": ["0"],
        "until": [head],
        "recogniser": ["CN"],
        "direction": ["import"],
        "role": ["carrier"],
        "evidence": ["true"],
        "history": ["true"],
        "at": ["0"],
        "nonce": ["0x" + "00" * 16],
        "host": ["127.0.0.1"],
        "signature": ["0x" + "11" * 65],
    }
    answers: dict[str, bytes] = {}
    with httpx.Client(base_url=url) as client:
        document = client.get("/openapi.json")
        answers |= {"/openapi.json": document.content, "/docs": client.get("/docs").content}
        for path, methods in document.json()["paths"].items():
            if "get" not in methods:
                continue
            asked = methods["get"].get("parameters", [])
            query = {
                one["name"]: chosen[one["name"]][0]
                for one in asked
                if one["in"] == "query" and (one["required"] or one["name"] in _WANTED) and path not in _BY_DAY
            }
            named = next((one["name"] for one in asked if one["in"] == "path"), "")
            for value in chosen.get(f"{{{named}}}", chosen[named]) if named else [""]:
                filled = path.replace(f"{{{named}}}", value)
                status, content = _fetch(client, filled, query)
                answers[f"GET {filled}"] = lay_open(content)
                refusable = path.startswith("/v1/documents/") or path.endswith("/card")
                assert status == 200 or refusable, (filled, content)
    return answers


def _fetch(client: httpx.Client, path: str, query: Mapping[str, str]) -> tuple[int, bytes]:
    """Fetch an answer; of a stream, everything until now."""
    content = b""
    with client.stream("GET", path, params=query) as answer:
        for piece in answer.iter_bytes():
            content += piece
            if answer.headers["content-type"].startswith("text/event-stream") and b"event: head" in content:
                break
    return answer.status_code, content


def try_numbers(url: str) -> frozenset[str]:
    """Ask a gateway about every number, and list those about which it answers otherwise than about one that nobody has."""

    def ask(tin: str) -> str:
        words = dict(zip((word[2:] for word in QUESTION[:-1:2]), QUESTION[1::2], strict=True))
        asked = {**words, "tin": tin, "accept_odd": "true", "register": "KZ"}
        answer = httpx.get(f"{url}/v1/decisions", params=asked).json()
        assert "decisions" not in answer
        return json.dumps([answer.get("recognised"), answer.get("reasons"), answer.get("type")])

    traders = [trader for trader in TRADERS if trader.register == "KZ"]
    return frozenset(trader.tin for trader in traders if ask(trader.tin) != ask(NOBODY.tin))


def list_documents(life: Life) -> list[tuple[bytes, bytes]]:
    """List each entry with each commitment that stands in the logs."""
    logs = life.ledger.logs(Contract.REGISTERS, [STATUS_CHANGED], until=life.ledger.head())
    return list(dict.fromkeys((log.topics[1], read_event(log)[1]) for log in logs))


def open_all(life: Life, keys: HeldKeys) -> bytes:
    """Open every document in publications that some keys open."""
    found = []
    for entry, commitment in list_documents(life):
        published = find_details(life.ledger, entry, commitment)
        assert published is not None
        sealed = read_details(published.details).get(published.place)
        if sealed is None:
            continue
        where = {"chain": published.chain, "registers": published.registers}
        try:
            found.append(open_document(sealed, keys, **where, entry=entry, commitment=commitment).content)  # type: ignore[arg-type]
        except AeoLedgerError:
            continue
    return b"\n".join(found)


def request_all(life: Life, signer: Signer) -> bytes:
    """Ask every gateway for every document, as an operator."""
    found = []
    for served in (life.plain, life.partner, life.issuer):
        with GatewayClient(served.url, timeout_s=WITHIN_S) as client:
            for entry, commitment in list_documents(life):
                try:
                    kept = client.document(commitment, request_of(commitment, life.trust, signer), entry)
                except AeoLedgerError as error:
                    found.append(str(error).encode())
                else:
                    found.append(kept.content)
    return b"\n".join(found)


def operator_of(life: Life, code: str) -> Signer:
    return open_key_file(life.folder / f"parties/{code}/operator.json", Password(PASSWORD))


def read_index(life: Life, name: str) -> bytes:
    return read_database(Path(life.file(f"{name}.index.sqlite")))
