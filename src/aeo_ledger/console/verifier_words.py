"""The words of `verify.html`: sentences of its page, and the names of the ledger's numbers, in one reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final

from aeo_ledger.customs.spelling import Step
from aeo_ledger.customs.vocabulary import Benefit, Direction, Reason, Role, Status
from aeo_ledger.wording.words import Words, later

_SENTENCES: Final = {
    "skip": later("Go to the content"),
    "title": later("Check a trader without a network"),
    "intro": later(
        "This page checks a proof on this computer. It asks no network, and nothing that you enter leaves it."
    ),
    "pinned": later("What this page trusts:"),
    "pinned_short": later("parties {parties}, until {time}"),
    "pinned_why": later("Compare the fingerprint once, by telephone or in person, with whoever gave you this file."),
    "fingerprint": later("Fingerprint"),
    "parties": later("Parties"),
    "chain": later("Ledger"),
    "checkpoint": later("Checkpoint"),
    "expires": later("Trusted until"),
    "validators": later("Validators"),
    "save_trust": later("Save this trust bundle"),
    "file_title": later("1. The file"),
    "file_label": later("Choose evidence or a snapshot, or drop it here"),
    "file_hint": later("It may come from anybody. A trust update moves forward what this page trusts."),
    "reading": later("Reading {file}"),
    "holds_evidence": later("{file} is evidence. Questions that it says it answers: {questions}"),
    "holds_snapshot": later("{file} is a whole ledger, proven as of block {number}, {time}. Its age: {age}"),
    "trust_moved": later("{file} moved what this page trusts to block {number}, {time}. Choose evidence or a snapshot next."),
    "file_refused": later("This file could not be used."),
    "no_file": later("Choose a file first."),
    "question_title": later("2. Your question"),
    "trader": later("Trader"),
    "tin_label": later("Number of the trader"),
    "tin_hint": later("As in its papers, with the letters of its country. Spaces and marks do no harm."),
    "read_as": later("Read as {tin}: {done}"),
    "kind_label": later("Kind of number"),
    "kind_tin": later("TIN, by the trader's own country"),
    "wrong_alias": later("This is not a code of the kind {kind}. Look again."),
    "recogniser_label": later("Recognised by"),
    "direction_label": later("Direction, seen from there"),
    "role_label": later("Role of the foreign trader"),
    "more": later("Another time, one register or type, the oldest file accepted"),
    "on_label": later("Time asked about (UTC)"),
    "on_hint": later("Leave it empty to ask about the time of the file's block."),
    "register_label": later("Register"),
    "any_register": later("all that the trader may be in"),
    "type_label": later("Type"),
    "any_type": later("every type"),
    "named_label": later("TIN that the code is said to mean"),
    "named_hint": later("Needed with a snapshot. It is not believed: the ledger shows whether it is the one."),
    "age_label": later("Oldest file that you accept"),
    "age_hint": later("What happened since then is not in it."),
    "check": later("Check"),
    "recognised": later("Recognised"),
    "not_recognised": later("Not recognised"),
    "not_checked": later("Could not be checked"),
    "not_checked_advice": later("This is neither a yes nor a no. Treat the trader as you would without this file, and ask again."),
    "no_benefits": later("no benefits are named"),
    "since": later("since {time}"),
    "as_typed": later("As typed"),
    "asked_about": later("Asked about"),
    "question": later("Question"),
    "asked_for": later("Time asked about"),
    "other_reasons": later("Other reasons"),
    "certificate": later("Certificate"),
    "standing": later("register {register}, type {type}, issued by {issuer}: {status}"),
    "status_since": later("in this status since {time}"),
    "valid_from": later("valid from {time}"),
    "until": later("until {time}"),
    "open_end": later("without an end"),
    "certified_roles": later("roles"),
    "registers": later("Registers searched"),
    "as_of": later("As of"),
    "block": later("block {number}, {time}"),
    "age": later("{age} old when it was checked"),
    "sealed_by": later("Sealed by"),
    "seals": later("{found} of {all} validators that this page trusts"),
    "seam": later("the last block of an earlier ledger, which this page trusts by its hash"),
    "checked_at": later("Checked at (this computer's clock)"),
    "steps_title": later("How it was checked, on this computer"),
    "step_read": later("The evidence has its form. Trie nodes in it: {nodes}"),
    "step_question": later("It was made for your question."),
    "step_block": later("Its block is {number}, {time}."),
    "step_seals": later("Validators that sealed the block: {found} of {all}. Needed: {needed}."),
    "step_seam": later("The block is pinned by its hash."),
    "step_checkpoint": later("The block does not stand below the checkpoint, block {number}."),
    "step_age": later("It is not too old: {age}."),
    "step_contracts": later("Both contracts are there, with the pinned code."),
    "step_history": later("Signed acts of the past, none missing, each signed by who had the right: {acts}."),
    "step_words": later("Words of the ledger that follow from your question, each proven: {count}."),
    "step_nothing_else": later("The evidence holds nothing else."),
    "step_storage": later(
        "The whole ledger was rebuilt from the snapshot: nothing is missing, nothing was added. Standings in it: {standings}"
    ),
    "print": later("Print"),
    "limits": later(
        "What this does not prove: that the trader is behind this shipment, that the papers are right, or what happened after the block."
    ),
    "footer": later("A secret never enters this page: where a register needs a lookup key, use the command."),
}  # fmt: skip

_UNITS: Final = {
    "d": later("d"), "h": later("h"), "min": later("min"), "s": later("s"),
}  # fmt: skip

_FAULTS: Final = {
    "character": later("The number has a character that no number has."),
    "form": later("This is not the form of that country's numbers. Look again."),
    "length": later("A number has 3 to 17 characters, the letters of its country included."),
    "other-country": later("This is a number of another country."),
    "other-form": later("Letters stand before the number that do not belong to it."),
    "other-number": later("This is the number of something else, such as a certificate. Type the trader's number."),
    "prefix": later("The number does not begin with the two letters of a country."),
    "script": later("A letter of another script looks like a Latin one. Type the number in Latin letters and digits."),
}
"""By the kind of fault of a text that is no TIN."""

_UNSEALED: Final = later("The block is not sealed by the validators that this page trusts.")
_BEHIND: Final = later("The block is older than what this page trusts. Get a newer file.")
_NO_KEY: Final = later("The register is keyed, and this page has no lookup key. Use the command.")
_ALIAS: Final = later("The code does not lead to exactly one trader who is known here.")
_OTHER_FORM: Final = later(
    "The same trader may be registered under another prefix, and that number must be asked about too."
)
_FORM: Final = later("The file does not have the form of evidence, a snapshot or a trust update.")

_REFUSALS: Final = {
    **dict.fromkeys(("HeaderBreaksRule", "UnreadableSeal", "StrangerSealed", "RepeatedSeal", "TooFewSeals"), _UNSEALED),
    **dict.fromkeys(("BelowCheckpoint", "SnapshotBelowCheckpoint", "NotTheCheckpoint"), _BEHIND),
    **dict.fromkeys(("KeyNeeded", "WrongLookupKey"), _NO_KEY),
    **dict.fromkeys(("AmbiguousAlias", "TraderUnnamed", "AliasOfAnother"), _ALIAS),
    **dict.fromkeys(("OtherFormUnasked", "OtherFormKnown"), _OTHER_FORM),
    **dict.fromkeys(("MalformedDocument", "MalformedHeader"), _FORM),
    "Stale": later("The file is older than you accept. Get a newer one, or accept an older one below the question."),
    "FromTheFuture": later("The block is later than this computer's clock. Set the clock right."),
    "TrustExpired": later("What this page trusts is out of date. Get a new page, or a trust bundle, by a channel that you trust."),
    "OtherQuestion": later("The evidence was made for another question. Ask for evidence about yours."),
    "NotYetProvable": later("The time asked about is later than the file's block."),
    "HistoryNeeded": later("The file does not tell what was so at that time. Signed history is needed."),
    "Superseded": later("Another ledger answers about this time."),
    "UnknownParty": later("The question names a party that this page does not know."),
    "UnknownCertificateType": later("No register that was searched has such a type."),
    "MalformedTin": later("This is no number of a trader."),
    "MalformedAlias": later("This is no code of its kind."),
    "other": later("The file does not prove the answer. It is damaged, or somebody altered it."),
}  # fmt: skip
"""By the code of the error with which the verifier for browsers refuses; `other` stands for all that are left."""

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(_SENTENCES)
"""Sentences by the keys that the page uses. Facts in braces are put in by the page."""


def tell(words: Words) -> dict[str, Any]:
    """Write all words of the page in one language."""
    return {
        "sentences": _phrases(words, _SENTENCES),
        "units": _phrases(words, _UNITS),
        "faults": _phrases(words, _FAULTS),
        "refusals": _phrases(words, _REFUSALS),
        "spellings": {step.name.lower(): words.phrase(step.value) for step in Step},
        "directions": _names(words, Direction),
        "roles": _names(words, Role),
        "benefits": _names(words, Benefit),
        "reasons": _names(words, Reason),
        "statuses": _names(words, Status),
    }


def _phrases(words: Words, sentences: Mapping[str, str]) -> dict[str, str]:
    return {key: words.phrase(sentence) for key, sentence in sentences.items()}


def _names(words: Words, kind: type[IntEnum]) -> dict[str, str]:
    return {number.name.lower(): words.name(number, kind) for number in kind}
