"""A thief has an operator's key for a week. Everything that it signed is listed by proof, and undone; nothing else is touched."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aeo_ledger.customs.acts import StatusEvent
from aeo_ledger.customs.vocabulary import EventKind, PartyActKind, ReasonClass, Role, Status
from aeo_ledger.errors.office import NeverAnOperator, StandingHidden
from aeo_ledger.errors.verify import HistoryIncomplete, OtherHistory
from aeo_ledger.evidence.snapshot import STANDING_ROW, rows_of
from aeo_ledger.office.carry_out import sign_act
from aeo_ledger.office.change_status import Change, prepare
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.office.publish import draft_publication
from aeo_ledger.office.signed_by import find_signed_by
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.protocol.acts import SignedAct
from aeo_ledger.protocol.tables import record_slot
from aeo_ledger.registers.plan import PLAN_FORM
from aeo_ledger.signing import Password, Signer, create_key_file
from support.network import PASSWORD, Network
from support.readers import read_office
from support.workshop import Workshop

BY = 1
TINS = {name: f"BY70000{number:04}" for number, name in enumerate((
    "revoked", "annulled", "suspended", "amended", "reinstated", "reviewed", "withdrawn", "annulled once more", "cosigned",
    "amended later", "untouched", "honest", "granted over an end", "ended and granted anew", "back again",
), 1)}  # fmt: skip
INVENTED = "BY700009999"
DAY = 86_400
K = EventKind
Step: TypeAlias = tuple[str, EventKind, Mapping[str, Any]]


class Week:
    """The network, a thief and an honest operator."""

    def __init__(self, network: Network) -> None:
        self.network, self.began = network, 0
        self.honest = network.signer("BY")
        self.file = network.folder.parent / "stolen.json"
        self.thief = create_key_file(self.file, Password(PASSWORD), randomness=secrets.token_bytes, work_factor=2)
        self.before: dict[str, Any] = {}

    def entry(self, name: str) -> bytes:
        return self.network.entry(TINS.get(name, name), "BY", 2)

    def record(self, name: str) -> Any:
        (found,) = self.network.desk.standings([self.entry(name)]).records
        return found

    def sign(self, steps: Sequence[Step], *signers: Signer) -> None:
        """Sign one publication of status events: whose certificate, the kind, and what is entered."""
        ledger, records, events = self.network.running.ledger, dict[str, Any](), []
        now = ledger.time_of(ledger.head())
        for name, kind, entered in steps:
            old = records.get(name, self.record(name))
            change = Change(kind=kind, reason=ReasonClass.FACTS_INCOMPLETE, **entered)
            records[name] = prepare(change, old, issuer=BY, now=now)
            events.append(StatusEvent(entry=self.entry(name), record=records[name], document=bytes(32)))
        act = draft_publication(events, register=BY, issuer=BY, now=int(time.time()))
        self.network.desk.submit(sign_act(act, signers or [self.thief], self.network.trust))

    def add_operator(self, signer: Signer, act: PartyActKind = PartyActKind.ADD_OPERATOR) -> None:
        serial = read_office(self.network.desk, BY).serial + 1
        values: dict[str, Any] = {
            "party": BY, "serial": serial, "act": int(act), "certificate_type": 0, "key": signer.address, "detail": 0,
            "effective": 0, "deadline": int(time.time()) + 600, "grounds": bytes(32),
        }  # fmt: skip
        made = SignedAct(name="PartyAct", values=values)
        keys = [self.network.signer("BY", "authority"), *([signer] if act is PartyActKind.ADD_OPERATOR else [])]
        self.network.desk.submit(sign_act(made, keys, self.network.trust))


def steal(week: Week) -> None:
    """What was there before, then what the thief and the others do."""
    rows = [
        f"{tin},N{tin},3,exporter|carrier,ACTIVE,2020-01-01,2020-01-01,2020-01-01,,N {tin},A" for tin in TINS.values()
    ]
    week.network.import_(
        "tin,certificate_number,certificate_type,roles,status,status_since,decided,effective_from,effective_until,name,address\n"
        + "\n".join(rows) + "\n",
        "BY",
    )  # fmt: skip
    week.add_operator(week.thief)
    hold = int(time.time()) + 30 * DAY
    held = {"hold_until": hold}
    week.sign(
        [("reinstated", K.SUSPEND, held), ("back again", K.SUSPEND, held), ("granted over an end", K.WITHDRAW, {})],
        week.honest,
    )
    week.before = {name: week.record(name) for name in TINS}
    week.began = week.network.running.ledger.time_of(week.network.running.ledger.head()) + 1
    carrier = {"roles": 1 << Role.CARRIER}
    week.sign([
        ("revoked", K.REVOKE, held),
        ("annulled", K.ANNUL, {}),
        ("withdrawn", K.WITHDRAW, {}),
        ("annulled once more", K.REVOKE, {}),
        ("annulled once more", K.ANNUL, {}),
        ("suspended", K.SUSPEND, {}),
        ("amended", K.AMEND, {"roles": 1 << Role.IMPORTER, "valid_until": hold}),
        ("amended", K.SUSPEND, {}),
        ("reinstated", K.REINSTATE, {}),
        ("reviewed", K.REASSESS, {"review_day": 30_000}),
        ("back again", K.REINSTATE, {}),
        ("back again", K.SUSPEND, held),
        ("amended later", K.SUSPEND, {}),
        ("granted over an end", K.GRANT, carrier),
        ("ended and granted anew", K.WITHDRAW, {}),
        ("ended and granted anew", K.GRANT, carrier),
        (INVENTED, K.GRANT, carrier),
    ])  # fmt: skip
    week.sign([("cosigned", K.SUSPEND, {})], week.thief, week.honest)
    week.sign([("amended later", K.AMEND, carrier), ("honest", K.SUSPEND, {})], week.honest)
    withheld = week.network.entry("CN4401960006", "CN", 0)
    others: dict[str, dict[str, Any]] = {
        "Withholding": {"recogniser": BY, "entry": withheld, "serial": 1, "withheld": True},
        "AliasBinding": {
            "recogniser": BY, "serial": 1, "alias_hash": keccak256(b"an alias"), "binding": 0, "certificate_type": 0, "entry": withheld,
        },
        "Freeze": {"party": BY, "lifts": 0},
    }  # fmt: skip
    for name, values in others.items():
        act = SignedAct(name=name, values={"deadline": int(time.time()) + 600, "grounds": bytes(32), **values})
        week.network.desk.submit(sign_act(act, [week.thief], week.network.trust))


@pytest.fixture(scope="module")
def week(network: Network) -> Week:
    week = Week(network)
    steal(week)
    return week


@pytest.fixture(scope="module")
def shop(week: Week) -> Workshop:
    network = week.network
    return Workshop(folder=network.folder, port=int(network.url.rpartition(":")[2]), office=network.folder.parent)


def asked(week: Week, *more: str) -> tuple[str, ...]:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(week.began))
    return ("key", "repudiate", "--party", "BY", "--operator", f"0x{week.thief.address.hex()}", "--since", since, *more)


def test_a_time_to_come_is_a_mistake_and_not_a_key_that_signed_nothing(week: Week, shop: Workshop) -> None:
    refused = shop.json(*asked(week)[:-1], "2100-01-01", code=2)
    assert (refused["error"], "a time that has passed" in refused["detail"]) == ("MalformedText", True)


def test_every_act_of_the_key_is_listed_and_no_other(week: Week, shop: Workshop) -> None:
    found = shop.json(*asked(week))
    listed = [(one["tin"], one["event"]) for one in found["events"]]
    assert len(listed) == 18
    assert {tin for tin, _ in listed} == {*TINS.values(), None} - {TINS["untouched"], TINS["honest"]}
    assert {event for _, event in listed} == {
        "grant", "amend", "reassess", "suspend", "reinstate", "revoke", "withdraw", "annul",
    }  # fmt: skip
    assert all(f"0x{week.thief.address.hex()}" in one["signers"] for one in found["events"])
    assert sorted(one["message"] for one in found["acts"]) == ["Freeze", "Withholding"]
    assert found["aliases"] == 1
    assert (found["plans"], found["undo"], found["proven"]) == ([], {"operators": 6, "authority": 4}, True)
    left = {one["tin"]: one["reason"] for one in found["left"]}
    honest = f"0x{week.honest.address.hex()}"
    assert left == {
        TINS["cosigned"]: f"{honest} signed its SUSPEND too",
        TINS["amended later"]: f"{honest} changed it afterwards: AMEND, event 3",
        TINS["back again"]: "nothing is to be undone: it says the same as before",
        TINS[
            "ended and granted anew"
        ]: "it was ended and granted anew: annul it, and let the authority restore it as it was",
    }
    told = shop.run(*asked(week)).stdout
    assert "18 status events and 2 other acts signed by" in told
    assert "Freeze: the authority lifts it with `party act unfreeze`" in told
    assert "aliases that changed since then: 1; the ledger hides whose" in told
    assert "nothing was drafted" in told


def test_from_a_later_time_on_less_is_listed(week: Week, shop: Workshop) -> None:
    time.sleep(2)  # a time to come is refused
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    found = shop.json(*asked(week)[:-1], moment)
    assert (found["events"], found["acts"], found["undo"], found["left"]) == ([], [], {}, [])


def test_the_week_is_undone_by_two_plans(week: Week, shop: Workshop, tmp_path: Path) -> None:
    authority, operator = ("--key", shop.key("BY", "authority")), ("--key", shop.key("BY"))
    decision = tmp_path / "decision.txt"
    decision.write_text("the key was stolen")
    retired = shop.run(
        "party",
        "act",
        "retire-operator",
        "--party",
        "BY",
        "--old",
        f"0x{week.thief.address.hex()}",
        *authority,
        "--yes",
    )
    assert retired.exit_code == 0, retired.output
    lifted = shop.run("party", "act", "unfreeze", "--party", "BY", *authority, "--yes")
    assert lifted.exit_code == 0, lifted.output
    out = ("--out", str(tmp_path / "week"), "--grounds", str(decision))
    too_many = shop.json(*asked(week, *out), code=3)
    assert too_many["error"] == "TooManyChanges"
    drafted = shop.json(*asked(week, *out, "--allow", "ends=2", "--allow", "changes=12"))
    plans = {one["signed_as"]: one["out"] for one in drafted["plans"]}
    assert plans == {name: str(tmp_path / f"week.{name}.plan") for name in ("operators", "authority")}
    assert shop.json(*asked(week, *out), code=3)["error"] == "FileExists"
    sign = ("register", "sign", "--yes")
    assert shop.json(*sign, plans["authority"], *operator, code=3)["error"] == "WrongKey"
    assert shop.json(*sign, plans["operators"], *authority, code=3)["error"] == "WrongKey"
    mixed = tmp_path / "mixed.plan"
    parts = [PLAN_FORM.decode(Path(plans[name]).read_bytes()) for name in ("operators", "authority")]
    mixed.write_bytes(
        PLAN_FORM.encode_file(
            replace(parts[0], changes=parts[0].changes + parts[1].changes, allowed={"changes": 10, "ends": 2})
        )
    )
    refused = shop.json(*sign, str(mixed), *authority, code=2)
    assert (refused["error"], "another sequence, issuer or kind" in refused["detail"]) == ("UnsoundPlan", True)
    signed = shop.run("register", "sign", plans["authority"], *authority, "--yes")
    assert signed.exit_code == 0, signed.output
    assert "from what stolen keys did" in signed.output
    done = [
        shop.run("register", "apply", plans["authority"], "--yes"),
        shop.run("register", "apply", plans["operators"], *operator, "--yes"),
    ]
    assert [one.exit_code for one in done] == [0, 0], [one.output for one in done]
    compared = ("status", "roles", "valid_from", "valid_until", "review_day", "issuer")
    for name in (
        "revoked",
        "annulled",
        "withdrawn",
        "annulled once more",
        "suspended",
        "amended",
        "reinstated",
        "reviewed",
    ):
        before, after = week.before[name], week.record(name)
        assert [getattr(after, part) for part in compared] == [getattr(before, part) for part in compared], name
        assert (after.hold_until, after.reason) == (before.hold_until, ReasonClass.KEY_COMPROMISED)
    for name in ("untouched", "honest"):
        assert week.record(name).issuer == BY
    assert week.record("untouched") == week.before["untouched"]
    assert week.record("honest").status is Status.SUSPENDED
    assert (week.record("amended later").sequence, week.record("cosigned").sequence) == (3, 2)
    assert {week.record(name).status for name in (INVENTED, "granted over an end")} == {Status.ANNULLED}
    history = shop.json("history", TINS["revoked"], "--type", "3", "--accept-odd")
    event = history["certificates"][0]["events"][-1]
    assert (event["event"], event["signed_as"]) == ("restore", "authority")
    shown = tmp_path / "shown"
    assert shop.json("document", "show", event["document"], "--out", str(shown))["kind"] == "grounds"
    assert shown.read_text() == "the key was stolen"
    again = shop.json(*asked(week, "--out", str(tmp_path / "again")))
    assert again["undo"] == {}
    assert len(again["events"]) == 18


def test_a_key_that_never_was_an_operator_is_refused(week: Week, shop: Workshop) -> None:
    for address in (bytes(20), week.network.signer("CN").address, week.network.signer("BY", "authority").address):
        words = [word if not word.startswith("0x") else f"0x{address.hex()}" for word in asked(week)]
        assert shop.json(*words, code=3)["error"] == NeverAnOperator.wire.title().replace("-", "")


class Lying:
    """A gateway that keeps something back."""

    def __init__(self, network: Network, *, snapshot: Any = None, history: Any = None) -> None:
        self._desk, self._snapshot, self._history = network.desk, snapshot, history

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def snapshot(self) -> Any:
        found = self._desk.snapshot()
        return self._snapshot(found) if self._snapshot else found

    def history(self, *asked: Any) -> Any:
        found = self._desk.history(*asked)
        return self._history(found) if self._history else found

    def prove_past(self, *asked: Any) -> Any:
        found = self._desk.prove_past(*asked)
        return self._history(found) if self._history else found


def find_by(week: Week, liar: Lying) -> None:
    desk = ProvenDesk(liar, week.network.trust, approve=without_asking)
    find_signed_by(desk, liar, BY, [week.thief.address], week.began)


def test_a_standing_that_a_snapshot_does_not_name_is_noticed(week: Week) -> None:
    entry = week.entry("revoked")

    def hide(found: Any) -> Any:
        rows = list(rows_of(found.standings, STANDING_ROW))
        (row,) = [row for row in rows if row[:32] == entry]
        slot = record_slot(entry)
        words = [keccak256((slot + at).to_bytes(32, "big")) + row[32 + 32 * at : 64 + 32 * at] for at in (0, 1)]
        registers = sorted([*rows_of(found.registers, 64), *words])
        return replace(found, registers=b"".join(registers), standings=b"".join(one for one in rows if one != row))

    with pytest.raises(StandingHidden) as caught:
        find_by(week, Lying(week.network, snapshot=hide))
    assert caught.value.slot == keccak256(record_slot(entry).to_bytes(32, "big"))


def test_an_act_that_a_gateway_keeps_back_is_noticed(week: Week) -> None:
    def shorten(found: Any) -> Any:
        chains = found.history.standings
        if not chains:
            return found
        cut = (replace(chains[0], events=chains[0].events[:-1]), *chains[1:])
        return replace(found, history=replace(found.history, standings=cut))

    with pytest.raises(HistoryIncomplete):
        find_by(week, Lying(week.network, history=shorten))
    for spoil in ({"parties": ()}, {"pairs": ()}, {"standings": ()}):
        with pytest.raises(OtherHistory):
            find_by(
                week,
                Lying(
                    week.network, history=lambda found, to=spoil: replace(found, history=replace(found.history, **to))
                ),
            )
    with pytest.raises(OtherHistory):
        find_by(week, Lying(week.network, history=lambda found: replace(found, history=None)))
