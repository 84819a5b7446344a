"""`verify.html`: the verifier for browsers, its page and one trust bundle in a single file, for a computer without a network.

The modules under `static/` are what pages load one by one. A page that is opened from a file may load nothing, so here they become one script: each
module a function that returns what it exports, called once, in the order of their imports. Nothing else is altered, not even a comment: the
script is compressed, because the file is mailed, and a few lines unpack it. The page's policy names the hashes of these lines, of the script and
of the style and allows nothing else: no address can be reached, and nothing that is dropped on the page can run.

Source: Content Security Policy Level 3, sections 2.3.1 (hashes) and 6.1; Trusted Types.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from html import escape
from importlib import resources
from typing import Final

from aeo_ledger.console.verifier_words import tell
from aeo_ledger.verify import TRUST_FORM, TrustBundle
from aeo_ledger.wording.catalogues import LANGUAGES, open_words

MAX_BYTES: Final = 150_000
"""Longest file: it is mailed, and carried on a stick."""

DEFAULT_MAX_AGE_S: Final = 86_400
"""Oldest block that the page accepts unless its reader says otherwise, in seconds: a day, as for a snapshot."""

_STATIC: Final = resources.files("aeo_ledger.console") / "static"
_PAGE: Final = "verifier_page"
_START: Final = f"{_PAGE}/page.mjs"

_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export ((?:const|class|function|async function) (\w+))", re.MULTILINE)


def write_verifier(trust: TrustBundle, *, max_age: int = DEFAULT_MAX_AGE_S, recogniser: str = "") -> bytes:
    """Write the file.

    Args:
        trust: The bundle that the page trusts.
        max_age: Oldest block that the page accepts unless its reader says otherwise, in seconds.
        recogniser: Code of the party whose officers use it, which the page then proposes; empty for the first party.
    """
    script, loader, style = bundle(), _read(f"{_PAGE}/load.mjs"), _read(f"{_PAGE}/verify.css")
    policy = (
        f"default-src 'none'; script-src '{_hash(loader)}' '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types program"
    )
    parts = {
        "POLICY": policy,
        "STYLE": style,
        "AGE": str(max_age),
        "RECOGNISER": escape(recogniser),
        "TRUST": _data(json.loads(TRUST_FORM.encode_json(trust))),
        "WORDS": _data({language: tell(open_words(language)) for language in LANGUAGES}),
        "PROGRAM": base64.b64encode(zlib.compress(script.encode(), 9)).decode(),
        "LOADER": loader,
    }
    return re.sub(r"@([A-Z]+)@", lambda found: parts[found[1]], _read(f"{_PAGE}/verify.html")).encode()


def bundle() -> str:
    """Join the page's modules to one script."""
    order: dict[str, None] = {}
    for path in _list_modules(_START):
        order.setdefault(path)
    places = {path: f"module{place}" for place, path in enumerate(order)}
    return "".join(_wrap(path, places) for path in order)


def _list_modules(path: str) -> Iterator[str]:
    """List what a module needs, and then the module: depth first, so that each comes after its imports."""
    for found in _IMPORT.finditer(_read(path)):
        yield from _list_modules(_resolve(path, found[2]))
    yield path


def _wrap(path: str, places: dict[str, str]) -> str:
    source = _read(path)
    names = ", ".join(name for _, name in _EXPORT.findall(source))
    body = _IMPORT.sub(
        lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = {places[_resolve(path, found[2])]};\n", source
    )
    body = _EXPORT.sub(r"\1", body)
    return f"const {places[path]} = (() => {{\n{body}return {{ {names} }};\n}})();\n"


def _resolve(importer: str, target: str) -> str:
    """Find the module that another one names by its relative path."""
    parts = importer.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _read(path: str) -> str:
    return _STATIC.joinpath(path).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _data(value: object) -> str:
    """Write JSON that cannot end the element it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
