"""Gather signatures: an act is passed on, by mail if need be, until the authorities that it needs have signed."""

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
    """The progress of an act that gathers signatures."""

    act: SignedAct
    told: tuple[str, ...]
    """The act in words, as it was shown."""
    before: Facts
    """The words that it depends on."""
    missing: tuple[str, ...]
    """Codes of the parties whose authorities have not signed with enough keys; empty once enough parties have signed."""
    done: Done | None
    """The proof that it is sealed; None until enough parties have signed."""


def gather(
    act: SignedAct,
    signing: Sequence[int],
    signers: Sequence[Signer],
    desk: ProvenDesk,
    *,
    enough: int,
    keep: Callable[[SignedAct], None],
) -> Progress:
    """Show an act and add signatures; once the authorities of enough parties have signed, submit it.

    Args:
        act: A draft, or an act that others have signed.
        signing: The parties whose authorities may sign, by number.
        signers: The keys at hand, possibly none.
        desk: The ledger. It asks for approval before anything is signed or submitted.
        enough: How many of these parties must sign.
        keep: Called with the act and its new signatures before it is submitted, so that no signature is lost.

    Raises:
        OtherArrangement: a given key, or a signature on the act, is not of the present authority of a signing party; nothing
            was signed.
        RefusedBeforehand: the ledger would refuse it, whoever signs; nothing was signed.
        Unproven: a word that it depends on is not proven; nothing was signed.
        NotConfirmed: it was not approved; nothing was signed.
        RefusedByLedger: a rule refuses it.
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
    """Count the signing keys of each party's authority."""
    return Counter(key.party for address in signers if (key := facts.key(address)) is not None)
