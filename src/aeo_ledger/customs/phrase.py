"""A sentence that remembers how it was made, so that it can be shown in another language."""

from __future__ import annotations

from collections.abc import Mapping


class Phrase(str):
    """An English sentence with facts in it. It is a plain text for machines; `wording` writes it in the reader's language.

    Args:
        template: The sentence, with its facts' names in braces.
        facts: The facts by name.
    """

    __slots__ = ("facts", "template")

    template: str
    facts: Mapping[str, str]

    def __new__(cls, template: str, /, **facts: str) -> Phrase:
        """Fill in the template."""
        made = super().__new__(cls, template.format(**facts))
        made.template, made.facts = template, facts
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], Mapping[str, str]]:
        """Let a copy in another process be made in the same way."""
        return (self.template,), self.facts
