# ruff: noqa: RUF001 (it is Russian)
"""What the command says in Russian, as an officer reads it; what machines read is the same in every language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.workshop import QUESTION, TYPE_1, TYPE_3, Workshop

WIDEST = 80
IN_RUSSIAN = ("--lang", "ru")

YES = """\
ПРИЗНАЁТСЯ: меньше проверок документов, меньше досмотров, первоочередной досмотр, контактное лицо в таможне, \
приоритет после сбоев в торговле
  вопрос     BY511125808 для CN, импорт как перевозчик
  выдал      BY
  искали в   BY
  решено     на TIME
  доказано   по состоянию на блок N от TIME
  заверено   N из N валидаторов
"""
NO = """\
НЕ ПРИЗНАЁТСЯ: тип сертификата не охвачен
  вопрос     BY192900384 для CN, импорт как перевозчик
  искали в   BY
  решено     на TIME
  доказано   по состоянию на блок N от TIME
  заверено   N из N валидаторов
"""
EVERYWHERE = """\
BY511125808 как перевозчик: признают CN
  CN        признаёт: импорт, экспорт, транзит
            по соглашению CN-BY с TIME (DAY по времени
            Asia/Shanghai)
            упрощения: меньше проверок документов, меньше досмотров,
                       первоочередной досмотр, контактное лицо в таможне,
                       приоритет после сбоев в торговле
"""
ACT = """\
ПОРОГ ПОДПИСЕЙ ИСПОЛНИТЕЛЕЙ, акт стороны BY
подписывает руководство стороны BY (Belarus): порог подписей исполнителей
  сколько ключей подписывают: 1
  сейчас: 1 ключ руководства (должны подписать 1), 1 исполнитель (должны подписать 1); это её акт № N
  можно передать до TIME
  нынешние сведения доказаны по состоянию на блок N, TIME
ещё не подписали: BY
"""


def steady(text: str) -> str:
    """Write what differs from run to run in one way."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "TIME", text)
    text = re.sub(r"\(\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "(DAY", text)
    text = re.sub(r"(блок|№) \d+", r"\1 N", text)
    return re.sub(r"\d+ из \d+ валидатор\w+", "N из N валидаторов", text)


@pytest.fixture(scope="module")
def evidence(shop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("languages") / "evidence.json"
    assert shop.run("ask", TYPE_3, *QUESTION, "--evidence", str(file)).exit_code == 0
    return file


@pytest.mark.parametrize(("tin", "code", "told"), [(TYPE_3, 0, YES), (TYPE_1, 1, NO)])
def test_an_answer_in_russian(shop: Workshop, tin: str, code: int, told: str) -> None:
    result = shop.run("ask", tin, *QUESTION, *IN_RUSSIAN)
    assert (result.exit_code, steady(result.stdout), result.stderr) == (code, told, "")


def test_a_trader_s_own_view_in_russian_fits_a_terminal(shop: Workshop) -> None:
    result = shop.run("ask", TYPE_3, "--everywhere", "--role", "carrier", *IN_RUSSIAN)
    assert steady(result.stdout)[: len(EVERYWHERE)] == EVERYWHERE
    assert max(map(len, result.stdout.splitlines())) <= WIDEST
    assert "не признаёт: импорт, экспорт, транзит\n            соглашения нет\n" in result.stdout


def test_the_lines_of_an_answer_fit_a_terminal_in_both_languages(shop: Workshop) -> None:
    for language in ("en", "ru"):
        first, *rest = shop.run("ask", TYPE_3, *QUESTION, "--lang", language).stdout.splitlines()
        assert max(map(len, rest)) <= WIDEST
        assert all(re.fullmatch(r"  \w[\w ]{9} \S.*", line) for line in rest), rest  # the facts are in one column
        assert first.isprintable()


def test_a_history_in_russian(shop: Workshop) -> None:
    told = shop.run("history", TYPE_3, "--type", "3", *IN_RUSSIAN).stdout
    assert f"{TYPE_3}, тип 3 в реестре BY: 1 событие\n" in told
    assert "  ВЫДАЧА           ДЕЙСТВУЕТ с " in told
    assert "причина: перенесено из прежнего реестра" in told
    assert "подписи (исполнители, BY): 0x" in told
    assert "полностью и по порядку" in told


def test_an_act_is_shown_and_signed_in_russian_and_its_file_stays_english(shop: Workshop, tmp_path: Path) -> None:
    file = str(tmp_path / "threshold.act.json")
    drafted = shop.run("party", "act", "set-threshold", "--party", "BY", "--count", "1", "--out", file, *IN_RUSSIAN)
    assert drafted.exit_code == 0, drafted.output
    assert f"ещё не подписали: BY\nперешлите дальше: {file}\n" in drafted.stdout
    shown = shop.run("act", "show", file, *IN_RUSSIAN)
    assert (shown.exit_code, steady(shown.stdout)) == (0, ACT)
    authority = shop.key("BY", "authority")
    signed = shop.run("act", "sign", file, "--key", authority, "--yes", *IN_RUSSIAN)
    assert signed.stdout == f"подписано; подписали все, кто должен\nпередайте: aeo-ledger act submit {file}\n"
    address = shop.json("key", "show", authority)["address"]
    assert f"подписано: {address}: руководство стороны BY\n" in shop.run("act", "show", file, *IN_RUSSIAN).stdout
    written = json.loads(Path(file).read_text())
    assert written["signed"] == [f"{address}: the authority of BY"]
    assert all(line.isascii() for line in written["reads"])


def test_why_the_ledger_would_refuse_an_act_is_said_in_russian(shop: Workshop, tmp_path: Path) -> None:
    file, act = str(tmp_path / "late.act.json"), ("party", "act", "set-threshold", "--party", "BY", "--count", "1")
    assert shop.run(*act, "--out", file).exit_code == 0
    assert shop.run(*act, "--key", shop.key("BY", "authority"), "--yes").exit_code == 0
    english, russian = (shop.run("act", "show", file, "--lang", code).stdout.splitlines()[-1] for code in ("en", "ru"))
    assert re.fullmatch(
        r"the ledger would refuse it: consortium: the serial is not the one after the last act's: found serial \d+, "
        r"which another act has taken or which is not the next, needed a new draft \(code 23, WRONG_SERIAL\)",
        english,
    )
    assert russian.startswith(
        "распределённый реестр его отклонит: консорциум: порядковый номер не следует за номером последнего акта: есть "
    )
    assert russian.endswith(" (код 23, WRONG_SERIAL)")
    refused = shop.json("act", "show", file)["refused"]
    assert (refused["code"], "the serial is not the one" in refused["detail"]) == ("WRONG_SERIAL", True)


def test_a_signer_is_asked_in_russian(shop: Workshop) -> None:
    command = ("suspend", TYPE_3, "--type", "3", "--party", "BY", "--key", shop.key("BY"))
    asked = shop.run(*command, *IN_RUSSIAN)
    assert asked.exit_code == 3  # nobody is there to answer
    assert f"ПРИОСТАНОВЛЕНИЕ: {TYPE_3}, тип 3 в реестре BY\n" in asked.stderr
    assert "статус: ДЕЙСТВУЕТ -> ПРИОСТАНОВЛЕН\n" in asked.stderr


@pytest.mark.parametrize("command", ["verify", "history", "act"])
def test_what_machines_read_is_the_same_in_every_language(
    shop: Workshop, evidence: Path, tmp_path: Path, command: str
) -> None:
    if command == "verify":
        arguments = ["verify", str(evidence), TYPE_3, *QUESTION]
    elif command == "history":
        kept = str(tmp_path / "history.json")
        assert shop.run("history", TYPE_3, "--type", "3", "--evidence", kept).exit_code == 0
        arguments = ["history", TYPE_3, "--type", "3", "--from-evidence", kept]
    else:
        file = str(tmp_path / "card.act.json")
        card = ("party", "act", "card", "--party", "BY", "--hash", f"0x{'ca' * 32}", "--out", file)
        assert shop.run(*card).exit_code == 0
        arguments = ["act", "show", file]
    english, russian = (shop.json(*arguments, "--lang", language) for language in ("en", "ru"))
    for document in (english, russian):
        document.pop("rests_on", None)  # the newest block, which may be another
        document["told"] = [line for line in document.get("told", ()) if "as of block" not in line]
    assert english == russian
    assert json.dumps(english, ensure_ascii=False).isascii()


def test_errors_stay_english(shop: Workshop) -> None:
    english, russian = (shop.run("ask", "nobody", *QUESTION, "--lang", language) for language in ("en", "ru"))
    assert (english.exit_code, english.stderr) == (russian.exit_code, russian.stderr)
    assert russian.stderr.startswith("Malformed: TIN 'nobody'")


def test_the_language_is_that_of_the_locale_or_of_a_variable_or_of_the_option(shop: Workshop) -> None:
    question = ("ask", TYPE_3, *QUESTION)
    locale = {"LANGUAGE": None, "LC_ALL": None, "LC_MESSAGES": None, "LANG": "ru_RU.UTF-8"}
    assert shop.run(*question, AEO_LEDGER_LANG=None, **locale).stdout.startswith("ПРИЗНАЁТСЯ")
    assert shop.run(*question, AEO_LEDGER_LANG="ru").stdout.startswith("ПРИЗНАЁТСЯ")
    assert shop.run(*question, AEO_LEDGER_LANG="en", **locale).stdout.startswith("RECOGNISED")
    assert shop.run(*question, "--lang", "en", AEO_LEDGER_LANG="ru").stdout.startswith("RECOGNISED")
    assert shop.run(*question, AEO_LEDGER_LANG=None, **{**locale, "LANG": "be_BY"}).stdout.startswith("RECOGNISED")


@pytest.mark.parametrize("way", [{"AEO_LEDGER_LANG": "de"}, {}])
def test_a_language_that_is_not_spoken_is_refused_if_it_is_asked_for(shop: Workshop, way: dict[str, str]) -> None:
    refused = shop.run("ask", TYPE_3, *QUESTION, *(() if way else ("--lang", "RU")), **way)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Invalid value for '--lang'" in refused.stderr
    assert "is not one of 'en', 'ru'" in refused.stderr


def test_a_file_and_a_corridor_in_russian(shop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "tins.txt"
    file.write_text(f"{TYPE_3}\n{TYPE_1}\nby\n", encoding="utf-8")
    many = shop.run("ask", "--file", str(file), *QUESTION, "--lang", "ru").stdout.splitlines()
    assert many[0] == "3 строки: 1 признаётся, 1 не признаётся, 1 ошибка в строке, 0 не доказано"
    assert many[1].startswith(f"  строка    1  {TYPE_3}  ПРИЗНАЁТСЯ: ")
    route = shop.run("ask", TYPE_3, "--corridor", "BY,KZ,CN", "--role", "carrier", "--lang", "ru").stdout
    assert f"{TYPE_3} как перевозчик на пути BY - KZ - CN: ПРИЗНАНИЕ ПРЕРЫВАЕТСЯ на KZ" in route
