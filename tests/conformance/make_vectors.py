"""Write the recognition vectors, or with --check say whether the committed ones are what this would write.

Each case states by hand what a verifier must find; nothing here asks the project's own verifier.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [] if str(TESTS) in sys.path else [str(TESTS)]

from aeo_ledger.customs.tin import Tin  # noqa: E402
from aeo_ledger.evidence import EVIDENCE_FORM, AnyQuestion, Evidence, Header, encode_question  # noqa: E402
from aeo_ledger.primitives.hashes import keccak256  # noqa: E402
from aeo_ledger.primitives.hexadecimal import to_hex  # noqa: E402
from aeo_ledger.protocol.facts import Predecessor  # noqa: E402
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKey, LookupKeys  # noqa: E402
from aeo_ledger.protocol.tables import Contract  # noqa: E402
from aeo_ledger.verify import TRUST_FORM, Checkpoint, TrustBundle, ValidatorSet  # noqa: E402
from support.sealed_world import (  # noqa: E402
    ADDRESSES,
    BY,
    BY_TRADER,
    CN,
    NOW,
    CustomsFacts,
    SealedWorld,
    question,
    trust,
)

VECTORS = Path(__file__).parent / "vectors" / "recognition"

CODE_HASHES = {contract: keccak256(contract.value.encode()) for contract in Contract}
"""Of no real code, so that the vectors outlive each version of the contracts."""

TRUST = trust(**{f"{contract.value}_code_hash": code_hash for contract, code_hash in CODE_HASHES.items()})
ASKED = question(BY_TRADER, CN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One evidence, and what it proves."""

    name: str
    about: str
    """Class of the attack, or of the answer."""
    why: str
    """What a verifier must see."""
    evidence: Evidence | str | bytes
    """Text or CBOR where the form itself is the attack."""
    expected: dict[str, Any]
    asked: Sequence[AnyQuestion] = (ASKED,)
    trusted: TrustBundle = TRUST
    now: int = NOW
    max_age: int = 300
    keys: LookupKeys = NO_KEYS
    """The asker's lookup keys, for keyed registers."""

    def to_json(self) -> dict[str, Any]:
        if isinstance(self.evidence, Evidence):
            given: dict[str, Any] = {"evidence": json.loads(EVIDENCE_FORM.encode_json(self.evidence))}
        elif isinstance(self.evidence, str):
            given = {"evidence_text": self.evidence}
        else:
            given = {"evidence_cbor": to_hex(self.evidence)}
        pinned, usual = (json.loads(TRUST_FORM.encode_json(bundle)) for bundle in (self.trusted, TRUST))
        return {
            "name": self.name,
            "about": self.about,
            "why": self.why,
            "asked": [encode_question(question) for question in self.asked],
            "trust": {key: value for key, value in pinned.items() if value != usual.get(key)},
            "now": self.now,
            "max_age": self.max_age,
            **({"keys": [_key_to_json(key) for key in self.keys]} if self.keys else {}),
            "expected": self.expected,
            **given,
        }


def _key_to_json(key: LookupKey) -> dict[str, Any]:
    return {"register": key.register, "type": key.certificate_type, "key": to_hex(key.secret)}


def sealed(world: CustomsFacts, **altered: Any) -> SealedWorld:
    """Seal a world under contracts with the pinned code."""
    return SealedWorld(world, **{"code_hashes": CODE_HASHES, **altered})


def prove(
    there: SealedWorld,
    *questions: AnyQuestion,
    pinned: TrustBundle = TRUST,
    traders: Mapping[int, Tin] | None = None,
    keys: LookupKeys = NO_KEYS,
) -> Evidence:
    return there.prove(*(questions or (ASKED,)), trust=pinned, traders=traders or {}, keys=keys)


def recognising(**altered: Any) -> CustomsFacts:
    """China recognises the register of Belarus, which certified the trader for type 2."""
    return CustomsFacts().recognise(CN, BY).grant(BY_TRADER, BY, 2, **altered)


def succeeding(seam: Header, **altered: Any) -> TrustBundle:
    """Pin another chain with its contracts and validators at today's date, and this ledger's last block as its predecessor's."""
    addresses = {contract.value: address for contract, address in ADDRESSES.items()}
    place = {"number": seam.number, "header": seam.hash(), "time": seam.timestamp}
    elsewhere: dict[str, Any] = {contract.value: bytes([at]) * 20 for at, contract in enumerate(Contract, 0xA1)}
    return replace(
        TRUST,
        chain_id=TRUST.chain_id + 1,
        **elsewhere,
        validators=ValidatorSet((b"\x44" * 20,)),
        checkpoint=Checkpoint(number=5, hash=bytes(32), time=seam.timestamp + 1),
        predecessors=(Predecessor(chain_id=TRUST.chain_id, **{**addresses, **place, **altered}),),
    )


@dataclass(slots=True)
class Answers:
    """The answers that evidence proves, built one by one."""

    header: Header
    listed: list[dict[str, Any]] = field(default_factory=list)

    def yes(self, *benefits: str, issuer: str = "BY", registers: Sequence[str] = ("BY",), **more: Any) -> Answers:
        """`more` is the trader, in an answer about an alias."""
        how = {"reasons": [], "benefits": list(benefits), "issuer": issuer, "registers": [*registers]}
        return self._add(**more, recognised=True, **how)

    def no(self, *reasons: str, registers: Sequence[str] = ("BY",), **more: Any) -> Answers:
        how = {"reasons": list(reasons), "benefits": [], "issuer": None, "registers": [*registers]}
        return self._add(**more, recognised=False, **how)

    def _add(self, **answer: Any) -> Answers:
        self.listed.append(answer)
        return self

    def to_json(self) -> dict[str, Any]:
        header = self.header
        block = {"number": header.number, "hash": to_hex(header.hash()), "time": header.timestamp}
        return {"answers": self.listed, "block": block}


@cache
def written() -> dict[str, str]:
    """Make every file, by its path below the vectors' folder."""
    from conformance import alias_cases, golden_cases, hostile_cases, hostile_forms, keyed_cases  # noqa: PLC0415  they import this module

    files = {"trust.json": TRUST_FORM.encode_json(TRUST) + "\n"}
    for kind, cases in (
        ("golden", [*golden_cases.cases(), *alias_cases.golden(), *keyed_cases.golden()]),
        ("hostile", [*hostile_cases.cases(), *hostile_forms.cases(), *alias_cases.hostile(), *keyed_cases.hostile()]),
    ):
        for case in cases:
            path = f"{kind}/{case.name}.json"
            assert path not in files, path
            files[path] = json.dumps(case.to_json(), indent=1) + "\n"
    return files


def find_differences() -> list[str]:
    """List the committed files that are missing, surplus or different from what would be written."""
    committed = {str(path.relative_to(VECTORS)): path.read_text() for path in VECTORS.rglob("*.json")}
    made = written()
    return sorted(path for path in committed.keys() | made.keys() if committed.get(path) != made.get(path))


def main(arguments: Sequence[str]) -> int:
    differences = find_differences()
    if list(arguments) == ["--check"]:
        print("\n".join(differences) or f"{len(written())} files are as they would be written")  # noqa: T201
        return 1 if differences else 0
    if arguments:
        print("make_vectors.py [--check]", file=sys.stderr)  # noqa: T201
        return 2
    for path in differences:
        place = VECTORS / path
        if path in written():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(written()[path])
        else:
            place.unlink()
    print(f"{len(differences)} files written or removed, {len(written())} in all")  # noqa: T201
    return 0


if __name__ == "__main__":
    from conformance.make_vectors import main as run  # the one that the cases import

    sys.exit(run(sys.argv[1:]))
