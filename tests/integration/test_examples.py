"""Examples that engineers will copy are run as they stand."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from aeo_ledger import verify
from aeo_ledger.customs.vocabulary import Benefit, Reason
from aeo_ledger.evidence import EVIDENCE_FORM
from aeo_ledger.office.ask import read_question
from aeo_ledger.prover.prove import prove
from aeo_ledger.verify import TRUST_FORM
from support.network import Network, now

README = Path(__file__).parents[2] / "README.md"
PAGES = README.parent / "src" / "aeo_ledger"


def run(code: str, network: Network, tin: str, role: str) -> dict[str, Any]:
    question = read_question(tin, "CN", "import", role)
    evidence = EVIDENCE_FORM.encode_json(prove(question, network.running.ledger, network.trust).evidence)
    trust = TRUST_FORM.encode_json(network.trust)
    given = {"evidence_file": evidence, "trust_file": trust, "evidence": evidence, "trust": trust, "now": now()}
    exec(compile(code, "example", "exec"), given)  # noqa: S102 (our own words, as readers will run them)
    return given


def example_of(docstring: str) -> str:
    block = re.search(r"(?:^    .*\n|^\n)+", docstring[docstring.index("    from aeo_ledger") :], re.MULTILINE)
    assert block
    return textwrap.dedent(block[0])


def test_the_page_of_the_verifier_runs(recognising: Network) -> None:
    assert verify.__doc__
    found = run(example_of(verify.__doc__), recognising, "BY730439268", "exporter")
    assert Benefit.FEWER_INSPECTIONS in found["benefits"]
    assert found["proof"][2].tin.text == "BY730439268"


def test_the_page_of_the_verifier_concludes_nothing_from_other_evidence(recognising: Network) -> None:
    assert verify.__doc__
    found = run(example_of(verify.__doc__), recognising, "BY325742869", "exporter")
    assert found["benefits"] == ()
    assert "answers another question" in found["why"]


def test_the_page_of_the_verifier_concludes_no_no_while_the_other_registration_is_open(recognising: Network) -> None:
    assert verify.__doc__
    code = example_of(verify.__doc__).replace("BY730439268", "XI123456789000")
    found = run(code, recognising, "XI123456789000", "exporter")
    assert found["benefits"] == ()
    assert "nothing here proves that there is none under GB123456789000" in found["why"]


def test_the_readme_s_program_runs(recognising: Network) -> None:
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert code
    found = run(code[1], recognising, "BY511125808", "carrier")
    assert found["proven"].decision.recognised
    assert Reason.SUSPENDED not in found["proven"].decision.reasons


@pytest.mark.parametrize("name", ["ask", "verify", "history", "audit", "node", "gateway", "key", "trust", "snapshot"])
def test_the_readme_or_a_page_to_which_it_leads_names_the_command(name: str) -> None:
    readme = README.read_text(encoding="utf-8")
    pages = [page for page in ("sharing", "serving", "ceremonies") if f"`aeo-ledger about {page}`" in readme]
    text = readme + "".join((PAGES / f"{page.upper()}.md").read_text(encoding="utf-8") for page in pages)
    assert re.search(rf"aeo-ledger {name}\b", text)
