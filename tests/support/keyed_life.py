"""A keyed register's life by its commands and processes, seen from every side: who holds which bytes at its end, and which keys.

Kazakhstan keeps a keyed register, Belarus an open one. China recognises Kazakhstan's type 3 for good; the EU did until its arrangement ended,
and then the register's keys were rolled; Belarus recognises type 1 alone. All commands go through one gateway without keys, on a line that is
listened to.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from typer.testing import CliRunner
from web3 import HTTPProvider

from aeo_ledger.cli.main import app
from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import RegisterMode
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.disclosure_key import DisclosureKey
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import contracts_of, read_trust
from aeo_ledger.protocol.entries import derive_open_holder, entries_of
from aeo_ledger.protocol.lookup_keys import LookupKeys
from aeo_ledger.signing import Password, create_key_file
from aeo_ledger.signing.disclosure_file import create_disclosure_key
from aeo_ledger.signing.lookup_file import HeldKeys, keep_held_keys, open_held_keys
from aeo_ledger.signing.register_file import RegisterSecrets
from aeo_ledger.verify import TrustBundle
from support.network import PASSWORD, found
from support.overheard import Overheard, listening_to
from support.processes import Served, started
from support.workshop import COLUMNS

ARRANGEMENT = "SARYARKA"
_KZ = 'register = "KZ"\ndirections = ["import"]\nbenefits = ["fewer_inspections"]\nin_force_from = 2024-02-01\n'
DRAFT = f"""
name = "{ARRANGEMENT}"
signed = "2024-01"
text = "Who recognises whom, in this story"
[[recognition]]
recogniser = "CN"
types = ["3"]
{_KZ}
[[recognition]]
recogniser = "EU"
types = ["3"]
{_KZ}
[[recognition]]
recogniser = "BY"
types = ["1"]
{_KZ}
[[recognition]]
recogniser = "CN"
types = ["3"]
{_KZ.replace("KZ", "BY")}
"""


@dataclass(frozen=True, kw_only=True)
class Trader:
    """A trader and its certificate."""

    tin: str
    certificate_type: str = "3"
    consents: bool
    later: bool = False
    """Whether it is published only after the keys were rolled."""
    code: str | None = None
    """The code by which China means it."""

    @property
    def register(self) -> str:
        return self.tin[:2]

    @property
    def type_number(self) -> int:
        return int(self.certificate_type) - 1

    @property
    def name(self) -> str:
        return f"Экспортёр «Тұлпар-{self.tin[-4:]}»"

    @property
    def address(self) -> str:
        return f"Қарағанды, көшесі {self.tin[-4:]}"

    @property
    def row(self) -> str:
        consent = "yes" if self.consents else ""
        return (
            f"{self.tin},No {self.tin[-4:]},{self.certificate_type},carrier,ACTIVE,2024-01-01,2024-01-01,2024-01-01,,"
            f'{self.name},"{self.address}",{consent}'
        )


AGREED = Trader(tin="KZ100440012340", consents=True, code="5493001KJTIIGC8Y1R12")
SILENT = Trader(tin="KZ100440012361", consents=False, code="150483782")
FIRST = Trader(tin="KZ100440012382", certificate_type="1", consents=True)
FIRST_SILENT = Trader(tin="KZ100440012403", certificate_type="1", consents=False)
LATER = Trader(tin="KZ100440012424", consents=True, later=True)
LATER_SILENT = Trader(tin="KZ100440012445", consents=False, later=True)
OPEN = Trader(tin="BY700000017", consents=True)
OPEN_SILENT = Trader(tin="BY700000018", consents=False)
TRADERS = (AGREED, SILENT, FIRST, FIRST_SILENT, LATER, LATER_SILENT, OPEN, OPEN_SILENT)
NOBODY = Trader(tin="KZ100440012466", consents=False)
"""Has no certificate, and is asked about."""
QUESTION = ("--recogniser", "CN", "--direction", "import", "--role", "carrier", "--accept-odd")


@dataclass(kw_only=True)
class Life:
    """The network's processes, the offices' files, and what commands wrote."""

    home: Path
    node: Served
    plain: Served
    """A gateway without keys, whose operator is nobody's friend."""
    line: Overheard
    """The line to it, which all commands use."""
    partner: Served
    """China's gateway, with the keys of the first epoch."""
    issuer: Served
    """Kazakhstan's, with its book."""
    written: dict[str, bytes] = field(default_factory=dict)
    """What commands wrote that need no secret, by command."""

    @property
    def folder(self) -> Path:
        return self.home / "net"

    @cached_property
    def trust(self) -> TrustBundle:
        return read_trust(self.home / "trust.json")

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(HTTPProvider(self.node.url), contracts_of(self.trust))

    def run(self, *words: str, gateway: str | None = None, code: int = 0) -> str:
        """Run a command in this process, and return what it wrote."""
        environment = {
            "AEO_LEDGER_PASSWORD": PASSWORD,
            "AEO_LEDGER_TRUST": str(self.home / "trust.json"),
            "AEO_LEDGER_GATEWAY": gateway or self.line.url,
        }
        result = CliRunner().invoke(app, words, env=environment)
        assert result.exit_code == code, f"{words}\n{result.output}"
        return result.output

    def act(self, *words: str, by: Sequence[str], role: str = "operator") -> str:
        keys = [part for code in by for part in ("--key", str(self.folder / f"parties/{code}/{role}.json"))]
        return self.run(*words, "--yes", *keys)

    def file(self, name: str) -> str:
        return str(self.home / name)

    def keys_of(self, code: str) -> HeldKeys:
        return open_held_keys(self.home / f"{code}.keys.json", Password(PASSWORD), self.trust.chains)

    @cached_property
    def secrets(self) -> LookupKeys:
        """The register's own lookup keys, with which the test knows each pseudonym."""
        return open_held_keys(self.home / "KZ.register.json", Password(PASSWORD), self.trust.chains).lookup

    def entry(self, trader: Trader) -> bytes:
        """The entry under which a trader stands on the ledger, 32 bytes."""
        mode = RegisterMode.KEYED if trader.register == "KZ" else RegisterMode.OPEN
        number = self.trust.by_code[trader.register].number
        return entries_of(Tin(trader.tin), self.secrets.key)(number, mode, trader.type_number)

    def guess(self, trader: Trader) -> bytes:
        """The entry that a trader would have in an open register, which everybody can compute."""
        number = self.trust.by_code[trader.register].number
        return make_entry(number, trader.type_number, derive_open_holder(number, trader.type_number, Tin(trader.tin)))

    def publish(self, plan: str, *traders: Trader) -> None:
        """Plan a register with these traders, and carry the plan out."""
        code = traders[0].register
        file = self.home / f"{code}.csv"
        file.write_text("\n".join([f"{COLUMNS},consent", *(trader.row for trader in traders)]) + "\n", encoding="utf-8")
        book = ("--book", self.file(f"{code}.book.sqlite"), "--secrets", self.file("KZ.register.json"))
        self.run("register", "plan", str(file), "--party", code, "--out", self.file(plan), "--accept-odd", *book)
        self.act("register", "apply", self.file(plan), *book, by=[code])

    def share(self, *codes: str) -> None:
        """Give Kazakhstan's keys to some, who receive them."""
        for code in codes:
            words = ("--party", "KZ", "--with", code, "--card", f"{code}={self.file(f'{code}.card.json')}")
            self.act("register", "share", *words, "--secrets", self.file("KZ.register.json"), by=["KZ"])
            mine = ("--disclosure-key", self.file(f"{code}.disclosure.json"), "--lookup-keys")
            self.run("register", "receive", "--party", code, *mine, self.file(f"{code}.keys.json"))

    def introduce(self, code: str) -> None:
        """Make a party's disclosure key and its card."""
        public = self.home / f"{code}.pub"
        self.run("key", "new", self.file(f"{code}.disclosure.json"), "--disclosure", "--public", str(public))
        card = Card(
            party=code,
            names={"en": "Customs"},
            time_zone="Asia/Shanghai",
            office="Liaison desk",
            email="liaison@customs.example",
            legal_basis="A law",
            link="https://customs.example/aeo",
            disclosure_key=DisclosureKey.parse(public.read_text().strip()),
        )
        path = self.home / f"{code}.card.json"
        path.write_bytes(CARD_FORM.encode_file(card))
        self.act("party", "act", "card", "--party", code, "--file", str(path), by=[code], role="authority")


def begin(life: Life) -> None:
    """Open the register, conclude, give keys, and publish."""
    sealed = ("--secrets", life.file("KZ.register.json"))
    opened = ("register", "open", "--party", "KZ", "--mode", "keyed", "--types", "1,3")
    life.act(*opened, *sealed, by=["KZ"], role="authority")
    draft = life.home / "draft.toml"
    draft.write_text(DRAFT)
    life.act("arrangement", "conclude", str(draft), by=["CN", "EU", "BY", "KZ"], role="authority")
    for code in ("CN", "EU", "BY"):
        life.introduce(code)
    life.share("CN", "EU", "BY")
    life.publish("KZ.plan", *(trader for trader in TRADERS if trader.register == "KZ" and not trader.later))
    life.publish("BY.plan", OPEN, OPEN_SILENT)


def go_on(life: Life) -> None:
    """Act on traders, end the arrangement with the EU, publish again, and ask."""
    sealed = ("--secrets", life.file("KZ.register.json"))
    keys = ("--lookup-keys", life.file("CN.keys.json"))
    for trader in (AGREED, SILENT):
        assert trader.code
        bound = ("alias", "bind", trader.code, "--recogniser", "CN", "--tin", trader.tin, "--type", "3", "--accept-odd")
        life.act(*bound, *keys, by=["CN"])
    about = (SILENT.tin, "--party", "KZ", "--type", "3", "--accept-odd", *sealed)
    life.run("suspend", *about, "--out", life.file("suspend.act.json"))
    life.act("act", "sign", life.file("suspend.act.json"), by=["KZ"])
    life.run("act", "submit", life.file("suspend.act.json"), "--yes")
    withheld = ("withhold", AGREED.tin, "--recogniser", "CN", "--register", "KZ", "--type", "3", "--accept-odd")
    life.act(*withheld, *keys, by=["CN"])
    until = time.time() + 30  # a moment that is past when the act is sealed would be refused
    told = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))
    end = ("arrangement", "end", "--party", "KZ", "--recogniser", "EU", "--register", "KZ", "--until", told)
    life.act(*end, by=["KZ"], role="authority")
    while time.time() < until + 1:
        time.sleep(0.1)
    life.act("register", "roll", "--party", "KZ", *sealed, by=["KZ"], role="authority")
    life.share("CN", "BY")
    life.publish("KZ.later.plan", *(trader for trader in TRADERS if trader.register == "KZ"))
    for trader, code in ((AGREED, 1), (SILENT, 1), (LATER, 0), (NOBODY, 1)):
        life.run("ask", trader.tin, *QUESTION, *keys, "--evidence", life.file(f"{trader.tin}.evidence.json"), code=code)
    life.run("ask", AGREED.tin, "--everywhere", "--role", "carrier", "--accept-odd", *keys, code=4)
    life.run("ask", AGREED.tin, "--corridor", "KZ,CN", "--role", "carrier", "--accept-odd", *keys, code=1)
    manifest = life.home / "manifest.csv"
    manifest.write_text("\n".join(["tin", SILENT.tin, LATER.tin, NOBODY.tin]) + "\n")
    life.run("ask", "--file", str(manifest), *QUESTION, *keys, "--out", life.file("answers.csv"), code=1)
    life.run("history", AGREED.tin, "--register", "KZ", "--type", "3", "--accept-odd", *keys)
    for trader in (AGREED, SILENT):
        shown = ("--register", "KZ", "--type", "3", "--accept-odd", "--lookup-keys", life.file("KZ.register.json"))
        file = life.file(f"{trader.tin}.disclosed.json")
        life.run("document", "of", trader.tin, *shown, "--book", life.file("KZ.book.sqlite"), "--disclose", file)


def write_openly(life: Life) -> None:
    """Run what needs no secret and names no trader, and keep what it writes."""
    for words in (
        ("health",),
        ("party", "show", "KZ"),
        ("party", "list"),
        ("snapshot", "take", "--out", life.file("all.snapshot")),
        ("snapshot", "show", life.file("all.snapshot")),
        ("register", "export", "--party", "KZ", "--out", life.file("exported")),
        ("export", "recognised", "--recogniser", "CN", "--out", life.file("recognised")),
        ("act", "show", life.file("suspend.act.json")),
        ("chain", "export", str(life.folder), "--out", life.file("blocks.rlp")),
        ("network", "check", str(life.folder)),
    ):
        life.written[" ".join(words[:2])] = life.run(*words).encode()
    watched = ("watch", "--recogniser", "CN", "--since", "0", "--once", "--json")
    life.written["watch"] = life.run(*watched, code=4).encode()  # what changed again since then is proven no more
    for name in ("all.snapshot", "blocks.rlp", "suspend.act.json", "draft.act.json", "trust.json"):
        life.written[name] = (life.home / name).read_bytes()
    for folder in ("exported", "recognised"):
        for path in (life.home / folder).iterdir():
            life.written[f"{folder}/{path.name}"] = path.read_bytes()


@contextmanager
def lived(home: Path) -> Iterator[Life]:
    """Live through the story, and keep the processes running."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as opened:
        for function in (RegisterSecrets.write, create_disclosure_key, keep_held_keys):
            patch.setitem(function.__kwdefaults__ or {}, "work_factor", 2)
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        patch.chdir(home)
        folder = found(home / "net", keyed=("KZ",))
        shutil.copy(folder / "trust.json", home / "trust.json")
        create_key_file(home / "relay.json", Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
        node = Served(["node", str(folder)], home / "node.log")

        def gateway(name: str, *options: str) -> Served:
            reach = ("--rpc", node.url, "--trust", str(home / "trust.json"), "--key", str(home / "relay.json"))
            index = ("--genesis", str(folder / "genesis.json"), "--index", f"sqlite:///{home / name}.index.sqlite")
            return Served(["gateway", *reach, *index, "--cards", str(home / "cards"), *options], home / f"{name}.log")

        (home / "cards").mkdir()
        plain = gateway("plain")
        partner = gateway("partner", "--lookup-keys", str(home / "CN.keys.json"))
        issuer = gateway("issuer", "--book", str(home / "KZ.book.sqlite"))
        opened.enter_context(started(node))
        opened.enter_context(started(plain))
        line = opened.enter_context(listening_to(plain.port))
        life = Life(home=home, node=node, plain=plain, line=line, partner=partner, issuer=issuer)
        begin(life)
        for code in ("CN", "EU", "BY"):
            shutil.copy(home / f"{code}.card.json", home / "cards" / f"{code}.json")
        for gateway_with_keys in (partner, issuer):
            opened.callback(gateway_with_keys.kill)
            gateway_with_keys.launch()
        go_on(life)
        write_openly(life)
        for gateway_with_keys in (partner, issuer):
            gateway_with_keys.await_listening()
        yield life
