"""Hostile recognition vectors: evidence by liars who hold no validator's key, or who hold some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from aeo_ledger.customs.arrangement import Register
from aeo_ledger.customs.tin import Tin
from aeo_ledger.customs.vocabulary import Direction, RegisterMode, Role, Status
from aeo_ledger.evidence import EVIDENCE_FORM, Evidence, Header
from aeo_ledger.evidence.forks import Forks
from aeo_ledger.primitives.curve import ORDER
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.rlp import encode
from aeo_ledger.protocol.tables import (
    WITH_ANSWERS,
    Contract,
    Table,
    lane_key,
    pair_key,
    record_slot,
    withholding_key,
    word_slot,
)
from aeo_ledger.verify import Checkpoint
from conformance.make_vectors import ASKED, CODE_HASHES, TRUST, Case, prove, recognising, sealed, succeeding
from support.sealed_world import (
    ADDRESSES,
    BY,
    BY_TRADER,
    CN,
    DAY,
    EAEU,
    EU,
    KZ,
    NOW,
    PL,
    CustomsFacts,
    SealedWorld,
    entry_of,
    lane,
    party,
    question,
)  # fmt: skip
from support.sealing import KEYS, STRANGER, address_of, key_of, seal

CROWD = [Tin(f"BY{n}") for n in range(100_000_000, 100_000_012)]
STRANGERS = [key_of(f"stranger {at}") for at in range(4)]
CONSORTIUM, REGISTERS = Contract.CONSORTIUM, Contract.REGISTERS


def refused(name: str, about: str, why: str, evidence: Evidence | str | bytes, error: str, **how: Any) -> Case:
    """Evidence that proves nothing."""
    return Case(name=name, about=about, why=why, evidence=evidence, expected={"refused": error}, **how)


def crowded(**altered: Any) -> CustomsFacts:
    world = recognising(**altered)
    for tin in CROWD:
        world.grant(tin, BY, 2)
    return world


def without(evidence: Evidence, nodes: Sequence[bytes]) -> Evidence:
    return replace(evidence, nodes=tuple(node for node in evidence.nodes if node not in nodes))


def leaf_of(there: SealedWorld, contract: Contract, slot: int) -> bytes:
    """Find the last node on the path to a word."""
    return encode(there.tries[contract].get_proof(keccak256(slot.to_bytes(32, "big")))[-1])


def cases() -> Iterator[Case]:
    yield from _seals()
    yield from _networks()
    yield from _successions()
    yield from _times()
    yield from _accounts()
    yield from _left_out()
    yield from _altered()
    yield from _questions()
    yield from _pools()
    yield from _needs_more()


def _seals() -> Iterator[Case]:
    there = sealed(crowded())
    honest, header = prove(there), there.header
    seals = header.seals

    def with_header(altered: Header) -> Evidence:
        return replace(honest, header=altered.encode())

    def with_seals(*given: bytes) -> Evidence:
        return with_header(replace(header, seals=given))

    about = "seals"
    turned = (ORDER - int.from_bytes(seals[0][32:64], "big")).to_bytes(32, "big")
    own = replace(header, coinbase=address_of(STRANGERS[0]), listed_validators=tuple(map(address_of, STRANGERS)))
    other_round = replace(header, round=1)
    as_named = seal(header, *KEYS[:3]).seals
    for name, why, evidence, error in (
        ("seals-of-strangers", "no sealer is pinned", with_header(seal(header, *STRANGERS[:3])), "StrangerSealed"),
        ("seals-one-stranger", "a quorum and one more that is nobody's",
         with_header(seal(header, *KEYS[:3], STRANGER)), "StrangerSealed"),
        ("seals-too-few", "two of four", with_seals(*seals[:2]), "TooFewSeals"),
        ("seals-none", "nobody sealed", with_seals(), "TooFewSeals"),
        ("seals-repeated", "one validator three times", with_seals(*seals[:1] * 3), "RepeatedSeal"),
        ("seals-turned-over", "the same seal with its other s counts once",
         with_seals(seals[0], seals[0][:32] + turned + bytes([seals[0][64] ^ 1]), seals[1]), "RepeatedSeal"),
        ("seals-recovery-id", "27 is Ethereum's, not QBFT's",
         with_seals(*(one[:64] + bytes([one[64] + 27]) for one in seals)), "UnreadableSeal"),
        ("seals-zero", "r and s of 0", with_seals(*seals, bytes(65)), "UnreadableSeal"),
        ("seals-no-point", "r is no point's x", with_seals((5).to_bytes(32, "big") + seals[0][32:]), "UnreadableSeal"),
        ("seals-of-another-round", "sealed in round 0, said to be of round 1", with_header(other_round),
         "StrangerSealed"),
        ("seals-over-the-name", "the block's name was signed, with round 0, not what QBFT seals",
         with_header(replace(other_round, seals=as_named)), "StrangerSealed"),
        ("seals-of-its-own-list", "sealed by the validators that the header itself lists",
         with_header(seal(own, *STRANGERS)), "HeaderBreaksRule"),
        ("seals-of-another-state", "the state root was exchanged after sealing",
         with_header(replace(header, state_root=keccak256(b"mine"))), "StrangerSealed"),
    ):  # fmt: skip
        yield refused(name, about, why, evidence, error)
    about = "header's rules"
    for name, why, altered in (
        ("header-listed", "a list of validators, where the contract names them",
         {"listed_validators": TRUST.validators.addresses}),
        ("header-vote", "a vote, where nobody votes in headers", {"vote": (bytes(20), b"\xff")}),
        ("header-difficulty", "difficulty 2 is of another consensus", {"difficulty": 2}),
        ("header-mix-hash", "the mix hash of another consensus", {"mix_hash": bytes(32)}),
        ("header-uncles", "a block with uncles", {"uncles_hash": keccak256(b"uncle")}),
        ("header-proposer", "proposed by a stranger", {"coinbase": address_of(STRANGER)}),
    ):  # fmt: skip
        breaking = seal(replace(header, **altered), *KEYS[:4])
        yield refused(name, about, f"{why}; sealed all the same", with_header(breaking), "HeaderBreaksRule")
    root = keccak256(b"root")
    for name, why, begins, later in (
        ("header-base-fee", "a base fee, where no rules have one", (), (b"",)),
        ("header-no-base-fee", "no base fee, where rules have one", (100,), ()),
        ("header-too-early", "the base fee of rules that begin with the next block", (101,), (b"",)),
        ("header-field-of-prague", "a field more than Cancun's rules have", (0, 0, 0, NOW + 1), (b"", root, b"", b"", root, root)),
        ("header-field-is-missing", "a field less than Prague's rules have", (0, 0, 0, 0), (b"", root, b"", b"", root)),
        ("header-gap", "Shanghai's time has come, and London's block has not", (101, 0), (b"", root)),
        ("header-long-base-fee", "a base fee of 33 bytes", (0,), (b"\1" * 33,)),
        ("header-zero-base-fee", "a base fee of 0 in a byte of its own", (0,), (b"\0",)),
        ("header-short-root", "a withdrawals root of 31 bytes", (0, 0), (b"", root[1:])),
        ("header-long-blob-gas", "blob gas of 9 bytes", (0, 0, 0), (b"", root, b"\1" * 9, b"", root)),
    ):  # fmt: skip
        breaking, bundle = seal(replace(header, later_fields=later), *KEYS[:4]), replace(TRUST, forks=Forks(begins))
        told = f"{why}; sealed all the same"
        yield refused(name, about, told, with_header(breaking), "HeaderBreaksRule", trusted=bundle)


def _networks() -> Iterator[Case]:
    about = "another network"
    elsewhere = {CONSORTIUM: bytes(19) + b"\xc1", REGISTERS: bytes(19) + b"\xe1"}
    other = sealed(crowded(), addresses=elsewhere)
    yield refused(
        "network-same-validators", about, "the pinned validators seal another network too, contracts elsewhere",
        prove(other), "MissingNode",
    )  # fmt: skip
    there = sealed(crowded(), addresses=elsewhere)
    there.addresses = ADDRESSES
    yield refused(
        "network-contracts-absent", about, "the same, with the proof that it lacks the pinned contracts",
        prove(there), "AbsentAccount",
    )  # fmt: skip
    renamed = crowded()
    renamed.parties[BY] = party(BY, code="RU")
    yield refused(
        "network-other-parties", about, "same validators, contracts and code; its party 3 is another",
        prove(sealed(renamed)), "WrongPartyCode",
    )  # fmt: skip
    fewer = crowded()
    del fewer.parties[CN]
    yield refused("network-party-absent", about, "there is no party 4", prove(sealed(fewer)), "WrongPartyCode")
    header = sealed(crowded()).header
    yield refused(
        "network-other-chain", about, "a header that another chain's validators sealed",
        replace(prove(sealed(crowded())), header=seal(header, *KEYS[4:]).encode()), "StrangerSealed",
    )  # fmt: skip


def _successions() -> Iterator[Case]:
    about = "succession"
    for name, effective, asked in (
        ("now", NOW, ASKED),
        ("long-ago", NOW - 9, ASKED),
        ("on-the-date", NOW - 9, question(BY_TRADER, CN, on=NOW - 9)),
    ):
        why = "from the date on another ledger answers"
        over = sealed(crowded().supersede(effective))
        yield refused(f"superseded-{name}", about, why, prove(over, asked), "Superseded", asked=[asked])
    old, both = question(BY_TRADER, CN, on=NOW - 10), (question(BY_TRADER, CN, on=NOW - 10), ASKED)
    over = sealed(crowded().supersede(NOW - 9))
    yield refused(
        "superseded-batch", about, "one of two times is for the successor to answer", prove(over, *both), "Superseded",
        asked=both,
    )  # fmt: skip
    slot = word_slot(Table.SUCCESSION, 0)
    yield refused(
        "superseded-left-out", about, "that a successor was named is not shown",
        without(prove(over), [leaf_of(over, CONSORTIUM, slot)]), "MissingNode",
    )  # fmt: skip
    later, seam = NOW + 4_000 * DAY, sealed(crowded().supersede(NOW + 1), seals=0)
    how: dict[str, Any] = {"trusted": succeeding(seam.header), "now": later}
    yield refused(
        "seam-now", about, "a predecessor's last block is shown for what is now", prove(seam), "Superseded", **how
    )
    unnamed = sealed(crowded(), seals=0)
    yield refused(
        "seam-now-unnamed", about, "the same, where no word of the predecessor names the successor", prove(unnamed),
        "Superseded", trusted=succeeding(unnamed.header), now=later,
    )  # fmt: skip
    after = question(BY_TRADER, CN, on=NOW + 1)
    yield refused(
        "seam-after", about, "a time after the seam", prove(seam, after), "NotYetProvable", asked=[after], **how
    )
    for name, why, altered, error in (
        ("number", "another block of the predecessor, sealed by nobody", {"number": 101}, "HeaderBreaksRule"),
        (
            "sealed",
            "another block, sealed by the predecessor's validators",
            {"gas_used": 1, "seals": 3},
            "HeaderBreaksRule",
        ),
    ):
        other = sealed(crowded().supersede(NOW + 1), **{"seals": 0, **altered})
        yield refused(f"seam-another-{name}", about, why, prove(other, old), error, asked=[old], **how)
    yield refused(
        "seam-not-pinned", about, "the seam of nobody's predecessor", prove(seam, old), "TooFewSeals", asked=[old]
    )
    moved = succeeding(seam.header, registers=ADDRESSES[CONSORTIUM], consortium=ADDRESSES[REGISTERS])
    yield refused(
        "seam-other-contracts", about, "the predecessor's contracts are pinned elsewhere: each reads the other's words",
        prove(seam, old), "MissingNode", asked=[old], trusted=moved, now=later,
    )  # fmt: skip


def _times() -> Iterator[Case]:
    about, honest = "time", prove(sealed(crowded()))
    yield refused("time-stale", about, "older than allowed by a second", honest, "Stale", now=NOW + 301)
    yield refused("time-future", about, "ahead of any clock", honest, "FromTheFuture", now=NOW - 6)
    yield refused(
        "time-trust-expired", about, "the bundle's period is over", honest, "TrustExpired",
        now=TRUST.expires_at, max_age=100 * DAY,
    )  # fmt: skip
    below = prove(sealed(crowded(), number=9))
    yield refused("time-below-checkpoint", about, "a height where old keys could seal", below, "BelowCheckpoint")
    before = prove(sealed(crowded(), timestamp=NOW - DAY - 1))
    yield refused(
        "time-before-checkpoint", about, "higher than the checkpoint and dated before it", before, "BelowCheckpoint",
        max_age=2 * DAY,
    )  # fmt: skip
    pinned = replace(TRUST, checkpoint=Checkpoint(number=100, hash=keccak256(b"another"), time=NOW))
    yield refused(
        "time-in-the-checkpoint-s-place", about, "a fork: another block of the same height", honest,
        "NotTheCheckpoint", trusted=pinned,
    )  # fmt: skip


def _accounts() -> Iterator[Case]:
    about = "account"
    there = sealed(crowded())
    honest = prove(there)
    account = encode(there.accounts.get_proof(keccak256(ADDRESSES[REGISTERS]))[-1])
    yield refused(
        "account-left-out", about, "no proof of Registers' account", without(honest, [account]), "MissingNode"
    )
    other = sealed(crowded(status=Status.REVOKED))
    lie = replace(honest, header=other.header.encode())
    yield refused("account-of-another-block", about, "a newer header over older nodes", lie, "MissingNode")
    for contract in WITH_ANSWERS:
        evil = sealed(crowded(), code_hashes=CODE_HASHES | {contract: keccak256(b"a backdoor")})
        yield refused(
            f"account-code-of-{contract}", about, "other code at the pinned address", prove(evil), "WrongCode"
        )
    swapped = {CONSORTIUM: ADDRESSES[REGISTERS], REGISTERS: ADDRESSES[CONSORTIUM]}
    yield refused(
        "account-swapped", about, "each contract's account where the other is pinned",
        prove(sealed(crowded(), addresses=swapped)), "WrongCode",
    )  # fmt: skip


def _left_out() -> Iterator[Case]:
    """The gateway tells the truth, but leaves out a part."""
    about = "left out"
    two = crowded().recognise(CN, BY, lane(benefits=0b1), lane(benefits=0b10))
    there = sealed(two)
    second = word_slot(Table.LANE, lane_key(CN, BY, 1))
    yield refused(
        "left-out-lane", about, "the pair counts two lanes, one is shown",
        without(prove(there), [leaf_of(there, CONSORTIUM, second)]), "MissingNode",
    )  # fmt: skip
    one = sealed(crowded().recognise(CN, BY, lane(benefits=0b1)))
    yield refused(
        "left-out-lane-by-an-older-pair", about, "nodes from when the second lane was not concluded",
        replace(prove(one), header=there.header.encode()), "MissingNode",
    )  # fmt: skip
    withheld = sealed(crowded().withhold(CN, BY_TRADER, BY, 2))
    place = word_slot(Table.WITHHOLDING, withholding_key(CN, entry_of(BY_TRADER, BY, 2)))
    yield refused(
        "left-out-withholding", about, "the word that forbids is not shown",
        without(prove(withheld), [leaf_of(withheld, CONSORTIUM, place)]), "MissingNode",
    )  # fmt: skip
    pair = word_slot(Table.PAIR, pair_key(PL, BY))
    union = sealed(crowded().recognise(EU, BY).recognise(PL, BY, lane(benefits=0b1000)))
    poland = question(BY_TRADER, PL)
    yield refused(
        "left-out-edge", about, "the union's lane is shown, the recogniser's own edge is not",
        without(prove(union, poland), [leaf_of(union, CONSORTIUM, pair)]), "MissingNode", asked=[poland],
    )  # fmt: skip
    both = CustomsFacts().recognise(CN, KZ).recognise(CN, EAEU)
    both.parties[EAEU] = party(EAEU, keeps_register=True)
    both.registers[EAEU] = Register(mode=RegisterMode.OPEN, types=1)
    trader = Tin("KZ0123456789")
    for tin in (trader, *CROWD):
        both.grant(tin, KZ).grant(tin, EAEU, status=Status.ANNULLED)
    asked, named = question(trader, CN), question(trader, CN, register="KZ")
    yield refused(
        "left-out-register", about, "answered from KZ's register; its union's comes first and is not shown",
        replace(prove(sealed(both), named), questions=(asked,)), "MissingNode", asked=[asked],
    )  # fmt: skip
    types = sealed(crowded().grant(BY_TRADER, BY, 0))
    slot = record_slot(entry_of(BY_TRADER, BY, 0))
    yield refused(
        "left-out-type", about, "a lower type has a standing too, and would decide",
        without(prove(types), [leaf_of(types, REGISTERS, slot)]), "MissingNode",
    )  # fmt: skip


def _altered() -> Iterator[Case]:
    about = "altered"
    there = sealed(crowded(status=Status.REVOKED))
    evidence = prove(there)
    slot = record_slot(entry_of(BY_TRADER, BY, 2))
    true = leaf_of(there, REGISTERS, slot)
    before = sealed(crowded())
    old = leaf_of(before, REGISTERS, slot)

    def exchanged(node: bytes) -> Evidence:
        return replace(evidence, nodes=tuple(node if one == true else one for one in evidence.nodes))

    yield refused("altered-old-leaf", about, "the leaf from before the revocation", exchanged(old), "MissingNode")
    forged = true[:-1] + bytes([true[-1] ^ int(Status.REVOKED) ^ int(Status.ACTIVE)])
    yield refused("altered-leaf", about, "the status' bits turned", exchanged(forged), "MissingNode")
    another = leaf_of(there, REGISTERS, record_slot(entry_of(CROWD[0], BY, 2)))
    yield refused("altered-another-slot", about, "another trader's leaf", exchanged(another), "MissingNode")
    foreign = tuple(there.nodes([(CONSORTIUM, slot)]))
    yield refused(
        "altered-another-contract", about, "the slot proven absent, in the other contract's storage",
        replace(evidence, nodes=tuple(dict.fromkeys((*without(evidence, [true]).nodes, *foreign)))), "MissingNode",
    )  # fmt: skip
    root = there.tries[REGISTERS].root_hash
    hidden = encode([b"\x16", keccak256(b"nothing below")])
    yield refused(
        "altered-absent-by-extension", about, "in the root's place an extension that leads elsewhere, to show nothing",
        replace(evidence, nodes=tuple(hidden if keccak256(n) == root else n for n in evidence.nodes)), "MissingNode",
    )  # fmt: skip


def _questions() -> Iterator[Case]:
    about = "another question"
    there = sealed(crowded().recognise(PL, BY))
    honest = prove(there)
    for name, asked in (
        ("tin", question(CROWD[0], CN)),
        ("recogniser", question(BY_TRADER, PL)),
        ("direction", question(BY_TRADER, CN, direction=Direction.EXPORT)),
        ("role", question(BY_TRADER, CN, role=Role.CARRIER)),
        ("time", question(BY_TRADER, CN, on=NOW)),
    ):
        yield refused(f"question-{name}", about, f"another {name} was asked", honest, "OtherQuestion", asked=[asked])
    for name, asked in (("tin", question(CROWD[0], CN)), ("recogniser", question(BY_TRADER, PL))):
        relabelled = replace(honest, questions=(asked,))
        why = f"says that it is for this {name}, its nodes are for another"
        yield refused(f"question-relabelled-{name}", about, why, relabelled, "MissingNode", asked=[asked])
    several = [question(tin, CN) for tin in CROWD[:3]]
    batch = prove(there, *several)
    for name, why, asked_of in (
        ("fewer", "one of three was not asked", several[:2]),
        ("reordered", "answers would go to the wrong traders", several[::-1]),
    ):
        yield refused(f"question-batch-{name}", about, why, batch, "OtherQuestion", asked=asked_of)
    yield refused(
        "question-unknown-party", about, "who asks is not pinned", honest, "OtherQuestion",
        asked=[replace(ASKED, recogniser="US")],
    )  # fmt: skip
    unknown = replace(ASKED, recogniser="US")
    yield refused(
        "question-unknown-party-repeated", about, "who asks is not pinned, whatever the evidence says",
        replace(honest, questions=(unknown,)), "UnknownParty", asked=[unknown],
    )  # fmt: skip
    untyped = replace(ASKED, certificate_type="AEOX")
    yield refused(
        "question-unknown-type", about, "no pinned register has a type of that name",
        replace(honest, questions=(untyped,)), "UnknownCertificateType", asked=[untyped],
    )  # fmt: skip
    foreign = replace(ASKED, certificate_type="AEOS")
    yield refused(
        "question-type-of-another", about, "the EU's register has a type of that name, Belarus's, which is searched, none",
        prove(there, foreign), "UnknownCertificateType", asked=[foreign],
    )  # fmt: skip
    before = replace(ASKED, known=NOW - 1_001 * DAY)
    yield refused(
        "question-known-before-the-ledger", about, "the ledger has nothing of that time, so nothing was known to it",
        replace(honest, questions=(before,)), "NothingRecorded", asked=[before],
    )  # fmt: skip
    yield refused(
        "question-no-country", about, "no country has the prefix of that number",
        EVIDENCE_FORM.encode_json(honest).replace(BY_TRADER.text, "ZZ200988541"), "MalformedTin",
    )  # fmt: skip


def _pools() -> Iterator[Case]:
    about = "pool"
    there = sealed(crowded())
    honest = prove(there)
    nodes = honest.nodes
    cargo = leaf_of(there, REGISTERS, record_slot(entry_of(CROWD[0], BY, 2)))
    for name, why, given, error in (
        ("surplus", "a true node that nothing asked for", (*nodes, cargo), "SurplusNodes"),
        ("cargo", "bytes that are no node", (*nodes, b"cargo"), "SurplusNodes"),
        ("repeated", "one node twice", (*nodes, nodes[0]), "RepeatedNode"),
        ("oversized", "a node longer than any", (*nodes, bytes(1_025)), "OversizedPool"),
        ("empty", "no nodes at all", (), "MissingNode"),
    ):
        yield refused(f"pool-{name}", about, why, replace(honest, nodes=given), error)
    asked = [question(tin, CN) for tin in CROWD[:2]]
    batch = prove(there, *asked)
    yield refused(
        "pool-batch-surplus", about, "a batch with a node that none of its answers needs",
        replace(batch, nodes=(*batch.nodes, b"cargo")), "SurplusNodes", asked=asked,
    )  # fmt: skip
    last = leaf_of(there, REGISTERS, record_slot(entry_of(CROWD[1], BY, 2)))
    yield refused(
        "pool-batch-missing", about, "one of its answers is not proven: none is", without(batch, [last]),
        "MissingNode", asked=asked,
    )  # fmt: skip


def _needs_more() -> Iterator[Case]:
    about = "needs more"
    later = question(BY_TRADER, CN, on=NOW + 1)
    yield refused(
        "more-a-later-block", about, "the time asked about lies after the block",
        prove(sealed(crowded()), later), "NotYetProvable", asked=[later],
    )  # fmt: skip
    then = question(BY_TRADER, CN, on=NOW - DAY)
    changed = crowded(recorded_at=NOW - 5, sequence=2)
    yield refused(
        "more-history-of-a-reused-lane", about, "a later arrangement took the lane, dated back before the time asked about",
        prove(sealed(crowded().recognise(CN, BY, lane(generation=1, changes=1, changed_at=NOW - 5))), then),
        "HistoryNeeded", asked=[then],
    )  # fmt: skip
    again = crowded().withhold(CN, BY_TRADER, BY, 2, changed_at=NOW - 5, serial=3)
    yield refused(
        "more-history-of-a-withholding", about, "not the entry's first: what was before is not told",
        prove(sealed(again), then), "HistoryNeeded", asked=[then],
    )  # fmt: skip
    taken = crowded()
    taken.parties[BY] = party(BY, keeps_register=False, changed_at=NOW - 5, changes=1)
    yield refused(
        "more-history-of-a-register", about, "taken since the time asked about, when it may have been kept",
        prove(sealed(taken), then), "HistoryNeeded", asked=[then],
    )  # fmt: skip
    yield refused(
        "more-history", about, "the standing has changed since the time asked about", prove(sealed(changed), then),
        "HistoryNeeded", asked=[then],
    )  # fmt: skip
    keyed = crowded()
    open_ = sealed(keyed)
    needed = prove(open_)
    keyed.registers[BY] = Register(mode=RegisterMode.KEYED, types=0b111)
    there = sealed(keyed)
    consortium = [(CONSORTIUM, slot) for slot in there.words[CONSORTIUM]]
    yield refused(
        "more-a-key", about, "a lane covers a keyed type, whose entry cannot be derived without its key",
        replace(needed, header=there.header.encode(), nodes=there.nodes(consortium)), "KeyNeeded",
    )  # fmt: skip
