"""Show the main job: Belarus signs, China's border system verifies.

It prints one table. The exit code is 0 only if every row is as stated.
SIMULATED: this machine holds every party's keys, and one public password
opens all of them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from aeo_ledger.customs.entry import make_entry
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, RegisterMode
from aeo_ledger.errors import Unproven, name_of
from aeo_ledger.evidence import Question
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.disclosure_key import Algorithm
from aeo_ledger.gateway.client import GatewayClient
from aeo_ledger.network.certify import FOLDER, issue_test_certificate
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.office.ask import read_question, read_trust, write_evidence
from aeo_ledger.office.ask_by_words import gather_evidence
from aeo_ledger.office.card import read_certificates
from aeo_ledger.office.carry_out import carry_out
from aeo_ledger.office.change_status import Change, change_status
from aeo_ledger.office.conclude import conclude, draft
from aeo_ledger.office.draft_acts import draft_party_act
from aeo_ledger.office.identity import draft_statement, sign_statement
from aeo_ledger.office.open_register import find_steps
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.receive import receive_keys
from aeo_ledger.office.share import draft_envelope
from aeo_ledger.office.withhold import withhold
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.entries import derive_open_holder
from aeo_ledger.registers.apply import apply_plan
from aeo_ledger.registers.book import Book
from aeo_ledger.registers.columns import COLUMNS, CONSENT
from aeo_ledger.registers.compare import Rules
from aeo_ledger.registers.planning import plan_register
from aeo_ledger.registers.profile import shipped
from aeo_ledger.registers.read import read_register
from aeo_ledger.registers.sample import read_sample
from aeo_ledger.signing import Password, Signer, open_key_file
from aeo_ledger.signing.disclosure_file import create_disclosure_key, open_disclosure_key
from aeo_ledger.signing.lookup_file import HeldKeys, keep_held_keys
from aeo_ledger.signing.register_file import draw_register_secrets
from aeo_ledger.signing.x509_key import open_x509_key
from aeo_ledger.verify import ProvenState
from aeo_ledger.verify.identity import slots_of_card, verify_card, verify_claim
from aeo_ledger.verify.x509 import name_subject, verify_x509

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".demo"
PASSWORD = "workshop"  # noqa: S105 (of a demonstration, and public)
WORK_FACTOR = 1 << 14  # scrypt's N: quick to open, since these keys protect nothing
BY, CN, KZ = 1, 2, 3
TYPE_3 = 2
BENEFITS = '["fewer_document_checks", "fewer_inspections", "priority_inspection", "liaison_officer", "priority_after_disruption"]'
ARRANGEMENT = f"""
name = "CN-BY"
signed = "2019-04"
text = "China and Belarus recognise each other's AEOs: a stand-in for the text signed in 2019-04, which is not public"

[[recognition]]
recogniser = "CN"
register = "BY"
types = ["3"]
directions = ["import", "export", "transit"]
benefits = {BENEFITS}
in_force_from = 2019-07-24

[[recognition]]
recogniser = "BY"
register = "CN"
types = ["ADVANCED"]
directions = ["import", "export", "transit"]
benefits = {BENEFITS}
in_force_from = 2019-07-24
"""

CARD = """{
  "format": "aeo-ledger/card/1",
  "party": "BY",
  "names": {"en": "State Customs Committee"},
  "time_zone": "Europe/Minsk",
  "contact": {"office": "Liaison desk", "email": "liaison@customs.example"},
  "programme": {"legal_basis": "Customs Code of the EAEU, chapter 61", "link": "https://customs.example/aeo"}
}"""
"""Belarus's card: names and addresses are stand-ins."""
KEYED = """
name = "CN-KZ"
signed = "2024-01"
text = "China recognises Kazakhstan's AEOs: invented, to show a keyed register"

[[recognition]]
recogniser = "CN"
register = "KZ"
types = ["3"]
directions = ["import", "export", "transit"]
benefits = ["fewer_inspections", "faster_release"]
in_force_from = 2024-02-01
"""
KAZAKH = "KZ100440000004"  # an invented operator
KAZAKH_REGISTER = f"""{",".join([*COLUMNS, CONSENT])}
{KAZAKH},0001,3,exporter,ACTIVE,2024-01-15,2024-01-15,2024-01-15,,Қазақ экспорт,Алматы,yes
"""

VERIFIER = """
import sys
def hook(event, args):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.exec", "os.system", "os.posix_spawn"):
        raise SystemExit("the verifier reached for " + event)
sys.addaudithook(hook)
from aeo_ledger.cli.main import main
main()
"""
"""The program of a separate process, which has the trust bundle, the question and the evidence, and may not use the network."""


@dataclass
class Story:
    """Runs the steps and collects the rows of the table."""

    console: Console
    rows: list[tuple[str, str, str, str, bool]] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    def step(self, what: str, expected: str, act: Callable[[], str]) -> None:
        """Run one step, time it, and record whether the result is as expected."""
        started = time.perf_counter()
        with self.console.status(what):
            found = act()
        took = time.perf_counter() - started
        self.rows.append((what, expected, found, f"{took * 1000:,.0f} ms", found == expected))

    def tell(self) -> bool:
        """Print the table; return whether every row is as expected."""
        table = Table(
            title="AEO Ledger: one machine simulates everybody; signatures, blocks and proofs are real",
            show_lines=False,
        )
        table.add_column("#", justify="right")
        table.add_column("what happens", overflow="fold")
        table.add_column("stated", overflow="fold")
        table.add_column("found", overflow="fold")
        table.add_column("time", justify="right", no_wrap=True)
        for number, (what, expected, found, took, right) in enumerate(self.rows, 1):
            table.add_row(str(number), what, expected, "as stated" if right else f"[red]{found}[/red]", took)
        self.console.print(table)
        return all(row[-1] for row in self.rows)


class Demo:
    """The network of the main job, with all its parties."""

    def __init__(self, port: int, story: Story) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.story = story
        self.network = HOME / "network"
        self.password = Password(PASSWORD)
        self.gateway: subprocess.Popen[bytes] | None = None
        self.asked = 0

    def found(self) -> str:
        """Found the network of BY, CN, KZ and EU with DE and PL."""
        parties = parse_parties("BY,CN,KZ,EU=DE+PL", keyed=["KZ"])
        found_network(
            self.network,
            parties,
            self.password,
            now=int(time.time()),
            randomness=secrets.token_bytes,
            work_factor=WORK_FACTOR,
        )
        self.trust = read_trust(self.network / "trust.json")
        return f"{len(parties)} parties, {sum(p.seat for p in parties)} seats, {len(self.trust.validators)} validators"

    def serve(self) -> str:
        """Start the gateway in its own process."""
        log = (HOME / "gateway.log").open("wb")
        self.gateway = subprocess.Popen(
            [
                *(sys.executable, "-m", "aeo_ledger.cli.main", "gateway", str(self.network)),
                *("--port", str(self.port), "--console"),
            ],
            env={**os.environ, "AEO_LEDGER_PASSWORD": PASSWORD, "XDG_STATE_HOME": str(HOME / "state")},
            stdout=log,
            stderr=log,
        )
        for _ in range(600):
            with suppress(httpx.HTTPError):
                httpx.get(f"{self.url}/healthz").raise_for_status()
                self.desk = GatewayClient(self.url)
                self.office = ProvenDesk(self.desk, self.trust, approve=without_asking)
                return "answers"
            if self.gateway.poll() is not None:
                return f"ended with {self.gateway.returncode}; see {HOME / 'gateway.log'}"
            time.sleep(0.1)
        return "does not answer within a minute"

    def key(self, party: str, role: str) -> Signer:
        """Open a party's key file."""
        return open_key_file(self.network / "parties" / party / f"{role}.json", self.password)

    def conclude(self, text: str = ARRANGEMENT, other: str = "BY") -> str:
        """Sign an arrangement on both sides; a file carries the act from one side to the other."""
        mail = HOME / f"cn-{other.lower()}.act.json"

        def post(file: ActFile) -> None:
            mail.write_text(json.dumps(file.to_json(), indent=1))

        act = draft(text, self.office)
        first = conclude(act, [self.key("CN", "authority")], self.office, keep=post)
        received = ActFile.from_json(json.loads(mail.read_text()))
        second = conclude(received, [self.key(other, "authority")], self.office, keep=post)
        return f"after CN: {', '.join(first.missing)} missing; after {other}: {'sealed' if second.done and second.done.proven else 'not sealed'}"

    def open_keyed(self) -> str:
        """Open Kazakhstan's register: its secrets are drawn and kept, then the check values and the types go on the ledger."""
        secret = draw_register_secrets(self.trust.chain_id, KZ, randomness=secrets.token_bytes)
        secret.write(HOME / "KZ.register.json", self.password, randomness=secrets.token_bytes, work_factor=WORK_FACTOR)
        for step in find_steps(self.office, KZ, RegisterMode.KEYED, 1 << TYPE_3, secret):
            act = draft_party_act(self.office, step.kind, KZ, step.entered, lifetime_s=600)
            carry_out(self.office, act, [self.key("KZ", "authority")])
        self.office.keys = HeldKeys.of(secret.lookup_keys(), secret.payload_keys())
        self.secret = secret
        return "1 type, keyed"

    def give_keys(self) -> str:
        """China records its card with its disclosure key; Kazakhstan sends the keys of type 3; China opens them and compares them."""
        file = HOME / "CN.disclosure.json"
        public = create_disclosure_key(
            file, Algorithm.MLKEM768_X25519, self.password, randomness=secrets.token_bytes, work_factor=WORK_FACTOR
        )
        template = CARD_FORM.decode_json(CARD)
        card = replace(template, party="CN", time_zone="Asia/Shanghai", disclosure_key=public)
        recorded = draft_party_act(self.office, PartyActKind.SET_CARD, CN, {"hash": card.hash()}, lifetime_s=600)
        carry_out(self.office, recorded, [self.key("CN", "authority")])
        act, _ = draft_envelope(self.office, self.secret, CN, CARD_FORM.encode_file(card), lifetime_s=600)
        carry_out(self.office, act, [self.key("KZ", "operator")])
        opener = open_disclosure_key(file, self.password)
        received = receive_keys(self.office, self.desk.prove_past((), [KZ]), opener, CN, KZ)
        if received is None:
            return "nothing was sent"
        self.held = keep_held_keys(
            HOME / "CN.keys.json",
            received.keys,
            self.password,
            self.trust.chains,
            randomness=secrets.token_bytes,
            work_factor=WORK_FACTOR,
        )
        return f"China holds {len(self.held.lookup)} lookup key, the register's own"

    def ask_keyed(self, *options: str) -> str:
        """China asks about an operator of Kazakhstan without naming it to the gateway; a separate process verifies."""
        question = read_question(KAZAKH, "CN", "import", "exporter")
        found = gather_evidence(
            [question], self.desk, self.trust, keys=self.held.lookup, clock=lambda: int(time.time())
        )
        file = HOME / "evidence-keyed.json"
        write_evidence(file, found)
        return self.verify(file, question, options=options)

    def guess(self, *guesses: tuple[str, int]) -> str:
        """Try a trader's number in a register as anybody can who has the blocks: derive its pseudonym, and look for it on a validator's disk."""
        stored = b"".join(path.read_bytes() for path in self.network.glob("*.sqlite*"))
        found = [tin for tin, register in guesses if derive_open_holder(register, TYPE_3, Tin(tin)) in stored]
        named = [text for text in (KAZAKH, "Қазақ экспорт") if text.encode() in stored]
        return f"finds {', '.join([*found, *named])}"

    def import_(self, party: str, number: int) -> str:
        """Import a register from the project's sample: Belarus's as it was received, in Windows-1251, Russian words and its own columns."""
        as_received = party == "BY"
        profile = shipped("eaeu" if as_received else "plain")
        data = KAZAKH_REGISTER.encode() if party == "KZ" else read_sample(party, as_received=as_received)
        reading = read_register(data, party, profile, now=self.office.now())
        reading.demand_good()
        with Book(
            str(HOME / f"{party}.book.sqlite"), clock=lambda: int(time.time()), randomness=secrets.token_bytes
        ) as book:
            plan, state = plan_register(
                self.office,
                book,
                reading.rows,
                register=number,
                issuer=number,
                rules=Rules(),
                file=reading.hash,
                lifetime_s=3_600,
                allowed={},
                past=lambda party: self.desk.prove_past((), [party]),
            )
            done = apply_plan(self.office, book, plan, [self.key(party, "operator")], state=state)
        return f"{done.certificates} recorded, {plan.unchanged} unchanged"

    def ask(self, tin: str, role: str, *, recogniser: str = "CN", on: str | None = None) -> str:
        """Fetch evidence and write it; a separate process verifies it with only the trust bundle and the question."""
        question = read_question(tin, recogniser, "import", role, on=on)
        self.asked += 1
        self.evidence = HOME / f"evidence-{self.asked:02}{'.cbor' if self.asked % 2 else '.json'}"
        write_evidence(self.evidence, self.desk.evidence(question))
        return self.verify(self.evidence, question, on)

    def verify(self, evidence: Path, question: Question, on: str | None = None, options: Sequence[str] = ()) -> str:
        """Verify evidence in a process that cannot reach the network."""
        command = ["verify", str(evidence), question.tin.text, "--recogniser", question.recogniser, "--json"]
        command += ["--direction", question.direction.name.lower(), "--role", question.role.name.lower()]
        command += ["--trust", str(self.network / "trust.json"), *(["--on", on] if on else []), *options]
        run = subprocess.run(
            [sys.executable, "-c", VERIFIER, *command],
            env={**os.environ, "AEO_LEDGER_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            answer: dict[str, Any] = json.loads(run.stdout)
        except ValueError:
            return f"exit {run.returncode}: {(run.stderr or run.stdout).strip()[-200:]}"
        if "error" in answer:
            return f"{answer['family']}: {answer['error']} (exit {run.returncode})"
        words = answer["benefits"] if answer["recognised"] else answer["reasons"]
        verdict = "recognised" if answer["recognised"] else "not recognised"
        return f"{verdict}: {', '.join(words).replace('_', ' ')} (exit {run.returncode})"

    def change(self, tin: str, change: Change) -> str:
        """Belarus signs one status event."""
        record, done = change_status(
            self.office,
            entry_of(tin),
            change,
            register=BY,
            issuer=BY,
            signers=[self.key("BY", "operator")],
        )
        self.changed_in = done.block
        return f"{record.status.name}, event {record.sequence}"

    def withhold(self, tin: str) -> str:
        """China withholds benefits."""
        done = withhold(
            self.office,
            entry_of(tin),
            withheld=True,
            recogniser=CN,
            signers=[self.key("CN", "operator")],
        )
        return "sealed" if done.proven else "not sealed"

    def introduce(self) -> str:
        """Let a TEST authority certify Belarus, bind its authority's keys to that, and record card and fingerprint."""
        now, authority = int(time.time()), self.key("BY", "authority")
        made, _ = issue_test_certificate(self.network, "BY", self.password, now=now, randomness=secrets.token_bytes)
        own = open_x509_key(made.with_name("certificate.key"), self.password)
        drafted = draft_statement(self.office, CARD_FORM.decode_json(CARD), read_certificates(made))
        assert drafted.identity is not None  # noqa: S101 (it was drafted)
        self.card = sign_statement(
            self.office, drafted, [authority], own.sign, subject=name_subject(drafted.identity.certificates[0])
        )
        for kind, recorded in (
            (PartyActKind.SET_CERTIFICATE, {"certificate": drafted.identity.fingerprint}),
            (PartyActKind.SET_CARD, {"card": self.card.hash()}),
        ):
            carry_out(self.office, draft_party_act(self.office, kind, BY, recorded, lifetime_s=600), [authority])
        return "card and certificate recorded"

    def recognise(self, card: Card) -> str:
        """China proves a card by the ledger, and the certificate in it by the root that it trusts."""
        words = self.office.facts(slots_of_card(card, BY))
        assert isinstance(words, ProvenState)  # noqa: S101 (this desk takes no claims)
        try:
            claim = verify_claim(verify_card(card, BY, words), words)
            roots = read_certificates(self.network / FOLDER / "ca.pem")
            proven = verify_x509(claim, roots=roots, revocations=(), now=int(time.time()))
        except Unproven as error:
            return f"unproven: {name_of(error)}"
        return f"proven: {proven.subject}".replace("\\", "")

    def stop(self) -> None:
        """Stop the gateway."""
        if self.gateway is not None and self.gateway.poll() is None:
            self.gateway.terminate()
            self.gateway.wait(timeout=30)


def entry_of(tin: str) -> bytes:
    """Derive the entry of a Belarusian type 3 operator."""
    return make_entry(BY, TYPE_3, derive_open_holder(BY, TYPE_3, Tin(tin)))


def choose() -> dict[str, str]:
    """Choose the operators of the demonstration from Belarus's register."""
    rows = list(csv.DictReader(read_sample("BY").decode().splitlines()))
    exporters = [row for row in rows if "exporter" in row["roles"].split("|")]
    third = [row["tin"] for row in exporters if row["certificate_type"] == "3" and row["status"] == "ACTIVE"]
    first = next(row["tin"] for row in exporters if row["certificate_type"] == "1" and row["status"] == "ACTIVE")
    suspended = next(row["tin"] for row in exporters if row["certificate_type"] == "3" and row["status"] == "SUSPENDED")
    nobody = "BY200988541"
    if nobody in {row["tin"] for row in rows}:
        raise SystemExit(f"{nobody} was to be nobody's TIN")
    return dict(zip(("a", "b", "c", "d"), third, strict=False)) | {
        "type 1": first,
        "suspended": suspended,
        "nobody": nobody,
    }


def tell_story(demo: Demo, story: Story) -> None:
    """Run the main job, step by step."""
    who = choose()
    a, b, c, d = (who[name] for name in "abcd")
    all_benefits = (
        "fewer document checks, fewer inspections, priority inspection, liaison officer, priority after disruption"
    )
    yes = f"recognised: {all_benefits} (exit 0)"

    def no(reason: str) -> str:
        return f"not recognised: {reason} (exit 1)"

    story.step("BY, CN, KZ and EU (with DE and PL) found a network", "6 parties, 4 seats, 4 validators", demo.found)
    story.step("a gateway is started; it holds the validators' keys", "answers", demo.serve)
    story.step("CN-BY is signed and mailed on", "after CN: BY missing; after BY: sealed", demo.conclude)
    story.step("Belarus imports its register", "321 recorded, 0 unchanged", lambda: demo.import_("BY", BY))
    story.step("China imports its register", "500 recorded, 0 unchanged", lambda: demo.import_("CN", CN))
    story.step("Belarus imports again", "0 recorded, 321 unchanged", lambda: demo.import_("BY", BY))
    story.step(f"China asks about {a}, type 3", yes, lambda: demo.ask(a, "exporter"))
    keep = demo.evidence
    story.step(
        f"China asks about {who['type 1']}, type 1",
        no("type out of scope"),
        lambda: demo.ask(who["type 1"], "exporter"),
    )
    story.step(
        f"China asks about {who['suspended']}, suspended",
        no("suspended"),
        lambda: demo.ask(who["suspended"], "exporter"),
    )
    story.step(
        f"China asks about {who['nobody']}, nobody's", no("no certificate"), lambda: demo.ask(who["nobody"], "exporter")
    )
    story.step(
        f"China asks about {b} on 2019-07-01",
        no("arrangement not in force"),
        lambda: demo.ask(b, "exporter", on="2019-07-01"),
    )
    story.step(
        f"Belarus amends the roles of {d}",
        "ACTIVE, event 2",
        lambda: demo.change(d, Change(kind=EventKind.AMEND, roles=6)),
    )
    story.step(
        f"China asks about {d} on 2020-01-01, before that",
        "unproven: HistoryNeeded (exit 4)",
        lambda: demo.ask(d, "exporter", on="2020-01-01"),
    )
    story.step(f"Poland asks about {a}", no("no arrangement"), lambda: demo.ask(a, "exporter", recogniser="PL"))
    story.step(f"Belarus suspends {a}", "SUSPENDED, event 2", lambda: demo.change(a, Change(kind=EventKind.SUSPEND)))
    story.step(f"China asks about {a} again, one block later", no("suspended"), lambda: demo.ask(a, "exporter"))
    story.step(f"China withholds benefits from {c}", "sealed", lambda: demo.withhold(c))
    story.step(f"China asks about {c}", no("benefits withheld"), lambda: demo.ask(c, "exporter"))
    question = read_question(c, "CN", "import", "exporter")
    flipped = HOME / "evidence-flipped.json"

    def flip() -> str:
        document = (
            json.loads(demo.evidence.with_suffix(".json").read_text()) if demo.evidence.suffix == ".json" else None
        )
        if document is None:
            write_evidence(flipped, demo.desk.evidence(question))
            document = json.loads(flipped.read_text())
        node = document["nodes"][-1]
        document["nodes"][-1] = node[:-1] + ("0" if node[-1] != "0" else "1")
        flipped.write_text(json.dumps(document))
        return demo.verify(flipped, question)

    story.step("one byte of evidence is flipped", "unproven: MissingNode (exit 4)", flip)
    story.step(
        f"evidence about {a} is offered for {b}",
        "unproven: OtherQuestion (exit 4)",
        lambda: demo.verify(keep, read_question(b, "CN", "import", "exporter")),
    )
    story.step(
        "Belarus records who it is, by the AEO Ledger TEST CA, not for use",
        "card and certificate recorded",
        demo.introduce,
    )
    story.step(
        "China asks who Belarus is", "proven: CN=Belarus, AEO programme (TEST),C=BY", lambda: demo.recognise(demo.card)
    )
    tell_keyed(demo, story)


def tell_keyed(demo: Demo, story: Story) -> None:
    """Show a register that nobody can read by guessing numbers."""
    keys = ("--lookup-keys", str(HOME / "CN.keys.json"))
    story.step("Kazakhstan opens a keyed register", "1 type, keyed", demo.open_keyed)
    story.step(
        "CN-KZ is signed and mailed on",
        "after CN: KZ missing; after KZ: sealed",
        lambda: demo.conclude(KEYED, "KZ"),
    )
    story.step(
        "Kazakhstan sends China the keys, sealed", "China holds 1 lookup key, the register's own", demo.give_keys
    )
    story.step("Kazakhstan imports its register", "1 recorded, 0 unchanged", lambda: demo.import_("KZ", KZ))
    story.step(
        f"China asks about {KAZAKH}; the gateway is not told whom",
        "recognised: fewer inspections, faster release (exit 0)",
        lambda: demo.ask_keyed(*keys),
    )
    story.step("the same without the key", "unproven: KeyNeeded (exit 4)", demo.ask_keyed)
    known = choose()["b"]
    story.step(
        f"a validator guesses {known} and {KAZAKH}, and searches its disk",
        f"finds {known}",
        lambda: demo.guess((known, BY), (KAZAKH, KZ)),
    )


def free_port() -> int:
    """Find a free port on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run the demonstration; with --serve, leave the gateway running."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--serve", action="store_true", help="leave the gateway running until Ctrl-C and say what to try next"
    )
    parser.add_argument("--port", type=int, help="port on the loopback interface; a free one unless given")
    arguments = parser.parse_args()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(mode=0o700)
    console = Console()
    story = Story(console)
    demo = Demo(arguments.port or free_port(), story)
    right = False
    for stopping in (signal.SIGTERM, signal.SIGHUP):  # Python would end at once, and leave the gateway running
        signal.signal(stopping, signal.default_int_handler)
    try:
        tell_story(demo, story)
        right = story.tell()
        console.print(
            f"{time.perf_counter() - story.started:.0f} s in all; evidence, keys and ledger are in {HOME.name}/",
            markup=False,
        )
        if arguments.serve and right:
            offer(demo)
    except KeyboardInterrupt:
        console.print("stopped")
    finally:
        demo.stop()
    sys.exit(0 if right else 1)


def offer(demo: Demo) -> None:
    """Print what to try next, and wait."""
    print("\n".join(["", *next_steps(demo.url)]), flush=True)
    if demo.gateway is not None:
        demo.gateway.wait()


def next_steps(url: str) -> list[str]:
    """Print commands to try next. Lines are not wrapped, and comments may be pasted into the shell too."""
    first = choose()["b"]
    question = f"{first} --recogniser CN --direction import --role exporter"
    network, command = HOME / "network", Path(sys.executable).parent
    return [
        f"# The gateway goes on at {url} until Ctrl-C; its API is at {url}/docs.",
        f"# Pages for people: {url}/console. They ask for the fingerprint that `trust show` tells, below.",
        "# In another terminal:",
        f"export AEO_LEDGER_GATEWAY={url} AEO_LEDGER_PASSWORD={PASSWORD}",
        f"export AEO_LEDGER_TRUST={quote(str(network / 'trust.json'))} PATH={quote(str(command))}:$PATH",
        "aeo-ledger trust show",
        f"aeo-ledger ask {question} --evidence mine.json",
        f"aeo-ledger suspend {first} --party BY --type 3 --yes --key {quote(str(network / 'parties/BY/operator.json'))}",
        f"aeo-ledger ask {question}",
    ]


if __name__ == "__main__":
    main()
