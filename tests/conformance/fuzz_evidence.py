"""Fuzz the verifier for as long as you like: evidence that atheris makes of the golden vectors proves their answers or nothing.

    pip install atheris
    python tests/conformance/fuzz_evidence.py -max_total_time=3600 [other options of libFuzzer]

The first byte chooses the target and how the rest is read: as JSON, as CBOR, or as the dice of a mutation of its parts.
Whatever is neither proven alike nor refused as Malformed or Unproven ends the run, and its input is kept by libFuzzer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    import atheris
except ImportError:
    print("atheris is not installed: pip install atheris", file=sys.stderr)  # noqa: T201
    sys.exit(77)

with atheris.instrument_imports(include=["aeo_ledger"]):
    from aeo_ledger.evidence import EVIDENCE_FORM
    from conformance.targets import TARGETS, alien_to, judged, target
    from support.mutations import mutate_parts


def test_one_input(data: bytes) -> None:
    """Verify the evidence that these bytes encode."""
    choice, rest = data[0] if data else 0, data[1:]
    name = TARGETS[choice % len(TARGETS)]
    manner = choice // len(TARGETS) % 3
    if manner == 0:
        judged(name, lambda: EVIDENCE_FORM.decode_json(rest))
    elif manner == 1:
        judged(name, lambda: EVIDENCE_FORM.decode_cbor(rest))
    else:
        dice, evidence, alien = Random(rest), target(name).evidence, alien_to(name)  # noqa: S311
        judged(name, lambda: EVIDENCE_FORM.decode_cbor(EVIDENCE_FORM.encode_cbor(mutate_parts(dice, evidence, alien))))


def main() -> None:
    with tempfile.TemporaryDirectory() as corpus:
        for at, name in enumerate(TARGETS):
            evidence = target(name).evidence
            (Path(corpus) / f"{name}.json").write_bytes(bytes([at]) + EVIDENCE_FORM.encode_json(evidence).encode())
            (Path(corpus) / f"{name}.cbor").write_bytes(
                bytes([at + len(TARGETS)]) + EVIDENCE_FORM.encode_cbor(evidence)
            )
            (Path(corpus) / f"{name}.dice").write_bytes(bytes([at + 2 * len(TARGETS)]) + name.encode())
        atheris.Setup([sys.argv[0], "-max_len=65536", *sys.argv[1:], corpus], test_one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
