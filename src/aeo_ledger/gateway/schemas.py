"""What the gateway's OpenAPI says of its answers. The examples are of the demo's ledger, where they work."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.office.desk import MOST_SLOTS
from aeo_ledger.protocol.tables import Contract

Hex = Annotated[str, Field(pattern="^0x[0-9a-f]*$")]


class Problem(BaseModel):
    """An RFC 9457 problem; `family` says what to do: fix the input, accept the rule, do not conclude, or retry."""

    type: str = Field(examples=["urn:aeo-ledger:problem:malformed-tin"])
    title: str
    status: int
    detail: str = Field(description="What was found and what was needed.")
    advice: str | None = Field(default=None, description="What to do, where `detail` does not say it.")
    place: str = Field(
        default="", description="Where in what was sent, as in questions[3]; left out where there is only one."
    )
    family: Literal["malformed", "refused", "unproven", "unavailable"]
    facts: dict[str, Any]


class SignedActBody(BaseModel):
    """A signed act, `aeo-ledger/act/1`; every message of the EIP-712 table is taken."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["aeo-ledger/act/1"]
    message: str = Field(examples=["Publication"])
    values: dict[str, Any]
    signatures: list[Hex] = Field(description="r, s, v: 65 bytes each, ascending by signer.")


class ReceiptBody(BaseModel):
    """Where an act was sealed."""

    transaction: Hex
    block: int
    block_hash: Hex
    gas_used: int


class EntriesBody(BaseModel):
    """Entries to look up, 32 bytes each."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Hex] = Field(max_length=1_000, examples=[["0x" + "00" * 32]])


class PlaceBody(BaseModel):
    """Where a word lies: its table by name, and its key."""

    model_config = ConfigDict(extra="forbid")

    table: str
    key: Hex


class PlacesBody(BaseModel):
    """Words to look up."""

    model_config = ConfigDict(extra="forbid")

    places: list[PlaceBody] = Field(max_length=1_000, examples=[[{"table": "office", "key": "0x" + "00" * 31 + "01"}]])


class WordsBody(BaseModel):
    """Words of 32 bytes, in the order asked; zero for one that was never written."""

    words: list[Hex]


class SlotBody(BaseModel):
    """Where a word lies in storage. Slots follow from tables and keys; whoever asks derives them."""

    model_config = ConfigDict(extra="forbid")

    contract: Literal[Contract.CONSORTIUM, Contract.REGISTERS]
    slot: Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]


class SlotsBody(BaseModel):
    """Words to prove."""

    model_config = ConfigDict(extra="forbid")

    slots: list[SlotBody] = Field(
        max_length=MOST_SLOTS, examples=[[{"contract": "consortium", "slot": "0x" + "00" * 32}]]
    )


class StateEvidenceBody(BaseModel):
    """Evidence of words: claims, until they are checked."""

    format: Literal["aeo-ledger/state-evidence/1"]
    questions: list[dict[str, Any]]
    header: Hex
    nodes: list[Hex]


class StandingsBody(BaseModel):
    """Records of entries as words; null for an entry that never was."""

    block: int
    time: int
    clock: int
    records: list[Hex | None]


class PartiesBody(BaseModel):
    """The parties, by number."""

    block: int
    parties: list[dict[str, Any]]


class ArrangementsBody(BaseModel):
    """Every ordered pair with its lanes."""

    pairs: list[dict[str, Any]]


class DecisionQuery(BaseModel):
    """A question; what it does not know it refuses, since a question that was half read is another question."""

    model_config = ConfigDict(extra="forbid")

    tin: str = Field(examples=["BY511125808"])
    recogniser: str = Field(examples=["CN"], description="Code of the party that recognises.")
    direction: str = Field(examples=["import"], description="Seen from the recogniser.")
    role: str = Field(examples=["carrier"], description="Of the foreign operator.")
    certificate_type: str | None = Field(None, alias="type", examples=["3"])
    register_of: str | None = Field(
        None, alias="register", examples=["BY"], description="Code of the register's party."
    )
    on: str | None = Field(
        None,
        examples=["2024-01-01"],
        description="A day of the recogniser's, or a moment with its offset; never digits alone.",
    )
    known: str | None = Field(
        None, examples=["2024-02-01"], description="As known then: what was recorded later does not count."
    )
    accept_odd: bool = Field(
        default=False,
        examples=[True],
        description="Take a TIN that its country's rule does not give, since its register has it so.",
    )
    evidence: bool = Field(default=False, examples=[True])
    history: bool = Field(
        default=False, examples=[True], description="With the signed history of what the words of today do not tell."
    )


class DecisionBody(BaseModel):
    """An answer that is not proven to whoever reads it: check the evidence."""

    question: dict[str, Any]
    problems: list[str] = Field(description="What the country's rule says against the TIN: look again.")
    block: int
    block_hash: Hex
    block_time: int
    recognised: bool | None = Field(description="Null when the words alone cannot decide; see `unproven`.")
    reasons: list[str]
    benefits: list[str]
    issuer: str | None
    registers: list[str]
    unproven: str | None
    evidence: dict[str, Any] | None = Field(description="`aeo-ledger/recognition-evidence/1`, if asked for.")


class QuestionsBody(BaseModel):
    """Questions: tin, recogniser, direction, role; where asked type, register, and days or moments under on and known."""

    model_config = ConfigDict(extra="forbid")

    questions: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=1_000,
        examples=[[{"tin": "BY511125808", "recogniser": "CN", "direction": "import", "role": "carrier"}]],
    )
    accept_odd: bool = Field(
        default=False,
        examples=[False],
        description="Take TINs that their country's rule does not give, since their register has them so.",
    )


class DecisionsBody(BaseModel):
    """Answers in the order of the questions, none of them proven to whoever reads them: check the evidence."""

    block: int
    block_hash: Hex
    block_time: int
    decisions: list[dict[str, Any]] = Field(description="Each as a single decision, without block and evidence.")
    evidence: dict[str, Any] = Field(description="`aeo-ledger/recognition-evidence/1` for all questions.")


class HistoriesBody(BaseModel):
    """Entries of standings whose whole history is asked for, 32 bytes each."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Hex] = Field(min_length=1, max_length=16, examples=[["0x" + "00" * 32]])


class HistoryBody(BaseModel):
    """Every signed event of these standings: claims, until they are checked."""

    format: Literal["aeo-ledger/history-evidence/1"]
    questions: list[dict[str, Any]]
    header: Hex
    nodes: list[Hex]
    history: dict[str, Any]


class TrustUpdateQuery(BaseModel):
    """Where the asker's trust stands."""

    model_config = ConfigDict(extra="forbid")

    since: int = Field(ge=0, lt=1 << 64, examples=[0], description="Block number of the pinned checkpoint.")


class TrustUpdateBody(BaseModel):
    """Steps from there to the newest block: claims, until each is checked against the pinned bundle."""

    format: Literal["aeo-ledger/trust-update/1"]
    headers: list[Hex]
    nodes: list[Hex]


class HeaderChainQuery(BaseModel):
    """Between which blocks."""

    model_config = ConfigDict(extra="forbid")

    since: int = Field(ge=0, lt=1 << 64, examples=[0], description="Number of the block that the asker has.")
    until: int = Field(ge=0, lt=1 << 64, examples=[1], description="Number of a later block, 2,000 above it at most.")


class HeaderChainBody(BaseModel):
    """The headers between two blocks, one link each: claims, until they lead to a pinned checkpoint."""

    format: Literal["aeo-ledger/header-chain/1"]
    links: list[Hex]


class HealthBody(BaseModel):
    """Whether the gateway answers, and how fresh its ledger is."""

    status: Literal["ok", "reading only"]
    trouble: str | None = Field(description="Why nothing can be published now; null if all is well.")
    block: int
    block_time: int
    ledger: str = Field(description="What stands behind this gateway, in plain words.")
