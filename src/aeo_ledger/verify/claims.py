"""What a gateway claims where it cannot be proven: for whoever goes on all the same, and has to be told so."""

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
    """The words under a header that nothing vouches for: nobody pinned sealed it, or it is too old, or trust is.

    It is no proven type, and nothing that needs one takes it. Only the words' way to that header is checked, the pinned
    code, and the pinned parties' codes.

    Raises:
        MissingNode, UnreadableNode, UnreadableValue: From each method: the nodes do not lead to the word.
        WrongPartyCode: From `party`: the code for a pinned number is another.
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
        """Time that the header gives, UTC seconds."""
        return self.header.timestamp

    def party(self, number: int) -> Party | None:
        """Look up a party; one that is pinned must be the one pinned."""
        return demand_pinned(super().party(number), number, self.trust)


def read_claims(evidence: Evidence, trust: TrustBundle) -> ClaimedState:
    """Read what evidence claims, though nothing vouches for its header.

    Raises:
        MalformedHeader: The header is none.
        AbsentAccount, WrongCode, OversizedPool, RepeatedNode, MissingNode, UnreadableNode, UnreadableValue: As `verify_state`.
    """
    return ClaimedState(evidence, trust)
