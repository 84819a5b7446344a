"""The schemas of the gateway's requests and answers, for OpenAPI. The examples work on the demo's ledger."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from aeo_ledger.customs.alias_codes import KIND_NAMES
from aeo_ledger.office.desk import MOST_HISTORIES

Hex = Annotated[str, Field(pattern="^0x[0-9a-f]*$")]


class Problem(BaseModel):
    """An RFC 9457 problem. `family` says what to do: fix the input, accept the rule, conclude nothing, or retry."""

    type: str = Field(examples=["urn:aeo-ledger:problem:malformed-tin"])
    title: str
    status: int
    detail: str = Field(description="What was found and what was needed.")
    advice: str | None = Field(default=None, description="What to do, if `detail` does not say it.")
    place: str = Field(
        default="", description="The place in the request, as in questions[3]; left out if there is only one."
    )
    family: Literal["malformed", "refused", "unproven", "unavailable"]
    facts: dict[str, Any]


class SignedActBody(BaseModel):
    """A signed act, `aeo-ledger/act/1`; every message of the EIP-712 table is accepted."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["aeo-ledger/act/1"]
    message: str = Field(examples=["Publication"])
    values: dict[str, Any]
    signatures: list[Hex] = Field(description="r, s, v: 65 bytes each, ascending by signer.")


class ReceiptBody(BaseModel):
    """The transaction and block in which an act was sealed."""

    transaction: Hex
    block: int
    block_hash: Hex
    gas_used: int


class EntriesBody(BaseModel):
    """Entries to look up, 32 bytes each."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Hex] = Field(max_length=1_000, examples=[["0x" + "00" * 32]])


class PlaceBody(BaseModel):
    """The place of a word: the name of its table, and its key."""

    model_config = ConfigDict(extra="forbid")

    table: str
    key: Hex


class PlacesBody(BaseModel):
    """Words to look up."""

    model_config = ConfigDict(extra="forbid")

    places: list[PlaceBody] = Field(max_length=1_000, examples=[[{"table": "office", "key": "0x" + "00" * 31 + "01"}]])


class WordsBody(BaseModel):
    """Words of 32 bytes, in the order asked; zero for a word that was never written."""

    words: list[Hex]


class StandingsBody(BaseModel):
    """Records of entries as words; null for an entry without a record."""

    block: int
    time: int
    clock: int
    records: list[Hex | None]


class PartiesBody(BaseModel):
    """The parties, by number."""

    block: int
    parties: list[dict[str, Any]]


class KeysQuery(BaseModel):
    """The party whose keys are asked for."""

    model_config = ConfigDict(extra="forbid")

    party: int = Field(ge=1, le=255, examples=[1], description="Number of the party.")


class KeysBody(BaseModel):
    """Addresses that serve or served a party. Prove the word of each: a gateway may leave some out."""

    keys: list[Hex]


class CompletionBody(BaseModel):
    """The party whose new authority has waited long enough."""

    model_config = ConfigDict(extra="forbid")

    party: int = Field(ge=1, le=255, examples=[1], description="Number of the party.")


class PendingBody(BaseModel):
    """A replacement of a party's authority that is pending."""

    party: str
    key: Hex
    ready_at: int = Field(description="UTC seconds. From then on anybody may complete it.")
    lapses_at: int = Field(description="UTC seconds. From then on it cannot be completed.")
    objected: bool


class ArrangementsBody(BaseModel):
    """Every ordered pair with its lanes."""

    pairs: list[dict[str, Any]]


class DecisionQuery(BaseModel):
    """A question. Unknown parameters are refused, because a question read in part is another question."""

    model_config = ConfigDict(extra="forbid")

    tin: str | None = Field(
        None,
        examples=["BY511125808"],
        description="The trader. Beside an alias: the trader that it means, if the caller knows it, since the ledger has only hashes.",
    )
    alias: str | None = Field(
        None,
        examples=["123456789"],
        description="Instead of a TIN: the code by which the recogniser means the trader. Its binding is proven.",
    )
    kind: str | None = Field(
        None, examples=["DUNS"], description=f"Kind of the alias, if its form leaves a doubt: {', '.join(KIND_NAMES)}."
    )
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
        description="A day of the recogniser's calendar, or a moment with its offset; never digits alone.",
    )
    known: str | None = Field(
        None, examples=["2024-02-01"], description="As known at this time: what was recorded later does not count."
    )
    accept_odd: bool = Field(
        default=False,
        examples=[True],
        description="Accept a TIN that breaks its country's rule, because its register has it so.",
    )
    evidence: bool = Field(default=False, examples=[True])
    history: bool = Field(
        default=False, examples=[True], description="Add the signed history of what the present words do not show."
    )


class DecisionBody(BaseModel):
    """An answer. It is not proven to its reader: check the evidence."""

    question: dict[str, Any]
    trader: str | None = Field(
        None, description="Only for an alias: the TIN that it is said to mean; null if nobody is bound to it, or named."
    )
    problems: list[str] = Field(description="How the TIN breaks its country's rule: check the number.")
    remarks: list[str] = Field(
        description="What else to know of the TIN, such as another number of the same trader: a no is a no only if that one is absent too."
    )
    block: int
    block_hash: Hex
    block_time: int
    recognised: bool | None = Field(description="Null if the words alone cannot decide; see `unproven`.")
    reasons: list[str]
    benefits: list[str]
    issuer: str | None
    registers: list[str]
    unproven: str | None
    evidence: dict[str, Any] | None = Field(description="`aeo-ledger/recognition-evidence/1`, if asked for.")


class RecognitionsQuery(BaseModel):
    """What a trader asks of all recognisers at once. Lists are written with commas."""

    model_config = ConfigDict(extra="forbid")

    role: str = Field(examples=["carrier"], description="Of the trader.")
    directions: str | None = Field(
        None, examples=["import,export"], description="Seen from the recogniser. Default: all three."
    )
    recognisers: str | None = Field(
        None,
        examples=["CN,KZ"],
        description="Codes of parties. Default: all that the gateway pins but the trader's own.",
    )
    aliases: str | None = Field(
        None, examples=["CN:DUNS:123456789"], description="Codes that may mean the trader, as RECOGNISER:KIND:CODE."
    )
    accept_odd: bool = Field(
        default=False, examples=[False], description="Accept a TIN that breaks its country's rule."
    )


class QuestionsBody(BaseModel):
    """Questions: tin (or alias and kind), recogniser, direction, role; optional are type, register, and days or moments in on and known."""

    model_config = ConfigDict(extra="forbid")

    questions: list[Any] = Field(
        min_length=1,
        max_length=1_000,
        examples=[[{"tin": "BY511125808", "recogniser": "CN", "direction": "import", "role": "carrier"}]],
    )
    accept_odd: StrictBool = Field(
        default=False,
        examples=[False],
        description="Accept TINs that break their country's rule, because their register has them so.",
    )
    history: StrictBool = Field(
        default=False, examples=[True], description="Add the signed histories of what the present words do not show."
    )


class DecisionsBody(BaseModel):
    """Answers in the order of the questions. They are not proven to their reader: check the evidence."""

    block: int
    block_hash: Hex
    block_time: int
    decisions: list[dict[str, Any]] = Field(
        description="Each like a single decision, without block and evidence. `problem` says why a question cannot be put (RFC 9457); "
        "it is null for the others, and `in_evidence` is their place among the questions of the evidence."
    )
    evidence: dict[str, Any] | None = Field(
        description="`aeo-ledger/recognition-evidence/1` for all questions that can be put; null if there is none."
    )


class HistoriesBody(BaseModel):
    """Entries of standings, 32 bytes each, to fetch their whole histories."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Hex] = Field(min_length=1, max_length=MOST_HISTORIES, examples=[["0x" + "00" * 32]])


class HistoryBody(BaseModel):
    """Every signed event of these standings; these are claims until they are checked."""

    format: Literal["aeo-ledger/history-evidence/1"]
    questions: list[dict[str, Any]]
    header: Hex
    nodes: list[Hex]
    history: dict[str, Any]


class TrustUpdateQuery(BaseModel):
    """The block up to which the asker trusts."""

    model_config = ConfigDict(extra="forbid")

    since: int = Field(ge=0, lt=1 << 64, examples=[0], description="Block number of the pinned checkpoint.")


class TrustUpdateBody(BaseModel):
    """Steps from that block to the newest one; these are claims until each is checked against the pinned bundle."""

    format: Literal["aeo-ledger/trust-update/1"]
    headers: list[Hex]
    nodes: list[Hex]


class HeaderBody(BaseModel):
    """A header, RLP with seals; a claim until a chain of headers leads from it to a block that is proven."""

    header: Hex


class HeaderChainQuery(BaseModel):
    """The two blocks."""

    model_config = ConfigDict(extra="forbid")

    since: int = Field(ge=0, lt=1 << 64, examples=[0], description="Number of the block that the asker has.")
    until: int = Field(ge=0, lt=1 << 64, examples=[1], description="Number of a later block, at most 2,000 above it.")


class HeaderChainBody(BaseModel):
    """The headers between two blocks, one link each; these are claims until they lead to a pinned checkpoint."""

    format: Literal["aeo-ledger/header-chain/1"]
    links: list[Hex]


class DocumentQuery(BaseModel):
    """When a request for a document was signed, for which gateway, and by whom. With a token, all four may be left out."""

    model_config = ConfigDict(extra="forbid")

    at: int | None = Field(
        None, ge=0, lt=1 << 32, description="When it was signed, UTC seconds; within five minutes of now."
    )
    nonce: str | None = Field(None, pattern="^0x[0-9a-f]{32}$", description="Random, 16 bytes: a request counts once.")
    host: str | None = Field(
        None,
        pattern=r"^[\x21-\x40\x5b-\x7e]{1,300}$",
        examples=["gateway.example:8443"],
        description="The gateway's host as you address it, with the port if your URL names one: what you send as Host.",
    )
    signature: str | None = Field(
        None,
        pattern="^0x[0-9a-f]{130}$",
        description="An operator's EIP-191 signature (r, s, v: 65 bytes) over keccak256 of aeo-ledger/document-request/2, chain id "
        "(8 bytes), address of Registers (20), commitment (32), the time (8), the nonce (16) and the host.",
    )
    entry: str | None = Field(
        default=None,
        pattern="^0x[0-9a-f]{64}$",
        description="The entry that the document is about: a gateway with keys of keyed registers then looks through its publications.",
    )


class DocumentBody(BaseModel):
    """A document with its salt: keccak256 of salt and content is the commitment. Check it."""

    kind: Literal["certificate", "grounds"]
    media: str
    entry: Hex
    salt: Hex
    content: Hex


class HealthBody(BaseModel):
    """Whether the gateway answers, and how new its ledger's last block is."""

    status: Literal["ok", "reading only", "behind"] = Field(
        description="`reading only`: nothing can be published now. `behind`: the index does not follow the node."
    )
    trouble: str | None = Field(description="Why nothing can be published now; null if the node gives no reason.")
    index: str | None = Field(
        description="Why the gateway's index does not follow its node, so that answers may be of an older block; null if "
        "it follows, or if there is no index."
    )
    database: str | None = Field(
        description="Why the index's database is not used, so that answers come from memory alone; null if it works, or if "
        "there is none."
    )
    block: int
    block_time: int
    ledger: str = Field(description="The ledger that this gateway serves, in plain words.")
    replacements: list[PendingBody] = Field(description="Replacements of authorities that are pending.")
