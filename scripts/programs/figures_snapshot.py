"""The figures of a snapshot: what proofs cost a border post without a network, and how the cost grows.

A register of invented standings is put into real tries under a header with real seals, and written to a file. A separate process
loads, verifies and queries the file; the figures are that process's CPU time and memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import rlp
from coincurve import PrivateKey
from figures_sheet import Sheet
from trie import HexaryTrie

from aeo_ledger.customs.arrangement import Lane, Pair, Register
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import (
    Direction,
    EventKind,
    LaneState,
    PartyKind,
    PartyState,
    RegisterMode,
    Role,
    Status,
)
from aeo_ledger.evidence import SNAPSHOT_FORM, Header, Question, Snapshot
from aeo_ledger.evidence.header import MIX_HASH, NO_UNCLES_HASH
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.snapshot import read_snapshot
from aeo_ledger.primitives.curve import address_of_public_key
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.trie_root import derive_root
from aeo_ledger.protocol.entries import entries_of
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.lookup_keys import LookupKeys, derive_lookup_key
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract, key_check_key, lane_key, pair_key, record_slot, word_slot
from aeo_ledger.protocol.tables import Table as Tables
from aeo_ledger.protocol.words import encode_lane, encode_pair, encode_party, encode_record, encode_register
from aeo_ledger.verify import TRUST_FORM, Checkpoint, TrustBundle, TrustedParty, ValidatorSet, verify_snapshot

NOW = 1_800_000_000
DAY = 86_400
BY, CN, KZ = 1, 2, 3
TYPE = 2
LOOKUP_KEYS = LookupKeys([derive_lookup_key(keccak256(b"an invented lookup secret"), KZ, TYPE)])
MODES = {BY: RegisterMode.OPEN, KZ: RegisterMode.KEYED}
"""The registers. One standing in ten is in the keyed one."""
ADDRESSES = {contract: bytes(19) + bytes([number]) for number, contract in enumerate(Contract, 0xC0)}
CODE_HASHES = THIS_EDITION.code_hashes
KEYS = [PrivateKey(keccak256(f"validator {number}".encode())) for number in range(4)]
QUESTIONS = 2_000
LOADED_S, DECIDED_US = 0.6, 20
"""Targets for 50,000 standings: seconds to load and verify them, microseconds for one decision."""


def question(number: int, register: str = "BY") -> Question:
    trader = Tin(f"{register}{number:09}")
    return Question(tin=trader, recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER)


def entry_of(trader: Tin) -> bytes:
    register = {"BY": BY, "KZ": KZ}[trader.prefix]
    return entries_of(trader, LOOKUP_KEYS.key)(register, MODES[register], TYPE)


def make(standings: int) -> tuple[Snapshot, TrustBundle]:
    """Make invented registers of Belarus and Kazakhstan that China recognises, and seal them."""
    dice = Random(standings)  # noqa: S311
    consortium = sorted((_hashed(word_slot(*place)), _word(word)) for place, word in constitution().items())
    by_entry: dict[bytes, tuple[bytes, bytes]] = {}
    for number in range(standings):
        since = NOW - dice.randrange(DAY, 3_000 * DAY)
        code, issuer = ("KZ", KZ) if number < standings // 10 else ("BY", BY)
        record = Record(
            status=Status.ACTIVE, kind=EventKind.GRANT, issuer=issuer, roles=1 << Role.EXPORTER, sequence=1, since=since,
            valid_from=since, recorded_at=since + 60,
        )  # fmt: skip
        by_entry[entry_of(question(number, code).tin)] = _word(encode_record(record)), dice.randbytes(32)
    registers = sorted(
        row
        for entry, words in by_entry.items()
        for row in zip((_hashed(record_slot(entry)), _hashed(record_slot(entry) + 1)), words, strict=True)
    )
    roots = {
        contract: derive_root((key, rlp.encode(word.lstrip(b"\0"))) for key, word in rows)
        for contract, rows in zip(WITH_ANSWERS, (consortium, registers), strict=True)
    }
    accounts = HexaryTrie({})
    for contract, root in roots.items():
        accounts[keccak256(ADDRESSES[contract])] = rlp.encode([b"\1", b"", root, CODE_HASHES[contract]])
    nodes = {
        rlp.encode(node): None
        for contract in roots
        for node in accounts.get_proof(keccak256(ADDRESSES[contract]))  # type: ignore[no-untyped-call]
    }
    snapshot = Snapshot(
        header=seal(accounts.root_hash, NOW).encode(),
        nodes=tuple(nodes),
        consortium=b"".join(key + word for key, word in consortium),
        registers=b"",
        standings=b"".join(entry + record + head for entry, (record, head) in sorted(by_entry.items())),
    )
    return snapshot, trust_at(NOW)


def constitution() -> dict[tuple[Tables, int], int]:
    """List the words of three parties, of which China recognises the registers of the others, by table and key."""
    lane = Lane(
        state=LaneState.OPEN, arrangement="CN-BY", types=0b100, roles=0x7FFF, directions=0b111, benefits=0b11111,
        in_force_from=NOW - 2_000 * DAY, until=0, changed_at=NOW - 2_000 * DAY, changes=0,
    )  # fmt: skip
    words = {
        place: word
        for register, mode in MODES.items()
        for place, word in (
            ((Tables.PAIR, pair_key(CN, register)), encode_pair(Pair(lanes=1))),
            ((Tables.LANE, lane_key(CN, register, 0)), encode_lane(lane)),
            ((Tables.REGISTER, register), encode_register(Register(mode=mode, types=0b111))),
        )
    }
    for key in LOOKUP_KEYS:
        words[Tables.KEY_CHECK, key_check_key(KZ, TYPE)] = int.from_bytes(key.check, "big")
    for number, code in ((BY, "BY"), (CN, "CN"), (KZ, "KZ")):
        party = Party(
            code=code, kind=PartyKind.ADMINISTRATION, state=PartyState.ACTIVE, keeps_register=True, opened=True, changed_at=1
        )  # fmt: skip
        words[Tables.PARTY, number] = encode_party(party)
    return words


def seal(state_root: bytes, time: int) -> Header:
    """Make the header of a block of a time (UTC seconds), with the seals of three of four validators."""
    header = Header(
        parent_hash=keccak256(b"parent"), uncles_hash=NO_UNCLES_HASH, coinbase=_address(KEYS[0]), state_root=state_root,
        transactions_root=keccak256(b"none"), receipts_root=keccak256(b"none"), bloom=bytes(256), difficulty=1, number=100,
        gas_limit=60_000_000, gas_used=0, timestamp=time, vanity=bytes(32), listed_validators=(), vote=(), round=0, seals=(),
        mix_hash=MIX_HASH, nonce=bytes(8), later_fields=(),
    )  # fmt: skip
    digest = header.seal_digest()
    return replace(header, seals=tuple(key.sign_recoverable(digest, hasher=None) for key in KEYS[:3]))


def trust_at(time: int) -> TrustBundle:
    """Make the trust bundle that was pinned a day before a time, UTC seconds."""
    return TrustBundle(
        chain_id=1, genesis_hash=bytes(32),
        consortium=ADDRESSES[Contract.CONSORTIUM], consortium_code_hash=CODE_HASHES[Contract.CONSORTIUM],
        governance=ADDRESSES[Contract.GOVERNANCE], governance_code_hash=CODE_HASHES[Contract.GOVERNANCE],
        registers=ADDRESSES[Contract.REGISTERS], registers_code_hash=CODE_HASHES[Contract.REGISTERS],
        validators=ValidatorSet(tuple(map(_address, KEYS))),
        checkpoint=Checkpoint(number=0, hash=bytes(32), time=time - DAY),
        parties=tuple(
            TrustedParty(number=number, code=code, name=code, types=list_type_names(code)) for number, code in ((BY, "BY"), (CN, "CN"), (KZ, "KZ"))
        ),
        prefixes={},
    )  # fmt: skip


def _address(key: PrivateKey) -> bytes:
    return address_of_public_key(key.public_key.format(compressed=False)[1:])


def _hashed(slot: int) -> bytes:
    return keccak256(_word(slot))


def _word(word: int) -> bytes:
    return word.to_bytes(32, "big")


def path_bytes(keys: list[bytes], key: bytes) -> int:
    """Count the bytes of the trie nodes that prove one word among sorted keys: its branches and its leaf.

    A branch has 33 bytes for each child and one for each gap, so no hashing is needed.
    """
    total, low, high, depth = 0, 0, len(keys), 0
    nibbles = key.hex()
    while high - low > 1:
        bounds = [bisect_left(keys, _least(nibbles[:depth], digit), low, high) for digit in range(16)] + [high]
        children = sum(start != end for start, end in pairwise(bounds))
        if children > 1:
            size = 33 * children + 17 - children
            total += size + (3 if size > 255 else 2 if size > 55 else 1)
        low, high = bounds[int(nibbles[depth], 16)], bounds[int(nibbles[depth], 16) + 1]
        depth += 1
    return total + 70


def _least(prefix: str, digit: int) -> bytes:
    return bytes.fromhex(f"{prefix}{digit:x}".ljust(64, "0"))


def measure(file: Path, trust: Path, standings: int) -> dict[str, Any]:
    """Load, verify and query a snapshot in a separate process."""
    program = [sys.executable, __file__, str(file), str(trust), str(standings)]
    found: dict[str, Any] = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
    return found


def post(file: Path, trust_file: Path, standings: int) -> dict[str, float]:
    """The main function of the separate process."""
    trust = read_trust(trust_file)
    before = peak_memory()
    started = time.process_time()
    claim = read_snapshot(file)
    proven = verify_snapshot(claim, trust, now=NOW, max_age=300)
    loaded = time.process_time() - started
    memory = peak_memory() - before
    dice = Random(1)  # noqa: S311
    known = [question(dice.randrange(standings // 10, standings)) for _ in range(QUESTIONS)]
    keyed = [question(dice.randrange(standings // 10), "KZ") for _ in range(QUESTIONS)]
    unknown = [question(10**8 + number) for number in range(QUESTIONS)]
    if not all(proven.decide(one, now=NOW).decision.recognised for one in known):
        raise SystemExit("a standing is not recognised")
    if not all(proven.decide(one, now=NOW, keys=LOOKUP_KEYS).decision.recognised for one in keyed):
        raise SystemExit("a standing in the keyed register is not recognised")
    if any(proven.decide(one, now=NOW).decision.recognised for one in unknown):
        raise SystemExit("a trader who is not there is recognised")
    table = proven.tables[Contract.REGISTERS]
    slots = [record_slot(entry_of(one.tin)) for one in known]
    bits = bytes(standings // 8 + 1)
    places = [dice.randrange(standings) for _ in range(QUESTIONS)]
    keys = [row[:32] for row in table.rows()]
    return {
        "loaded_s": loaded,
        "memory_bytes": memory,
        "yes_us": best(lambda: [proven.decide(one, now=NOW) for one in known]),
        "keyed_us": best(lambda: [proven.decide(one, now=NOW, keys=LOOKUP_KEYS) for one in keyed]),
        "no_us": best(lambda: [proven.decide(one, now=NOW) for one in unknown]),
        "look_up_us": best(lambda: [table.read(slot) for slot in slots]),
        "bit_us": best(lambda: [bits[place >> 3] >> (place & 7) & 1 for place in places]),
        "path_bytes": sum(path_bytes(keys, _hashed(slot)) for slot in slots[:200]) / 200,
    }


def peak_memory() -> int:
    """Return this process's peak memory in bytes; 0 if the system does not report it."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def best(act: Callable[[], object]) -> float:
    """Run an act over all questions five times; return the best time, in microseconds for one question."""
    times = []
    for _ in range(5):
        started = time.process_time()
        act()
        times.append(time.process_time() - started)
    return min(times) / QUESTIONS * 1e6


def snapshot_figures(sheet: Sheet, largest: int) -> None:
    """Print the figures of a snapshot of 50,000 standings, and growth up to the largest."""
    sizes = [size for size in (1_000, 10_000, 50_000, 100_000, 1_000_000) if size <= largest]
    columns = (
        "n",
        "file",
        "a standing",
        "load + verify",
        "peak memory",
        "a yes",
        "a no",
        "look-up of a word",
        "trie nodes of one proof",
    )
    title = "A snapshot of n standings (two words each), verified and queried in a separate process"
    growth = sheet.table(title, dict.fromkeys(columns, ""))
    found: dict[int, dict[str, Any]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as home, sheet.busy(f"{size:,} standings"):
            file, trust_file = Path(home) / "snapshot", Path(home) / "trust.json"
            claim, trust = make(size)
            file.write_bytes(SNAPSHOT_FORM.encode_cbor(claim))
            trust_file.write_text(TRUST_FORM.encode_json(trust), encoding="utf-8")
            del claim
            one = found[size] = measure(file, trust_file, size)
            length = file.stat().st_size
        growth.add_row(
            f"{size:,}", f"{length / 1e6:,.2f} MB", f"{length / size:.0f} B", f"{one['loaded_s']:.2f} s",
            f"{one['memory_bytes'] / 1e6:,.0f} MB", f"{one['yes_us']:.1f} us", f"{one['no_us']:.1f} us",
            f"{one['look_up_us']:.1f} us", f"{one['path_bytes']:,.0f} B",
        )  # fmt: skip
    sheet.print(growth)
    one = found[50_000]
    units = {"what": "text", "measured": "", "reach": "", "beside it": "text"}
    table = sheet.table("Snapshot of 50,000 standings", units)
    table.add_row("loaded and verified", f"{one['loaded_s']:.2f} s", f"{LOADED_S} s", "")
    bit = f"bit look-up in a verified status list {one['bit_us']:.2f} us"
    table.add_row("one decision (a yes)", f"{one['yes_us']:.1f} us", f"{DECIDED_US} us", bit)
    table.add_row("one decision (a yes in a keyed register)", f"{one['keyed_us']:.1f} us", f"{DECIDED_US} us", "")
    table.add_row(
        "one decision (a no, proven absent)",
        f"{one['no_us']:.1f} us",
        f"{DECIDED_US} us",
        "a bit is one issuer's word, for one list",
    )
    sheet.print(table)
    if one["loaded_s"] > LOADED_S or max(one["yes_us"], one["keyed_us"], one["no_us"]) > DECIDED_US:
        raise SystemExit("a figure was not reached on this machine, this time")


if __name__ == "__main__":
    print(json.dumps(post(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
