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


class NotIdentified(Refused):
    """Who asks is not shown: there is no token, or none that counts here. HTTP says 401."""


class TokenNeeded(NotIdentified, wire="token-needed"):
    """A closed gateway was asked without a token."""

    says = "this gateway answers only those who show a token"
    advises = (
        "name a key that stands on the ledger with --token-key CODE=FILE, or send a token of `aeo-ledger key token`"
    )


class TokenMalformed(NotIdentified, wire="token-malformed"):
    """What stands in the place of a token is none of this version."""

    says = "this is no token that is read here: {detail}"
    advises = "make one with `aeo-ledger key token`"

    detail: str


class TokenForged(NotIdentified, wire="token-forged"):
    """The key that a token names did not sign it, or it was altered."""

    says = "{signer} did not sign this token as it is"
    advises = "make another token with the key that it names"

    signer: bytes
    """Address of the key that the token names, 20 bytes."""


class TokenOfOther(NotIdentified, wire="token-of-other"):
    """A token for another ledger or another gateway, perhaps passed on by that one."""

    says = "the token is for {found!r}: {reason}"
    advises = "make a token for this gateway, by the host in its URL"

    found: str
    reason: str


class TokenExpired(NotIdentified, wire="token-expired"):
    """A token whose time is over."""

    says = "the token ended at {until_time:utc}, and it is {now:utc} here"
    advises = "make another token, and compare the clocks"

    until_time: int
    now: int


class TokenEarly(NotIdentified, wire="token-early"):
    """A token from the future."""

    says = "the token begins at {from_time:utc}, and it is {now:utc} here"
    advises = "compare the clocks"

    from_time: int
    now: int


class TokenTooLong(NotIdentified, wire="token-too-long"):
    """A token that would serve for longer than any may."""

    says = "the token serves for {found} s, at most {limit} are accepted"
    advises = "make another token"

    found: int
    limit: int


class TokenUsedUp(NotIdentified, wire="token-used-up"):
    """A token was sent as many times as one may be, by its owner or by somebody who copied it."""

    says = "the token was used {limit} times, as often as one may be"
    advises = "make another token"

    limit: int


class KeyUnknown(NotIdentified, wire="key-unknown"):
    """A token's key stands nowhere on the ledger for this party."""

    says = "{address} is no key of {party} by which one may ask: no operator, no authority, no reader in a card that this gateway holds"
    advises = "sign with an operator's key; or let the authority add the key to the party's card, and send the card to the gateway"

    address: bytes
    party: str


class KeyRetired(NotIdentified, wire="key-retired"):
    """A token's key served its party, and does so no more."""

    says = "{address} serves {party} no more"
    advises = "sign with a key that serves now"

    address: bytes
    party: str


class NotAllowed(Refused):
    """It is shown who asks, and they may not. HTTP says 403."""


class OperatorsFrozen(NotAllowed, wire="operators-frozen"):
    """The operators' keys of a party count for nothing until its authority lifts the freeze."""

    says = "the operators of {party} are frozen"
    advises = "its authority lifts the freeze; its readers may ask meanwhile"

    party: str


class AskerSuspended(NotAllowed, wire="asker-suspended"):
    """The party of a token's key is suspended."""

    says = "{party} is suspended until {until_time:utc}"
    advises = "ask again when it is active"

    party: str
    until_time: int


class AskerExpelled(NotAllowed, wire="asker-expelled"):
    """The party of a token's key is a party no more."""

    says = "{party} is expelled"
    advises = "ask a gateway that is open to everybody"

    party: str


class ScopeMissing(NotAllowed, wire="scope-missing"):
    """A token that is not for what was asked."""

    says = "the token is for {found}, and {needed} is needed"
    advises = "make a token with this scope"

    found: tuple[str, ...]
    needed: str


class ScopeNotGiven(NotAllowed, wire="scope-not-given"):
    """A key of this kind may not do what was asked, whatever its token says."""

    says = "{kind} of {party} may not {needed} at this gateway"
    advises = "sign with a key that may"

    kind: str
    party: str
    needed: str


class RateExceeded(Unavailable, wire="rate-exceeded"):
    """One caller asked more often than one may."""

    says = "more than {limit} from one caller: come back in {retry_after_s} s"

    limit: str
    """As in `1000 per 1 second`."""
    retry_after_s: int


class CountsUnavailable(Unavailable, wire="counts-unavailable"):
    """The file in which a gateway's workers count together cannot be used."""

    says = "the gateway cannot count its callers now: {detail}"
    advises = "ask again; its operator looks at the disk of its temporary files"

    detail: str
