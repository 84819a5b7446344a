"""Who an administration is, by the commands: a card, a certificate that stands for its keys, a gateway that gives it, a DID of its keys."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from coincurve import PublicKey

from aeo_ledger.customs.vocabulary import PartyActKind, ResolutionAct
from aeo_ledger.errors.office import PublicKeyUnknown
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.evidence.card import CARD_FORM, Card
from aeo_ledger.evidence.identity import IdentityStatement
from aeo_ledger.network.certify import NAME
from aeo_ledger.office.did import list_public_keys, name_did, write_did
from aeo_ledger.office.parties import show_party
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.signing import Password, Signer, create_key_file
from support.hand_held import Held, found_at, held
from support.identities import ROOT, Certified
from support.network import PASSWORD, found, now
from support.ports import free_port
from support.workshop import Workshop, run_gateway

START = 1_750_000_000
DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Known:
    """Belarus with an authority of two keys, both of which must sign, and the card that it recorded."""

    shop: Workshop
    card: Path
    keys: tuple[str, str]
    """Key files of its authority."""

    @property
    def home(self) -> Path:
        return self.shop.folder / "parties/BY"

    @property
    def root(self) -> str:
        return str(self.shop.folder / "test-ca/ca.pem")

    def sign(self, *words: str, keys: tuple[str, ...] | None = None, code: int = 0) -> dict[str, Any]:
        given = (part for key in (self.keys if keys is None else keys) for part in ("--key", key))
        return self.shop.json(*words, *given, "--yes", code=code)

    def show(self, *words: str, code: int = 0) -> dict[str, Any]:
        return self.shop.json("party", "card", "show", "BY", *words, code=code)

    def read(self) -> Card:
        return CARD_FORM.decode(self.card.read_bytes())

    def keep(self, name: str, card: Card) -> str:
        path = self.shop.folder / name
        path.write_bytes(CARD_FORM.encode_file(card))
        return str(path)


def fill_in(path: Path) -> None:
    """Write a party's own words in place of those of the template."""
    card = json.loads(path.read_text(encoding="utf-8"))
    card["names"] = {"en": "State Customs Committee", "be": "Дзяржаўны мытны камітэт"}
    card["contact"] = {"office": "Liaison desk", "email": "liaison@customs.example"}
    card["programme"] = {"legal_basis": "Customs Code of the EAEU", "link": "https://customs.example/aeo"}
    card["gateway"] = "https://gateway.customs.example"
    path.write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    folder = found(tmp_path_factory.mktemp("known") / "net")
    port, card, second = free_port(), folder / "by.card.json", folder / "second.json"
    with run_gateway(folder, port):
        shop = Workshop(folder=folder, port=port)
        signer = create_key_file(second, Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
        known = Known(shop=shop, card=card, keys=(shop.key("BY", "authority"), str(second)))
        own = ("party", "act")
        known.sign(*own, "add-authority-key", "--party", "BY", "--new", f"0x{signer.address.hex()}")
        known.sign(*own, "set-authority-threshold", "--party", "BY", "--count", "2", keys=known.keys[:1])
        shop.json("party", "card", "new", "BY", "--out", str(card))
        fill_in(card)
        issued = shop.json("network", "test-certificate", str(folder), "--party", "BY")
        assert (issued["issuer"], issued["root"]) == (NAME, known.root)
        chain = issued["certificate"]
        # each of those who sign sits elsewhere: the first key begins, then comes the certificate's key, then the second key
        bind = ("party", "card", "bind", str(card))
        known.sign(*bind, "--certificate", chain, keys=known.keys[:1])
        known.sign(*bind, "--certificate-key", str(known.home / "certificate.key"), keys=())
        known.sign(*bind, keys=known.keys[1:])
        known.sign(*own, "certificate", "--party", "BY", "--file", chain)
        known.sign(*own, "card", "--party", "BY", "--file", str(card))
        (folder / "cards").mkdir()
        shutil.copy(card, folder / "cards/BY.json")
        yield known


# ---- the way through


def test_a_reader_proves_card_and_certificate_with_the_root_that_it_trusts(known: Known) -> None:
    for offered in ((), ("--file", str(known.card))):
        found = known.show("--ca", known.root, *offered)
        assert found["identity"]["subject"] == "CN=Belarus\\, AEO programme (TEST),C=BY"
        assert found["identity"]["root"] == f"CN={NAME.replace(',', chr(92) + ',')}"
        assert len(found["identity"]["signers"]) == 2
        assert (found["proven"], found["identity"]["revocation_asked"]) == (True, False)
        assert found["card"]["names"]["be"] == "Дзяржаўны мытны камітэт"
    told = known.shop.run("party", "card", "show", "BY", "--ca", known.root).stdout
    assert 'issued by "CN=AEO Ledger TEST CA' in told
    assert "revocation not asked: give --crl" in told


def test_without_a_root_the_certificate_is_not_judged_and_nothing_says_that_it_is(known: Known) -> None:
    found = known.show()
    assert (found["claimed"], found["identity"]) == (True, None)
    assert "genuine" not in known.shop.run("party", "card", "show", "BY").stdout


def test_a_party_shows_its_card(known: Known) -> None:
    told = known.shop.run("party", "show", "BY").stdout
    assert '"Дзяржаўны мытны камітэт" (be)' in told
    assert "signed      by 2 keys of the authority, whose present keys it names" in told
    found = known.shop.json("party", "show", "BY")
    assert (found["card_proven"]["hash"], found["card_proven"]["claimed"]) == (found["card"], True)
    assert "card: none\n" in known.shop.run("party", "show", "KZ").stdout


def test_a_party_and_its_card_are_shown_in_russian(known: Known) -> None:
    shop = known.shop
    told = shop.run("party", "show", "BY", "--lang", "ru").stdout
    assert told.startswith("BY (Belarus), сторона 1, таможенная администрация: действует, имеет место, ведёт реестр\n")
    assert "  подписано   2 ключами руководства" in told
    assert "  подлинный   " in shop.run("party", "card", "show", "BY", "--ca", known.root, "--lang", "ru").stdout
    assert "  1  BY     таможенная администрация  действует, " in shop.run("party", "list", "--lang", "ru").stdout
    assert not re.search("authority|operator|proven|since|register", told)


def test_a_bundle_names_the_certificate_by_which_its_reader_knew_the_party(known: Known, tmp_path: Path) -> None:
    pinned = tmp_path / "mine.json"
    known.show("--ca", known.root, "--pin", str(pinned))
    recorded = known.shop.json("party", "show", "BY")["certificate"]
    told = known.shop.run("trust", "show", "--trust", str(pinned))
    assert f"X.509 certificate {recorded}" in told.stdout
    assert known.shop.json("trust", "show", "--trust", str(pinned))["certificates"] == {"BY": recorded}
    assert "which your trust bundle names" in known.shop.run("party", "show", "BY", "--trust", str(pinned)).stdout
    other = tmp_path / "other.json"
    other.write_text(pinned.read_text().replace(recorded, "0x" + "11" * 32))
    assert "NOT THE ONE OF YOUR TRUST BUNDLE" in known.shop.run("party", "show", "BY", "--trust", str(other)).stdout
    assert known.show("--pin", str(tmp_path / "b.json"), code=2)["error"] == "MalformedText"
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    assert known.show("--ca", known.root, "--pin", str(kept), code=3)["error"] == "OutputTaken"


def test_a_gateway_gives_the_cards_that_it_holds_to_everybody_as_they_are(known: Known) -> None:
    def ask(code: str) -> httpx.Response:
        return httpx.get(f"{known.shop.url}/v1/parties/{code}/card")

    assert CARD_FORM.decode_json(ask("BY").content) == known.read()
    assert (ask("KZ").status_code, ask("KZ").json()["type"]) == (404, "urn:aeo-ledger:problem:card-not-held")
    for code in ("by", "B", "BY.json", "..%2FBY", "ABCDEFG"):
        assert ask(code).status_code in {400, 404}
        assert "format" not in ask(code).json()


def test_words_that_are_only_claimed_show_no_card(known: Known, tmp_path: Path) -> None:
    expired = json.loads((known.shop.folder / "trust.json").read_text())
    expired["period_s"] = 1
    trust = tmp_path / "expired.json"
    trust.write_text(json.dumps(expired))
    claimed = known.shop.run("party", "show", "BY", "--unproven", "--trust", str(trust))
    assert claimed.exit_code == 0
    assert "a gateway's claim, so no card is shown" in claimed.stdout
    assert "Liaison desk" not in claimed.stdout
    assert known.show("--trust", str(trust), code=4)["error"] == "TrustExpired"


# ---- what is refused


def test_a_card_that_is_not_filled_in_is_refused_by_its_first_such_place(known: Known, tmp_path: Path) -> None:
    new = tmp_path / "kz.card.json"
    known.shop.json("party", "card", "new", "KZ", "--out", str(new))
    refused = known.shop.json("party", "card", "check", str(new), code=2)
    assert "names.en" in refused["detail"]
    assert known.shop.json("party", "card", "new", "KZ", "--out", str(new), code=3)["error"] == "FileExists"
    fill_in(new)
    assert known.shop.json("party", "card", "check", str(new))["card"]["time_zone"] == "Asia/Almaty"
    new.write_text(new.read_text().replace("Asia/Almaty", "Asia/Atlantis"))
    assert "Asia/Atlantis" in known.shop.json("party", "card", "check", str(new), code=2)["detail"]


def test_a_card_of_another_party_or_of_none_is_not_recorded(known: Known, tmp_path: Path) -> None:
    act = ("party", "act", "card", "--file", str(known.card))
    assert (
        known.sign(*act, "--party", "KZ", keys=(known.shop.key("KZ", "authority"),), code=3)["error"] == "CardOfAnother"
    )
    for words in ((), ("--file", str(known.card), "--hash", "0x" + "11" * 32)):
        refused = known.sign("party", "act", "card", "--party", "BY", *words, code=2)
        assert "not exactly one of --file and --hash" in refused["detail"]
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    assert (
        known.sign("party", "act", "card", "--party", "BY", "--file", str(broken), code=2)["error"]
        == "MalformedDocument"
    )
    assert (
        known.sign("party", "act", "certificate", "--party", "BY", "--file", str(broken), code=2)["error"]
        == "MalformedText"
    )


def test_a_card_that_its_party_did_not_record_is_unproven_whoever_gives_it(known: Known) -> None:
    altered = replace(known.read(), email="thief@customs.example")
    refused = known.show("--file", known.keep("altered.json", altered), code=4)
    assert refused["error"] == "OtherCard"
    held = known.shop.folder / "cards/BY.json"
    before = held.read_bytes()
    try:
        held.write_bytes(CARD_FORM.encode_file(altered))
        assert known.show(code=4)["error"] == "OtherCard"
        told = known.shop.run("party", "show", "BY").stdout
        assert "what this gateway holds is not it" in told
        assert "thief@" not in told
        held.write_text("{}")
        assert known.show(code=2)["error"] == "MalformedDocument"
        held.unlink()
        assert known.show(code=3)["error"] == "CardNotHeld"
        assert "this gateway does not hold it" in known.shop.run("party", "show", "BY").stdout
    finally:
        held.write_bytes(before)
    assert known.shop.json("party", "card", "show", "KZ", code=3)["error"] == "CardNotHeld"
    kz = known.keep("kz.json", replace(known.read(), party="KZ"))
    assert known.shop.json("party", "card", "show", "KZ", "--file", kz, code=4)["error"] == "NoCardRecorded"
    assert known.show("--file", kz, code=3)["error"] == "CardOfAnother"


def test_a_root_that_the_reader_does_not_trust_proves_nothing(known: Known, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.pem"
    foreign.write_bytes(ROOT.pem)
    assert known.show("--ca", str(foreign), code=4)["error"] == "ForeignX509"
    assert known.show("--ca", known.root, "--ca", str(foreign))["identity"]
    foreign.write_text("nothing")
    assert known.show("--ca", str(foreign), code=2)["error"] == "MalformedText"


def test_a_list_that_is_not_of_the_issuer_leaves_revocation_unknown(known: Known, tmp_path: Path) -> None:
    lists = tmp_path / "list.crl"
    lists.write_bytes(ROOT.revoke())
    assert known.show("--ca", known.root, "--crl", str(lists), code=4)["error"] == "RevocationUnknown"
    assert known.show("--crl", str(lists), code=2)["error"] == "MalformedText"


def test_who_signs_a_statement_must_be_of_the_authority_and_hold_the_certificate_s_own_key(
    known: Known, tmp_path: Path
) -> None:
    bind = ("party", "card", "bind", known.keep("copy.json", known.read()))
    refused = known.sign(*bind, keys=(known.shop.key("CN", "authority"),), code=3)
    assert (refused["error"], "the authority of CN" in refused["detail"]) == ("WrongKey", True)
    assert known.sign(*bind, keys=(known.shop.key("BY"),), code=3)["error"] == "WrongKey"
    known.shop.json("network", "test-certificate", str(known.shop.folder), "--party", "CN")
    other = str(known.shop.folder / "parties/CN/certificate.key")
    assert known.sign(*bind, "--certificate-key", other, keys=(), code=3)["error"] == "OtherX509Key"
    bare = known.keep("bare.json", replace(known.read(), identity=None))
    assert known.sign("party", "card", "bind", bare, code=3)["error"] == "CardUnbound"
    statement = known.read().identity
    assert statement is not None
    strange = known.keep("strange.json", replace(known.read(), identity=replace(statement, made_at=7)))
    assert known.sign("party", "card", "bind", strange, code=4)["error"] == "StrangerStated"
    elsewhere = known.keep("elsewhere.json", replace(known.read(), identity=replace(statement, chain_id=7)))
    assert known.sign("party", "card", "bind", elsewhere, code=4)["error"] == "IdentityOfAnother"
    gone = str(known.shop.folder)
    assert known.shop.json("network", "test-certificate", gone, "--party", "QQ", code=2)["error"] == "MalformedText"
    assert known.shop.json("network", "test-certificate", gone, "--party", "BY", code=3)["error"] == "KeyFileExists"


def test_a_statement_is_shown_in_the_signer_s_language(known: Known) -> None:
    card = known.keep("ru.json", known.read())
    bind = ("party", "card", "bind", card, "--key", known.keys[0], "--yes")
    told = known.shop.run(*bind, "--lang", "ru").output
    assert "ЗАЯВЛЕНИЕ: ключи руководства BY принадлежат владельцу сертификата X.509" in told
    assert "STATE that the authority of BY" in known.shop.run(*bind, "--lang", "en").output
    assert "ЗАЯВЛЕНИЕ" not in json.dumps(known.shop.json(*bind, "--lang", "ru"), ensure_ascii=False)


def test_a_statement_is_not_signed_without_a_yes(known: Known) -> None:
    copied = known.keep("asked.json", known.read())
    asked = known.shop.json("party", "card", "bind", copied, "--key", known.keys[0], code=3)
    assert asked["error"] == "NotConfirmed"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl, which stands here for a token")
def test_a_certificate_s_key_may_be_on_a_token(known: Known, tmp_path: Path) -> None:
    """OpenSSL signs the content that the command writes, as a token would; another's signature is refused at once."""
    card, content, signature = known.keep("token.json", known.read()), tmp_path / "content", tmp_path / "signature"
    statement = known.read().identity
    assert statement is not None
    bind = ("party", "card", "bind", card)
    chain = str(known.home / "certificate.pem")
    known.sign(*bind, "--certificate", chain, "--content", str(content))
    key = ("-sign", str(known.home / "certificate.key"), "-passin", f"pass:{PASSWORD}")
    subprocess.run(["openssl", "dgst", "-sha256", *key, "-out", str(signature), str(content)], check=True)
    bound = known.sign(*bind, "--certificate-signature", str(signature), keys=())
    assert "certificate_signature" in bound["card"]["identity"]
    signature.write_bytes(statement.certificate_signature)  # of the earlier statement
    assert known.sign(*bind, "--certificate-signature", str(signature), keys=(), code=4)["error"] == "X509Unsigned"


# ---- as time goes on


def test_a_statement_falls_with_the_authority_that_it_names(known: Known) -> None:
    """Poland's only key is rotated: its recorded card names an authority of the past, until it is bound and recorded again."""
    shop, folder = known.shop, known.shop.folder
    card, own, fresh = folder / "pl.card.json", shop.key("PL", "authority"), folder / "pl-new.json"
    shop.json("party", "card", "new", "PL", "--out", str(card))
    fill_in(card)
    chain = shop.json("network", "test-certificate", str(folder), "--party", "PL")["certificate"]
    both = ("--certificate", chain, "--certificate-key", str(folder / "parties/PL/certificate.key"))
    bind, act = ("party", "card", "bind", str(card)), ("party", "act")
    show = ("party", "card", "show", "PL", "--file", str(card))
    judged = (*show, "--ca", known.root)
    known.sign(*bind, *both, keys=(own,))
    known.sign(*act, "card", "--party", "PL", "--file", str(card), keys=(own,))
    assert shop.json(*judged, code=4)["error"] == "OtherX509Recorded"  # the fingerprint is not recorded yet
    known.sign(*act, "certificate", "--party", "PL", "--file", chain, keys=(own,))
    assert shop.json(*judged)["identity"]["subject"].startswith("CN=Poland")
    signer = create_key_file(fresh, Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
    old = shop.json("key", "show", own)["address"]
    rotate = ("--party", "PL", "--old", old, "--new", f"0x{signer.address.hex()}")
    known.sign(*act, "rotate-authority", *rotate, keys=(own, str(fresh)))
    assert shop.json(*judged, code=4)["error"] == "AuthorityChanged"
    found = shop.json(*show)
    assert (found["claimed"], "serves no more" in found["doubt"]) == (False, True)
    assert "UNPROVEN" in shop.run(*show).stdout
    assert known.sign(*bind, keys=(str(fresh),), code=4)["error"] == "AuthorityChanged"
    known.sign(*bind, *both, keys=(str(fresh),))
    assert shop.json(*show, code=4)["error"] == "OtherCard"  # the old one is recorded
    known.sign(*act, "card", "--party", "PL", "--file", str(card), keys=(str(fresh),))
    assert shop.json(*judged)["identity"]["signers"] == [f"0x{signer.address.hex()}"]


def test_an_expired_certificate_is_refused_by_the_command_s_own_clock(known: Known, tmp_path: Path) -> None:
    """It is issued by another authority, and expired before today; whoever recorded it, a reader refuses it."""
    root = Certified(common="Root", issues=True, since=now() - 30 * DAY, until=now() + 30 * DAY)
    old = Certified(common="Customs", issuer=root, since=now() - 20 * DAY, until=now() - DAY)
    chain, ca = tmp_path / "old.pem", tmp_path / "root.pem"
    chain.write_bytes(old.pem)
    ca.write_bytes(root.pem)
    content, signature = tmp_path / "content", tmp_path / "signature"
    card = tmp_path / "cn.card.json"
    known.shop.json("party", "card", "new", "CN", "--out", str(card))
    fill_in(card)
    keys = (known.shop.key("CN", "authority"),)
    known.sign("party", "card", "bind", str(card), "--certificate", str(chain), "--content", str(content), keys=keys)
    statement = CARD_FORM.decode(card.read_bytes()).identity
    assert isinstance(statement, IdentityStatement)
    assert content.read_bytes() == statement.content()
    signature.write_bytes(old.sign(statement))
    known.sign("party", "card", "bind", str(card), "--certificate-signature", str(signature), keys=())
    known.sign("party", "act", "certificate", "--party", "CN", "--file", str(chain), keys=keys)
    known.sign("party", "act", "card", "--party", "CN", "--file", str(card), keys=keys)
    show = ("party", "card", "show", "CN", "--file", str(card), "--ca", str(ca))
    assert known.shop.json(*show, code=4)["error"] == "X509Expired"


# ---- did:web

_DID = re.compile(r"did:web:[A-Za-z0-9.-]+(%3A[0-9]+)?(:[A-Za-z0-9._-]+)*")
_ACCOUNT = re.compile(r"eip155:[1-9][0-9]{0,31}:0x[0-9a-f]{40}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_REGISTERED = {
    "@context",
    "id",
    "verificationMethod",
    "authentication",
    "assertionMethod",
    "capabilityInvocation",
    "service",
}
_MATERIAL = {"EcdsaSecp256k1RecoveryMethod2020": "blockchainAccountId", "JsonWebKey2020": "publicKeyJwk"}


def check_did(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Check a document against the rules of DID Core 1.0 (sections 3.1, 5, 6.3); return its keys by address."""
    did, contexts = document["id"], document["@context"]
    assert contexts[0] == "https://www.w3.org/ns/did/v1"
    assert all(isinstance(one, str) and one.startswith("https://") for one in contexts[1:-1])
    own = contexts[-1]
    assert _DID.fullmatch(did)
    assert document.keys() <= _REGISTERED | own.keys()
    methods = {}
    for method in document["verificationMethod"]:
        identifier, _, fragment = method["id"].partition("#")
        assert identifier == did == method["controller"]
        assert fragment
        assert method["id"] not in methods
        assert method.keys() - {"id", "type", "controller", "added", "revoked"} == {_MATERIAL[method["type"]]}
        assert {"added", "revoked"} <= own.keys()
        assert all(_TIME.fullmatch(method[date]) for date in ("added", "revoked") if date in method)
        if "publicKeyJwk" in method:
            assert {"kty", "crv", "x", "y"} == method["publicKeyJwk"].keys(), "and never a private part"
        else:
            assert _ACCOUNT.fullmatch(method["blockchainAccountId"])
            assert method["blockchainAccountId"].endswith(fragment)
        methods[method["id"]] = method
    for name in ("authentication", "assertionMethod", "capabilityInvocation"):
        assert len(set(document[name])) == len(document[name])
        assert set(document[name]) <= methods.keys(), "a relationship names methods of this document"
        assert not any("revoked" in methods[one] for one in document[name])
    for service in document.get("service", []):
        assert service["id"].startswith(f"{did}#")
        assert service["id"] not in methods
        assert service.keys() == {"id", "type", "serviceEndpoint"}
    assert _TIME.fullmatch(document["asOf"])
    return {one.partition("#")[2]: method for one, method in methods.items()}


def test_a_did_document_by_the_command(known: Known, tmp_path: Path) -> None:
    out, card = tmp_path / "did.json", known.shop.folder / "cards/BY.json"
    did = ("party", "did", "BY", "--domain", "customs.example:8443/aeo/by", "--out", str(out))
    found = known.shop.json(*did)
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document == found["document"]
    assert found["did"] == document["id"] == "did:web:customs.example%3A8443:aeo:by"
    assert found["place"] == "https://customs.example:8443/aeo/by/did.json"
    keys = check_did(document)
    shown = {key["address"]: key for key in known.shop.json("party", "show", "BY")["keys"] if key["role"] != "node"}
    assert keys.keys() == shown.keys()
    assert {one.partition("#")[2] for one in document["assertionMethod"]} == {
        a for a, key in shown.items() if key["serves"]
    }
    assert "service" not in document
    assert (
        known.shop.json(*did, "--card", str(known.keep("x.json", replace(known.read(), email="x@y.example"))), code=4)[
            "error"
        ]
        == "OtherCard"
    )
    assert known.shop.json(*did, "--public-key", "0x" + "01" * 64, code=2)["error"] == "MalformedSignature"
    assert card.exists()


def test_the_signatures_in_a_proven_card_show_the_authority_s_public_keys(tmp_path: Path) -> None:
    """A statement that no longer holds shows none: whose key signed it is then no matter of this document."""
    secret = keccak256(b"somebody")
    key = PublicKey.from_valid_secret(secret).format(compressed=False)[1:]
    address = Signer.from_secret(secret).address
    assert list_public_keys([key], None) == {address: key}
    with held(found_at(tmp_path / "net", START), START) as network:
        found = show_party(network.office, 1)
        with pytest.raises(PublicKeyUnknown):
            write_did(network.office, found, "did:web:a.example", {address: key})
        own = network.signer("BY", "authority")
        document = write_did(
            network.office, found, "did:web:a.example", list_public_keys([own.public_key], None), "https://g.example"
        )
        keys = check_did(document)
        jwk = keys[f"0x{own.address.hex()}"]["publicKeyJwk"]
        assert (jwk["kty"], jwk["crv"]) == ("EC", "secp256k1")
        assert document["service"][0]["serviceEndpoint"] == "https://g.example"


def test_keys_are_dated_and_those_that_ended_serve_for_nothing_any_more(tmp_path: Path) -> None:
    def show(network: Held, number: int) -> dict[str, Any]:
        return write_did(network.office, show_party(network.office, number), "did:web:a.example", {})

    with held(found_at(tmp_path / "net", START), START) as network:
        before = check_did(show(network, 1))
        assert {key["added"] for key in before.values()} == {"2025-06-15T15:06:40Z"}
        thief, heir = network.signer("BY"), Signer.generate(secrets.token_bytes)
        network.wait_until(START + 10 * DAY)
        network.alone("BY", PartyActKind.ADD_OPERATOR, heir, key=heir.address)
        network.alone("BY", PartyActKind.RETIRE_OPERATOR, key=thief.address)
        document = show(network, 1)
        keys = check_did(document)
        ended, begun = keys[f"0x{thief.address.hex()}"], keys[f"0x{heir.address.hex()}"]
        assert ended["revoked"].startswith("2025-06-25T15:0")
        assert (begun["added"] <= ended["revoked"], "revoked" in begun) == (True, False)
        assert any(one.endswith(heir.address.hex()) for one in document["assertionMethod"])
        assert not any(one.endswith(thief.address.hex()) for one in document["assertionMethod"])
        # an authority that the others replaced ends when the new one begins, although nobody retired its keys one by one
        new = Signer.generate(secrets.token_bytes)
        network.resolve(ResolutionAct.REPLACE_AUTHORITY, new, party=6, key=new.address)
        waiting = show(network, 6)
        assert f"0x{new.address.hex()}" not in check_did(waiting)
        pending = show_party(network.office, 6).pending
        assert pending is not None
        network.wait_until(pending.ready_at)
        network.relay.complete_replacement(6)
        document = show(network, 6)
        keys = check_did(document)
        lost = f"0x{network.signer('PL', 'authority').address.hex()}"
        assert keys[lost]["revoked"] == keys[f"0x{new.address.hex()}"]["added"]
        assert document["capabilityInvocation"] == [f"did:web:a.example#0x{new.address.hex()}"]
        network.resolve(ResolutionAct.EXPEL, party=6)
        assert show(network, 6)["assertionMethod"] == []


@pytest.mark.parametrize(
    ("domain", "did", "place"),
    [
        ("customs.example", "did:web:customs.example", "https://customs.example/.well-known/did.json"),
        ("customs.example/aeo", "did:web:customs.example:aeo", "https://customs.example/aeo/did.json"),
        ("localhost:8443", "did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
    ],
)
def test_a_domain_has_one_did_and_one_place(domain: str, did: str, place: str) -> None:
    assert name_did(domain) == (did, place)


@pytest.mark.parametrize(
    "domain",
    ["", "https://customs.example", "Customs.example", "customs..example", "a.example:0", "a.example:99999", "a.example/",
     "a.example/b c", "a.example/x%2f", "a.example/../x", "a.example?x", "таможня.example", "-a.example", "a.example:80:81"],
)  # fmt: skip
def test_a_domain_of_another_form_is_refused(domain: str) -> None:
    with pytest.raises(MalformedText):
        name_did(domain)


def test_the_test_authority_says_in_every_certificate_that_it_is_one(known: Known) -> None:
    assert "TEST" in NAME
    assert "not for use" in NAME
    found = known.shop.run("network", "test-certificate", str(known.shop.folder), "--party", "KZ").stdout
    assert f"SIMULATED: {NAME}" in found
