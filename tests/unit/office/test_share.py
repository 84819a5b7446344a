"""Who waits for keys, who has too many, and whose secrets serve a register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aeo_ledger.cli.options import open_secrets
from aeo_ledger.customs.vocabulary import PartyState
from aeo_ledger.errors.office import NotKeyed, OtherSecrets
from aeo_ledger.office.share import Share, find_former, find_waiting, require_keyed
from aeo_ledger.protocol.facts import Predecessor
from aeo_ledger.signing import Password
from aeo_ledger.signing.register_file import RegisterSecrets
from aeo_ledger.verify.envelopes import ProvenEnvelope, ProvenEnvelopes
from aeo_ledger.verify.snapshot import ProvenSnapshot
from aeo_ledger.verify.trust import TrustBundle
from support.sealed_world import BY, CN, DAY, KZ, LOOKUP_SECRET, NOW, CustomsFacts, lane, party, trust
from support.snapshots import seal_snapshot, verify

OLD = 77
"""Id of the chain that another one succeeded."""
HYBRID, CURVE = 1120 + 16, 32 + 16
"""Bytes of an envelope beside its keys: what is encapsulated, and the tag."""
ROW = 65


def words_of(world: CustomsFacts) -> ProvenSnapshot:
    return verify(seal_snapshot(world))


def secrets_of(chain: int) -> RegisterSecrets:
    return RegisterSecrets(chain, KZ, LOOKUP_SECRET, {0: bytes(32)})


def successor() -> TrustBundle:
    here = trust()
    old = Predecessor(
        chain_id=OLD,
        consortium=here.consortium,
        governance=here.governance,
        registers=here.registers,
        number=9,
        header=bytes(32),
        time=NOW - 900 * DAY,
    )
    return replace(here, predecessors=(old,))


def sent(words: ProvenSnapshot, *envelopes: tuple[int, int, int]) -> ProvenEnvelopes:
    """Envelopes of recipient, epoch and length, sent yesterday."""
    return ProvenEnvelopes(
        register=KZ,
        envelopes=tuple(
            ProvenEnvelope(
                recipient=recipient,
                epoch=epoch,
                sealed=bytes(length),
                recorded_at=NOW - DAY,
                chain_id=1,
                contract=bytes(20),
            )
            for recipient, epoch, length in envelopes
        ),
        sealed=words.sealed,
    )


# ---- whose secrets serve


def test_the_secrets_of_a_register_serve_it_on_the_ledger_that_succeeds(tmp_path: Path) -> None:
    words = words_of(CustomsFacts().keyed(KZ))
    for chain in (OLD, trust().chain_id):
        assert require_keyed(words, secrets_of(chain), successor()) == words.register(KZ)
    with pytest.raises(OtherSecrets) as refusal:
        require_keyed(words, secrets_of(OLD), trust())
    assert (refusal.value.chain, refusal.value.needed_chain) == (OLD, trust().chain_id)
    file, password = tmp_path / "KZ.register.json", Password("p")
    secrets_of(OLD).write(file, password, randomness=bytes, work_factor=2)
    assert open_secrets(file, KZ, successor(), None, password=password).chain == OLD
    for register, pinned in ((KZ, trust()), (BY, successor())):
        with pytest.raises(OtherSecrets):
            open_secrets(file, register, pinned, None, password=password)


@pytest.mark.parametrize(("register", "mode"), [(BY, "open"), (CN, "not opened yet")])
def test_secrets_serve_no_register_that_is_not_keyed(register: int, mode: str) -> None:
    world = CustomsFacts()
    world.registers.pop(CN)
    words = words_of(world)
    secrets = RegisterSecrets(trust().chain_id, register, LOOKUP_SECRET, {0: bytes(32)})
    with pytest.raises(NotKeyed) as refusal:
        require_keyed(words, secrets, trust())
    assert f"the register of {trust().by_number[register].code} is {mode}" in str(refusal.value)


# ---- who has keys for which it has no use any more

SINCE = NOW - 10 * DAY
ENDED: dict[str, Callable[[CustomsFacts], object]] = {
    "its recognition ended": lambda world: world.recognise(CN, KZ, lane(types=0b110, until=SINCE)),
    "there never was one": lambda world: world,
    "it is in force for fewer types": lambda world: world.recognise(CN, KZ, lane(types=0b10, changed_at=SINCE)),
    "it was expelled": lambda world: (
        world.recognise(CN, KZ, lane(types=0b110)),
        world.parties.update({CN: replace(party(CN), state=PartyState.EXPELLED)}),
    ),
}


@pytest.mark.parametrize("overhead", [HYBRID, CURVE])
@pytest.mark.parametrize("name", ENDED)
def test_a_party_that_has_more_keys_of_the_epoch_than_it_recognises_types_is_former(name: str, overhead: int) -> None:
    world = CustomsFacts().keyed(KZ)
    ENDED[name](world)
    words = words_of(world)
    assert find_former(words, sent(words, (CN, 0, overhead + ROW), (CN, 0, overhead + 2 * ROW)), time=NOW) == [CN]


@pytest.mark.parametrize("overhead", [HYBRID, CURVE])
def test_nobody_is_former_whose_keys_are_those_that_it_is_to_have(overhead: int) -> None:
    world = CustomsFacts().keyed(KZ).recognise(CN, KZ, lane(types=0b110))
    words = words_of(world)
    assert find_former(words, sent(words, (CN, 0, overhead + 2 * ROW)), time=NOW) == []
    assert find_former(words, sent(words, (CN, 0, overhead + ROW)), time=NOW) == []
    assert find_former(words, sent(words), time=NOW) == []
    opened = words_of(CustomsFacts().recognise(CN, KZ, lane(types=0b10)))  # in an open register there is no epoch
    assert find_former(opened, sent(opened, (CN, 0, HYBRID + 2 * ROW)), time=NOW) == []
    assert find_waiting(words, sent(words), [CN], time=NOW) == [
        Share(recogniser=CN, types=(1, 2), since=NOW - 800 * DAY)
    ]


def test_after_a_new_epoch_nobody_is_former() -> None:
    world = CustomsFacts().keyed(KZ).recognise(CN, KZ, lane(types=0b110, until=SINCE))
    world.registers[KZ] = replace(world.registers[KZ], epoch=1)
    words = words_of(world)
    assert find_former(words, sent(words, (CN, 0, HYBRID + 2 * ROW)), time=NOW) == []
    assert find_former(words, sent(words, (CN, 1, HYBRID + ROW)), time=NOW) == [CN]
