"""Govern the network: resolutions of the seats, signed by their authorities and by the new key if there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aeo_ledger.customs.acts import NO_GROUNDS
from aeo_ledger.customs.consortium import NETWORK
from aeo_ledger.customs.governance import ON_VALIDATORS
from aeo_ledger.customs.vocabulary import ResolutionAct
from aeo_ledger.office.carry_out import LIFETIME_S, Done, carry_out
from aeo_ledger.office.gather import Progress, gather, require_message
from aeo_ledger.office.proven_desk import ProvenDesk
from aeo_ledger.protocol.act_file import ActFile
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.layouts import GOVERNANCE
from aeo_ledger.protocol.tables import Contract, Table, slot_of
from aeo_ledger.protocol.typed_data import Value
from aeo_ledger.signing import Signer

if TYPE_CHECKING:  # commands that only ask load this module too
    from aeo_ledger.protocol.succession import Successor


def resolve(
    desk: ProvenDesk,
    act: ResolutionAct,
    signers: Sequence[Signer],
    *,
    party: int = NETWORK,
    key: bytes = bytes(20),
    detail: bytes = bytes(32),
    amount: int = 0,
    grounds: bytes = NO_GROUNDS,
) -> Done:
    """Carry out a resolution, numbered next after the last one on its subject.

    Args:
        desk: The ledger; it proves the number of the last resolution on that subject.
        act: The kind of resolution.
        signers: Authorities with two thirds of the seats, each with as many keys as its threshold says; and the new key
            if the act has one.
        party: Number of the party concerned.
        key: The new authority's or the node's address, 20 bytes.
        detail: 32 bytes: the candidate's word to admit a party, the old node to replace a validator.
        amount: The end of a suspension, UTC seconds.
        grounds: Salted hash of a reasoned decision, 32 bytes; zero if there is no decision.

    Raises:
        Unproven, WrongKey, NotConfirmed, RefusedByLedger, NotProvenDone, Unavailable: as `carry_out` does.
    """
    values: dict[str, Value] = {
        "party": party,
        "number": last_number(desk, party, on_validators=act in ON_VALIDATORS) + 1,
        "deadline": desk.now() + LIFETIME_S,
        "act": int(act),
        "key": key,
        "detail": detail,
        "amount": amount,
        "grounds": grounds,
    }
    return carry_out(desk, SignedAct(name="Resolution", values=values), signers)


def draft_succession(
    desk: ProvenDesk,
    successor: Successor,
    *,
    lifetime_s: int = LIFETIME_S,
    grounds: bytes = NO_GROUNDS,
) -> SignedAct:
    """Draft the resolution that names the ledger which supersedes this one, and from when. Until then it can be cancelled.

    Args:
        desk: Proves the number of the last resolution on the network.
        successor: The ledger that it names.
        lifetime_s: How long signatures may be gathered.
        grounds: Salted hash of a reasoned decision, 32 bytes; zero if there is no decision.
    """
    values: dict[str, Value] = {
        "number": last_number(desk, NETWORK) + 1,
        "deadline": desk.now() + lifetime_s,
        "effective": successor.effective,
        "chain": successor.chain_id,
        **{contract.value: successor.addresses[contract] for contract in Contract},
        **{f"{contract.value}_code": successor.code_hashes[contract] for contract in Contract},
        "grounds": grounds,
    }
    return SignedAct(name="Succession", values=values)


def name_successor(
    given: SignedAct | ActFile,
    signers: Sequence[Signer],
    desk: ProvenDesk,
    *,
    keep: Callable[[ActFile], None] = lambda _: None,
) -> Progress:
    """Show a succession and add signatures; once two thirds of the seats have signed, submit it; raises as `gather` does.

    Raises:
        MalformedText: it is another act.
    """
    require_message(given, "Succession")
    return gather(given, signers, desk, keep=keep)


def last_number(desk: ProvenDesk, party: int, *, on_validators: bool = False) -> int:
    """Prove the number of the last resolution on a party, on the validators, or on the network (party 0)."""
    if party != NETWORK and not on_validators:
        return desk.facts([slot_of(Table.OFFICE, party)]).office(party).resolutions
    word = desk.facts([slot_of(Table.GOVERNANCE, 0)]).word(Table.GOVERNANCE, 0)
    return GOVERNANCE["validator_resolutions" if on_validators else "network_resolutions"].of(word)
