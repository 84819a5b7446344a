"""Reaching a gateway from machines with odd settings: each is named, and none is reported as a bug."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.ports import free_port
from support.workshop import QUESTION, TYPE_3, Workshop

NOWHERE = "http://gateway.example:1"
"""Never reached: the setting is refused first."""

SETTINGS = {
    "a proxy that httpx cannot use": ({"ALL_PROXY": "socks5://127.0.0.1:9"}, "ALL_PROXY"),
    "the same in small letters": ({"all_proxy": "socks5://127.0.0.1:9"}, "all_proxy"),
    "a proxy without a closing bracket": ({"HTTP_PROXY": "http://[::1"}, "HTTP_PROXY"),
    "a network for which no proxy is needed": ({"no_proxy": "fe80::/10"}, "no_proxy"),
    "certificates that are not there": ({"SSL_CERT_FILE": "/nowhere"}, "SSL_CERT_FILE=/nowhere"),
    "certificates that are none": ({"SSL_CERT_FILE": "/etc/hostname"}, "SSL_CERT_FILE=/etc/hostname"),
    "certificates in a folder's place": ({"SSL_CERT_FILE": "/"}, "SSL_CERT_FILE=/"),
}
UNSET = dict.fromkeys(
    ("ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE",
     "SSL_CERT_DIR")
)  # fmt: skip


@pytest.mark.parametrize(("setting", "told"), SETTINGS.values(), ids=SETTINGS.keys())
@pytest.mark.parametrize("url", [NOWHERE, "https://127.0.0.1:1"])
def test_an_odd_setting_is_named(shop: Workshop, setting: dict[str, str], told: str, url: str) -> None:
    environment = {**UNSET, **setting}
    refused = shop.run("ask", TYPE_3, *QUESTION, "--gateway", url, **environment)
    assert (refused.exit_code, refused.stderr.startswith("Malformed: environment: ")) == (2, True), refused.stderr
    assert told in refused.stderr


@pytest.mark.parametrize("setting", [setting for setting, _ in SETTINGS.values()], ids=SETTINGS.keys())
def test_a_gateway_on_this_machine_needs_no_setting(shop: Workshop, setting: dict[str, str]) -> None:
    answered = shop.run("ask", TYPE_3, *QUESTION, **{**UNSET, **setting})
    assert (answered.exit_code, answered.stdout.startswith("RECOGNISED")) == (0, True), answered.stderr


@pytest.mark.parametrize(
    "url",
    ["http://xn--.example", "http://xn--a.example", "http://a..b", "http://" + "a" * 64 + ".example", "http://127.0.0.1:99999", "http://[::1",
     "nonsense", "", "http://\udcff", "file:///etc/passwd"],
)  # fmt: skip
def test_an_impossible_server_address_is_not_a_bug(shop: Workshop, url: str) -> None:
    refused = shop.run("ask", TYPE_3, *QUESTION, "--gateway", url, **UNSET)
    assert refused.exit_code in {2, 5}, refused.stderr
    assert url == "http://xn--a.example" or refused.exit_code == 2


@pytest.mark.parametrize("url", ["127.0.0.1:8547", "localhost:8547"])
def test_a_bare_host_and_port_is_answered_with_what_to_write(shop: Workshop, url: str) -> None:
    refused = shop.json("ask", TYPE_3, *QUESTION, "--gateway", url, code=2)
    assert refused["detail"].endswith(f"needed exactly http://{url}")


@pytest.mark.parametrize("url", ["127.0.0.1:8545", "http://xn--.example", "http://[::1", "http://127.0.0.1:99999", ""])
def test_what_cannot_be_a_node_s_address_is_malformed(shop: Workshop, tmp_path: Path, url: str) -> None:
    genesis, trust = str(shop.folder / "genesis.json"), str(shop.folder / "trust.json")
    audit = shop.json("audit", "--genesis", genesis, "--rpc", url, code=2)
    assert audit["error"] == ("MalformedText" if url else "WrongUsage")
    command = ["gateway", "--rpc", url or " ", "--trust", trust, "--key", shop.key("BY"), "--port", str(free_port())]
    assert shop.run(*command).exit_code in {2, 5}


@pytest.mark.parametrize("host", ["\udcff", "a..b", "xn--.example", "256.1.1.1", ""])
def test_an_address_of_another_machine_is_not_a_bug(shop: Workshop, host: str) -> None:
    assert shop.run("node", str(shop.folder), "--host", host).exit_code in {2, 5}


@pytest.mark.parametrize(
    ("change", "needed"),
    [
        ({"--recogniser": "cn"}, "exactly CN"),
        ({"--recogniser": " CN"}, "exactly CN"),
        ({"--register": "by"}, "exactly BY"),
        ({"--role": "Carrier"}, "exactly carrier"),
        ({"--direction": "IMPORT"}, "exactly import"),
        ({"--recogniser": "\udcff"}, "a code such as CN"),
        ({"--register": "127.0.0.1:8547"}, "a code such as CN"),
        ({"--type": "\udcff"}, "a name of 1 to 20 printable characters"),
        ({"--role": "127.0.0.1:8547"}, "one of manufacturer"),
    ],
)
def test_a_word_in_another_spelling_is_refused_with_what_to_write(
    shop: Workshop, change: dict[str, str], needed: str
) -> None:
    asked = {**dict(zip(QUESTION[::2], QUESTION[1::2], strict=True)), **change}
    refused = shop.json("ask", TYPE_3, *(word for pair in asked.items() for word in pair), code=2)
    assert (refused["error"], f"needed {needed}" in refused["detail"]) == ("MalformedText", True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--party", "by", "--type", "3"], "write BY"),
        (["--party", "BY", "--type", "3", "--reason", "Conditions-not-met"], "needed exactly conditions_not_met"),
        (["--party", "CN", "--type", "advanced"], "needed exactly ADVANCED"),
    ],
)
def test_a_wrong_word_of_an_act_is_answered_the_same_way(shop: Workshop, arguments: list[str], told: str) -> None:
    refused = shop.run("suspend", TYPE_3, "--key", shop.key("BY"), *arguments)
    assert refused.exit_code in {2, 3}
    assert told in refused.stderr
