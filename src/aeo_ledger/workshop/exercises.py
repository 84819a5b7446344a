"""The four guided exercises. They follow an arrangement's stages: initiation, negotiation, execution, evaluation.

Source: WCO, Guidelines for Developing a Mutual Recognition Arrangement or Agreement: the phases of an arrangement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aeo_ledger.wording.words import later


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an exercise. Both texts are English, for translation."""

    does: str
    """What a participant does."""
    sees: str
    """What each participant should see then."""
    tool: str
    """The part of the participant's page that it is done with: its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise of a workshop."""

    stage: str
    aim: str
    steps: tuple[Step, ...]


EXERCISES: Final = (
    Exercise(
        stage=later("1. Initiation: compare programmes"),
        aim=later("Two administrations find out what each of them certifies, before anybody promises anything."),
        steps=(
            Step(
                does=later("Choose another table, and say to each other what your certificate types are for."),
                sees=later("Your own types, and those of the other table, stand under “Programmes”."),
                tool="programmes",
            ),
            Step(
                does=later("Grant a certificate to one trader of your own country."),
                sees=later("“What happens” shows the grant on every screen within two seconds."),
                tool="certificates",
            ),
            Step(
                does=later("Ask about a trader of the other table."),
                sees=later("Not recognised: there is no arrangement. Each browser has verified this no itself."),
                tool="ask",
            ),
        ),
    ),
    Exercise(
        stage=later("2. Negotiation: draft the scope"),
        aim=later(
            "A scope that reads well may still leave traders out. See what a question would get, before you sign."
        ),
        steps=(
            Step(
                does=later("Draft terms with the other table: types, directions, benefits."),
                sees=later("Nothing changes for anybody yet: a draft is no act."),
                tool="arrangement",
            ),
            Step(
                does=later(
                    "Try your terms with the TIN of the other table's trader, then leave its type out and try again."
                ),
                sees=later("First recognised, as it would be; then not recognised, because its type is out of scope."),
                tool="arrangement",
            ),
            Step(
                does=later("Offer the terms. The other table reads and signs them."),
                sees=later("With the second signature the arrangement is sealed, and every screen says so."),
                tool="drafts",
            ),
        ),
    ),
    Exercise(
        stage=later("3. Execution: import, ask, suspend"),
        aim=later("Today a suspension reaches a partner with next month's file. See how long it takes here."),
        steps=(
            Step(
                does=later("Import your register from a file."),
                sees=later(
                    "Every screen shows how many certificates came. A file that has a wrong row changes nothing."
                ),
                tool="import",
            ),
            Step(
                does=later("Ask about a trader of the other table again, and leave the answer on your screen."),
                sees=later("Recognised, with its benefits, as of a block that your browser has checked."),
                tool="ask",
            ),
            Step(
                does=later("The other table suspends this trader."),
                sees=later("Your answer turns to not recognised by itself, within two seconds, and says since when."),
                tool="certificates",
            ),
        ),
    ),
    Exercise(
        stage=later("4. Evaluation: read the figures"),
        aim=later(
            "An arrangement is worth what it is used for. Read what the gateway counted, and what it does not count."
        ),
        steps=(
            Step(
                does=later(
                    "Open “Figures” and find how often your table's questions got a yes, and the reasons of each no."
                ),
                sees=later("Counts by recogniser, register, verdict and reason. No TIN and no trader stands there."),
                tool="figures",
            ),
            Step(
                does=later("Say what you would change in your arrangement because of these figures."),
                sees=later("The facilitator's page shows that every table is at the end."),
                tool="figures",
            ),
        ),
    ),
)
"""In the order in which a workshop goes through them."""
