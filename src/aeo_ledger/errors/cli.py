"""Errors of the command line."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class ExtraMissing(Unavailable, wire="extra-missing"):
    """A part of this project that is not installed."""

    says = (
        "this needs the extra [{extra}] ({module} is missing): in this project's own folder run pip install "
        "'.[{extra}]'"
    )

    extra: str
    module: str


class TermsDiffer(Refused, wire="terms-differ"):
    """A draft and the act that gathers its signatures differ."""

    says = (
        "{draft} and {act} differ, or a pair of the draft was changed since: sign the act itself, or remove it "
        "to start again"
    )

    draft: str
    act: str


class OtherText(Refused, wire="other-text"):
    """A text that somebody holds is not the one that an arrangement binds, byte for byte."""

    says = "{path} is another text: its keccak256 is {found}, and the arrangement binds {needed}"
    advises = "ask the partners for the text that was agreed: a copy that was saved or scanned anew has other bytes"

    path: str
    found: bytes
    """keccak256 of the file, 32 bytes."""
    needed: bytes


class NotConfirmed(Refused, wire="not-confirmed"):
    """Something that cannot be undone was not confirmed."""

    says = "{asked}, so this was not done: {what}"
    advises = "say --yes, or answer yes, if you mean it"

    what: str
    """The thing that was not done."""
    asked: str
    """The result of asking."""


class OutputTaken(Refused, wire="output-taken"):
    """An output file has content that would be lost."""

    says = "{path} {reason}: name another file to write to"

    path: str
    reason: str


class PortTaken(Unavailable, wire="port-taken"):
    """A gateway cannot open the port on which it should listen."""

    says = (
        "port {port} cannot be opened ({detail}): stop the program that uses it, or name another with --port, and that one "
        "with --gateway in other commands"
    )

    port: int
    detail: str


class AnswerLost(Unavailable, wire="answer-lost"):
    """An answer could not be written, so its reader did not get it."""

    says = "the answer could not be written ({detail}): the command's work is done, ask again for the answer"

    detail: str
    """The system's error."""


class PageLost(AnswerLost, wire="page-lost"):
    """A page of help could not be written: no command did any work."""

    says = "the answer could not be written ({detail})"
    advises = "ask again, and read all of it"


class OutOfMemory(Unavailable, wire="out-of-memory"):
    """The machine has too little free memory."""

    says = "too little memory is free for this: close other programs, or use a larger machine"


class WrongUsage(Malformed, wire="wrong-usage"):
    """A command that cannot be read: an option that is unknown, missing, or given twice."""

    says = "{detail} (see `{command} --help`)"

    detail: str
    """What is wrong with it."""
    command: str
    """The command, to ask for its help."""


class BadConfiguration(Malformed, wire="bad-configuration"):
    """A gateway's options, from flags, the environment and a file, with which it cannot start."""

    says = "{faults:; }"
    advises = "correct these; `aeo-ledger gateway --check` tells whether all is right"

    faults: tuple[str, ...]
    """Everything that is wrong."""
