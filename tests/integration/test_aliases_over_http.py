"""Aliases over HTTP: a gateway whose operator names the traders, alone and in a manifest, and in the view of all recognisers."""

from __future__ import annotations

import httpx

from aeo_ledger.customs.alias_codes import AliasCode, AliasKind
from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import EVIDENCE_FORM, AliasQuestion
from aeo_ledger.gateway.app import create_app
from aeo_ledger.office.alias import bind_aliases
from aeo_ledger.office.alias_file import AliasRow
from aeo_ledger.office.ask import read_any_question
from aeo_ledger.verify import verify_recognition, verify_recognitions
from support.network import Network, now, served

TIN = Tin("BY511125808")
DUNS = AliasCode(AliasKind.DUNS, "123123123")
CIRCUMSTANCES = {"recogniser": "CN", "direction": "import", "role": "carrier"}


def test_a_gateway_that_knows_the_traders_answers_by_alias(recognising: Network) -> None:
    row = AliasRow(alias=DUNS, tin=TIN, types=("3",))
    trust, signer = recognising.trust, recognising.signer("CN")
    bind_aliases(
        recognising.office, [row], recogniser=recognising.number("CN"), signers=[signer],
        register_of_trader=lambda _: trust.by_code["BY"],
    )  # fmt: skip
    running = recognising.running
    app = create_app(running.ledger, running.relay, trust, behind="", traders={DUNS: TIN})
    asked = {**CIRCUMSTANCES, "alias": DUNS.code, "kind": "DUNS"}
    question = read_any_question(None, DUNS.code, None, "CN", "import", "carrier", None, None, None, None)
    assert isinstance(question, AliasQuestion)
    with served(app) as url, httpx.Client(base_url=url, timeout=60) as http:
        one = http.get("/v1/decisions", params={**asked, "evidence": "true"}).json()
        many = http.post("/v1/decisions", json={"questions": [asked, {**CIRCUMSTANCES, "tin": TIN.text}]}).json()
        view = http.get(
            f"/v1/traders/{TIN}/recognitions", params={"role": "carrier", "aliases": f"CN:DUNS:{DUNS.code}"}
        )
        both = http.get("/v1/decisions", params={**asked, "tin": "BY100582333"}).json()
        wrong = http.get(f"/v1/traders/{TIN}/recognitions", params={"role": "carrier", "aliases": "CN"})
    assert (one["trader"], one["recognised"], one["question"]["alias"]) == (TIN.text, True, DUNS.code)
    assert [decision["recognised"] for decision in many["decisions"]] == [True, True]
    assert view.json()["decisions"][-1]["trader"] == TIN.text
    assert "is not bound to BY100582333" in both["unproven"]
    assert (wrong.status_code, wrong.json()["family"]) == (400, "malformed")
    proven = verify_recognition(EVIDENCE_FORM.decode_values(one["evidence"]), question, trust, now=now(), max_age=300)
    assert (proven.trader, proven.decision.recognised) == (TIN, True)
    evidence = EVIDENCE_FORM.decode_values(many["evidence"])
    answers = verify_recognitions(evidence, evidence.questions, trust, now=now(), max_age=300)
    assert [answer.trader for answer in answers] == [TIN, TIN]
    unnamed = recognising.http.get("/v1/decisions", params=asked).json()
    assert (unnamed["recognised"], unnamed["trader"]) == (None, None)
