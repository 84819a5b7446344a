"""What is signed, against ethers: the committed vectors always, and anew where Node is installed."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol import MESSAGES, Signature, digest, domain_separator, struct_hash, to_json
from aeo_ledger.signing import Signer, sign_message
from support.messages import example_of

VECTORS = Path(__file__).parent / "vectors" / "digests.json"
RECORDED: dict[str, Any] = json.loads(VECTORS.read_text())
SIGNER = Signer.from_secret(keccak256(b"aeo-ledger test key"))

cases = pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: str(case["typed_data"]["primaryType"]))


def parse(kind: str, value: Any) -> Any:
    """Read a member from its JSON form."""
    if kind.endswith("[]"):
        return [parse_struct(kind[:-2], struct) for struct in value]
    if kind.startswith("uint"):
        return int(value)
    return value if kind == "bool" else bytes.fromhex(value[2:])


def parse_struct(name: str, message: dict[str, Any]) -> dict[str, Any]:
    return {member: parse(kind, message[member]) for kind, member in MESSAGES[name]}


def parts_of(case: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    typed_data = case["typed_data"]
    domain = typed_data["domain"]
    where = {"chain_id": int(domain["chainId"]), "contract": bytes.fromhex(domain["verifyingContract"][2:])}
    return typed_data["primaryType"], parse_struct(typed_data["primaryType"], typed_data["message"]), where


def inputs() -> list[dict[str, Any]]:
    """List the inputs of the vectors: each message with the largest, with empty, and with medium values."""
    draw = random.Random(712)  # noqa: S311
    listed = []
    for name in MESSAGES:
        for fill in (lambda limit: limit, lambda _limit: 0, lambda limit: draw.randint(0, limit)):
            where: dict[str, Any] = {
                "chain_id": fill((1 << 256) - 1),
                "contract": fill((1 << 160) - 1).to_bytes(20, "big"),
            }
            listed.append(to_json(name, _fill(name, fill), **where))
    return listed


def _fill(name: str, fill: Any) -> dict[str, Any]:
    def member(largest: Any) -> Any:
        if isinstance(largest, list):
            return [{key: member(value) for key, value in struct.items()} for struct in largest[: fill(len(largest))]]
        if isinstance(largest, bool):
            return bool(fill(1))
        if isinstance(largest, int):
            return fill(largest)
        if len(largest) in (20, 32):
            return fill((1 << 8 * len(largest)) - 1).to_bytes(len(largest), "big")
        return largest[: fill(len(largest))]

    return {key: member(value) for key, value in example_of(name).items()}


def test_every_message_has_vectors() -> None:
    assert [case["typed_data"] for case in RECORDED["cases"]] == inputs()
    assert {case["typed_data"]["primaryType"] for case in RECORDED["cases"]} == MESSAGES.keys()


@cases
def test_hashes_are_those_of_ethers(case: dict[str, Any]) -> None:
    name, values, where = parts_of(case)
    assert "0x" + domain_separator(where["chain_id"], where["contract"]).hex() == case["domain_separator"]
    assert "0x" + struct_hash(name, values).hex() == case["struct_hash"]
    assert "0x" + digest(name, values, **where).hex() == case["digest"]
    assert to_json(name, values, **where) == case["typed_data"]


@cases
def test_signatures_are_those_of_ethers(case: dict[str, Any]) -> None:
    name, values, where = parts_of(case)
    theirs = Signature.parse(bytes.fromhex(case["signature"][2:]))
    assert sign_message([SIGNER], name, values, **where) == (theirs,)
    assert "0x" + theirs.recover_signer(digest(name, values, **where)).hex() == RECORDED["signer"]


@cases
def test_one_bit_more_is_another_digest(case: dict[str, Any]) -> None:
    name, values, where = parts_of(case)
    (kind, first), *_ = MESSAGES[name]
    other = values[first] ^ 1 if kind.startswith("uint") else bytes([values[first][0] ^ 1]) + values[first][1:]
    for altered in (
        digest(name, values | {first: other}, **where),
        digest(name, values, **where | {"chain_id": where["chain_id"] ^ 1}),
        digest(name, values, **where | {"contract": bytes([where["contract"][0] ^ 1]) + where["contract"][1:]}),
    ):
        assert "0x" + altered.hex() != case["digest"]


def test_the_vectors_are_what_ethers_makes_today(run_with_ethers: Any) -> None:
    given = json.dumps({"cases": [{"typed_data": typed_data} for typed_data in inputs()]})
    assert json.loads(run_with_ethers("digests.mjs", given=given)) == RECORDED


if __name__ == "__main__":  # python -m conformance.test_digests | node digests.mjs > vectors/digests.json
    sys.stdout.write(json.dumps({"cases": [{"typed_data": typed_data} for typed_data in inputs()]}))
