"""`ask --file` and `ask --corridor`: what they are told, and from where they are answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeo_ledger.cli import output
from aeo_ledger.cli.asking_corridor import ask_corridor, read_corridor
from aeo_ledger.cli.asking_file import ask_file
from aeo_ledger.cli.proving_many import Prove, by_fetching, by_snapshot, fetch_corridor, fetch_manifest, gather_manifest
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.question_file import read_question_file
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.verify import TrustBundle
from aeo_ledger.wording.words import Words

if TYPE_CHECKING:  # a snapshot is asked without the client of HTTP
    from aeo_ledger.gateway.client import GatewayClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyAsked:
    """What the command is told, by its options."""

    file: Path | None
    corridor: str | None
    tin: str | None
    circumstances: tuple[str | None, ...]
    """Recogniser, direction, role, type, register, on, as known."""
    accept_odd: bool
    with_history: bool
    evidence: Path | None
    out: Path | None
    snapshot: Path | None
    max_age: int
    refuse_stale: bool
    words: Words
    as_json: bool

    def answer(self, trust: TrustBundle, keys: LookupKeys | None, reach: Callable[[TrustBundle], GatewayClient]) -> int:
        """Ask a snapshot or a gateway, show what is proven, and return the exit code.

        With `keys`, the gateway is asked for words and not for the traders.

        Raises:
            Malformed: An option, the file or the route cannot be read.
            Unproven, Unavailable: Nothing at all is proven.
        """
        output.refuse_two_outputs(self.evidence, self.out, as_json=self.as_json)
        if self.file is not None:
            self._refuse("--file", TIN=self.tin, corridor=self.corridor)
            path = output.source(self.file)
            lines = read_question_file(path, self.circumstances, trust, accept_odd=self.accept_odd)
            show: Callable[[Prove], int] = partial(
                ask_file, lines, out=self.out, words=self.words, as_json=self.as_json
            )
            fetch: Callable[..., Any] = partial(fetch_manifest, with_history=self.with_history)
        else:
            if self.out is not None:
                raise MalformedText("--out", str(self.out), "--file too, whose answers it lists")
            recogniser, direction, role, certificate_type, register, on, known = self.circumstances
            self._refuse("--corridor", recogniser=recogniser, type=certificate_type, register=register)
            self._refuse("--corridor", on=on, as_known=known)
            route = read_corridor(self.tin, role, self.corridor or "", direction, accept_odd=self.accept_odd)
            show = partial(ask_corridor, route, trust, words=self.words, as_json=self.as_json)
            fetch = partial(fetch_corridor, route)
        if self.snapshot is not None:
            age, fresh = self.max_age, self.refuse_stale
            kept = keys or NO_KEYS
            return show(by_snapshot(self.snapshot, trust, kept, max_age=age, refuse_stale=fresh, words=self.words))
        if keys is not None:
            gather = partial(gather_manifest, trust=trust, keys=keys, max_age=self.max_age)
            fetch = partial(gather, with_history=self.with_history)
        with reach(trust) as desk:
            by = partial(fetch, desk)
            return show(by_fetching(by, trust, keys or NO_KEYS, evidence=self.evidence, max_age=self.max_age))

    def refuse(self, **given: object) -> None:
        """Refuse options that have no effect here, instead of ignoring them.

        Raises:
            MalformedText: One was given.
        """
        self._refuse("--corridor" if self.file is None else "--file", **given)

    @staticmethod
    def _refuse(way: str, **given: object) -> None:
        for name, value in given.items():
            if value is not None and value is not False:
                option = name if name.isupper() else f"--{name.replace('_', '-')}"
                raise MalformedText(option, str(value), f"no such option with {way}")
