"""Errors of the laboratory."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unproven


class UnknownScenario(Malformed, wire="unknown-scenario"):
    """A scenario that is neither shipped nor a file."""

    says = "no scenario {name}: name a file, or one of {known}"

    name: str
    """Quoted."""
    known: tuple[str, ...]


class MalformedScenario(Malformed, wire="malformed-scenario"):
    """A scenario with a key or value that a scenario does not have."""

    says = "scenario, {key}: found {found}, needed {needed}"
    advises = "correct the file; the shipped scenarios show every key"

    key: str
    found: str
    needed: str


class OtherRun(Refused, wire="other-run"):
    """A folder that holds a run of another scenario, seed or version."""

    says = "{folder} holds another run ({found}), this one is {needed}: name another folder"

    folder: str
    found: str
    needed: str


class NotARun(Malformed, wire="not-a-run"):
    """A folder that holds no finished run."""

    says = "{folder} holds no finished run of the lab: {detail}"
    advises = "name the folder of `lab run --out`, and let the run finish"

    folder: str
    detail: str


class DamagedRun(Malformed, wire="damaged-run"):
    """A file of a run is not as the run wrote it."""

    says = "{path} is not as the run wrote it: found {found}, needed {needed}"
    advises = "copy the folder again from where it is whole, or run the scenario into a new one"

    path: str
    found: str
    needed: str


class ListUnproven(Unproven, wire="list-unproven"):
    """A signed list of the lab's rivals that does not prove what is claimed."""

    says = "signed list of {register}: {reason}"
    advises = "conclude nothing from it"

    register: str
    reason: str


class NoProgramme(Malformed, wire="no-programme"):
    """A code of which neither the customs tables nor the lab's data say anything."""

    says = "nothing is known here of the programme of {code}"
    advises = "write the code of an administration or a union, such as BY or EU"

    code: str
    """Quoted."""


class UnreadableTable(Malformed, wire="unreadable-table"):
    """A table of figures that cannot be read: of trade, of outcomes, or of statistics."""

    says = "{table}, {cell}: found {found}, needed {needed}"
    advises = "correct the file; the help of the command names its columns"

    table: str
    """What it should be."""
    cell: str
    """The row and column."""
    found: str
    """Quoted."""
    needed: str


class NoSuchArrangement(Refused, wire="no-such-arrangement"):
    """A name that no recognition of the ledger has."""

    says = "no recognition is under an arrangement {name}; there are {known}"
    advises = "write the name as `arrangement list` shows it"

    name: str
    """Quoted."""
    known: tuple[str, ...]
