"""A network whose time a test moves, worked by commands alone, and what must hold after each act.

The test keeps a model of its own: which key file is whose, who has a copy of it, who is suspended, who is silent. After each act it
compares every word of the ledger with the words before:

- nobody is impersonated: the keys that signed are those that served, by the model, the party in whose name they signed; an act that the
  model refuses is refused, by the command and by the contracts, and changes no word; a thief changes no word of anybody but the victim;
- nobody is blocked by another: a party that has nothing to do with the act could act at once;
- no act is without grounds: what was signed names a decision, and the book has it;
- none is without history: the verifier replays all acts on what changed, and compares heads, signers and words.
"""

from __future__ import annotations

import heapq
import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from itertools import count
from pathlib import Path
from random import Random
from threading import Lock
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
import typer

from aeo_ledger.chain import EmbeddedLedger
from aeo_ledger.chain.clock import Clock
from aeo_ledger.cli import output
from aeo_ledger.cli.main import app
from aeo_ledger.errors.customs import RefusedByLedger
from aeo_ledger.gateway.app import create_app
from aeo_ledger.ledger.bindings import encode_act
from aeo_ledger.network.first_words import Founding
from aeo_ledger.network.found import found_network, parse_parties
from aeo_ledger.network.relay_key import RELAY
from aeo_ledger.network.run import port_of
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.prover.indexed import IndexedLedger
from aeo_ledger.prover.relay import Relay
from aeo_ledger.signing import Password, create_key_file, open_key_file, open_key_store
from aeo_ledger.verify import TrustBundle
from support.network import PASSWORD, served
from support.year_watch import KeyFile, Member, Watch, key_options, keys_of

DAY = 86_400
WEEK = 7 * DAY
START = 1_767_225_600  # 2026-01-01
NETWORK = 0

Story = Iterator[int]
"""What happens to some parties: it yields the seconds until its next part."""


class MovedClock:
    """The time of the ledger, its gateway and the commands: it stands until a test moves it or a block is waited for."""

    def __init__(self, at: int) -> None:
        self.at, self._moving = float(at), Lock()

    def pass_(self, seconds: float) -> None:
        with self._moving:
            self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(wall=lambda: self.at, monotonic=lambda: self.at, sleep=self.pass_)


@dataclass
class Year:
    """The network, and the model of it."""

    folder: Path
    chance: Random
    hand: MovedClock
    embedded: EmbeddedLedger
    ledger: IndexedLedger
    relay: Relay
    url: str
    members: dict[str, Member]
    free: set[str] = field(default_factory=set)
    """Codes of parties to which nothing happens now."""
    counted: Counter[str] = field(default_factory=Counter)
    """Acts by their verbs, and refusals."""
    _updated_at: int = 0
    _names: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.command = typer.main.get_command(app)  # made once: it has a hundred verbs
        self.free = set(self.members)
        seats = [member.code for member in self.members.values() if member.seat]
        self.nodes = dict(zip(seats, self.trust.validators.addresses, strict=True))
        self._updated_at = self.now
        self.watch = Watch(self.ledger, self.relay.snapshot, self.members, self.nodes)

    # ---- the world

    @property
    def now(self) -> int:
        return int(self.hand.at)

    @property
    def trust(self) -> TrustBundle:
        return read_trust(self.folder / "trust.json")

    def day(self, days: int) -> str:
        """Write the beginning of the day after so many days, UTC."""
        return f"{datetime.fromtimestamp(self.now + days * DAY, UTC):%Y-%m-%dT00:00Z}"

    def wait(self, seconds: int) -> None:
        """Let time pass. Trust is moved on each month, as an office does."""
        while seconds > 0:
            step = min(seconds, 30 * DAY)
            self.hand.pass_(step)
            self.embedded.seal_pending()
            self.ledger.head()  # the gateway's index is there too
            seconds -= step
            if self.now >= self._updated_at + 30 * DAY:
                self.follow()

    def follow(self) -> None:
        self.run("trust", "update")
        self._updated_at = self.now

    def file(self, ending: str) -> Path:
        return self.folder / f"{next(self._names)}.{ending}"

    def new_key(self) -> KeyFile:
        file = self.file("key.json")
        made = create_key_file(file, Password(PASSWORD), randomness=self.chance.randbytes, work_factor=2)
        return KeyFile(file, made.address)

    def run(self, *words: str, code: int = 0, book: bool = True) -> dict[str, Any]:
        """Run a command in this process, as `main` would."""
        environment = {
            "AEO_LEDGER_PASSWORD": PASSWORD,
            "AEO_LEDGER_TRUST": str(self.folder / "trust.json"),
            "AEO_LEDGER_GATEWAY": self.url,
            **({"AEO_LEDGER_BOOK": str(self.folder / "book.sqlite")} if book else {}),
        }
        shown, said = StringIO(), StringIO()
        with patch.dict(os.environ, environment), redirect_stdout(shown), redirect_stderr(said):
            found = self.command.main([*words, "--json"], standalone_mode=False)
        assert found == code, f"{shown.getvalue()}{said.getvalue()}: {' '.join(words)}"
        document: dict[str, Any] = json.loads(shown.getvalue())
        return document

    # ---- acts

    def do(
        self,
        *words: str,
        by: Sequence[KeyFile] = (),
        about: Collection[int],
        why: str | None = None,
        thief: Member | None = None,
        refused: str | None = None,
        keys: bool = True,
        asks: bool = True,
    ) -> dict[str, Any]:
        """Run a command that acts, and look at all that must hold.

        Args:
            words: The command.
            by: The keys that sign.
            about: Numbers of the parties whose words it may change; 0 is the network.
            why: The decision behind it; None if the command takes none.
            thief: The victim, if a thief acts. Its book keeps nothing, and it gives any hash as its grounds.
            refused: The error or the contracts' reason, if nobody may do this now.
            keys: Whether the command opens the keys; otherwise they have signed before.
            asks: Whether it asks before it acts.
        """
        given = [*words, *key_options(by if keys else ())]
        if why is not None:
            given += ["--grounds", f"0x{self.chance.randbytes(32).hex()}" if thief else self._decide(why)]
        if asks:
            given.append("--yes")
        if thief is not None:
            assert set(by) <= thief.copied, "a thief has only what was stolen"
            assert set(about) == {thief.number}, "a thief reaches only the victim"
        found = self.run(*given, code=0 if refused is None else 3, book=thief is None)
        if refused is not None:
            assert refused in {found["error"], *re.findall(r"\w+", found["detail"])}, found
            self.watch.require_unchanged()
            self.counted[f"refused: {refused}"] += 1
            return found
        assert found["proven"] is True, found
        signers, forges = {key.address for key in by}, thief is not None
        for values in self.watch.examine(signers, set(about), trust=self.trust, now=self.now, forges=forges):
            self._require_grounds(values, decided=thief is None)
        self.counted["a thief's act" if thief else _verb_of(words)] += 1
        self.require_free(about)
        return found

    def own(self, member: Member, verb: str, *words: str, new: Sequence[KeyFile] = (), **more: Any) -> dict[str, Any]:
        """Let a party decide alone."""
        given = {"by": member.signing, "about": {member.number}, "why": f"{member.code}: {verb}", **more}
        given["by"] = [*given["by"], *new]
        return self.do("party", "act", verb, "--party", member.code, *words, **given)

    def publish(self, member: Member, verb: str, tin: str, *words: str, **more: Any) -> dict[str, Any]:
        """Let a party change one certificate of its register."""
        self.watch.entry(member, tin)
        about = ("--party", member.code, "--type", member.type, "--accept-odd")
        given = {"by": member.operators[-1:], "about": {member.number}, "why": f"{member.code}: {verb} {tin}", **more}
        return self.do(verb, tin, *about, *words, **given)

    def resolve(
        self,
        verb: str,
        *words: str,
        about: Collection[int],
        new: Sequence[KeyFile] = (),
        voters: Sequence[Member] | None = None,
        refused: str | None = None,
    ) -> dict[str, Any]:
        """Let the seats decide: a draft, two copies that go round apart, and whoever has both submits."""
        for _ in range(2 if verb.endswith("-validator") else 0):  # validators change two blocks apart at least
            self.wait(1)
        able = [member for member in self.members.values() if member.can_vote]
        voters = self.chance.sample(able, min(self.quorum, len(able))) if voters is None else voters
        file, copy = self.file("act.json"), self.file("act.json")
        decided = ("--grounds", self._decide(f"the seats: {verb} {' '.join(words)}"))
        self.run("resolution", "draft", verb, *words, "--out", str(file), *key_options(new), *decided, "--yes")
        copy.write_bytes(file.read_bytes())
        half = len(voters) // 2
        for path, part, more in ((copy, voters[:half], ()), (file, voters[half:], ("--join", str(copy)))):
            self.run("act", "sign", str(path), *key_options(keys_of(part)), *more, "--yes")
        by = [*keys_of(voters), *new]
        done = self.do("act", "submit", str(file), by=by, about=about, refused=refused, keys=False)
        if refused is None:
            self.counted[f"resolution {verb}"] += 1
        return done

    @property
    def quorum(self) -> int:
        """Two thirds of the seats of parties that are not expelled, rounded up."""
        return -(-2 * sum(member.seat and not member.expelled for member in self.members.values()) // 3)

    def when_able(self, besides: int = 0) -> Story:
        """Wait until enough seats can vote, some more besides."""
        while sum(member.can_vote for member in self.members.values()) < self.quorum + besides:
            yield WEEK

    def force(self, act: SignedAct, by: Sequence[KeyFile], refusal: str) -> None:
        """Let a thief send an act by a program of its own, past every command and gateway: the contracts refuse it."""
        signed = sign_act(act, [key.open() for key in by], self.trust)
        with pytest.raises(RefusedByLedger) as refused:
            self.ledger.rehearse(signed.contract, encode_act(signed))
        assert refused.value.name == refusal
        self.counted[f"forced and refused: {refusal}"] += 1

    def require_free(self, about: Collection[int] = (), members: Sequence[Member] | None = None) -> None:
        """Demand that a party that an act is not about could act at once: it drafts, signs and rehearses one."""
        if members is None:
            able = [member for member in self.members.values() if member.can_act and member.number not in about]
            members = [self.chance.choice(able)]
        for member in members:
            file = self.file("act.json")
            words = ("--party", member.code, "--count", str(member.needs), "--out", str(file), "--yes")
            drafted = self.run(
                "party", "act", "set-authority-threshold", *words, *key_options(member.signing), book=False
            )
            assert drafted["missing"] == [], f"{member.code} is blocked"
            file.unlink()

    # ---- what must hold

    def _decide(self, why: str) -> str:
        file = self.file("decision.txt")
        file.write_text(why)
        return str(file)

    def _require_grounds(self, values: Mapping[str, Any], *, decided: bool) -> None:
        grounds = values.get("grounds") or values.get("text") or values["document"]
        assert any(grounds), "an act without grounds"
        if decided and "text" not in values:
            assert self.run("document", "show", f"0x{grounds.hex()}")["kind"] == "grounds"

    # ---- the time

    def tell(self, stories: Sequence[tuple[int, Story]]) -> None:
        """Tell stories at once, each from its time on."""
        numbers = count()
        queue = [(at, next(numbers), story) for at, story in stories]
        heapq.heapify(queue)
        while queue:
            at, _, story = heapq.heappop(queue)
            self.wait(max(0, at - self.now))
            after = next(story, None)
            if after is not None:
                heapq.heappush(queue, (self.now + after, next(numbers), story))


def _verb_of(words: Sequence[str]) -> str:
    """Name the verb of a command, without what it is about."""
    return " ".join(
        words[: 3 if words[:2] == ("party", "act") else 2 if words[0] in {"party", "arrangement", "act"} else 1]
    )


@contextmanager
def opened_year(folder: Path, parties: str | Sequence[Founding], seed: int) -> Iterator[Year]:
    """Found a network, and open it with a gateway that listens; all clocks are one, and stand."""
    chance, hand = Random(seed), MovedClock(START + 60)  # noqa: S311
    founders = parse_parties(parties) if isinstance(parties, str) else tuple(parties)
    found_network(folder, founders, Password(PASSWORD), now=START, randomness=chance.randbytes, work_factor=2)
    keys = open_key_store(folder / "validators.keys", Password(PASSWORD))
    relay_key = keys.pop(RELAY)

    with ExitStack() as opened, pytest.MonkeyPatch.context() as moved:
        moved.setattr(output, "time", SimpleNamespace(time=lambda: hand.at))  # the clock of all commands
        moved.delenv("AEO_LEDGER_BOOK", raising=False)
        embedded = opened.enter_context(
            EmbeddedLedger.open(
                folder / "ledger.sqlite",
                list(keys.values()),
                clock=hand.clock,
                confirm_clock=True,
                marks=folder / "marks",
            )
        )
        ledger = opened.enter_context(IndexedLedger(port_of(embedded, folder)))
        relay = Relay(ledger, relay_key, clock=lambda: hand.at)
        trust = read_trust(folder / "trust.json")
        url = opened.enter_context(served(create_app(ledger, relay, trust, behind=embedded.banner)))

        def key(code: str, role: str) -> KeyFile:
            file = folder / f"parties/{code}/{role}.json"
            return KeyFile(file, open_key_file(file, Password(PASSWORD)).address)

        members = {
            founder.code: Member(
                code=founder.code,
                number=number,
                seat=founder.seat,
                register=founder.keeps_register,
                authority=[key(founder.code, "authority")],
                operators=[key(founder.code, "operator")],
            )
            for number, founder in enumerate(founders, 1)
        }
        yield Year(folder, chance, hand, embedded, ledger, relay, url, members)
