"""Errors of a gateway and its client."""

from __future__ import annotations

from aeo_ledger.errors import Malformed, Refused, Unavailable


class GatewayUnclear(Unavailable, wire="gateway-unclear"):
    """The answer does not come from a gateway of this version."""

    says = "{url}{path} did not answer as a gateway of this version does, so another program may be at this address: {detail}"
    advises = "use a gateway of this version, or name another with --gateway"

    url: str
    path: str
    detail: str
    status: int = 200
    """The HTTP status. From 500 on it may be a proxy's, whose gateway is starting."""


class GatewayUnreachable(Unavailable, wire="gateway-unreachable"):
    """The gateway does not answer."""

    says = "no gateway at {url} ({detail}): start one with `aeo-ledger gateway DIR`, or name it with --gateway"

    url: str
    detail: str


class GatewaySlow(Unavailable, wire="gateway-slow"):
    """A gateway's answer did not come in time."""

    says = (
        "{url} gave no complete answer within {waited_s:g} s: ask again, name another with --gateway, or wait longer "
        "with --timeout"
    )

    url: str
    waited_s: float


class GatewayBroke(Unavailable, wire="gateway-broke"):
    """A gateway closed the connection, or did not speak HTTP, before its answer was complete."""

    says = "{url} closed the connection before its answer was complete ({detail}): ask again"

    url: str
    detail: str


class NoGatewayAnswers(Unavailable, wire="no-gateway-answers"):
    """None of several gateways could be asked."""

    says = "no gateway answers: {said:; }"
    advises = "try again later, or name others with --gateway"

    said: tuple[str, ...]
    """The error of each gateway."""


class PossiblyRelayed(Unavailable, wire="possibly-relayed"):
    """A signed act was sent to a gateway that did not answer. It may be sealed. It counts once, however often it is sent."""

    says = "{url} may have relayed the act ({detail}): check whether it is sealed before you sign it again"

    url: str
    detail: str


class NoSuchRoute(Malformed, wire="no-such-route"):
    """A gateway has nothing at this path."""

    says = "nothing at {path}: see /openapi.json"

    path: str


class WrongMethod(Malformed, wire="wrong-method"):
    """A path of the gateway that accepts other methods."""

    says = "{path}: found {method}, needed {needed}"

    method: str
    path: str
    needed: str


class NotInRegistry(Malformed, wire="not-in-registry"):
    """A standard question names an entity, an authority, an action or a resource that nobody here knows."""

    says = "{member}: nobody here knows {found!r}, needed one of {known}"
    advises = "ask about what is listed, or another registry"

    member: str
    """The member of the question."""
    found: str
    known: tuple[str, ...]


class StrangeCursor(Malformed, wire="strange-cursor"):
    """A cursor that this gateway did not give for this register and these filters."""

    says = "cursor: it continues no list of this register with these filters"
    advises = "ask again without the cursor"


class CursorPast(Refused, wire="cursor-past"):
    """A cursor of a block whose words the gateway no longer keeps: the list would be of two blocks."""

    says = "cursor: it continues a list as of block {block}, and only the last few blocks are kept"
    advises = "ask again without the cursor, with longer pages"

    block: int


class GatewayFault(Unavailable, wire="gateway-fault"):
    """A bug of a gateway; the gateway's log shows it."""

    says = "the gateway had an unexpected error: its operator finds it in the log"


class CardNotHeld(Refused, wire="card-not-held"):
    """A gateway has no card of a party."""

    says = "this gateway holds no card of {party}"
    advises = "ask the party for its card, or another gateway"

    party: str


class OtherNews(Malformed, wire="other-news"):
    """A file has the place in other news than those that are asked for."""

    says = "{path}: it is a place in the news of {found}, needed {needed}"
    advises = "name a file of its own for each recogniser and ledger"

    path: str
    """The file."""
    found: str
    needed: str


class LeaseLost(Unavailable, wire="lease-lost"):
    """Another worker sends the webhooks now: this one was too slow to say that it does."""

    says = "another worker sends the webhooks now"
    advises = "nothing needs to be done; if it happens often, look at the machine's clock and at its database"


class NotDelivered(Unavailable, wire="not-delivered"):
    """A receiver of webhooks did not accept a message."""

    says = "webhook {hook}: {detail}"
    advises = "see `webhook list`; when the receiver works again, run `webhook replay`"

    hook: str
    """Its name."""
    detail: str
    """What happened, without the receiver's words."""


class NoSuchLetter(Malformed, wire="no-such-letter"):
    """No undelivered message has this id."""

    says = "no undelivered message has the id {id!r}"
    advises = "see `webhook list`"

    id: str


class NotReady(Unavailable, wire="not-ready"):
    """A gateway that answers, but whose answers may not be provable."""

    says = "not safe to query: {reasons:; }"
    advises = "ask another gateway until /readyz of this one says yes"

    reasons: tuple[str, ...]


class NoRecordKept(Refused, wire="no-record-kept"):
    """A gateway without a database keeps no record of decisions."""

    says = "this gateway keeps no record of decisions"
    advises = "ask a gateway that has a database for its index"
