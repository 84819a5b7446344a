"""The light client: does this evidence prove what is claimed?

A border system asks about one trader and is given evidence by somebody it need not trust: a gateway, a partner, a file. In four steps:

    from aeo_ledger.customs.tin import Tin
    from aeo_ledger.customs.vocabulary import Direction, Role
    from aeo_ledger.errors import Malformed, Unproven
    from aeo_ledger.evidence import EVIDENCE_FORM, Question
    from aeo_ledger.verify import TRUST_FORM, verify_recognition

    # 1. Pin, once: the bundle came by a channel that you trust, and its fingerprint was compared by voice.
    trust = TRUST_FORM.decode_json(trust_file)

    # 2. Ask, in your own words, whoever answers: GET /v1/decisions?...&evidence=true has the evidence.
    question = Question(tin=Tin("BY730439268"), recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER)

    # 3. Verify: your question, your bundle, your clock. Evidence may be 300 seconds old here.
    try:
        answer = verify_recognition(EVIDENCE_FORM.decode_json(evidence_file), question, trust, now=now, max_age=300)
    except (Malformed, Unproven) as error:
        benefits, why = (), str(error)  # neither yes nor no: treat the trader as without any evidence, and ask again

    # 4. Act on what is proven: benefits of a yes, or the first reason of a no; keep block and question with the declaration.
    else:
        benefits, why = answer.decision.benefits, answer.decision.reasons
        proof = answer.block_number, answer.block_hash, answer.question

The *question* is its own, the *trust bundle* its own file, the time its own clock. What the evidence says of itself
decides nothing: the validators pinned in the bundle must have sealed the header; the header's state root proves the
contracts' accounts, their code is the pinned one; their storage roots prove words, absent ones as firmly as present
ones; and which words are needed follows from the question. So "no such certificate" is proven as firmly as "active",
and a word that could have changed the answer cannot be left out.

A post without a network takes the whole ledger home, proves it once, and asks it until it is too old:

    snapshot = verify_snapshot(SNAPSHOT_FORM.decode_cbor(data), trust, now=now, max_age=86_400)
    answer = snapshot.decide(question, now=later)

A past time needs no more of the asker than to say it: `Question(on=..., known=...)` asks what held *as of* a time, *as
known at* another. Where today's words do not tell, the evidence brings the signed history of what the answer rests on,
which `verify_recognition` checks act by act (`history`, `signatories`); `verify_certificate_histories` proves every event of
a certificate's life.

Validators change, and a bundle is good for its period only: `verify_update` moves it forward by proof, and its module
says what no proof can do about keys of former validators.

Years later nothing is left of that but what was kept: `verify_archived` proves what evidence proved when it was
received, by the bundle that was pinned then, and `archive` says what old keys can do to that, and what closes it.

A ledger may be succeeded by another from a date on. It goes on answering for times before that date, and from it on is
`Superseded`. A bundle of the successor pins its predecessors by the hash of their last header: evidence under exactly that
header is good for ever, and histories run through, each act checked for the ledger that it was signed for. Either way an
answer is *as known* to the block that proves it: what the successor annuls later is in the successor's answers alone.

Each `verify_*` raises what is wrong, or returns a *proven* type, which is all that the next step accepts. `Unproven`
means neither yes nor no: treat the trader as you would without any evidence, and ask again. There is no clock here, no
network, no file, no key, and nothing that was proven is kept between calls. It does not execute blocks: that two thirds of the validators
sealed a false state is beyond it.
"""

from __future__ import annotations

from aeo_ledger.verify.account import ProvenAccount, verify_account
from aeo_ledger.verify.ancestry import ProvenAncestor, verify_ancestry
from aeo_ledger.verify.archive import (
    ArchivedDecision,
    PinnedTrust,
    verify_archived,
    verify_committed,
    verify_receipted,
)
from aeo_ledger.verify.certificate_history import ProvenCertificateHistories, ProvenEvent, verify_certificate_histories
from aeo_ledger.verify.handover import ProvenUpdate, verify_update
from aeo_ledger.verify.header import SealedHeader, verify_header
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.inquiry import resolve_question
from aeo_ledger.verify.recognition import ProvenDecision, verify_recognition, verify_recognitions
from aeo_ledger.verify.snapshot import ProvenSnapshot, verify_snapshot
from aeo_ledger.verify.state import ProvenState, verify_state
from aeo_ledger.verify.storage import verify_word
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import TRUST_FORM, Checkpoint, TrustBundle, TrustedParty
from aeo_ledger.verify.validators import ValidatorSet

__all__ = [
    "TRUST_FORM",
    "ArchivedDecision",
    "Checkpoint",
    "NodePool",
    "PinnedTrust",
    "ProvenAccount",
    "ProvenAncestor",
    "ProvenCertificateHistories",
    "ProvenDecision",
    "ProvenEvent",
    "ProvenSnapshot",
    "ProvenState",
    "ProvenUpdate",
    "SealedHeader",
    "TrustBundle",
    "TrustedParty",
    "ValidatorSet",
    "resolve_question",
    "verify_account",
    "verify_ancestry",
    "verify_archived",
    "verify_certificate_histories",
    "verify_committed",
    "verify_header",
    "verify_history",
    "verify_receipted",
    "verify_recognition",
    "verify_recognitions",
    "verify_snapshot",
    "verify_state",
    "verify_update",
    "verify_word",
]
