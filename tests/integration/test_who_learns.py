"""Who learns what: everybody's bytes at the end of a keyed register's life are searched. Found is exactly what the page `sharing` says.

The office's own files are left out, by name: the register's secrets (KZ.register.json), its book (KZ.book.sqlite), the file from which it
publishes (KZ.csv) and what its own commands print. So are each partner's encrypted key files: a partner is asked what it can do with them.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from aeo_ledger.signing import Signer
from support.keyed_life import (
    AGREED,
    NOBODY,
    QUESTION,
    SILENT,
    TRADERS,
    Life,
    Trader,
    lived,
)
from support.overheard import listening_to
from support.seen_by import (
    Person,
    find,
    learn,
    list_documents,
    open_all,
    operator_of,
    read_chain,
    read_every_route,
    read_index,
    request_all,
    try_numbers,
)
from support.traces import forms_of, forms_of_number, lay_open, read_database
from support.who_learns import TABLE, Fact, Reader, Way


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with lived(tmp_path_factory.mktemp("life")) as life:
        yield life


@pytest.fixture(scope="module")
def people(life: Life) -> list[Person]:
    """Everybody who reads, with all that it holds."""
    with listening_to(life.partner.port) as line:
        for trader in (AGREED, NOBODY):
            life.run("ask", trader.tin, *QUESTION, gateway=line.url, code=4)  # answered, and without keys unproven
        named = bytes(line.asked)
    for served in (life.plain, life.partner, life.issuer):
        stumble(served.url)
    commitments = [commitment for _, commitment in list_documents(life)]
    chain = read_chain(life)
    routes = read_every_route(life, life.plain.url, commitments)
    routes_with_keys = read_every_route(life, life.partner.url, commitments)
    lines = {"asked": lay_open(bytes(life.line.asked)), "answered": lay_open(bytes(life.line.answered))}
    written = {name: lay_open(data) for name, data in life.written.items()}
    shown = {trader.tin: read_open(life, f"{trader.tin}.disclosed.json") for trader in (AGREED, SILENT)}
    evidence = {trader.tin: read_open(life, f"{trader.tin}.evidence.json") for trader in (AGREED, SILENT, NOBODY)}
    stranger = request_all(life, Signer.from_secret(b"\x77" * 32))
    people = [
        Person(name="validator", reader=outside, holds=chain),
        Person(
            name="outsider",
            reader=outside,
            holds={**routes, **written},
            given=stranger,
            told_apart=try_numbers(life.plain.url),
        ),
        Person(
            name="caller",
            reader=lambda one: Reader.CALLER if of_type(one, "3") else None,
            holds={**routes_with_keys, "snapshot": written["all.snapshot"]},
            given=stranger,
            told_apart=try_numbers(life.partner.url),
        ),
        Person(
            name="gateway asked by words",
            reader=lambda one: Reader.WORDS if outside(one) is Reader.BLOCKS else None,
            holds={**chain, **lines, "index": read_index(life, "plain"), "log": life.plain.log.read_bytes()},
            heard=lines["asked"],
        ),
        Person(name="plan", reader=planned, holds={"plan": read_open(life, "KZ.plan")}),
        Person(
            name="evidence", reader=lambda one: Reader.EVIDENCE if one in (AGREED, SILENT) else None, holds=evidence
        ),
        Person(name="court", reader=lambda one: Reader.SHOWN if one.tin in shown else Reader.UNSHOWN, holds=shown),
    ]
    for code in ("CN", "BY", "EU"):
        keys = life.keys_of(code)
        opened, given = open_all(life, keys), request_all(life, operator_of(life, code))
        people.append(
            Person(name=code, reader=PARTNERS[code], holds={**chain, **written}, keys=keys, opened=opened, given=given)
        )
    held = next(one for one in people if one.name == "CN")
    people.append(
        Person(
            name="gateway with keys",
            reader=lambda one: Reader.NAMED if of_type(one, "3") else None,
            holds={**chain, "index": read_index(life, "partner"), "log": life.partner.log.read_bytes()},
            heard=named,
            keys=held.keys,
            opened=held.opened,
        )
    )
    return people


def read_open(life: Life, name: str) -> bytes:
    return lay_open((life.home / name).read_bytes())


def decision(trader: Trader) -> dict[str, str]:
    return {"tin": trader.tin, "recogniser": "CN", "direction": "import", "role": "carrier", "accept_odd": "true"}


def stumble(url: str) -> None:
    """Ask about traders in every wrong way, on every route, so that whatever a server writes down about errors is written."""
    headers = {"content-type": "application/json"}
    with httpx.Client(base_url=url) as client:
        routes = [*client.get("/openapi.json").json()["paths"], "/v1/{tin}"]
        for trader in (AGREED, NOBODY):
            wrong = ({"role": trader.tin}, {"tin": [trader.tin, trader.tin]}, {**decision(trader), "at": trader.name})
            bodies = (json.dumps({"tin": trader.tin}), f'{{"questions": ["{trader.tin}"', f'{{"{trader.tin}": 1}}')
            for route in routes:
                path = re.sub(r"\{\w+\}", trader.tin, route)
                answers = [client.get(path, params=more) for more in wrong]
                answers += [client.post(path, content=body, headers=headers) for body in bodies]
                assert all(answer.status_code < 600 for answer in answers)


def of_type(trader: Trader, certificate_type: str) -> bool:
    return (trader.register, trader.certificate_type) == ("KZ", certificate_type)


def outside(trader: Trader) -> Reader:
    if trader.register == "BY":
        return Reader.OPEN
    return Reader.CODED if trader.code else Reader.BLOCKS


def planned(trader: Trader) -> Reader:
    return Reader.UNSHOWN if trader.later or trader.register == "BY" else Reader.PLAN


def partner(certificate_type: str, before: Reader, after: Reader) -> Callable[[Trader], Reader]:
    """Tell what a party with the keys of one type is to a trader; a code leads others to its pseudonym too."""

    def reader(trader: Trader) -> Reader:
        if of_type(trader, certificate_type):
            return after if trader.later else before
        found = outside(trader)
        return Reader.OTHER_TYPE if found is Reader.BLOCKS else found

    return reader


PARTNERS = {
    "CN": partner("3", Reader.PARTNER, Reader.PARTNER),
    "BY": partner("1", Reader.PARTNER, Reader.PARTNER),
    "EU": partner("3", Reader.BEFORE, Reader.AFTER),
}


def compare(life: Life, people: list[Person]) -> tuple[list[str], set[tuple[Reader, Fact]]]:
    """Compare what everybody learns with the table; return what differs, and which cells were looked at."""
    wrong, looked = [], set()
    for one in people:
        for trader in TRADERS:
            reader = one.reader(trader)
            if reader is None:
                continue
            for fact, way in learn(life, one, trader).items():
                looked.add((reader, fact))
                if way is not TABLE[reader][fact]:
                    wrong.append(
                        f"{one.name} as {reader.name}, {trader.tin}, {fact.name}: {way.value}, not {TABLE[reader][fact].value}"
                    )
    return wrong, looked


def test_everybody_learns_exactly_what_the_table_says(life: Life, people: list[Person]) -> None:
    wrong, looked = compare(life, people)
    assert not wrong, "\n".join(wrong)
    assert looked == {(reader, fact) for reader in Reader for fact in Fact}


def test_no_server_writes_a_trader_into_its_log_and_no_command_names_one_to_a_gateway(
    life: Life, people: list[Person]
) -> None:
    """Neither does the issuer's gateway, which has the book. All offices' commands went through the line."""
    logs = {one.log.name: one.log.read_bytes() for one in (life.node, life.plain, life.partner, life.issuer)}
    assert all(logs.values())
    warned = {name for name, log in logs.items() if b"whoever reaches it can try numbers" in log}
    assert warned == {life.partner.log.name}
    said = {"asked": lay_open(bytes(life.line.asked)), "answered": lay_open(bytes(life.line.answered))}
    for trader in (*TRADERS, NOBODY):
        assert (
            find(
                {**logs, **said},
                iter([*forms_of_number(trader.tin), *forms_of(trader.name), *forms_of(trader.address)]),
            )
            == []
        )


# ---- the search finds what is there


def test_a_leak_that_is_planted_anywhere_is_found(life: Life, people: list[Person]) -> None:
    for one in people:
        for trader in (SILENT, NOBODY):
            for text in (trader.tin, trader.name, trader.address):
                planted = replace(one, holds={**one.holds, "leak": lay_open(json.dumps({"log": text}).encode())})
                before, after = learn(life, one, trader), learn(life, planted, trader)
                fact = Fact.NUMBER if text == trader.tin else Fact.SILENT
                assert (after[fact], one.name) == (Way.YES, one.name)
                assert after != before or before[fact] is Way.YES


FORMS: dict[str, Callable[[str], bytes]] = {
    "text": lambda text: f"error: {text} is odd".encode(),
    "json": lambda text: json.dumps({"a": text}).encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "hex": lambda text: b"0x00ff" + text.encode().hex().encode(),
    "hex of utf-16": lambda text: ("é" + text).encode("utf-16-be").hex().upper().encode(),
    "base64": lambda text: base64.b64encode(b"a" + text.encode() + b"bcd"),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"\xff\xfe" + text.encode()),
    "url": lambda text: httpx.Request("GET", "http://a/", params={"a": text}).url.query,
    "call data": lambda text: lay_open(
        json.dumps({"input": "0x" + (b"\x01" + text.encode("utf-16-le")).hex()}).encode()
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [AGREED.tin, AGREED.name, AGREED.address], ids=["tin", "name", "address"])
def test_each_form_is_found(form: str, text: str) -> None:
    assert find({"here": FORMS[form](text)}, forms_of(text)) == ["here"]
    assert find({"here": FORMS[form](text[:-1] + "x")}, forms_of(text)) == []


def test_a_text_in_a_database_is_found_also_when_pages_divide_it(tmp_path: Path) -> None:
    path = tmp_path / "some.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE some (a)")
        for length in range(4_000, 4_120):
            database.execute("INSERT INTO some VALUES (?)", (b"a" * length + AGREED.name.encode() + b"b" * 5_000,))
    assert read_database(path).split(b"a" * 4_000)[-1].count(AGREED.name.encode()) >= 1
    assert find({"here": read_database(path)}, forms_of(AGREED.name)) == ["here"]
