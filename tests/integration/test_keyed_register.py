"""A keyed register by its commands: Kazakhstan opens it, gives its keys to China, publishes, and China asks, reads and verifies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.disclosure_key import Algorithm, DisclosureKey
from aeo_ledger.gateway.app import create_app
from aeo_ledger.office.carry_out import carry_out
from aeo_ledger.primitives.hexadecimal import to_hex
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.protocol.typed_data import Value
from aeo_ledger.signing import Password
from aeo_ledger.signing.disclosure_file import create_disclosure_key
from aeo_ledger.signing.envelope import seal_keys
from aeo_ledger.signing.hpke import Opener, Purpose, seal
from aeo_ledger.signing.lookup_file import NOTHING_HELD, keep_held_keys, open_held_keys
from aeo_ledger.signing.register_file import RegisterSecrets
from support.network import PASSWORD, Network, found, open_book, opened, served
from support.workshop import COLUMNS, Workshop

CN_KZ = """
name = "CN-KZ"
signed = "2024-01"
text = "Arrangement between the customs administrations of China and Kazakhstan"
[[recognition]]
recogniser = "CN"
register = "KZ"
types = ["3"]
directions = ["import", "export", "transit"]
benefits = ["fewer_inspections", "faster_release"]
in_force_from = 2024-02-01
"""
AGREED, SILENT, FIRST = "KZ100440012340", "KZ100440012341", "KZ100440012342"
"""A trader who consents, one who does not, and one with type 1, which nobody recognises."""


class Story:
    """The workshop, and the files of both offices."""

    def __init__(self, network: Network, home: Path) -> None:
        self.network, self.home = network, home
        port = int(network.url.rpartition(":")[2])
        self.shop = Workshop(folder=network.folder, port=port, office=home)
        self.secrets, self.keys = home / "KZ.register.json", home / "CN.keys.json"
        self.disclosure, self.public = home / "CN.disclosure.json", home / "CN.disclosure.pub"
        self.card = home / "CN.card.json"

    def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        approved = (
            ("--yes",) if words[:2] in {("register", "open"), ("register", "share"), ("register", "roll")} else ()
        )
        return self.shop.json(*words, *approved, code=code)

    def open(self, *types: str, code: int = 0) -> dict[str, Any]:
        key = self.shop.key("KZ", "authority")
        words = ("--party", "KZ", "--mode", "keyed", "--types", ",".join(types), "--secrets", str(self.secrets))
        return self.json("register", "open", *words, "--key", key, code=code)

    def share(self, *words: str, code: int = 0) -> dict[str, Any]:
        key = self.shop.key("KZ")
        return self.json(
            "register", "share", "--party", "KZ", "--secrets", str(self.secrets), "--key", key, *words, code=code
        )

    def receive(self, *words: str, party: str = "CN", code: int = 0) -> dict[str, Any]:
        usual = ("--party", party, "--disclosure-key", str(self.disclosure), "--lookup-keys", str(self.keys))
        return self.json("register", "receive", *usual, *words, code=code)

    def write_card(self, path: Path, public: DisclosureKey | None, party: str = "CN") -> None:
        """Write a card, as an administration fills it in."""
        card = Card(
            party=party,
            names={"en": "Customs"},
            time_zone="Asia/Shanghai",
            office="Liaison desk",
            email="liaison@customs.example",
            legal_basis="A law",
            link="https://customs.example/aeo",
            disclosure_key=public,
        )
        path.write_bytes(CARD_FORM.encode_file(card))

    def set_card(self, path: Path) -> None:
        key = self.shop.key("CN", "authority")
        self.shop.json("party", "act", "card", "--party", "CN", "--file", str(path), "--key", key, "--yes")

    def write_register(self, *rows: tuple[str, str, str]) -> Path:
        lines = [
            f"{tin},No {tin[-3:]},{kind},carrier,ACTIVE,2024-01-01,2024-01-01,2024-01-01,,Name of {tin},Street {tin},{consent}"
            for tin, kind, consent in rows
        ]
        file = self.home / "KZ.csv"
        file.write_text("\n".join([f"{COLUMNS},consent", *lines]) + "\n")
        return file

    def import_(self, *rows: tuple[str, str, str], code: int = 0) -> dict[str, Any]:
        file = self.write_register(*rows)
        words = ("--party", "KZ", "--key", self.shop.key("KZ"), "--secrets", str(self.secrets), "--accept-odd")
        return self.shop.json("register", "import", str(file), *words, code=code)

    def ask(self, tin: str, *words: str, code: int = 0) -> dict[str, Any]:
        usual = ("--recogniser", "CN", "--direction", "import", "--role", "carrier", "--accept-odd")
        return self.shop.json("ask", tin, *usual, *words, code=code)

    def entry(self, tin: str, kind: int = 2) -> bytes:
        held = open_held_keys(self.secrets, Password(PASSWORD), self.network.trust.chains)
        register = self.network.number("KZ")
        opened = self.network.running.relay.members()[register - 1].register
        assert opened is not None
        return entries_of(Tin(tin), held.lookup.key)(register, opened.mode, kind)

    def call_data(self) -> bytes:
        """Everything that was ever sent to the ledger."""
        ledger = self.network.running.ledger
        logs = [log for contract in Contract for log in ledger.logs(contract, [None], until=ledger.head())]
        return b"".join(ledger.call_data(name)[1] for name in dict.fromkeys(log.transaction for log in logs))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("keyed")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for function in (RegisterSecrets.write, create_disclosure_key, keep_held_keys):
            patch.setitem(function.__kwdefaults__ or {}, "work_factor", 2)
        with opened(found(home / "net", keyed=("KZ",))) as network:
            network.conclude(CN_KZ, "CN", "KZ")
            yield Story(network, home)


def test_a_register_is_opened_with_its_check_values_first(story: Story) -> None:
    refused = story.share("--with", "CN", "--card", f"CN={story.home}/none", code=2)
    assert refused["error"] == "UnreadableFile"
    done = story.open("3", "1")
    assert [one["told"][0].split()[0] for one in done["acts"]] == ["SET", "SET", "SET"]
    assert all(one["proven"] for one in done["acts"])
    assert story.open("1", "3")["acts"] == []
    shown = story.shop.json("party", "show", "KZ")["register"]
    assert shown == {"mode": "keyed", "types": ["1", "3"], "epoch": 0}
    assert len(story.open("2")["acts"]) == 2
    assert story.shop.json("party", "show", "KZ")["register"]["types"] == ["1", "2", "3"]


def test_a_file_of_others_secrets_opens_nothing(story: Story) -> None:
    other = story.home / "other.json"
    RegisterSecrets(1, 3, bytes(32), {0: bytes(32)}).write(other, Password(PASSWORD), randomness=bytes)
    words = ("--party", "KZ", "--mode", "keyed", "--types", "3", "--secrets", str(other))
    refused = story.json("register", "open", *words, "--key", story.shop.key("KZ", "authority"), code=3)
    assert refused["error"] == "OtherSecrets"
    mine = story.home / "mine.json"
    chain = story.network.trust.chain_id
    RegisterSecrets(chain, 3, bytes(32), {0: bytes(32)}).write(mine, Password(PASSWORD), randomness=bytes)
    words = (*words[:-1], str(mine))
    refused = story.json("register", "open", *words, "--key", story.shop.key("KZ", "authority"), code=4)
    assert refused["error"] == "WrongLookupKey"
    lost = story.home / "lost.json"
    words = (*words[:-1], str(lost))
    refused = story.json("register", "open", *words, "--key", story.shop.key("KZ", "authority"), code=3)
    assert (refused["error"], lost.exists()) == ("SecretsNeeded", False)
    opened = ("--party", "BY", "--mode", "keyed", "--types", "3", "--secrets", str(lost))
    refused = story.json("register", "open", *opened, "--key", story.shop.key("BY", "authority"), code=3)
    assert (refused["error"], lost.exists()) == ("RegisterOpened", False)
    other_mode = ("--party", "KZ", "--mode", "open", "--types", "3")
    refused = story.json("register", "open", *other_mode, "--key", story.shop.key("KZ", "authority"), code=3)
    assert refused["error"] == "RegisterOpened"


def test_a_disclosure_key_is_made_and_its_hash_goes_on_the_ledger(story: Story) -> None:
    made = story.shop.json("key", "new", str(story.disclosure), "--disclosure", "--public", str(story.public))
    assert made["algorithm"] == "MLKEM768_X25519"
    assert story.public.read_text().strip() == made["public"]
    public = DisclosureKey.parse(made["public"])
    story.write_card(story.card, public)
    named = ("--with", "CN", "--card", f"CN={story.card}")
    assert story.share(*named, code=4)["error"] == "OtherCard"
    keyless, forged = story.home / "keyless.card.json", story.home / "forged.card.json"
    story.write_card(keyless, None)
    story.set_card(keyless)
    assert story.share("--with", "CN", "--card", f"CN={keyless}", code=3)["error"] == "NoDisclosureKey"
    story.set_card(story.card)
    story.write_card(forged, Opener(Algorithm.X25519, bytes(32)).public)
    assert story.share("--with", "CN", "--card", f"CN={forged}", code=4)["error"] == "OtherCard"


def test_keys_go_to_those_who_recognise_the_register_and_to_nobody_else(story: Story) -> None:
    refused = story.share("--with", "BY", "--card", f"BY={story.card}", code=3)
    assert (refused["error"], "no recognition is in force" in refused["detail"]) == ("NoLaneInForce", True)
    assert story.share(code=10) == {"failed": [], "sent": [], "waiting": ["CN"]}
    (due,) = story.shop.json("register", "due", "--party", "KZ", code=10)["due"]
    assert (due["kind"], due["subject"], due["overdue"]) == ("keys", "CN recognises KZ", True)
    assert due["todo"] == "register share --with CN"
    assert story.receive()["registers"] == []
    sent = story.share("--card", f"CN={story.card}")
    assert [(one["to"], one["types"], one["proven"]) for one in sent["sent"]] == [("CN", ["3"], True)]
    assert story.share() == {"failed": [], "sent": [], "waiting": []}
    assert story.share("--card", f"XX={story.card}", code=3)["error"] == "NoSuchParty", "though nobody waits"
    assert story.shop.json("register", "due", "--party", "KZ")["due"] == []


def test_the_recipient_opens_its_keys_and_gets_no_others(story: Story) -> None:
    got = story.receive()
    (row,) = got["registers"]
    assert (row["register"], row["types"], row["epoch"], row["older"]) == ("KZ", ["3"], 0, 0)
    held = open_held_keys(story.keys, Password(PASSWORD), story.network.trust.chains)
    mine = open_held_keys(story.secrets, Password(PASSWORD), story.network.trust.chains)
    register = story.network.number("KZ")
    assert [(key.register, key.certificate_type) for key in held.lookup] == [(register, 2)]
    assert held.lookup.key(register, 2) == mine.lookup.key(register, 2)
    assert list(held.payload) == [(register, 2, 0)]
    assert story.receive("--from", "KZ") == got


def test_the_keys_of_a_pilot_are_not_mixed_with_those_of_the_real_ledger(story: Story) -> None:
    pilot, chain = story.home / "pilot.keys.json", story.network.trust.chain_id
    keep_held_keys(pilot, NOTHING_HELD, Password(PASSWORD), (chain + 1,), randomness=bytes)
    before = pilot.read_bytes()
    words = ("--party", "CN", "--disclosure-key", str(story.disclosure), "--lookup-keys", str(pilot))
    refused = story.json("register", "receive", *words, code=3)
    assert (refused["error"], f"on chain {chain + 1}, needed those on chain {chain}" in refused["detail"]) == (
        "OtherLedgersKeys",
        True,
    )
    assert pilot.read_bytes() == before
    keys = ("--lookup-keys", str(pilot))
    assert story.ask(AGREED, *keys, code=3)["error"] == "OtherLedgersKeys"
    for verb in (("register", "due", "--party", "KZ"), ("register", "export", "--party", "KZ", "--out", "none")):
        assert story.shop.json(*verb, *keys, code=3)["error"] == "OtherLedgersKeys"


def test_another_party_cannot_open_them(story: Story) -> None:
    assert story.receive(party="BY")["registers"] == []
    other = story.home / "other.disclosure.json"
    story.shop.json("key", "new", str(other), "--disclosure", "--algorithm", "X25519")
    words = ("--party", "CN", "--disclosure-key", str(other), "--lookup-keys", str(story.home / "none.json"))
    assert story.json("register", "receive", *words, code=4)["error"] == "EnvelopeClosed"
    assert not (story.home / "none.json").exists()


def test_what_is_sealed_for_another_register_or_with_other_keys_is_refused(story: Story) -> None:
    network, register = story.network, story.network.number("KZ")
    (recorded,) = network.office.envelopes(network.desk.prove_past((), [register]), register).envelopes

    def send(sender: str, secrets: RegisterSecrets | bytes | None, types: Iterable[int] = (2,)) -> None:
        public = DisclosureKey.parse(story.public.read_text().strip())
        number = network.number(sender)
        purpose = Purpose(
            chain=network.trust.chain_id,
            contract=network.trust.address(Contract.CONSORTIUM),
            register=number,
            epoch=0,
            recipient=network.number("CN"),
        )
        values: dict[str, Value] = {
            "register": number,
            "serial": network.office.facts([slot_of(Table.OFFICE, number)]).office(number).envelopes + 1,
            "deadline": network.office.now() + 60,
            "recipient": network.number("CN"),
            "epoch": 0,
            "sealed": recorded.sealed
            if secrets is None
            else seal(public, secrets, purpose)
            if isinstance(secrets, bytes)
            else seal_keys(secrets, types, public, purpose),
        }
        carry_out(network.office, SignedAct(name="Envelope", values=values), [network.signer(sender)])

    send("BY", None)  # a copy of Kazakhstan's
    assert story.receive("--from", "BY", code=4)["error"] == "EnvelopeClosed"
    send("KZ", RegisterSecrets(network.trust.chain_id, register, bytes(32), {0: bytes(32)}))
    assert story.receive("--from", "KZ", code=4)["error"] == "WrongLookupKey"
    story.share("--with", "CN", "--card", f"CN={story.card}")
    (row,) = story.receive("--from", "KZ")["registers"]
    assert (row["types"], row["older"]) == (["3"], 1)
    foreign, junk = RegisterSecrets(network.trust.chain_id, register, bytes(32), {0: bytes(32)}), b"no keys"
    send("KZ", foreign, [0])  # of a type that no later envelope has
    send("KZ", junk)
    assert story.receive("--from", "KZ", code=4)["error"] == "UnreadableEnvelope"
    story.share("--with", "CN", "--card", f"CN={story.card}")
    (row,) = story.receive()["registers"]
    assert (row["types"], row["older"]) == (["3"], 3)
    assert [
        key.certificate_type
        for key in open_held_keys(story.keys, Password(PASSWORD), story.network.trust.chains).lookup
    ] == [2]


def test_a_register_that_sends_no_keys_takes_nothing_from_who_gets_keys_of_others(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [story.network.number(code) for code in ("BY", "KZ")]  # Belarus sent a copy of Kazakhstan's
    monkeypatch.setattr("aeo_ledger.cli.keyed._keyed_registers", lambda _: numbers)
    keys = story.home / "both.json"
    words = ("--party", "CN", "--disclosure-key", str(story.disclosure), "--lookup-keys", str(keys))
    got = story.json("register", "receive", *words, code=4)
    assert [one["register"] for one in got["registers"]] == ["KZ"]
    assert [(one["party"], one["error"]) for one in got["failed"]] == [("BY", "EnvelopeClosed")]
    assert [key.register for key in open_held_keys(keys, Password(PASSWORD), story.network.trust.chains).lookup] == [
        numbers[1]
    ]


def test_traders_are_on_the_ledger_under_pseudonyms_and_partners_find_them(story: Story) -> None:
    done = story.import_((AGREED, "3", "yes"), (SILENT, "3", ""), (FIRST, "1", "yes"))
    assert (done["recorded"], done["proven"]) == (3, True)
    assert story.import_((AGREED, "3", "yes"), (SILENT, "3", ""), (FIRST, "1", "yes"))["unchanged"] == 3
    keys = ("--lookup-keys", str(story.keys))
    assert story.ask(AGREED, *keys)["recognised"] is True
    assert story.ask(SILENT, *keys)["recognised"] is True
    assert story.ask(FIRST, *keys, code=1)["recognised"] is False
    assert story.ask(AGREED, code=4)["error"] == "KeyNeeded"


def test_one_act_on_a_trader_needs_the_register_s_keys(story: Story) -> None:
    words = ("--party", "KZ", "--type", "3", "--key", story.shop.key("KZ"), "--accept-odd")
    assert story.shop.json("suspend", SILENT, *words, "--secrets", str(story.secrets))["status"] == "SUSPENDED"
    assert story.ask(SILENT, "--lookup-keys", str(story.keys), code=1)["reasons"][0] == "suspended"
    other = story.home / "mine.json"
    refused = story.shop.json("reinstate", SILENT, *words, "--secrets", str(other), code=4)
    assert refused["error"] == "WrongLookupKey"
    story.secrets.rename(story.home / "away.json")
    try:
        assert story.shop.json("reinstate", SILENT, *words, code=4)["error"] == "KeyNeeded"
    finally:
        (story.home / "away.json").rename(story.secrets)
    assert story.shop.json("reinstate", SILENT, *words)["status"] == "ACTIVE"
    withheld = ("--recogniser", "CN", "--register", "KZ", "--type", "3", "--key", story.shop.key("CN"), "--accept-odd")
    assert story.shop.json("withhold", SILENT, *withheld, code=4)["error"] == "KeyNeeded"
    done = story.shop.json("withhold", SILENT, *withheld, "--lookup-keys", str(story.keys))
    assert done["benefits"] == "withheld"


def test_nothing_on_the_ledger_names_a_trader(story: Story) -> None:
    sent = story.call_data()
    assert len(sent) > 5_000
    for tin in (AGREED, SILENT, FIRST):
        for text in (tin, tin[2:], f"Name of {tin}", f"Street {tin}"):
            assert text.encode() not in sent


# ---- documents


DOCUMENT = {"name": f"Name of {AGREED}", "address": f"Street {AGREED}", "consent": "yes"}
"""Some of what the document of the trader who consents says."""


@pytest.fixture(scope="module")
def partner(story: Story) -> Iterator[Workshop]:
    """China's own gateway: it has China's keys of other registers, and no book."""
    running = story.network.running
    held = open_held_keys(story.keys, Password(PASSWORD), story.network.trust.chains)
    app = create_app(running.ledger, running.relay, running.trust, behind="", held=held)
    with served(app) as url:
        yield Workshop(folder=story.network.folder, port=int(url.rpartition(":")[2]), office=story.home)


@pytest.fixture(scope="module")
def issuer(story: Story) -> Iterator[Workshop]:
    """Kazakhstan's gateway: it has the book."""
    running = story.network.running
    with open_book(story.home / "book.sqlite") as book:
        app = create_app(running.ledger, running.relay, running.trust, behind="", book=book)
        with served(app) as url:
            yield Workshop(folder=story.network.folder, port=int(url.rpartition(":")[2]), office=story.home)


def read(shop: Workshop, story: Story, tin: str, *words: str, by: str = "CN", kind: str = "3", code: int = 0) -> Any:
    usual = (
        "--register",
        "KZ",
        "--type",
        kind,
        "--key",
        shop.key(by),
        "--lookup-keys",
        str(story.keys),
        "--accept-odd",
    )
    return shop.json("document", "of", tin, *usual, *words, code=code)


def test_a_partner_s_gateway_shows_the_documents_of_those_who_consent(story: Story, partner: Workshop) -> None:
    found = read(partner, story, AGREED)
    assert found["document"].items() >= DOCUMENT.items()
    assert (found["event"], found["latest"], found["status"]) == (1, True, "ACTIVE")
    assert read(partner, story, SILENT, code=3)["error"] == "UnknownDocument"
    assert read(partner, story, AGREED, by="BY", code=3)["error"] == "NotEntitled"
    assert read(story.shop, story, AGREED, code=3)["error"] == "NoDocumentsServed"


def test_the_issuer_s_gateway_shows_the_others_on_request_until_it_deletes_them(story: Story, issuer: Workshop) -> None:
    assert read(issuer, story, SILENT)["document"]["name"] == f"Name of {SILENT}"
    assert read(issuer, story, SILENT, by="BY", code=3)["error"] == "NotEntitled"
    with open_book(story.home / "book.sqlite") as book:
        wanted = to_hex(book.documents_of(story.network.number("KZ"))[story.entry(SILENT)].commitment)
    file = story.home / "book.sqlite"
    assert f"Street {SILENT}".encode() in file.read_bytes() + file.with_name("book.sqlite-wal").read_bytes()
    assert story.shop.json("book", "forget", wanted, code=3)["error"] == "NotConfirmed"
    assert story.shop.json("book", "forget", wanted, "--yes")["commitment"] == wanted
    assert read(issuer, story, SILENT, code=3)["error"] == "UnknownDocument"
    assert story.shop.json("book", "forget", wanted, "--yes", code=3)["error"] == "UnknownDocument"
    for one in story.home.glob("book.sqlite*"):
        assert f"Street {SILENT}".encode() not in one.read_bytes(), one


def test_one_certificate_is_disclosed_without_any_key(story: Story, partner: Workshop) -> None:
    file = story.home / "disclosed.json"
    read(partner, story, AGREED, "--disclose", str(file))
    checked = story.shop.json("document", "check", str(file))
    assert checked["document"].items() >= DOCUMENT.items()
    assert (checked["register"], checked["type"], checked["status"]) == ("KZ", "3", "ACTIVE")
    held = open_held_keys(story.secrets, Password(PASSWORD), story.network.trust.chains)
    for key in (*held.lookup, *held.payload.values()):
        assert key.secret.hex() not in file.read_text()
    told = story.shop.run("document", "check", str(file)).stdout
    assert "proven: KZ signed this document in event 1 of 1" in told
    assert "whose certificate it is, is the issuer's word" in told
    for part, error in (("document", "NotCommitted"), ("salt", "NotCommitted"), ("entry", "OtherHistory")):
        altered = json.loads(file.read_text())
        altered[part] = altered[part][:-1] + ("0" if altered[part][-1] != "0" else "1")
        forged = story.home / f"forged-{part}.json"
        forged.write_text(json.dumps(altered))
        assert story.shop.json("document", "check", str(forged), code=4)["error"] == error


def test_a_new_epoch_keeps_later_details_from_who_has_the_old_keys(story: Story, partner: Workshop) -> None:
    words = ("--party", "KZ", "--secrets", str(story.secrets), "--key", story.shop.key("KZ", "authority"))
    assert story.json("register", "roll", *words)["epoch"] == 1
    assert story.share(code=10)["waiting"] == ["CN"]
    later = "KZ100440012343"
    assert story.import_((AGREED, "3", "yes"), (later, "3", "yes"))["recorded"] == 1
    assert read(partner, story, AGREED)["document"].items() >= DOCUMENT.items()
    assert read(partner, story, later, code=4)["error"] == "KeyNeeded"
    assert story.ask(later, "--lookup-keys", str(story.keys))["recognised"] is True
    (former,) = story.receive()["registers"]
    assert (former["epoch"], former["present_epoch"]) == (0, 1)
    story.share("--card", f"CN={story.card}")
    (present,) = story.receive()["registers"]
    assert (present["epoch"], present["present_epoch"]) == (1, 1)
    held = open_held_keys(story.keys, Password(PASSWORD), story.network.trust.chains)
    assert sorted(place[2] for place in held.payload) == [0, 1]


def test_while_a_former_partner_has_the_keys_of_the_epoch_no_document_is_sealed(
    story: Story, partner: Workshop
) -> None:
    assert story.shop.json("register", "due", "--party", "KZ")["due"] == []
    file = story.write_register((AGREED, "3", "yes"), ("KZ100440012343", "3", "yes"), ("KZ100440012349", "3", "yes"))
    plan, secrets = str(story.home / "before.plan"), ("--secrets", str(story.secrets))
    story.shop.json("register", "plan", str(file), "--party", "KZ", "--out", plan, *secrets, "--accept-odd")
    words = ("--party", "CN", "--recogniser", "CN", "--register", "KZ", "--key", story.shop.key("CN", "authority"))
    story.shop.json("arrangement", "suspend", *words, "--yes")
    (due,) = story.shop.json("register", "due", "--party", "KZ", code=10)["due"]
    assert (due["kind"], due["subject"], due["overdue"]) == ("epoch", "CN has keys of KZ", True)
    assert due["todo"].startswith("register roll")

    published = [AGREED, "KZ100440012343"]

    for verb in ("sign", "apply"):
        refused = story.shop.json("register", verb, plan, "--key", story.shop.key("KZ"), *secrets, "--yes", code=2)
        assert (refused["error"], "CN could read its sealed document" in refused["detail"]) == ("UnsoundPlan", True)

    def publish(tin: str, code: int) -> tuple[str, Any]:
        published.append(tin)
        file = story.write_register(*((one, "3", "yes") for one in published))
        key = ("--party", "KZ", "--key", story.shop.key("KZ"), "--secrets", str(story.secrets), "--accept-odd", "--yes")
        told = story.shop.run("register", "import", str(file), *key).stderr
        return told, read(partner, story, tin, by="KZ", code=code)["error"]

    told, error = publish("KZ100440012344", 3)
    assert "no document is sealed: CN could read it" in told
    assert error == "UnknownDocument"
    authority = ("--party", "KZ", "--secrets", str(story.secrets), "--key", story.shop.key("KZ", "authority"))
    assert story.json("register", "roll", *authority)["epoch"] == 2
    assert story.shop.json("register", "due", "--party", "KZ")["due"] == []
    told, error = publish("KZ100440012345", 4)
    assert "no document is sealed" not in told
    assert error == "KeyNeeded"  # sealed, for an epoch of which this gateway has no key


def test_a_card_without_a_key_does_not_keep_the_others_from_theirs(story: Story) -> None:
    for code in ("BY", "CN"):
        text = CN_KZ.replace("CN-KZ", f"{code}-KZ2").replace('recogniser = "CN"', f'recogniser = "{code}"')
        story.network.conclude(text, code, "KZ")
    none = story.home / "BY.card.json"
    story.write_card(none, None, party="BY")
    record = ("party", "act", "card", "--party", "BY", "--file", str(none), "--key", story.shop.key("BY", "authority"))
    story.shop.json(*record, "--yes")
    cards = ("--card", f"BY={none}", "--card", f"CN={story.card}")
    got = story.share(*cards, code=10)
    assert [one["to"] for one in got["sent"]] == ["CN"]
    assert [(one["party"], one["error"]) for one in got["failed"]] == [("BY", "NoDisclosureKey")]
    assert story.share(*cards, code=3)["error"] == "NoDisclosureKey"  # nobody else waits
    assert story.share("--card", f"CN={story.card}", code=10)["waiting"] == ["BY"]
