"""The form of a profile: how an administration writes its register."""

from __future__ import annotations

from typing import Final

from aeo_ledger.customs.prefixes import PREFIXES
from aeo_ledger.registers import profile
from aeo_ledger.schemas.shapes import Items, Keyed, Record, Shape, Text, Truth, Word

_TEXT: Final = Text(most=profile.MAX_LENGTH)
_FORM: Final = Text(least=1, most=profile.MAX_FORM)


def _words(plain: tuple[str, ...]) -> Shape:
    return Keyed(r"[\s\S]*", Word(plain) if plain else _TEXT, most=profile.MAX_NAMES)


REGISTER_PROFILE: Final = Record(
    "register-profile",
    {
        "profile": Word((profile.FORMAT,)),
        "name": Text(pattern=profile.NAME.pattern),
        "columns": Keyed(r"[\s\S]*\S[\s\S]*", Word(profile.MEANINGS), most=profile.MAX_NAMES),
    },
    {
        "about": _TEXT,
        "encoding": _FORM,
        "delimiter": Text(pattern=profile.DELIMITER.pattern),
        "line_end": Word(tuple(profile.LINE_ENDS)),
        "certificate_numbers": Items(Text(least=1, most=profile.MAX_FORM, pattern=r"[^*]*"), most=profile.MOST_FORMS),
        "sheet": _TEXT,
        "dates": Items(_FORM, least=1, most=profile.MOST_FORMS),
        "roles_between": _TEXT,
        "unmapped": Word(tuple(profile.Unmapped)),
        "accept_odd": Truth(),
        "tin_prefix": Word(("", *sorted(PREFIXES))),
        "words": Record("words", {}, {column: _words(plain) for column, plain in profile.WORDS.items()}),
    },
)
