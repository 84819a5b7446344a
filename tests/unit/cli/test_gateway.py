"""What a gateway serves with the keys that it is given."""

from __future__ import annotations

from aeo_ledger.cli.gateway import _keys_to_serve
from aeo_ledger.signing.lookup_file import NOTHING_HELD, HeldKeys
from aeo_ledger.signing.register_file import RegisterSecrets

SECRETS = RegisterSecrets(7, 3, bytes(32), {0: bytes(32)})
HELD = HeldKeys.of(SECRETS.lookup_keys(), SECRETS.payload_keys())


def test_several_processes_that_remember_nothing_together_get_no_keys_of_documents() -> None:
    """Each would count a request for a document once, so it would count several times."""
    said: list[str] = []
    served = _keys_to_serve(HELD, said.append, remembers=False)
    assert (served.lookup, served.payload) == (HELD.lookup, {})
    assert "it gives no documents" in said[-1]


def test_who_gives_a_gateway_keys_is_told_that_everybody_can_ask_with_them() -> None:
    said: list[str] = []
    assert _keys_to_serve(HELD, said.append, remembers=True) == HELD
    [told] = said
    assert "whoever reaches it can try numbers" in told
    assert _keys_to_serve(NOTHING_HELD, said.append, remembers=False) == NOTHING_HELD
    assert len(said) == 1
