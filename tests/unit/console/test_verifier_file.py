"""The page that verifies, as it is written: one file, whose policy names its own script and style and allows nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser

from aeo_ledger.console.verifier_file import bundle, write_verifier
from aeo_ledger.console.verifier_words import SENTENCES
from aeo_ledger.verify import TRUST_FORM
from support.sealed_world import trust

TRUST = trust()


class Elements(HTMLParser):
    """Each element's attributes, and the text within script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}, ""))  # what follows is not in the element

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)


def texts(page: str, tag: str) -> dict[str, str]:
    return {attributes.get("id") or "": text for name, attributes, text in Elements(page).found if name == tag}


def named(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_the_policy_has_the_hashes_of_the_scripts_and_of_the_style_and_allows_nothing_else() -> None:
    page = write_verifier(TRUST).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    loader, style = texts(page, "script")[""], texts(page, "style")[""]
    assert rules.pop("script-src").split() == [named(loader), named(bundle())]
    assert rules.pop("style-src") == named(style)
    assert rules.pop("trusted-types") == "program"
    assert {*rules.values()} == {"'none'", "'script'"}
    assert rules["default-src"] == rules["form-action"] == rules["base-uri"] == "'none'"


def test_nothing_is_loaded_and_nothing_is_inline_but_the_script_and_the_style() -> None:
    for _, attributes, _ in Elements(write_verifier(TRUST).decode()).found:
        assert not {"src", "srcset", "style", "action"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")


def test_the_bundle_stands_in_it_whatever_its_names_are() -> None:
    hostile = replace(TRUST, parties=(replace(TRUST.parties[0], name="</script><!--@PROGRAM@ \u2028"),), prefixes={})
    page = write_verifier(hostile, max_age=60, recogniser="EU").decode()
    assert TRUST_FORM.decode_json(texts(page, "script")["trust"]) == hostile
    assert 'id="trust" data-max-age="60" data-recogniser="EU">' in page
    assert zlib.decompress(base64.b64decode(texts(page, "script")["program"])).decode() == bundle()


def test_the_script_is_whole() -> None:
    script = bundle()
    assert re.findall(r"^(?:import|export) ", script, re.MULTILINE) == []
    modules = re.findall(r"^const (module\d+) = ", script, re.MULTILINE)
    assert modules == [f"module{at}" for at in range(len(modules))]
    assert all(script.index(f"const {one} = ") < script.index(f"= {one};") for one in modules[:-1])


def test_each_word_of_the_page_is_there_and_each_is_used() -> None:
    page, script = write_verifier(TRUST).decode(), bundle()
    used = {*re.findall(r'data-word="(\w+)"', page), *re.findall(r'say\("(\w+)"', script)}
    steps = {f"step_{name}" for name in re.findall(r'note\("(\w+)"', script)}
    verdicts = {"recognised", "not_recognised", "not_checked"}
    assert used | verdicts | (steps - {"step_step"}) == {*SENTENCES}
