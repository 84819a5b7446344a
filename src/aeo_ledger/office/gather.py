"""Gather signatures: an act goes round, by mail if need be, until everybody that it needs has signed. Who that is, `who_signs` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aeo_ledger.errors.office import FileOfAnotherChain, FileSaysOtherwise, FilesDiffer, RefusedBeforehand, Undersigned
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.office.ask import contracts_of
from aeo_ledger.office.carry_out import Done, require_signable, sign_kept, submit
from aeo_ledger.office.footing import slots_of, slots_of_keys
from aeo_ledger.office.outcome import find_missing
from aeo_ledger.office.proven_desk import Facts, ProvenDesk
from aeo_ledger.office.telling import tell
from aeo_ledger.office.who_signs import find_cosigner, slots_of_sides, take_poll
from aeo_ledger.office.whose_key import describe_key
from aeo_ledger.protocol.act_file import ActFile, Lack, read_out
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.signature import Signature
from aeo_ledger.signing import Signer
from aeo_ledger.wording.words import ENGLISH, Words

_STANDS: Final = "the ledger shows already what this act says"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of an act that gathers signatures."""

    file: ActFile
    """The act with its signatures, as a file to be passed on."""
    told: tuple[str, ...]
    """The act in words, as it was shown."""
    signed: tuple[str, ...]
    """Who has signed, in the signer's language."""
    before: Facts
    """The words that it depends on."""
    lacks: tuple[Lack, ...]
    """What is missing, side by side; empty once enough have signed."""
    refused: RefusedBeforehand | None = None
    """Why the ledger would refuse it now, if it was only looked at."""
    again: tuple[bytes, ...] = ()
    """Addresses among the given keys that had signed before."""
    done: Done | None = None
    """The proof that it is sealed; None until it is submitted."""

    @property
    def act(self) -> SignedAct:
        """The act with its signatures."""
        return self.file.act

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of the parties that have yet to sign, and the address of a new key that has yet to sign."""
        return tuple(dict.fromkeys(who for lack in self.lacks for who in lack.of))


def gather(
    given: SignedAct | ActFile,
    signers: Sequence[Signer],
    desk: ProvenDesk,
    *,
    keep: Callable[[ActFile], None],
    copies: Sequence[ActFile] = (),
    traders: Mapping[bytes, str] | None = None,
    submits: bool = True,
    looks: bool = False,
) -> Progress:
    """Show an act and add signatures; submit it once enough have signed.

    Args:
        given: A draft, or a file that others have signed.
        signers: The keys at hand, possibly none.
        desk: The ledger. It asks for approval before anything is signed or submitted.
        keep: Called with the file and its new signatures before the act is submitted, so that no signature is lost.
        copies: Copies of the file that others signed apart; their signatures are joined.
        traders: The trader of each entry that the signer knows, to be shown; see `tell`.
        submits: Whether an act that is complete is submitted.
        looks: Only look: say what the ledger would refuse, and go on. Nothing is signed, kept or submitted.

    Raises:
        FileOfAnotherChain: the file is for another ledger.
        FilesDiffer: a copy is of another act.
        OtherArrangement: a given key, or a signature on the act, is of nobody that the act needs; nothing was signed.
        FileSaysOtherwise: what a person reads in the file is not what its act says; nothing was signed.
        RefusedBeforehand: the ledger would refuse it, whoever signs; nothing was signed.
        Unproven: a word that it depends on is not proven; nothing was signed.
        NotConfirmed: it was not approved; nothing was signed.
        RefusedByLedger: a rule refuses it.
        NotProvenDone: it was relayed, and nothing proves that it is sealed.
        Unavailable: it was not relayed.
    """
    act = given.act if isinstance(given, ActFile) else given
    files = [given, *copies] if isinstance(given, ActFile) else [*copies]
    chain, address = desk.trust.chain_id, contracts_of(desk.trust)[act.contract]
    for file in files:
        if file.chain != chain:
            raise FileOfAnotherChain(found=file.chain, needed=chain)
        act = _join(act, file.act, chain=chain, address=address)
    borne = act.signers(chain_id=chain, address=address)
    addresses = list(dict.fromkeys((*borne, *(signer.address for signer in signers))))
    before = desk.facts([*slots_of(act), *slots_of_sides(act, desk), *slots_of_keys(addresses)])
    refused = _find_refusal(desk, act, addresses, before)
    if refused is not None and not looks:
        refused.undone = "signed" if signers or not submits else "sent"
        refused.stands = "" if find_missing(act, before, before) else _STANDS
        raise refused
    for file in files:
        _refuse_other_words(file, make_file(file.act, desk, before))
    time = max(before.time, desk.now())
    poll = take_poll(act, addresses, before, time=time)
    told = tuple(tell(act, before, traders, words=desk.words))
    if looks:
        file = make_file(act, desk, before, poll.lacks)
        borne_by = tell_signed(act, desk, before, desk.words)
        return Progress(file=file, told=told, signed=borne_by, before=before, lacks=poll.lacks, refused=refused)
    submits = submits and not poll.lacks
    if signers or submits:
        desk.approve(told)
    (signed,) = sign_kept(desk, [act], signers, before, told[0])
    kept = make_file(signed, desk, before, poll.lacks)
    keep(kept)
    done = submit(desk, _without(kept.act, poll.half, chain, address, before), before, told) if submits else None
    again = tuple(signer.address for signer in signers if signer.address in borne)
    signed_by = tell_signed(kept.act, desk, before, desk.words)
    return Progress(file=kept, told=told, signed=signed_by, before=before, lacks=poll.lacks, again=again, done=done)


def submit_file(file: ActFile, desk: ProvenDesk, traders: Mapping[bytes, str] | None = None) -> Progress:
    """Show an act that everybody has signed, and submit it; raises as `gather` does.

    Raises:
        Undersigned: Somebody has yet to sign.
    """
    progress = gather(file, [], desk, keep=lambda _: None, traders=traders)
    if progress.done is None:
        raise Undersigned(missing=tuple(map(str, progress.lacks)))
    return progress


def _find_refusal(desk: ProvenDesk, act: SignedAct, signers: Sequence[bytes], facts: Facts) -> RefusedBeforehand | None:
    """Find why the ledger would refuse an act, whoever else signs it.

    Raises:
        OtherArrangement: A signer is nobody that the act needs.
    """
    try:
        require_signable(desk, act, signers, facts, gathers=True)
    except RefusedBeforehand as refused:
        return refused
    return None


def require_message(given: SignedAct | ActFile, *names: str) -> None:
    """Refuse an act of another message than these.

    Raises:
        MalformedText: it is another message.
    """
    act = given.act if isinstance(given, ActFile) else given
    if act.name not in names:
        raise MalformedText("act", act.name, " or ".join(names))


def make_file(act: SignedAct, desk: ProvenDesk, facts: Facts, lacks: Sequence[Lack] = ()) -> ActFile:
    """Make the file of an act: what a person reads in it follows from the act and from proven codes and keys, and is English."""

    def code_of(number: int) -> str:
        party = facts.party(number)
        return f"party {number}" if party is None else party.code

    return ActFile(
        chain=desk.trust.chain_id,
        act=act,
        reads=read_out(act, code_of),
        signed=tell_signed(act, desk, facts),
        missing=tuple(map(str, lacks)),
    )


def tell_signed(act: SignedAct, desk: ProvenDesk, facts: Facts, words: Words = ENGLISH) -> tuple[str, ...]:
    """Say who has signed an act, a line each: the address, and whose key it is."""
    cosigner, address = find_cosigner(act), contracts_of(desk.trust)[act.contract]
    whose = {cosigner: words.say("the new key")}
    return tuple(
        f"0x{signer.hex()}: {whose.get(signer) or describe_key(facts.key(signer), facts.party, words)}"
        for signer in act.signers(chain_id=desk.trust.chain_id, address=address)
    )


def _join(act: SignedAct, other: SignedAct, *, chain: int, address: bytes) -> SignedAct:
    """Join two copies of one act that were signed apart.

    Raises:
        FilesDiffer: They are not copies of one act.
    """
    if (other.name, other.values) != (act.name, act.values):
        raise FilesDiffer(found=other.name, needed=act.name)
    return act.signed_by(*other.signatures, chain_id=chain, address=address)


def _without(act: SignedAct, half: frozenset[int], chain: int, address: bytes, facts: Facts) -> SignedAct:
    """Leave out the signatures of seats of which too few keys signed: others are enough, and the ledger refuses these."""

    def counts(signature: Signature) -> bool:
        key = facts.key(signature.recover_signer(message))
        return key is None or key.party not in half

    message = act.digest(chain_id=chain, address=address)
    return replace(act, signatures=tuple(filter(counts, act.signatures))) if half else act


def _refuse_other_words(found: ActFile, made: ActFile) -> None:
    """Refuse a file in which a person reads something else than its act says.

    Raises:
        FileSaysOtherwise: There is a line that does not follow from the act.
    """
    for what, lines, right in (("reads", found.reads, made.reads), ("signed", found.signed, made.signed)):
        if lines != right:
            raise FileSaysOtherwise(
                where=what,
                found=next((line for line in lines if line not in right), f"{len(lines)} lines"),
                needed=next((line for line in right if line not in lines), f"{len(right)} lines"),
            )
