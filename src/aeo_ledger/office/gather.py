"""Gather signatures: an act goes round, by mail if need be, until the authorities that it needs have signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aeo_ledger.office.ask import contracts_of
from aeo_ledger.office.carry_out import Done, require_signable, sign_act, submit
from aeo_ledger.office.footing import slots_of, slots_of_keys, slots_of_parties
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.telling import tell
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an act has come."""

    act: SignedAct
    told: tuple[str, ...]
    """In words, as it was shown."""
    before: Facts
    """What it rests on."""
    missing: tuple[str, ...]
    """Codes of the parties of whose authority too few keys have signed yet; empty once enough have."""
    done: Done | None
    """The proof that it is sealed, once enough have."""


def gather(
    act: SignedAct,
    signing: Sequence[int],
    signers: Sequence[Signer],
    desk: ProvenDesk,
    *,
    enough: int,
    keep: Callable[[SignedAct], None],
) -> Progress:
    """Show an act, add signatures and, once the authorities of enough parties have signed, have it sealed.

    Args:
        act: As drafted, or as others have signed it.
        signing: The parties whose authorities may sign, by number.
        signers: The keys at hand; there may be none.
        desk: The ledger. Its approval is asked before anything is signed or submitted.
        enough: How many of the parties it needs.
        keep: Told the act with the new signatures before it is submitted, so that none is lost.

    Raises:
        OtherArrangement: a key given, or a signature borne, is no key of a signing party's authority now; nothing was signed.
        RefusedBeforehand: the ledger would refuse it, whoever signs; nothing was signed.
        Unproven: what it rests on is not proven; nothing was signed.
        NotConfirmed: it was not approved; nothing was signed.
        RefusedByLedger: a rule says no.
        NotProvenDone: it was relayed, and nothing proves that it is sealed.
        Unavailable: it was not relayed.
    """
    borne = act.signers(chain_id=desk.trust.chain_id, address=contracts_of(desk.trust)[act.contract])
    addresses = dict.fromkeys((*borne, *(signer.address for signer in signers)))
    before = desk.facts([*slots_of(act), *slots_of_parties(signing), *slots_of_keys(addresses)])
    parties = {number: party for number in signing if (party := before.party(number)) is not None}
    require_signable(desk, act, list(addresses), before, seats=parties)
    counted = _count_authorities(addresses, before)
    missing = tuple(p.code for number, p in parties.items() if counted[number] < p.authority_threshold)
    complete = len(signing) - len(missing) >= enough
    told = tuple(tell(act, before))
    if signers or complete:
        desk.approve(told)
    signed = sign_act(act, signers, desk.trust) if signers else act
    keep(signed)
    done = submit(desk, signed, before, told) if complete else None
    return Progress(act=signed, told=told, before=before, missing=() if complete else missing, done=done)


def _count_authorities(signers: Iterable[bytes], facts: Facts) -> Counter[int]:
    """Count how many keys of each party's authority signed."""
    return Counter(key.party for address in signers if (key := facts.key(address)) is not None)
