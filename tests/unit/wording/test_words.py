"""The words of one reader: English without a catalogue, plurals by the language's own rule, facts as they are."""

from __future__ import annotations

from enum import IntEnum

import pytest

from aeo_ledger.customs import vocabulary
from aeo_ledger.customs.phrase import Phrase
from aeo_ledger.customs.vocabulary import Benefit, EventKind, Reason, Role, Status
from aeo_ledger.wording.catalogues import open_words
from aeo_ledger.wording.words import ENGLISH, NAMED, Words, name_in_words, noun_of

RUSSIAN = open_words("ru")


def events(number: int, words: Words = RUSSIAN) -> str:
    return words.plural("{number} event", "{number} events", number)


@pytest.mark.parametrize(
    ("number", "english", "russian"),
    [
        (0, "0 events", "0 событий"),
        (1, "1 event", "1 событие"),
        (2, "2 events", "2 события"),
        (5, "5 events", "5 событий"),
        (11, "11 events", "11 событий"),
        (21, "21 events", "21 событие"),
        (101, "101 events", "101 событие"),
        (111, "111 events", "111 событий"),
        (2_022, "2,022 events", "2 022 события"),
    ],
)
def test_a_count_has_the_form_that_its_language_has_for_it(number: int, english: str, russian: str) -> None:
    assert (events(number, ENGLISH), events(number)) == (english, russian)


def test_a_sentence_without_a_translation_is_english_and_a_fact_is_never_translated() -> None:
    assert RUSSIAN.say("no sentence of ours about {what}", what="nothing") == "no sentence of ours about nothing"
    assert RUSSIAN.say("signed by {who}", who="no certificate") == "подписано: no certificate"
    assert RUSSIAN.say("signed by {who}", who="{who} %s") == "подписано: {who} %s"
    assert RUSSIAN.phrase("") == ENGLISH.phrase("") == ""  # not the head of the catalogue


def test_a_name_is_its_enumeration_s_word_and_its_context_decides_the_translation() -> None:
    assert ENGLISH.name(Benefit.FASTER_RELEASE, Benefit) == "faster release"
    assert (RUSSIAN.name(Status.SUSPENDED, Status), RUSSIAN.name(EventKind.SUSPEND, EventKind)) == (
        "приостановлен",
        "приостановление",
    )
    assert RUSSIAN.name(Reason.ROLE, Reason) == "роль не охвачена"
    assert (RUSSIAN.term("end", "open"), RUSSIAN.term("publications", "open")) == ("бессрочно", "разрешены")


def test_a_number_that_this_version_does_not_know_is_shown_and_not_dropped() -> None:
    assert ENGLISH.names(1 << 9 | 1, Benefit) == "fewer document checks, benefit 9"
    assert RUSSIAN.names(1 << 9 | 1, Benefit) == "меньше проверок документов, упрощение 9"
    assert (ENGLISH.names(0, Role), RUSSIAN.names(0, Role)) == ("none", "нет")
    assert noun_of(EventKind) == "event kind"


def test_every_enumeration_of_the_vocabulary_has_names() -> None:
    defined = {kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, IntEnum)}
    assert set(NAMED) == defined - {IntEnum}
    assert name_in_words(Role.FREIGHT_FORWARDER) == "freight forwarder"


def test_a_phrase_is_english_for_machines_and_is_put_into_words_with_its_facts() -> None:
    phrase = Phrase("this is a branch of {company}", company="VN0100112437")
    assert phrase == "this is a branch of VN0100112437"
    assert (RUSSIAN.phrase(phrase), ENGLISH.phrase(phrase)) == ("это филиал VN0100112437", phrase)
