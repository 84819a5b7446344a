# ruff: noqa: RUF001 (it is Russian)
"""The catalogues are complete, and a reader's language is found as everywhere on the system."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from aeo_ledger.customs.tin import Tin, find_problems, find_remarks
from aeo_ledger.customs.vocabulary import Reason
from aeo_ledger.wording import catalogues
from aeo_ledger.wording.catalogues import LANGUAGES, find_language, open_words
from aeo_ledger.wording.words import ENGLISH

ROOT = Path(__file__).parents[3]
PROGRAM = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts/programs/words.py"), run_name="words"))
OTHERS = [code for code in LANGUAGES if code != "en"]
PLURAL = ("{number} event", "{number} events")


@pytest.fixture(scope="module")
def found() -> Any:
    return PROGRAM.find_words()


def test_each_language_that_is_spoken_has_its_catalogue_and_no_other_has() -> None:
    assert sorted(path.name for path in PROGRAM.LOCALE.iterdir()) == OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_is_said_is_translated_with_the_same_facts_and_compiled(found: Any, language: str) -> None:
    catalogue = PROGRAM.bring_up_to_date(found, language)
    assert PROGRAM.find_faults(catalogue) == []
    assert len(list(catalogue)) > 400
    folder = PROGRAM.folder_of(language)
    for name, written in PROGRAM.write_catalogue(catalogue).items():
        assert (folder / name).read_bytes() == written, f"{name} is not up to date: run scripts/words"
    for_browsers = (PROGRAM.BROWSERS / f"{language}.mjs").read_bytes()
    assert for_browsers == PROGRAM.write_for_browsers(catalogue), "it is not up to date: run scripts/words"


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_read_from_the_package_is_what_the_catalogue_says(found: Any, language: str) -> None:
    words = open_words(language)
    for message in PROGRAM.bring_up_to_date(found, language):
        if message.id and not message.pluralizable and not message.context:
            assert words.catalogue.gettext(message.id) == message.string


@pytest.mark.parametrize(
    ("said", "translated", "fault"),
    [
        ("sealed", "", "not translated: 'sealed'"),
        ("sealed by {who}", "заверено", "other facts in the translation: 'sealed by {who}'"),
        ("sealed by {who}", "заверил {whom}", "other facts in the translation: 'sealed by {who}'"),
        (PLURAL, ("{number} событие", "{number} события"), "2 plural forms, 3 needed: '{number} event'"),
        (PLURAL, ("{number} событие", "", "{number} событий"), "not translated: '{number} event'"),
    ],
)
def test_a_faulty_translation_is_named(said: Any, translated: Any, fault: str) -> None:
    catalogue = Catalog(locale="ru")
    catalogue.add(said, translated)
    assert PROGRAM.find_faults(catalogue) == [f"ru: {fault}".removeprefix("ru: ")]


def test_words_that_are_not_written_out_at_their_call_are_a_fault() -> None:
    tree = PROGRAM.ast.parse("words.say(sentence)")
    with pytest.raises(SystemExit, match="needs its words written out here, found words"):
        list(PROGRAM._calls(tree, "a.py"))


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru"}, "ru"),
        ({"LANG": "ru_BY@euro"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8", "LC_ALL": ""}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_TIME": "en_GB.UTF-8"}, "ru"),
        ({"LANG": "be_BY.UTF-8"}, "en"),
        ({"LANG": "be_BY.UTF-8", "LANGUAGE": "be:ru:en"}, "ru"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ru"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "ru"}, "en"),
        ({"LANGUAGE": "ru"}, "en"),
        ({"LANG": "rus_RU"}, "en"),
        ({"LANG": "../ru"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale_if_it_is_spoken(environment: dict[str, str], language: str) -> None:
    assert find_language(environment) == language


def test_each_language_is_opened_once_and_english_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_words("ru") is open_words("ru")
    assert open_words("ru").language == "ru"
    catalogues.open_words.cache_clear()
    monkeypatch.delattr(catalogues, "resources")
    assert open_words("en") is ENGLISH
    with pytest.raises(NameError):
        open_words("ru")
    catalogues.open_words.cache_clear()


def test_the_words_of_officers_are_those_of_customs_law() -> None:
    words = open_words("ru")
    assert [words.name(reason, Reason) for reason in Reason][:8] == [
        "сертификата нет",
        "аннулирован",
        "отозван",
        "прекращён по заявлению",
        "приостановлен",
        "ещё не действует",
        "срок действия истёк",
        "сторона выбыла",
    ]


@pytest.mark.parametrize(
    ("tin", "russian"),
    [
        ("BY123456789", "регион или контрольная цифра УНП неверны"),
        ("BY12345678", "в белорусском УНП организации 9 цифр"),
        ("KZ050541000016", "это БИН филиала: у головной организации другой"),
        ("BR11222333000262", "это филиал 0002 своей компании"),
        ("XI123456789012", "в Великобритании тот же участник зарегистрирован как GB123456789012: спросите и о нём"),
        ("QA12-3", "правило для номеров QA неизвестно: в реестре этот номер может быть без знаков препинания"),
    ],
)
def test_what_is_odd_about_a_number_is_said_in_the_reader_s_language(tin: str, russian: str) -> None:
    found = [*find_problems(Tin(tin)), *find_remarks(Tin(tin))]
    assert russian in [open_words("ru").phrase(one) for one in found]
    assert all(str(one).isascii() for one in found)
