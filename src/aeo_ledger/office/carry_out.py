"""Carry out an act: show it in words, sign it, relay it, and call it done only when it is proven to be sealed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from aeo_ledger.customs.party import Party
from aeo_ledger.customs.standing import Record
from aeo_ledger.errors import Unavailable, Unproven
from aeo_ledger.errors.gateway import PossiblyRelayed
from aeo_ledger.errors.office import NotProvenDone
from aeo_ledger.errors.verify import MissingNode
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.office.footing import slots_of, slots_of_keys, slots_of_parties
from aeo_ledger.office.outcome import find_missing
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.telling import tell
from aeo_ledger.office.who_signs import slots_of_sides
from aeo_ledger.office.whose_key import find_wrong_key
from aeo_ledger.protocol.acts import Sealed, SignedAct
from aeo_ledger.protocol.tables import Slot
from aeo_ledger.signing import Signer, sign_message
from aeo_ledger.verify import ProvenState, TrustBundle

LIFETIME_S: Final = 600
"""Seconds for which an act may be relayed after it was signed. An act that several parties must sign has longer."""

_PAUSE_S: Final = 0.25

StandsAt: TypeAlias = Callable[[bytes], Record | None]
"""Looks up the proven record of an entry (32 bytes); None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act that is sealed."""

    act: SignedAct
    told: tuple[str, ...]
    """The act in words, as it was shown before it was signed."""
    before: Facts
    after: Facts
    """The ledger's words that show it."""
    sealed: Sealed | None
    """In which block the gateway says that it is; None if the gateway did not answer."""

    @property
    def proven(self) -> bool:
        """Say whether both are proven, not claimed: the words that the act depends on, and that it is sealed."""
        return isinstance(self.before, ProvenState) and isinstance(self.after, ProvenState)

    @property
    def block(self) -> int:
        """Number of the block under which it is proven; it was sealed in that block or before."""
        return number_of(self.after)


def number_of(facts: Facts) -> int:
    """Return the number of the block of some facts."""
    return facts.sealed.header.number if isinstance(facts, ProvenState) else facts.header.number


def sign_act(act: SignedAct, signers: Sequence[Signer], trust: TrustBundle) -> SignedAct:
    """Add signatures to an act, for the ledger that the trust bundle pins."""
    address = contracts_of(trust)[act.contract]
    made = sign_message(signers, act.name, act.values, chain_id=trust.chain_id, contract=address)
    return act.signed_by(*made, chain_id=trust.chain_id, address=address)


def carry_out(
    desk: ProvenDesk,
    act: SignedAct,
    signers: Sequence[Signer],
    traders: Mapping[bytes, str] | None = None,
    remarks: Mapping[bytes, Sequence[str]] | None = None,
) -> Done:
    """Show an act, sign it, relay it, and prove that it is sealed.

    Args:
        desk: The ledger. It asks for approval before anything is signed.
        act: Prepared from facts of the same desk.
        signers: The keys that sign.
        traders: The trader of each entry, to be shown; see `tell`.
        remarks: What the signer should look at, by entry.

    Raises:
        Unproven: A word that the act depends on is not proven; nothing was signed.
        WrongKey: A signer's key belongs to nobody or to another party, or is of another kind than the act needs; nothing was signed.
        RefusedBeforehand: The ledger would refuse it; nothing was signed.
        NotConfirmed: It was not approved; nothing was signed.
        RefusedByLedger: a rule refuses it now, or a rule that the rehearsal does not check.
        NotProvenDone: it was relayed, and nothing proves that it is sealed.
        Unavailable: it was not relayed.
    """
    addresses = [signer.address for signer in signers]
    before = desk.facts([*slots_of(act), *slots_of_sides(act, desk), *slots_of_keys(addresses)])
    told = tell(act, before, traders, remarks, desk.words)
    require_signable(desk, act, addresses, before)
    desk.approve(told)
    (signed,) = sign_kept(desk, [act], signers, before, told[0])
    return submit(desk, signed, before, told)


def sign_kept(
    desk: ProvenDesk, acts: Sequence[SignedAct], signers: Sequence[Signer], before: Facts, words: str
) -> list[SignedAct]:
    """Sign acts that the desk's journal keeps: if it cannot keep them, nothing is signed, and nothing is sent that it lacks.

    Args:
        desk: The ledger, with the office's journal.
        acts: Acts that were approved.
        signers: The keys that sign, possibly none.
        before: The words that the acts depend on.
        words: What they do, for the journal.
    """
    desk.journal.keep(acts, before)
    signed = [sign_act(act, signers, desk.trust) for act in acts]
    desk.journal.keep(signed, before, words)
    return signed


def require_signable(
    desk: ProvenDesk,
    act: SignedAct,
    signers: Sequence[bytes],
    facts: Facts,
    *,
    gathers: bool = False,
    record: StandsAt | None = None,
) -> None:
    """Refuse what the ledger would refuse, before anything is signed: first a wrong key, then whatever a rule forbids.

    Args:
        desk: Its clock says when the act would be sealed.
        act: What is to be signed.
        signers: The addresses that sign or have signed, 20 bytes each.
        facts: The words of `slots_of(act)` and `slots_of_sides(act, desk)`, and of the signers' keys.
        gathers: Whether the act goes round for signatures. Then the rehearsal assumes that all have signed.
        record: Looks up the records of certificates that were proven apart, so that the facts leave them out.

    Raises:
        WrongKey, RefusedBeforehand: it would be refused.
    """
    from aeo_ledger.office.rehearse import rehearse, rehearse_as_agreed  # noqa: PLC0415 (commands that only ask load this module too)

    time = max(facts.time, desk.now())
    wrong = find_wrong_key(act, signers, facts.key, _Parties(desk, facts), time=time, gathers=gathers)
    if wrong is not None:
        raise wrong
    if gathers:
        rehearse_as_agreed(act, signers, facts, time=time)
    else:
        rehearse(act, signers, facts, time=time, record=record)


class _Parties:
    """Looks up parties, also one that the act does not name but whose key signs."""

    def __init__(self, desk: ProvenDesk, facts: Facts) -> None:
        self._desk, self._facts = desk, facts

    def __call__(self, number: int) -> Party | None:
        try:
            return self._facts.party(number)
        except MissingNode:
            return self._desk.facts(slots_of_parties([number])).party(number)


def submit(desk: ProvenDesk, signed: SignedAct, before: Facts, told: Sequence[str]) -> Done:
    """Relay a signed act, and prove that it is sealed; raises as `carry_out` does."""
    sealed, doubt = relay(desk, signed)
    after = await_outcome(desk, [signed], before, sealed, doubt)
    desk.journal.note([signed], after, told[0])
    return Done(act=signed, told=tuple(told), before=before, after=after, sealed=sealed)


def relay(desk: ProvenDesk, signed: SignedAct) -> tuple[Sealed | None, PossiblyRelayed | None]:
    """Hand a signed act to the gateway. Whatever the gateway answers, only a proof shows that the act is sealed."""
    return hand_over(desk, lambda: desk.relay.submit(signed))


def hand_over(desk: ProvenDesk, send: Callable[[], Sealed]) -> tuple[Sealed | None, PossiblyRelayed | None]:
    """Hand something to the gateway, and return what it answers."""
    desk.has_relayed = True
    try:
        return send(), None
    except PossiblyRelayed as fault:
        return None, fault


def await_outcome(
    desk: ProvenDesk,
    signed: Sequence[SignedAct],
    before: Facts,
    sealed: Sealed | None = None,
    doubt: PossiblyRelayed | None = None,
) -> Facts:
    """Ask until one block proves that all the acts are sealed; raises as `await_proof` does."""

    def look(after: Facts) -> str:
        return next(filter(None, (find_missing(act, before, after) for act in signed)), "")

    slots = [slot for act in signed for slot in slots_of(act)]
    return await_proof(desk, slots, look, signed[0].name, sealed, doubt)


def await_proof(
    desk: ProvenDesk,
    slots: Sequence[Slot],
    look: Callable[[Facts], str],
    what: str,
    sealed: Sealed | None,
    doubt: PossiblyRelayed | None,
) -> Facts:
    """Ask until one block proves that something was done.

    Args:
        desk: The ledger.
        slots: The words that show it.
        look: Says what these words lack; empty if nothing.
        what: The name of what was done.
        sealed: In which block the gateway says that it is; None if it did not say.
        doubt: Why it did not.

    Raises:
        NotProvenDone: there is no proof within the desk's time, though the gateway named a block.
        PossiblyRelayed: the same, and the gateway did not answer either.
    """
    until = time.monotonic() + desk.proven_within_s
    while True:
        try:
            after = desk.facts(slots)
            missing = look(after)
            if not missing:
                return after
            missing = f"the state as of block {number_of(after)} lacks {missing}"
        except (Unproven, Unavailable) as error:
            missing = str(error)
        if time.monotonic() > until:
            if doubt is not None:
                raise doubt
            said = f"says that it is in block {sealed.block}" if sealed else "took it"
            raise NotProvenDone(act=what, said=said, missing=missing, waited_s=desk.proven_within_s)
        time.sleep(_PAUSE_S)
