"""Found a network: parties, keys, genesis and trust bundle, in one folder; embedded, or for the nodes of a real engine.

    DIR/genesis.json            block 0, as Besu and GoQuorum read it too
    DIR/trust.json              what verifiers pin; hand it to them yourself
    DIR/parties/BY/*.json       each party's authority and operator, as encrypted key files for it to take home

An embedded network also has

    DIR/ledger.sqlite           the ledger
    DIR/validators.keys         every validator's key and the relay's, in one encrypted store

and SIMULATES a consortium: one machine holds every key. A network for an engine has each node's key and a relay's in its party's folder
instead, and what `office.engine` writes.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aeo_ledger.chain import Account, EmbeddedLedger, Genesis, run_constructor
from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.certificate import list_type_names
from aeo_ledger.customs.party import Party
from aeo_ledger.customs.union import custom_of
from aeo_ledger.customs.vocabulary import PartyKind, PartyState, RegisterMode
from aeo_ledger.errors import FolderExists, MalformedText
from aeo_ledger.ledger.bindings import artifact, encode_constructor
from aeo_ledger.office.engine import Engine, EngineNode, write_engine_files
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.generated import CONSORTIUM_CODE_HASH, REGISTERS_CODE_HASH
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.protocol.words import encode_party, encode_register
from aeo_ledger.signing import WORK_FACTOR, Password, Signer, create_key_file, create_key_store
from aeo_ledger.verify import Checkpoint, TrustBundle, TrustedParty, ValidatorSet, encode_trust

REPLACEMENT_DELAY_S: Final = 14 * 86_400
"""Between a resolution that replaces a lost authority and its completion, unless the founders agree otherwise."""

RELAY: Final = "relay"
"""Label of the relay's key in the store."""

_SPEC: Final = re.compile(r"([A-Z]{2,6})(?:=([A-Z]{2}(?:\+[A-Z]{2})*))?")
_NAMES: Final = {
    "BY": "Belarus", "CN": "China", "KZ": "Kazakhstan", "EU": "European Union", "DE": "Germany", "PL": "Poland",
    "EAEU": "Eurasian Economic Union", "EAC": "East African Community", "RU": "Russia", "US": "United States", "JP": "Japan",
}  # fmt: skip
_OTHER_PREFIXES: Final = {"EL": "GR", "XI": "EU"}
"""TIN prefixes that are no party's code: Greece writes EL, Northern Ireland's traders XI (in the EU's register)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """One party of a network to be founded."""

    code: str
    kind: PartyKind
    unions: tuple[str, ...]
    seat: bool
    keeps_register: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A network that was founded."""

    folder: Path
    parties: tuple[Founding, ...]
    chain_id: int
    warnings: tuple[str, ...]


def parse_parties(text: str) -> tuple[Founding, ...]:
    """Read `BY,CN,KZ,EU=DE+PL`: administrations, and unions with their members.

    Raises:
        MalformedText: it is not of this form, or a code comes twice.
    """
    unions: dict[str, tuple[str, ...]] = {}
    order: list[str] = []
    for part in text.split(","):
        match = _SPEC.fullmatch(part.strip())
        if match is None:
            raise MalformedText(
                "parties", repr(part), "a code such as BY, or a union with its members such as EU=DE+PL"
            )
        if match[1] in order or (match[2] and len(set(match[2].split("+"))) != match[2].count("+") + 1):
            raise MalformedText("parties", f"a code twice in {part!r}", "each party once")
        if len(match[1]) != 2 and not match[2]:
            raise MalformedText("parties", repr(part), "two letters for an administration, members for a union")
        order.append(match[1])
        if match[2]:
            unions[match[1]] = tuple(match[2].split("+"))
    members = [member for group in unions.values() for member in group]
    listed = [*order, *dict.fromkeys(member for member in members if member not in order)]
    return tuple(_found_party(code, unions) for code in listed)


def _found_party(code: str, unions: dict[str, tuple[str, ...]]) -> Founding:
    joined = tuple(union for union, members in unions.items() if code in members)
    if len(joined) > 4:
        raise MalformedText("parties", f"{code} in {len(joined)} unions", "at most four")
    if code in unions:
        custom = custom_of(code)
        return Founding(
            code=code,
            kind=PartyKind.UNION,
            unions=joined,
            seat=custom.union_has_seat,
            keeps_register=custom.union_keeps_register,
        )
    customs = [custom_of(union) for union in joined]
    return Founding(
        code=code,
        kind=PartyKind.ADMINISTRATION,
        unions=joined,
        seat=not any(custom.union_has_seat for custom in customs),
        keeps_register=all(custom.members_keep_registers for custom in customs),
    )


def found_network(
    folder: Path,
    parties: tuple[Founding, ...],
    password: Password,
    *,
    now: int,
    randomness: Callable[[int], bytes],
    work_factor: int = WORK_FACTOR,
    replacement_delay_s: int = REPLACEMENT_DELAY_S,
    engine: Engine | None = None,
) -> Founded:
    """Make the folder of a network; it is there whole or not at all.

    Args:
        folder: Where; nothing may be there yet.
        parties: As `parse_parties` gives them; their numbers follow from their order, from 1.
        password: Closes every key file and the validators' store.
        now: Time of block 0, UTC seconds.
        randomness: Yields as many secret random bytes as asked for.
        work_factor: scrypt's N for the key files.
        replacement_delay_s: See `REPLACEMENT_DELAY_S`.
        engine: Whose nodes will run it; None is the embedded ledger.

    Raises:
        FolderExists: something is there.
        MalformedText: nobody has a seat, so nobody could seal.
    """
    if folder.exists():
        raise FolderExists(path=str(folder))
    if not any(party.seat for party in parties):
        raise MalformedText(
            "parties", "none with a seat", "at least one administration, or a union that holds its members' seat"
        )
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    try:
        chain_id = _found_in(
            making,
            parties,
            password,
            now=now,
            randomness=randomness,
            work_factor=work_factor,
            delay=replacement_delay_s,
            engine=engine,
        )
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    seats = sum(party.seat for party in parties)
    if engine is None:
        warnings = ["SIMULATED: this machine holds all validators' keys, and every party's until it takes them home."]
    else:
        warnings = [
            "UNSAFE until done: this machine has made every key; each party takes its own folder home and removes it here."
        ]
    if seats < 4:
        warnings.append(f"{seats} seats: fewer than four cannot recover from lost keys, and no validator can fail.")
    return Founded(folder=folder, parties=parties, chain_id=chain_id, warnings=tuple(warnings))


def _found_in(
    folder: Path,
    parties: tuple[Founding, ...],
    password: Password,
    *,
    now: int,
    randomness: Callable[[int], bytes],
    work_factor: int,
    delay: int,
    engine: Engine | None,
) -> int:
    keys: dict[str, tuple[Signer, Signer]] = {}
    for party in parties:
        home = folder / "parties" / party.code
        home.mkdir(parents=True, mode=0o700)
        authority, operator = (
            create_key_file(home / f"{role}.json", password, randomness=randomness, work_factor=work_factor)
            for role in ("authority", "operator")
        )
        keys[party.code] = authority, operator
    seated = [party.code for party in parties if party.seat]
    if engine is None:
        nodes = create_key_store(
            folder / "validators.keys", [*seated, RELAY], password, randomness=randomness, work_factor=work_factor
        )
    else:
        for code in seated:
            home = folder / "parties" / code
            create_key_file(home / f"{RELAY}.json", password, randomness=randomness, work_factor=work_factor)
        nodes = {
            code: create_key_file(
                folder / "parties" / code / "node.json", password, randomness=randomness, work_factor=work_factor
            )
            for code in seated
        }
    chain_id = (1 << 40) + int.from_bytes(randomness(4), "big")
    addresses = {contract: randomness(20) for contract in Contract}
    numbers = {party.code: number for number, party in enumerate(parties, 1)}
    founders = [
        (_party_word(party, numbers, now), keys[party.code][0].address, _register_word(party, now)) for party in parties
    ]
    alloc: dict[bytes, Account] = {}
    arguments = {
        Contract.CONSORTIUM: (
            founders,
            [(numbers[code], operator.address) for code, (_, operator) in keys.items()],
            [(numbers[code], nodes[code].address) for code in seated],
            min(4, len(seated)),
            delay,
        ),
        Contract.REGISTERS: (addresses[Contract.CONSORTIUM],),
    }
    for contract in Contract:
        bytecode = parse_hex(artifact(contract)["bytecode"], what="bytecode")
        alloc[addresses[contract]] = run_constructor(
            chain_id=chain_id,
            timestamp=now,
            address=addresses[contract],
            initcode=bytecode + encode_constructor(contract, *arguments[contract]),
        )
    genesis = Genesis(chain_id=chain_id, timestamp=now, validators_contract=addresses[Contract.CONSORTIUM], alloc=alloc)
    (folder / "genesis.json").write_text(json.dumps(genesis.to_json(), indent=1) + "\n", encoding="utf-8")
    if engine is None:
        EmbeddedLedger.create(folder / "ledger.sqlite", genesis)
    else:
        write_engine_files(
            folder, engine, [EngineNode(party=code, public_key=nodes[code].public_key) for code in seated]
        )
    block_0 = genesis.hash()
    trust = TrustBundle(
        chain_id=chain_id,
        genesis_hash=block_0,
        consortium=addresses[Contract.CONSORTIUM],
        consortium_code_hash=CONSORTIUM_CODE_HASH,
        registers=addresses[Contract.REGISTERS],
        registers_code_hash=REGISTERS_CODE_HASH,
        validators=ValidatorSet(tuple(nodes[code].address for code in seated)),
        checkpoint=Checkpoint(number=0, hash=block_0, time=now),
        parties=tuple(
            TrustedParty(
                number=numbers[party.code],
                code=party.code,
                name=_NAMES.get(party.code, party.code),
                types=list_type_names(party.code) if party.keeps_register else (),
            )
            for party in parties
        ),
        prefixes={prefix: numbers[code] for prefix, code in _OTHER_PREFIXES.items() if code in numbers},
    )
    (folder / "trust.json").write_text(encode_trust(trust) + "\n", encoding="utf-8")
    return chain_id


def _party_word(party: Founding, numbers: dict[str, int], now: int) -> int:
    one, two, three, four = ([numbers[union] for union in party.unions] + [0] * 4)[:4]
    return encode_party(
        Party(
            code=party.code,
            kind=party.kind,
            state=PartyState.ACTIVE,
            seat=party.seat,
            keeps_register=party.keeps_register,
            unions=(one, two, three, four),
            threshold=1,
            operators=1,
            changed_at=now,
        )
    )


def _register_word(party: Founding, now: int) -> int:
    if not party.keeps_register:
        return 0
    types = (1 << len(list_type_names(party.code))) - 1
    return encode_register(Register(mode=RegisterMode.OPEN, types=types, changed_at=now))
