"""What happens in a year: each story takes the parties that it is about, and gives them back as it found them, or says why not."""

from __future__ import annotations

from aeo_ledger.customs.vocabulary import EventKind, PartyActKind
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.change_status import Change, draft_change
from aeo_ledger.office.draft_acts import draft_party_act
from aeo_ledger.office.proven_desk import ProvenDesk, without_asking
from aeo_ledger.protocol.acts import SignedAct
from support.year import DAY, NETWORK, WEEK, Story, Year
from support.year_watch import KeyFile, Member, key_options, keys_of

HOUR = 3_600
UNION = "EU"
TERMS = """
name = "{name}"
text = "as signed"
[[recognition]]
recogniser = "{recogniser}"
register = "{register}"
types = ["{type}"]
directions = ["import"]
benefits = ["fewer_inspections"]
in_force_from = 2026-01-01T00:00:00Z
"""


def tin(year: Year, member: Member) -> str:
    """Make the number of a trader of this party's own."""
    prefix = member.code if len(member.code) == 2 and member.code != UNION else "DE"
    return f"{prefix}{year.chance.randrange(10**8, 10**9)}"


def add_operator(year: Year, member: Member) -> KeyFile:
    new = year.new_key()
    year.watch.expect_key(new, member)
    year.own(member, "add-operator", "--new", new.shown, new=[new])
    member.operators.append(new)
    return new


def retire_operator(year: Year, member: Member, key: KeyFile) -> None:
    year.own(member, "retire-operator", "--old", key.shown)
    member.operators.remove(key)


def desk_of(year: Year) -> ProvenDesk:
    """The desk of a thief who writes a program of its own."""
    trust = read_trust(year.folder / "trust.json")
    return ProvenDesk(year.relay, trust, approve=without_asking, clock=lambda: year.hand.at)


def forged_grant(year: Year, member: Member) -> SignedAct:
    """Draft a grant that may be sent for a long time."""
    entry, change = year.watch.entry(member, tin(year, member)), Change(kind=EventKind.GRANT, roles=1)
    number = member.number
    return draft_change(desk_of(year), entry, change, register=number, issuer=number, lifetime_s=90 * DAY)[1]


def forged_act(year: Year, member: Member) -> SignedAct:
    entered = {"hash": bytes([7]) * 32}
    return draft_party_act(desk_of(year), PartyActKind.SET_CARD, member.number, entered, lifetime_s=HOUR)


# ---- daily business


def daily_business(year: Year, member: Member) -> Story:
    """A certificate is granted, suspended, reinstated, and in the end its holder gives it back."""
    trader = tin(year, member)
    year.publish(member, "grant", trader, "--roles", "exporter")
    yield WEEK
    year.publish(member, "suspend", trader)
    yield 2 * WEEK
    year.publish(member, "reinstate", trader)
    old = member.operators[0]
    add_operator(year, member)
    yield DAY
    retire_operator(year, member, old)
    year.publish(member, "withdraw", trader)
    year.publish(member, "grant", tin(year, member), "--roles", "exporter", by=[old], refused="WrongKey")


def recognition(year: Year, recogniser: Member, register: Member) -> Story:
    """Two parties conclude an arrangement; the recogniser suspends it, alone and at once; the other side ends it with notice."""
    year.watch.expect_pair(recogniser, register)
    trader, both = tin(year, register), {recogniser.number, register.number}
    asked = ("--recogniser", recogniser.code, "--register", register.code, "--type", register.type, "--accept-odd")
    question = ("ask", trader, "--direction", "import", "--role", "exporter", *asked)
    terms = year.file("toml")
    name = f"{recogniser.code}-{register.code}"
    terms.write_text(TERMS.format(name=name, recogniser=recogniser.code, register=register.code, type=register.type))
    year.publish(register, "grant", trader, "--roles", "exporter")
    year.run("arrangement", "conclude", str(terms), *key_options(register.signing), "--yes")
    act = str(terms.with_suffix(".act.json"))
    year.do("act", "submit", act, about=both, refused="Undersigned", keys=False)
    year.run("act", "sign", act, *key_options(recogniser.signing), "--yes")
    by = [*register.signing, *recogniser.signing]
    year.do("act", "submit", act, by=by, about=both, keys=False)
    assert year.run(*question)["recognised"] is True
    yield 2 * WEEK

    def lane(verb: str, member: Member, *words: str) -> None:
        pair = ("--recogniser", recogniser.code, "--register", register.code)
        year.do(
            "arrangement", verb, "--party", member.code, *pair, *words, by=member.signing, about=both, why=f"{verb} {name}"
        )  # fmt: skip

    lane("suspend", recogniser)
    assert year.run(*question, code=1)["recognised"] is False
    yield WEEK
    lane("resume", recogniser)
    lane("end", register, "--until", year.day(30))
    assert year.run(*question)["recognised"] is True
    yield 31 * DAY
    assert year.run(*question, code=1)["recognised"] is False


# ---- thefts


def stolen_operator(year: Year, member: Member) -> Story:
    """An operator's key is stolen: whoever notices it freezes, the authority retires the key, and what it did is undone."""
    honest, forged = tin(year, member), tin(year, member)
    year.publish(member, "grant", honest, "--roles", "exporter")
    key = member.operators[0]
    member.copied.add(key)
    yield HOUR
    year.publish(member, "revoke", honest, by=[key], thief=member)
    year.publish(member, "grant", forged, "--roles", "exporter", by=[key], thief=member)
    yield HOUR
    year.do("party", "freeze", "--party", member.code, by=[key], about={member.number}, why="a key is stolen")
    member.frozen = True
    year.publish(
        member, "grant", tin(year, member), "--roles", "exporter", by=[key], thief=member, refused="PARTY_FROZEN"
    )
    year.force(forged_grant(year, member), [key], "PARTY_FROZEN")
    year.publish(member, "suspend", forged)  # to restrict is never forbidden
    yield HOUR
    add_operator(year, member)
    retire_operator(year, member, key)
    year.publish(member, "revoke", forged, by=[key], thief=member, refused="WrongKey")
    year.force(forged_grant(year, member), [key], "SURPLUS_SIGNATURE")
    year.own(member, "unfreeze")
    member.frozen = False
    year.publish(member, "annul", forged)
    year.publish(member, "restore", honest, by=member.signing)
    member.copied.clear()


def stolen_authority(year: Year, member: Member) -> Story:
    """A thief takes over the authority. The seats suspend the party and name a new key; the thief objects, and it takes longer."""
    owned, stolen = member.signing[0], year.new_key()
    year.watch.expect_key(stolen, member)
    member.copied |= {owned, stolen}
    year.own(member, "rotate-authority", "--old", owned.shown, "--new", stolen.shown, new=[stolen], thief=member)
    member.authority, member.away = [stolen], True
    year.own(member, "card", "--hash", "0x" + "11" * 32, by=[owned], refused="WrongKey")
    year.do("party", "freeze", "--party", member.code, by=member.operators[:1], about={member.number}, why="taken over")
    year.own(member, "unfreeze", thief=member)
    yield DAY
    yield from year.when_able(besides=1)
    year.resolve("suspend", "--party", member.code, "--until", year.day(200), about={member.number})
    member.suspended = True
    year.own(member, "card", "--hash", "0x" + "22" * 32, thief=member, refused="PARTY_SUSPENDED")
    year.force(forged_act(year, member), [stolen], "PARTY_SUSPENDED")
    new = year.new_key()
    year.watch.expect_key(new, member)
    year.resolve("replace-authority", "--party", member.code, "--new", new.shown, about={member.number}, new=[new])
    year.own(member, "cancel-replacement", thief=member, refused="PARTY_SUSPENDED")
    year.do("party", "object", "--party", member.code, by=[stolen], about={member.number}, why="mine", thief=member)
    pending = year.run("party", "show", member.code)["replacement"]
    assert (pending["key"], pending["objected"], pending["ready_at"] > year.now + 89 * DAY) == (new.shown, True, True)
    assert member.code in {one["party"] for one in year.run("health")["replacements"]}
    complete = ("party", "complete-replacement", member.code)
    year.do(*complete, about={member.number}, refused="NOT_YET")
    yield 91 * DAY
    year.do(*complete, about={member.number})
    member.authority, member.operators, member.away = [new], [], False
    yield DAY
    yield from year.when_able()
    year.resolve("reinstate", "--party", member.code, about={member.number})
    member.suspended = False
    year.own(member, "card", "--hash", "0x" + "33" * 32, by=[stolen], thief=member, refused="WrongKey")
    year.force(forged_act(year, member), [stolen], "SURPLUS_SIGNATURE")
    add_operator(year, member)
    year.publish(member, "grant", tin(year, member), "--roles", "exporter")
    member.copied.clear()


def one_key_of_three(year: Year, member: Member) -> Story:
    """With two of three keys, a thief of one key can do nothing, and the other two put it out."""
    for _ in range(2):
        new = year.new_key()
        year.watch.expect_key(new, member)
        year.own(member, "add-authority-key", "--new", new.shown, new=[new])
        member.authority.append(new)
    year.own(member, "set-authority-threshold", "--count", "2")
    member.needs = 2
    yield WEEK
    stolen, fresh = member.authority[0], year.new_key()
    member.copied.add(stolen)
    year.own(member, "set-authority-threshold", "--count", "1", by=[stolen], thief=member, refused="TOO_FEW_SIGNATURES")
    year.force(forged_act(year, member), [stolen], "TOO_FEW_SIGNATURES")
    yield HOUR
    year.watch.expect_key(fresh, member)
    year.own(member, "rotate-authority", "--old", stolen.shown, "--new", fresh.shown, new=[fresh])
    member.authority[0] = fresh
    year.own(member, "card", "--hash", "0x" + "44" * 32, by=[stolen, member.authority[1]], refused="WrongKey")
    member.copied.clear()


# ---- losses, and two thirds in a hurry


def lost_authority(year: Year, member: Member) -> Story:
    """A party loses its only key. Two thirds name a new one at once, and after the delay anybody completes it."""
    member.away = True
    operator = member.operators[0]
    yield from year.when_able()
    new = year.new_key()
    year.watch.expect_key(new, member)
    year.resolve("replace-authority", "--party", member.code, "--new", new.shown, about={member.number}, new=[new])
    year.do("party", "complete-replacement", member.code, about={member.number}, refused="NOT_YET")
    year.publish(member, "grant", tin(year, member), "--roles", "exporter")  # its operators go on meanwhile
    yield 15 * DAY
    year.do("party", "complete-replacement", member.code, about={member.number})
    member.authority, member.operators, member.away = [new], [], False
    year.publish(member, "grant", tin(year, member), "--roles", "exporter", by=[operator], refused="WrongKey")
    add_operator(year, member)


def hostile_replacement(year: Year, member: Member) -> Story:
    """Two thirds in a hurry want another's authority. The party cancels it; while it is suspended it objects, and a third stops it."""
    yield from year.when_able(besides=2)
    hostile = year.new_key()
    year.watch.expect_key(hostile, member)
    others = [one for one in year.members.values() if one.can_vote and one is not member]
    voters = year.chance.sample(others, year.quorum)
    about = {member.number}
    year.resolve(
        "replace-authority", "--party", member.code, "--new", hostile.shown, about=about, new=[hostile], voters=voters
    )
    year.own(member, "cancel-replacement")
    yield WEEK
    yield from year.when_able(besides=2)
    year.resolve("suspend", "--party", member.code, "--until", year.day(20), about=about)
    member.suspended = True
    other = year.new_key()
    year.watch.expect_key(other, member)
    year.resolve("replace-authority", "--party", member.code, "--new", other.shown, about=about, new=[other])
    year.own(member, "cancel-replacement", refused="PARTY_SUSPENDED")
    year.do("party", "object", "--party", member.code, by=member.signing[:1], about=about, why="we are well")
    able = [one for one in year.members.values() if one.can_vote]
    seated = [one for one in year.members.values() if one.seat and not (one.suspended or one.expelled)]
    third = year.chance.sample(able, -(-len(seated) // 3))
    stop = ("party", "stop", "--party", member.code)
    year.do(*stop, by=third[0].signing, about=about, why="alone", refused="TOO_FEW_SIGNATURES")
    year.do(*stop, by=keys_of(third), about=about, why="nothing is wrong with it")
    yield 21 * DAY  # its suspension has the end again that it had
    member.suspended = False
    year.own(member, "card", "--hash", "0x" + "55" * 32)


def silent_seats(year: Year, member: Member) -> Story:
    """More than a third of the seats are silent, and nothing is decided; two thirds speak, and the others do not matter."""
    yield from year.when_able(besides=1)
    able = [one for one in year.members.values() if one.can_vote]
    few = year.chance.sample(able, year.quorum - 1)
    keys = keys_of(few)
    file = year.file("act.json")
    drafted = ("resolution", "draft", "give-seat", "--party", member.code, "--out", str(file), "--yes")
    why = year.file("txt")
    why.write_text("it has earned one")
    year.run(*drafted, *key_options(keys), "--grounds", str(why))
    about = {member.number, NETWORK}
    year.do("act", "submit", str(file), by=keys, about=about, refused="Undersigned", keys=False)
    yield WEEK
    late = next((one for one in year.members.values() if one.can_vote and one not in few), None)
    same = year.quorum == len(few) + 1 and all(one.can_vote and key in keys for one in few for key in one.signing)
    if late is not None and same:  # what else happened in this week may have made their signatures worthless
        year.run("act", "sign", str(file), *key_options(late.signing), "--yes")
        year.do("act", "submit", str(file), by=[*keys, *late.signing], about=about, keys=False)
        member.seat = True
        yield DAY
        yield from year.when_able()
        year.resolve("take-seat", "--party", member.code, about=about)
        member.seat = False


# ---- comings and goings


def leaves_a_union(year: Year, member: Member) -> Story:
    """A member gives notice, takes it back, gives it again; the union takes it in again, and ejects it."""
    union = next(one for one in year.members.values() if one.code == UNION)
    own, both = ("--union", union.code), {member.number, union.number}
    year.own(member, "leave-union", *own, "--from", year.day(60))
    yield WEEK
    year.own(member, "revoke-leaving", *own)
    year.own(member, "leave-union", *own, "--from", year.day(30))
    yield 20 * DAY
    assert year.run("party", "show", member.code)["unions"] != []
    yield 11 * DAY
    year.own(member, "revoke-leaving", *own, refused="UNION_MEMBERSHIP")
    year.own(member, "join-union", *own, new=union.signing, about=both)
    other = ("--member", member.code)
    year.own(union, "eject-member", *other, "--from", year.day(90), about=both)
    year.own(member, "revoke-leaving", *own, refused="UNION_MEMBERSHIP")
    yield WEEK
    year.own(union, "revoke-ejection", *other, about=both)
    assert [place["leaves_at"] for place in year.run("party", "show", member.code)["unions"]] == [0]


def admission(year: Year, code: str) -> Story:
    """An administration is admitted with its node, and votes."""
    yield from year.when_able(besides=1)
    key, node, number = year.new_key(), year.new_key(), max(one.number for one in year.members.values()) + 1
    admitted = Member(code=code, number=number, seat=False, register=True, authority=[key], operators=[])
    year.watch.expect_party(admitted)
    words = ("--code", code, "--kind", "administration", "--keeps-register", "--new", key.shown)
    year.resolve("admit", *words, about={number, NETWORK}, new=[key])
    year.members[code] = admitted
    yield DAY
    year.own(admitted, "card", "--hash", "0x" + "66" * 32)
    add_operator(year, admitted)
    year.watch.expect_key(node, admitted)
    yield from year.when_able(besides=1)
    year.resolve("give-seat", "--party", code, about={number, NETWORK})
    admitted.seat = True
    seated = ("seat-validator", "--party", code, "--new", node.shown)
    year.resolve(*seated, about={number, NETWORK}, new=[node])
    year.follow()
    yield WEEK
    year.resolve("unseat-validator", "--party", code, "--old", node.shown, about={number, NETWORK})
    year.follow()  # no bundle that was pinned before names it, so no other story is about it


def expulsion(year: Year, member: Member) -> Story:
    """A party is expelled: its keys can do nothing more, and nobody else loses anything."""
    yield from year.when_able(besides=2)
    trader = tin(year, member)
    year.publish(member, "grant", trader, "--roles", "exporter")
    about = {member.number, NETWORK}
    voters = [one for one in year.members.values() if one.can_vote and one is not member][: year.quorum]
    year.resolve("expel", "--party", member.code, about=about, voters=voters)
    member.expelled = True
    year.own(member, "card", "--hash", "0x" + "77" * 32, refused="PARTY_EXPELLED")
    year.publish(member, "suspend", trader, refused="PARTY_GONE")
    year.force(forged_act(year, member), member.signing, "PARTY_EXPELLED")
    yield WEEK
    yield from year.when_able()
    node = f"0x{year.nodes.pop(member.code).hex()}"
    year.resolve("unseat-validator", "--party", member.code, "--old", node, about=about)
    year.follow()


def succession(year: Year, member: Member) -> Story:
    """A successor is named, taken back, and named again; from its date on nothing is favoured any more, and all can be restricted."""
    trader, granted = tin(year, member), forged_grant(year, member)
    year.publish(member, "grant", trader, "--roles", "exporter")
    year.resolve("supersede", "--date", year.day(200), about={NETWORK})
    yield WEEK
    year.resolve("cancel-succession", about={NETWORK})
    year.resolve("supersede", "--date", year.day(40), about={NETWORK})
    yield 39 * DAY
    year.publish(member, "amend", trader, "--roles", "exporter,importer")
    yield 2 * DAY
    year.publish(member, "grant", tin(year, member), "--roles", "exporter", refused="SUPERSEDED")
    year.force(granted, member.operators, "SUPERSEDED")
    year.own(member, "card", "--hash", "0x" + "88" * 32, refused="SUPERSEDED")
    year.publish(member, "suspend", trader)
    add_operator(year, member)
