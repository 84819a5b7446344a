"""What a gateway claims without proof. It is for callers who go on although it is unproven, and who must be warned."""

from __future__ import annotations

from aeo_ledger.customs.party import Party
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.header import decode_header
from aeo_ledger.protocol.facts import WordView
from aeo_ledger.protocol.tables import WITH_ANSWERS, Contract
from aeo_ledger.verify.account import ProvenAccount
from aeo_ledger.verify.state import demand_pinned, verify_contract
from aeo_ledger.verify.storage import verify_word
from aeo_ledger.verify.trie import NodePool
from aeo_ledger.verify.trust import TrustBundle


class ClaimedState(WordView):
    """Words under a header that is not proven: no pinned validator sealed it, or it is too old, or the trust has expired.

    This is not a proven type, so nothing that needs one accepts it. Only three things are checked: that the nodes lead from the
    header to the words, the pinned code, and the pinned parties' codes.

    Raises:
        MissingNode, UnreadableNode, UnreadableValue: From each method: the nodes do not lead to the word.
        WrongPartyCode: From `party`: a pinned number has another code.
    """

    def __init__(self, evidence: Evidence, trust: TrustBundle) -> None:
        accounts: dict[Contract, ProvenAccount] = {}
        self.pool = NodePool(evidence.nodes)
        super().__init__(lambda contract, slot: verify_word(self.pool, accounts[contract], slot))
        self.header, self.trust = decode_header(evidence.header), trust
        root = self.header.state_root
        accounts |= {contract: verify_contract(self.pool, root, trust, contract) for contract in WITH_ANSWERS}

    @property
    def time(self) -> int:
        """Time in the header, UTC seconds."""
        return self.header.timestamp

    def party(self, number: int) -> Party | None:
        """Look up a party. A pinned number must have the pinned code."""
        return demand_pinned(super().party(number), number, self.trust)


def read_claims(evidence: Evidence, trust: TrustBundle) -> ClaimedState:
    """Read what evidence claims, although its header is not proven.

    Raises:
        MalformedHeader: The header is malformed.
        AbsentAccount, WrongCode, OversizedPool, RepeatedNode, MissingNode, UnreadableNode, UnreadableValue: See `verify_state`.
    """
    return ClaimedState(evidence, trust)
