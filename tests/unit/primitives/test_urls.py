from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.primitives.urls import parse_url


@pytest.mark.parametrize(
    ("text", "name", "host"),
    [
        ("http://127.0.0.1:8547", "http://127.0.0.1:8547", "127.0.0.1"),
        ("https://gateway.example", "https://gateway.example", "gateway.example"),
        ("HTTP://Gateway.example:1/path", "http://Gateway.example:1", "Gateway.example"),
        ("http://[::1]:8547/", "http://[::1]:8547", "::1"),
        ("http://user:secret@host:80/", "http://host:80", "host"),
        ("http://m\u00fcnchen.example", "http://m\u00fcnchen.example", "m\u00fcnchen.example"),
        ("http://xn--mnchen-3ya.example", "http://xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("http://host.", "http://host.", "host."),
    ],
)
def test_addresses_of_servers_are_read_and_named_without_their_secrets(text: str, name: str, host: str) -> None:
    url = parse_url(text, what="gateway")
    assert (url.text, url.name, url.host) == (text, name, host)
    assert url.is_encrypted is text.lower().startswith("https")


@pytest.mark.parametrize("text", ["127.0.0.1:8547", "localhost:8547", "gateway.example:443/path", "[::1]:8547"])
def test_a_bare_host_and_port_is_answered_with_what_to_write(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_url(text, what="gateway")
    assert refusal.value.needed == f"exactly http://{text}"


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "ftp://host", "http://", "http://:80", "http://a..b", "http://.", "http://xn--.example", "http://xn--\u00fc.example",
     "http://" + "a" * 64, "http://h:0", "http://h:65536", "http://h:99999", "http://h:a", "http://[::1", "http://[]", "http://h h",
     "http://h?x=1", "http://h/p?x",
      "http://h/#a", "http://h#a", "http://h\n", "http://\x00", "http://\udcff", "http://h:1:2", "http//h", "http:///h", "javascript:1"],
)  # fmt: skip
def test_a_text_that_is_not_a_server_address_is_malformed(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_url(text, what="gateway")
    assert refusal.value.what == "gateway"
    assert refusal.value.found.isascii()


def test_a_query_may_be_part_of_an_address_where_nothing_is_put_behind_it() -> None:
    url = parse_url("https://node.example/v3?key=secret", what="node", has_query=True)
    assert (url.text, url.name) == ("https://node.example/v3?key=secret", "https://node.example")
    with pytest.raises(MalformedText):
        parse_url("https://node.example/v3?key=secret#a", what="node", has_query=True)


@pytest.mark.parametrize(
    "text",
    ["http://user:pw@h h", "ftp://user:pw@host", "user:pw@host:80", "http://user:p/w@host", "http://user:p@w@[h"],
)
def test_no_error_shows_who_asks_with_what_password(text: str) -> None:
    with pytest.raises(MalformedText) as refusal:
        parse_url(text, what="gateway")
    assert "***@" in refusal.value.found
    assert not {"user", "pw", "p/w"} & {*refusal.value.found.replace(":", "@").split("@")}


@given(st.text(alphabet=st.characters(), max_size=20) | st.text(alphabet="htps:/.@[]#?xn-1a\u00fc", max_size=30))
def test_whatever_is_entered_is_an_address_or_malformed(text: str) -> None:
    for entered in (text, f"http://{text}"):
        with suppress(MalformedText):
            assert parse_url(entered, what="gateway").host
