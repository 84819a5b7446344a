"""The light client: does this evidence prove what is claimed?

A border system asks about one trader. A gateway, a partner or a file gives it evidence, and it need not trust any of them. Four steps:

    from aeo_ledger.customs.tin import Tin
    from aeo_ledger.customs.vocabulary import Direction, Role
    from aeo_ledger.errors import Malformed, Unproven
    from aeo_ledger.evidence import EVIDENCE_FORM, Question
    from aeo_ledger.verify import TRUST_FORM, verify_other_form, verify_recognition

    # 1. Pin, once: get the bundle by a channel that you trust, and compare its fingerprint by voice.
    trust = TRUST_FORM.decode_json(trust_file)

    # 2. Ask any gateway, in your own words: GET /v1/decisions?...&evidence=true returns the evidence.
    question = Question(tin=Tin("BY730439268"), recogniser="CN", direction=Direction.IMPORT, role=Role.EXPORTER)

    # 3. Verify with your question, your bundle and your clock. Here evidence may be 300 seconds old. A trader may be registered
    #    as GB and as XI: no certificate under the one is a no only if there is none under the other.
    try:
        evidence = EVIDENCE_FORM.decode_json(evidence_file)
        answer = verify_recognition(evidence, question, trust, now=now, max_age=300)
        verify_other_form(evidence, answer, trust)
    except (Malformed, Unproven) as error:
        benefits, why = (), str(error)  # neither yes nor no: treat the trader as without evidence, and ask again

    # 4. Act on what is proven: the benefits of a yes, or the first reason of a no. Keep block and question with the declaration.
    else:
        benefits, why = answer.decision.benefits, answer.decision.reasons
        proof = answer.block_number, answer.block_hash, answer.question

*Question*, *trust bundle* and time are the asker's own. What the evidence says about itself decides nothing. The validators
pinned in the bundle must have sealed the header. The header's state root proves the contracts' accounts, which must have the
pinned code. Their storage roots prove words, absent ones as firmly as present ones. The question alone determines which words
are needed. So "no such certificate" is proven as firmly as "active", and nobody can leave out a word that changes the answer.

Where `verify_other_form` says `OtherFormUnasked`, ask both questions at once: `find_other_question(answer)` is the second, and `POST
/v1/decisions` answers several with one evidence.

A post without a network takes the whole ledger along, proves it once, and asks it until it is too old:

    snapshot = verify_snapshot(SNAPSHOT_FORM.decode_cbor(data), trust, now=now, max_age=86_400)
    answer = snapshot.decide(question, now=later)
    if other := find_other_question(answer):
        demand_absent(snapshot.decide(other, now=later), answer)

For a past time the asker only states it: `Question(on=..., known=...)` asks what held *on* a time, *as known at* another. If
today's words do not suffice, the evidence brings the signed history, which `verify_recognition` checks act by act (`history`,
`signatories`). `verify_certificate_histories` proves every event in a certificate's life.

In a keyed register a trader's entry follows from the TIN and a lookup key. The functions that decide about a trader take the asker's keys
as `keys`. Each is compared with the ledger's check value before it is used, because with a wrong key every trader would seem absent.

Validators change, and a bundle is valid only for its period. `verify_update` moves it forward by proof. Its module says what no
proof can do about keys of former validators.

Years later only what was kept remains. `verify_archived` proves what evidence proved when it was received, with the bundle that
was pinned then. The module `archive` says what old keys can do to such evidence, and how to prevent it.

Another ledger may succeed this one on a date. This ledger still answers about times before that date; for later times it is
`Superseded`. A bundle of the successor pins its predecessors by the hash of their last header. Evidence under exactly that
header is valid for ever, and histories continue across it: each act is checked for the ledger that it was signed for. An
answer is always *as known* to the block that proves it. What the successor annuls later appears only in the successor's answers.

Each `verify_*` raises an error, or returns a *proven* type, which is all that the next step accepts. `Unproven` means neither yes
nor no: treat the trader as you would without evidence, and ask again. This package has no clock, network, file or key, and it
keeps nothing between calls. It does not execute blocks, so it cannot detect that two thirds of the validators sealed a false state.

    trust       `trust`, `validators`, `handover` of trust to newer validators
    blocks      `header`, `seals`, `ancestry`
    words       `account`, `storage`, `trie` with `nodes` and `fast_nodes`; `word_table` for all words at once; `state` joins them
    questions   `inquiry`, `aliases`, `recognition`; `register` for questions about no trader; `snapshot`; `archive` for evidence that was kept
    histories   `history`, `certificate_history`, `signatories`
    identities  `identity`: cards, and who claims a certificate; `x509`, which judges the certificate and alone needs an extra
    signing     `facts` that an act depends on; `claims`, the only module whose words are not proven
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
from aeo_ledger.verify.certificate_history import (
    ProvenCertificateHistories,
    ProvenEvent,
    verify_certificate_histories,
    verify_trader_histories,
)
from aeo_ledger.verify.handover import ProvenUpdate, verify_update
from aeo_ledger.verify.header import SealedHeader, verify_header
from aeo_ledger.verify.history import verify_history
from aeo_ledger.verify.inquiry import resolve_question
from aeo_ledger.verify.other_form import demand_absent, find_other_question, verify_other_form
from aeo_ledger.verify.recognition import ProvenDecision, verify_each, verify_recognition, verify_recognitions
from aeo_ledger.verify.register import ProvenRegister, verify_register
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
    "ProvenRegister",
    "ProvenSnapshot",
    "ProvenState",
    "ProvenUpdate",
    "SealedHeader",
    "TrustBundle",
    "TrustedParty",
    "ValidatorSet",
    "demand_absent",
    "find_other_question",
    "resolve_question",
    "verify_account",
    "verify_ancestry",
    "verify_archived",
    "verify_certificate_histories",
    "verify_committed",
    "verify_each",
    "verify_header",
    "verify_history",
    "verify_other_form",
    "verify_receipted",
    "verify_recognition",
    "verify_recognitions",
    "verify_register",
    "verify_snapshot",
    "verify_state",
    "verify_trader_histories",
    "verify_update",
    "verify_word",
]
