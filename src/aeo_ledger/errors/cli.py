"""The command itself."""

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
    """A draft and the act that gathers its signatures do not say the same."""

    says = (
        "{draft} no longer says what {act} says, or a pair has moved on since: sign the act itself, or remove it "
        "to start anew"
    )

    draft: str
    act: str


class NotConfirmed(Refused, wire="not-confirmed"):
    """Something that cannot be undone was not said to be meant."""

    says = "{asked}, so this was not done: {what}"
    advises = "say --yes, or answer yes, if you mean it"

    what: str
    """What would have been done."""
    asked: str
    """What came of asking."""


class OutputTaken(Refused, wire="output-taken"):
    """A file that is to be written has something in it that would be lost."""

    says = "{path} {reason}: name another file to write to"

    path: str
    reason: str


class PortTaken(Unavailable, wire="port-taken"):
    """A port on which a gateway was to listen cannot be had."""

    says = "port {port} cannot be had ({detail}): stop what listens there, or name another with --port"

    port: int
    detail: str


class AnswerLost(Unavailable, wire="answer-lost"):
    """An answer that could not be written where it was to go, so whoever waits for it has none."""

    says = "the answer could not be written ({detail}): what the command did is done, ask again for the answer"

    detail: str
    """What the system said."""


class OutOfMemory(Unavailable, wire="out-of-memory"):
    """A machine that has too little memory free."""

    says = "too little memory is free for this: close something, or run it on a larger machine"


class WrongUsage(Malformed, wire="wrong-usage"):
    """A command that cannot be read: an option that is unknown, missing, or given twice."""

    says = "{detail} (see `{command} --help`)"

    detail: str
    """What is wrong with it."""
    command: str
    """As its help is asked for."""
