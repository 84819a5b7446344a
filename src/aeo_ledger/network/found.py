"""Found a network: make parties, keys, genesis and trust bundle in one folder, for the embedded ledger or for the nodes of an engine.

    DIR/genesis.json            block 0; Besu and GoQuorum read it too
    DIR/places.json             table and key of each word of block 0
    DIR/trust.json              the trust bundle that verifiers pin; give it to them yourself
    DIR/parties/BY/*.json       each party's authority key and operator key, as encrypted key files for it to take away

An embedded network also has

    DIR/ledger.sqlite           the ledger
    DIR/validators.keys         every validator's key and the relay's, in one encrypted store

and SIMULATES a consortium: one machine holds every key. A network for an engine has instead each node's key and a relay's key in the
party's folder, and the files that `network.render` writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aeo_ledger.chain import Account, EmbeddedLedger, Genesis, run_constructor
from aeo_ledger.chain.header import DEMONSTRATION, encode_extra_data
from aeo_ledger.customs.country import custom_of, find_country
from aeo_ledger.customs.prefixes import PREFIXES
from aeo_ledger.customs.vocabulary import PartyKind
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.forks import BERLIN, Forks
from aeo_ledger.files import make_folder, making_folder, write_file
from aeo_ledger.ledger.bindings import artifact, encode_constructor
from aeo_ledger.network.engine import IDLE_PERIOD_S, IDLE_SETTING
from aeo_ledger.network.first_words import Founding, FoundingKeys, first_words, list_places
from aeo_ledger.network.layout import Engine, EngineNode
from aeo_ledger.network.places import PLACES, encode_places
from aeo_ledger.network.relay_key import RELAY, create_relay_key
from aeo_ledger.network.render import write_engine_files
from aeo_ledger.office.trust import make_row
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.protocol.inventory import THIS_EDITION
from aeo_ledger.protocol.tables import Contract
from aeo_ledger.signing import WORK_FACTOR, Password, Signer, create_key_file, create_key_store
from aeo_ledger.verify import TRUST_FORM, Checkpoint, TrustBundle, ValidatorSet

REPLACEMENT_DELAY_S: Final = 14 * 86_400
"""Seconds between a resolution that replaces a lost authority and its completion, unless the founders agree otherwise."""

_SPEC: Final = re.compile(r"([A-Z]{2,6})(?:=([A-Z]{2}(?:\+[A-Z]{2})*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A network that was founded."""

    folder: Path
    parties: tuple[Founding, ...]
    chain_id: int
    warnings: tuple[str, ...]


def parse_parties(text: str, keyed: Collection[str] = ()) -> tuple[Founding, ...]:
    """Parse text such as `BY,CN,KZ,EU=DE+PL`: administrations, and unions with their members.

    `keyed` lists codes of parties whose registers will be keyed; all others' registers are open from the beginning.

    Raises:
        MalformedText: the text has another form, or a code occurs twice, or a keyed register is nobody's.
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
    parties = tuple(replace(party, keyed=party.code in keyed) for party in (_found_party(c, unions) for c in listed))
    strangers = {*keyed} - {party.code for party in parties if party.keeps_register}
    if strangers:
        raise MalformedText("--keyed", ", ".join(sorted(strangers)), "codes of parties that keep a register")
    return parties


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
    forks: Forks = BERLIN,
    demonstration: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Founded:
    """Make the folder of a network, atomically.

    Args:
        folder: The new folder.
        parties: From `parse_parties`; they are numbered in this order, from 1.
        password: Encrypts every key file and the validators' store.
        now: Time of block 0, UTC seconds.
        randomness: Returns the given number of secret random bytes.
        work_factor: scrypt's N for the key files.
        replacement_delay_s: See `REPLACEMENT_DELAY_S`.
        engine: The engine of its nodes; None for the embedded ledger.
        forks: When rules later than Berlin's begin; from `parse_fork`.
        demonstration: Whether it is for a demonstration alone. Block 0 says so for good; only such a network may be a workshop's.
        progress: Called with the name of each step before it begins. There is one step for each party and two more; each key file takes a second.

    Raises:
        FolderExists: `folder` exists.
        FileUnavailable: the folder cannot be written; then nothing of it is left.
        MalformedText: no party has a seat, so none could seal.
    """
    if not any(party.seat for party in parties):
        raise MalformedText(
            "parties", "none with a seat", "at least one administration, or a union that holds its members' seat"
        )
    with making_folder(folder) as making:
        chain_id = _found_in(
            making,
            parties,
            password,
            now=now,
            randomness=randomness,
            work_factor=work_factor,
            delay=replacement_delay_s,
            engine=engine,
            forks=forks,
            extra_data=encode_extra_data(DEMONSTRATION if demonstration else bytes(32)),
            progress=progress,
        )
    seats = sum(party.seat for party in parties)
    if engine is None:
        warnings = ["SIMULATED: this machine holds all validators' keys, and every party's until it takes them away."]
    else:
        warnings = [
            "UNSAFE for now: this machine made every key. Each party must take its own folder away and delete it here."
        ]
    if engine is Engine.QUORUM:
        warnings.append(
            "GoQuorum may halt after a change of validators (OPERATION.md). A network that is to grow wants --engine besu."
        )
    if demonstration:
        warnings.append("DEMONSTRATION: block 0 says so for good, and nothing on this ledger has legal effect.")
    if seats < 4:
        warnings.append(f"{seats} seats: fewer than four cannot recover from lost keys, and no validator can fail.")
    if strange := [party.code for party in parties if len(party.code) == 2 and party.code not in PREFIXES]:
        warnings.append(f"{', '.join(strange)}: no TIN has such a prefix, so this version records no trader of theirs.")
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
    forks: Forks,
    extra_data: bytes,
    progress: Callable[[str], None],
) -> int:
    keys = _make_keys(
        folder,
        parties,
        password,
        randomness=randomness,
        work_factor=work_factor,
        engine=engine,
        progress=progress,
    )
    progress("block 0")
    addresses = {contract: randomness(20) for contract in Contract}
    chain_id = draw_chain_id(randomness)
    genesis = _deploy(parties, keys, addresses, chain_id=chain_id, now=now, delay=delay, forks=forks)
    idle = {} if engine is None else {IDLE_SETTING[engine]: IDLE_PERIOD_S[engine]}
    genesis = replace(genesis, settings=idle, extra_data=extra_data)
    write_file(folder / "genesis.json", f"{json.dumps(genesis.to_json(), indent=1)}\n".encode())
    places = THIS_EDITION.select(
        list_places(parties, keys), (), lambda contract, slot: genesis.alloc[addresses[contract]].storage.get(slot, 0)
    )
    write_file(folder / PLACES, encode_places(places).encode())
    if engine is None:
        EmbeddedLedger.create(folder / "ledger.sqlite", genesis)
    else:
        nodes = [EngineNode(party=code, public_key=node.public_key) for code, node in keys.nodes.items()]
        write_engine_files(folder, engine, nodes, randomness=randomness)
    trust = _pins(parties, genesis, addresses, ValidatorSet(tuple(node.address for node in keys.nodes.values())))
    write_file(folder / "trust.json", TRUST_FORM.encode_file(trust))
    return genesis.chain_id


def _deploy(
    parties: Sequence[Founding],
    keys: FoundingKeys,
    addresses: Mapping[Contract, bytes],
    *,
    chain_id: int,
    now: int,
    delay: int,
    forks: Forks,
) -> Genesis:
    """Run the contracts' constructors, and make a genesis of the accounts that they create."""
    arguments: dict[Contract, tuple[object, ...]] = {
        Contract.CONSORTIUM: (addresses[Contract.GOVERNANCE], *first_words(parties, keys, now), delay),
        Contract.GOVERNANCE: (addresses[Contract.CONSORTIUM],),
        Contract.REGISTERS: (addresses[Contract.CONSORTIUM],),
    }
    alloc: dict[bytes, Account] = {}
    for contract in Contract:
        bytecode = parse_hex(artifact(contract)["bytecode"], what="bytecode")
        alloc[addresses[contract]] = run_constructor(
            chain_id=chain_id,
            timestamp=now,
            address=addresses[contract],
            initcode=bytecode + encode_constructor(contract, *arguments[contract]),
        )
    return Genesis(
        chain_id=chain_id,
        timestamp=now,
        validators_contract=addresses[Contract.CONSORTIUM],
        alloc=alloc,
        forks=forks,
    )


def draw_chain_id(randomness: Callable[[int], bytes]) -> int:
    """Choose a random id for a new chain: 41 bits, so that probably no other chain has it."""
    return (1 << 40) + int.from_bytes(randomness(4), "big")


def _make_keys(
    folder: Path,
    parties: tuple[Founding, ...],
    password: Password,
    *,
    randomness: Callable[[int], bytes],
    work_factor: int,
    engine: Engine | None,
    progress: Callable[[str], None],
) -> FoundingKeys:
    """Make each party's keys in its folder. The keys of nodes and relay are in one store, or for an engine in their party's folder."""

    def make(code: str, role: str) -> Signer:
        file = folder / "parties" / code / f"{role}.json"
        return create_key_file(file, password, randomness=randomness, work_factor=work_factor)

    authorities, operators = {}, {}
    make_folder(folder / "parties")
    for party in parties:
        progress(f"keys of {party.code}")
        make_folder(folder / "parties" / party.code)
        authorities[party.code], operators[party.code] = (make(party.code, role) for role in ("authority", "operator"))
    progress("keys of the validators")
    seated = [party.code for party in parties if party.seat]
    if engine is None:
        labels = [*seated, RELAY]
        store = folder / "validators.keys"
        made = create_key_store(store, labels, password, randomness=randomness, work_factor=work_factor)
        nodes = {code: made[code] for code in seated}
    else:
        for code in seated:
            create_relay_key(folder / "parties" / code, randomness=randomness, work_factor=work_factor)
        nodes = {code: make(code, "node") for code in seated}
    return FoundingKeys(authorities=authorities, operators=operators, nodes=nodes)


def _pins(
    parties: Sequence[Founding], genesis: Genesis, addresses: Mapping[Contract, bytes], validators: ValidatorSet
) -> TrustBundle:
    """Make the trust bundle of a network at block 0."""
    numbers = {party.code: number for number, party in enumerate(parties, 1)}
    block_0 = genesis.hash()
    return TrustBundle(
        chain_id=genesis.chain_id,
        genesis_hash=block_0,
        consortium=addresses[Contract.CONSORTIUM],
        consortium_code_hash=THIS_EDITION.code_hashes[Contract.CONSORTIUM],
        governance=addresses[Contract.GOVERNANCE],
        governance_code_hash=THIS_EDITION.code_hashes[Contract.GOVERNANCE],
        registers=addresses[Contract.REGISTERS],
        registers_code_hash=THIS_EDITION.code_hashes[Contract.REGISTERS],
        validators=validators,
        checkpoint=Checkpoint(number=0, hash=block_0, time=genesis.timestamp),
        parties=tuple(
            make_row(numbers[party.code], party.code, keeps_register=party.keeps_register) for party in parties
        ),
        prefixes=_list_prefixes(numbers),
        forks=genesis.forks,
    )


def _list_prefixes(numbers: Mapping[str, int]) -> dict[str, int]:
    """List the TIN prefixes that are not party codes, with the number of the party that each belongs to."""
    rows = filter(None, map(find_country, numbers))
    return dict(sorted((prefix, numbers[row.code]) for row in rows for prefix in row.prefixes))
