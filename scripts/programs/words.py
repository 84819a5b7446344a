"""Find what the package says, bring each language's catalogue up to date and compile it, or with --check compare: `scripts/words [--check]`.

What is said is found in two places: sentences at their calls (`words.say("...")`, `later("...")`) in Python, in templates and in the scripts of
pages; and the tables of `customs` that name numbers, forms, warnings and refusals. What the scripts say is also written for browsers. A
translator edits `wording/locale/CODE/LC_MESSAGES/aeo_ledger.po`, and runs `scripts/words` again. With --check a catalogue that differs, a
sentence without its translation and a translation with other facts than its sentence are faults.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_javascript
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

import aeo_ledger
from aeo_ledger.customs.prefixes import COUNTRIES, PREFIXES
from aeo_ledger.customs.refusals import Refusal
from aeo_ledger.customs.spelling import Step, rule_of
from aeo_ledger.customs.status_events import STATUS_EVENTS
from aeo_ledger.wording.catalogues import DOMAIN, LANGUAGES
from aeo_ledger.wording.words import ENGLISH, NAMED, UNKNOWN, name_in_words, noun_of

PACKAGE = Path(aeo_ledger.__path__[0])
LOCALE = PACKAGE / "wording" / "locale"
SENTENCES = {"say": 1, "plural": 2, "later": 1, "Phrase": 1, "term": 2}
"""Functions that are given words, and how many of their first arguments are words."""
MAKERS = {"wording/words.py", "customs/phrase.py"}
"""Modules that define these functions, and call them with variables."""
PREFIX_RULES = "customs/countries"
TEMPLATES, SCRIPTS = PACKAGE / "console" / "templates", PACKAGE / "console" / "static"
BROWSERS = SCRIPTS / "words"
"""Where the scripts of pages find what they say in each other language."""

KEYED = SCRIPTS / "verifier_page"
"""Its scripts say sentences by their keys in `console/verifier_words.py`."""


def find_words() -> Catalog:
    """Find everything that is said.

    Raises:
        SystemExit: a call is given words that are not written out there.
    """
    found = Catalog(domain=DOMAIN, project="aeo-ledger", fuzzy=False)
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for name, words in _calls(ast.parse(path.read_text(encoding="utf-8")), place) if place not in MAKERS else ():
            if name == "term":
                found.add(words[1], context=words[0], locations=[(place, 0)])
            else:
                found.add(words if name == "plural" else words[0], locations=[(place, 0)])
    for place, name, words in (*_templates(), *_scripts()):
        if name == "term":
            found.add(words[1], context=words[0], locations=[(place, 0)])
        else:
            found.add(words if name == "plural" else words[0], locations=[(place, 0)])
    found.add(",", context="between thousands", locations=[("wording/words.py", 0)])
    found.add("none", context="list", locations=[("wording/words.py", 0)])
    for kind in NAMED:
        found.add(noun_of(kind), context=UNKNOWN, locations=[("customs/vocabulary.py", 0)])
        for number in kind:
            found.add(name_in_words(number), context=kind.__name__, locations=[("customs/vocabulary.py", 0)])
    for place, sentence in _rows():
        found.add(sentence, locations=[(place, 0)])
    return found


def _calls(tree: ast.AST, place: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """List the calls of these functions, with the words that each is given."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if name not in SENTENCES or (isinstance(node.func, ast.Name) and name in {"plural", "term"}):
            continue
        given = node.args[: SENTENCES[name]]
        words = tuple(one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))
        if name == "Phrase" and not words:
            continue  # a row of a table
        if len(words) != SENTENCES[name]:
            sys.exit(f"{place}:{node.lineno}: {name} needs its words written out here, found {ast.unparse(node)[:80]}")
        yield name, words


def _templates() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """List the calls in templates: place, function, and the words that it is given."""
    environment = Environment(autoescape=True)
    for path in sorted(TEMPLATES.rglob("*.html")):
        place = path.relative_to(PACKAGE).as_posix()
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            name = call.node.attr if isinstance(call.node, nodes.Getattr) else ""
            if name in SENTENCES:
                given = call.args[: SENTENCES[name]]
                words = tuple(str(one.value) for one in given if isinstance(one, nodes.Const))
                if len(words) != SENTENCES[name]:
                    sys.exit(f"{place}:{call.lineno}: {name} needs its words written out here")
                yield place, name, words


def _scripts() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """List the calls in the scripts of pages: place, function, and the words that it is given."""
    keywords = dict.fromkeys(("say", "plural", "later", "term"), (1, 2))
    for path in sorted(SCRIPTS.rglob("*.mjs")):
        if path.parent in {BROWSERS, KEYED}:
            continue
        with path.open("rb") as script:
            calls: Any = extract_javascript(script, keywords, (), {"parse_template_string": True})
            for _, name, given, _ in calls:
                words = (given,) if isinstance(given, str) else tuple(one for one in given if one)
                if len(words) >= SENTENCES[name]:
                    yield path.relative_to(PACKAGE).as_posix(), name, words[: SENTENCES[name]]


def _rows() -> Iterator[tuple[str, str]]:
    """List the sentences that stand in tables, each with its place."""
    rules = [rule for prefix in sorted({*COUNTRIES, *PREFIXES}) if (rule := rule_of(prefix)) is not None]
    for rule in rules:
        also = () if rule.also is None else rule.also[1:]
        yield from ((PREFIX_RULES, words) for words in (rule.needed, rule.doubt, *rule.others.values(), *also) if words)
    yield from (("customs/refusals.py", refusal.text) for refusal in Refusal)
    yield from (("customs/spelling.py", step.value) for step in Step)
    yield from (("customs/status_events.py", row.warning) for row in STATUS_EVENTS.values() if row.warning)


def bring_up_to_date(found: Catalog, language: str) -> Catalog:
    """Read a language's catalogue and make it hold exactly what is said."""
    with (folder_of(language) / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    found.creation_date = catalogue.creation_date
    catalogue.update(found, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    return catalogue


def find_faults(catalogue: Catalog) -> list[str]:
    """List the messages that are not translated, or whose translation has other facts."""
    faults = []
    for message in catalogue:
        if not message.id:
            continue
        said = _forms(message.string)
        if not all(said) or message.fuzzy:
            faults.append(f"not translated: {_show(message)}")
        elif any(_facts(one) != _facts(_forms(message.id)[-1]) for one in said):
            faults.append(f"other facts in the translation: {_show(message)}")
        elif message.pluralizable and len(said) != catalogue.num_plurals:
            faults.append(f"{len(said)} plural forms, {catalogue.num_plurals} needed: {_show(message)}")
    return faults


def _show(message: Message) -> str:
    words = repr(_forms(message.id)[0])
    return f"{words} ({message.context})" if message.context else words


def _forms(words: str | Sequence[str] | None) -> tuple[str, ...]:
    """List the forms of a message: one, or one for each plural."""
    return (words or "",) if words is None or isinstance(words, str) else tuple(words)


def _facts(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def folder_of(language: str) -> Path:
    """Name the folder of a language's catalogue."""
    return LOCALE / language / "LC_MESSAGES"


def write_catalogue(catalogue: Catalog) -> dict[str, bytes]:
    """Write a catalogue in both forms: for people (.po) and compiled (.mo)."""
    source, compiled = BytesIO(), BytesIO()
    write_po(source, catalogue, width=120, sort_output=True, include_lineno=False)
    write_mo(compiled, catalogue)
    return {f"{DOMAIN}.po": source.getvalue(), f"{DOMAIN}.mo": compiled.getvalue()}


def write_for_browsers(catalogue: Catalog) -> bytes:
    """Write what the scripts of pages say, and every name of a number, as a module of JavaScript, by the keys of a compiled catalogue."""
    named = {kind.__name__ for kind in NAMED} | {UNKNOWN, "list"}
    scripts = SCRIPTS.relative_to(PACKAGE).as_posix()
    messages = {
        (f"{message.context}\x04" if message.context else "") + _forms(message.id)[0]: message.string
        for message in catalogue
        if message.id and (message.context in named or any(place.startswith(scripts) for place, _ in message.locations))
    }
    written = json.dumps(messages, ensure_ascii=False, indent=1, sort_keys=True)
    return f"// Written by scripts/words from the catalogue.\nexport const messages = {written};\n".encode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a catalogue is not up to date")
    checks = parser.parse_args().check
    found, faults = find_words(), []
    for language in LANGUAGES:
        if language == ENGLISH.language:
            continue
        catalogue = bring_up_to_date(found, language)
        faults += [f"{language}: {fault}" for fault in find_faults(catalogue)]
        written_files = {folder_of(language) / name: written for name, written in write_catalogue(catalogue).items()}
        written_files[BROWSERS / f"{language}.mjs"] = write_for_browsers(catalogue)
        for path, written in written_files.items():
            if not checks:
                path.write_bytes(written)
            elif not path.exists() or path.read_bytes() != written:
                faults.append(f"{language}: {path.name} is not up to date: run scripts/words")
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
