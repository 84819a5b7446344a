"""Where an attack is run, and how it reports what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What the outcomes depend on beside the programs. Each can be set; none is hidden in a program."""

    max_age_s: int = 300
    """The oldest evidence that a border system accepts on line: the default of `ask`."""
    snapshot_age_s: int = DAY_S
    """The oldest snapshot that a land post accepts. *Assumed.*"""
    list_life_s: int = DAY_S
    """From the issue of a signed list to its end. *Assumed*, as OCSP responders and lists of certificates are often set."""
    month_s: int = 30 * DAY_S
    """Between two monthly files, as Mexico, Peru and Costa Rica sent them before CADENA (sideraconsult.com)."""
    noticed_s: int = DAY_S
    """From the theft of a key until its owner notices it. *Assumed.*"""
    sent_s: int = DAY_S
    """From a genuine file or list until the attacker acts. *Assumed.*"""


ASSUMED: Final = Assumptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one attack did to one channel."""

    attack: str
    owns: str
    """What the attacker owns."""
    against: str
    """The channel."""
    succeeds: bool
    """Whether an asker believed something false."""
    gain: str
    """What the attacker got, with what it cost, in numbers of the run."""
    lasts_s: int | None
    """Seconds of the simulated clock until the asker believes the truth again, if nobody does anything; None: it does not end by itself."""
    refused: str = ""
    """The error that refused it; empty if nothing did."""
    shown_by: str
    """What shows it afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where an attack is run."""

    folder: Path
    """An empty folder of its own."""
    seed: int
    assumed: Assumptions = ASSUMED


Attack: TypeAlias = Callable[[Stage], Iterable[Finding]]
"""Runs an attack, and reports what it did to each channel."""
