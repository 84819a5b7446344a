"""The standard question: the Trust Registry Query Protocol, version 2, of the Trust over IP Foundation.

`POST /recognition` asks whether an authority recognises another one's register, `POST /authorization` whether it recognises a trader. Both
are spellings of questions that this gateway has anyway; `aeo-ledger about trqp` has the table. A proven no is an answer (200, `false`). What
cannot be proven is a problem, and never `false`. Who asks so need not fetch the evidence, whose address the answer names. So the gateway itself
judges here what a verifier would: an old block and a trust bundle that has ended prove nothing.

Source: ToIP Trust Registry Query Protocol 2.0 (approved), sections "API" and "HTTPS Binding"; RFC 3339; RFC 9457.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from aeo_ledger.customs.decision import Decision
from aeo_ledger.customs.tin import find_problems, read_tin
from aeo_ledger.customs.vocabulary import Benefit, Direction, Role, name_number
from aeo_ledger.errors import Unproven, show_utc
from aeo_ledger.errors.gateway import NotInRegistry
from aeo_ledger.errors.primitives import MalformedText
from aeo_ledger.errors.verify import UnknownCertificateType
from aeo_ledger.evidence import Header, Question, RegisterQuestion
from aeo_ledger.evidence.question import encode_question
from aeo_ledger.gateway.answers import name_answer
from aeo_ledger.gateway.freshness import as_of_newest
from aeo_ledger.gateway.media import medium_of
from aeo_ledger.gateway.problems import STATUS, describe
from aeo_ledger.gateway.recognitions import write_register_question
from aeo_ledger.ledger.port import Ledger
from aeo_ledger.office.ask import write_asked
from aeo_ledger.office.calendar import parse_moment, write_moment
from aeo_ledger.office.many import complete, list_needed
from aeo_ledger.protocol.lookup_keys import NO_KEYS, LookupKeys
from aeo_ledger.prover.prove import Prepared, prove_many, prove_register
from aeo_ledger.verify import TrustBundle
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, verify_age

_UTC: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|\+00:00)", re.ASCII
)
"""A moment of RFC 3339 in UTC: the protocol allows no other offset."""

_REQUEST_ID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
"""A UUID, which is sent back to who sent it."""


class RecognitionContext(BaseModel):
    """What else is asked."""

    model_config = ConfigDict(extra="forbid")

    time: str = Field(
        "",
        examples=["2024-01-01T00:00:00Z"],
        description="RFC 3339, in UTC with Z. Empty or left out: the newest block's time.",
    )


class AuthorizationContext(RecognitionContext):
    """What else is asked."""

    locator: str = Field(
        "", examples=["BY"], description="Code of the register's party. Empty or left out: what the TIN's prefix says."
    )


class StandardQuery(BaseModel):
    """What both questions have. A member that is not known is refused, because a question read in part is another question."""

    model_config = ConfigDict(extra="forbid")

    authority_id: str = Field(examples=["CN"], description="Code of the party that recognises.")
    action: str = Field(examples=["import"], description="The direction, seen from it: import, export or transit.")


class RecognitionQuery(StandardQuery):
    """Does this authority recognise that authority's certificates?"""

    entity_id: str = Field(examples=["BY"], description="Code of the party that keeps the register.")
    resource: str = Field(examples=["3:carrier"], description="Type and role, as TYPE:ROLE.")
    context: RecognitionContext = Field(RecognitionContext(time=""), examples=[{"time": "2024-01-01T00:00:00Z"}])


class AuthorizationQuery(StandardQuery):
    """Does this authority recognise that trader?"""

    entity_id: str = Field(examples=["BY511125808"], description="The trader: its TIN.")
    resource: str = Field(examples=["carrier"], description="The trader's role, or type and role as TYPE:ROLE.")
    context: AuthorizationContext = Field(AuthorizationContext(time="", locator=""), examples=[{"locator": "BY"}])


class StandardAnswer(BaseModel):
    """What both answers have. Members without a value are left out."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    time_requested: str | None = Field(None, description="As it stands in the question's context.")
    time_evaluated: str = Field(description="Time of the block whose words decide, RFC 3339.")
    message: str = Field(description="The answer in words, as of which block, and the address of its evidence.")
    context: dict[str, str] | None = Field(None, description="As it stands in the question.")
    evidence: str = Field(
        description="Address of the evidence, relative to this gateway: fetch it, and check it yourself."
    )
    evidence_of_other_form: str | None = Field(
        None,
        description="Of a no about a trader that may have a second number (GB for XI): the evidence that this is absent too.",
    )


class RecognitionAnswer(StandardAnswer):
    """Whether the register is recognised."""

    recognized: bool


class AuthorizationAnswer(StandardAnswer):
    """Whether the trader is recognised."""

    authorized: bool


def answer_standard_questions(
    app: FastAPI, ledger: Ledger, trust: TrustBundle, keys: LookupKeys = NO_KEYS, *, clock: Callable[[], float]
) -> None:
    """Add the two routes of the protocol.

    Args:
        app: Gets them.
        ledger: Whose words decide.
        trust: Names of parties and types.
        keys: The lookup keys that the gateway's operator holds.
        clock: Returns UTC seconds.
    """
    unknown: dict[int | str, dict[str, Any]] = {STATUS[NotInRegistry]: describe(NotInRegistry)}

    def newest() -> Ledger:
        """Return the ledger as of its newest block, if that proves anything now.

        Raises:
            TrustExpired, Stale, FromTheFuture: It does not.
        """
        near = as_of_newest(ledger)
        at, now = near.time_of(near.head()), int(clock())
        verify_age(at, trust, now=now, max_age=DEFAULT_MAX_AGE_S, skew=DEFAULT_SKEW_S)
        return near

    @app.post(
        "/recognition",
        response_model=RecognitionAnswer,
        responses=unknown,
        summary="TRQP 2.0: does this authority recognise that one's certificates?",
    )
    def post_recognition(asked: RecognitionQuery, request: Request) -> Response:
        question = RegisterQuestion(
            register=_party(asked.entity_id, "entity_id", trust), **_circumstances(asked, trust, with_type=True)
        )
        try:
            prepared = prove_register(question, newest(), trust, with_history=question.on is not None)
        except UnknownCertificateType as error:
            raise _unknown_type(asked.resource, error) from error
        return _tell(
            request,
            asked,
            prepared,
            "recognized",
            prepared.answers[0],
            [_address("/v1/recognitions", write_register_question(question))],
        )

    @app.post(
        "/authorization",
        response_model=AuthorizationAnswer,
        responses=unknown,
        summary="TRQP 2.0: does this authority recognise that trader?",
    )
    def post_authorization(asked: AuthorizationQuery, request: Request) -> Response:
        register = _party(asked.context.locator, "locator", trust) if asked.context.locator else None
        question = Question(tin=read_tin(asked.entity_id), register=register, **_circumstances(asked, trust))
        needed = list_needed([question])
        prepared = prove_many(needed, newest(), trust, keys=keys, with_history=question.on is not None)
        for error in prepared.problems.values():
            if isinstance(error, UnknownCertificateType):
                raise _unknown_type(asked.resource, error) from error
            error.place = ""
            raise error
        decision = complete(question, dict(zip(prepared.evidence.questions, prepared.answers, strict=True)))
        medium_of(request).tell({"question": encode_question(question), **name_answer(decision, trust)})
        addresses = [_address("/v1/decisions", write_asked(one)) for one in needed]
        return _tell(request, asked, prepared, "authorized", decision, addresses, find_problems(question.tin))


def _circumstances(
    asked: RecognitionQuery | AuthorizationQuery, trust: TrustBundle, *, with_type: bool = False
) -> dict[str, Any]:
    """Read what both questions have.

    Raises:
        NotInRegistry: The authority, the action or the role is not known here.
        MalformedText: The time or the resource has another form.
    """
    certificate_type, colon, role = asked.resource.rpartition(":")
    if (colon and not certificate_type) or (with_type and not colon):
        raise MalformedText("resource", repr(asked.resource)[:80], "TYPE:ROLE, as 3:carrier")
    return {
        "recogniser": _party(asked.authority_id, "authority_id", trust),
        "direction": Direction(_word(asked.action, Direction, "action")),
        "role": Role(_word(role, Role, "resource")),
        "certificate_type": certificate_type or None,
        "on": _time(asked.context.time),
    }


def _time(text: str) -> int | None:
    """Read the time asked about, UTC seconds; None for now."""
    if not text:
        return None
    if not _UTC.fullmatch(text):
        raise MalformedText("context.time", repr(text)[:80], "a moment in UTC, as 2024-01-01T00:00:00Z")
    return parse_moment(text, None, what="context.time")


def _party(code: str, member: str, trust: TrustBundle) -> str:
    if code not in trust.by_code:
        raise NotInRegistry(member=member, found=code[:80], known=tuple(trust.by_code))
    return code


def _word(name: str, kind: type[Direction] | type[Role], member: str) -> int:
    known = {word.name.lower(): int(word) for word in kind}
    if name not in known:
        raise NotInRegistry(member=member, found=name[:80], known=tuple(known))
    return known[name]


def _unknown_type(resource: str, error: UnknownCertificateType) -> NotInRegistry:
    return NotInRegistry(member="resource", found=resource[:80], known=error.known)


def _address(path: str, asked: Mapping[str, Any]) -> str:
    """Write the address at which a question is answered with its evidence."""
    past = {"history": "true"} if "on" in asked else {}
    return f"{path}?{urlencode({**asked, **past, 'evidence': 'true'})}"


def _tell(
    request: Request,
    asked: RecognitionQuery | AuthorizationQuery,
    prepared: Prepared,
    member: str,
    found: Decision | Unproven,
    addresses: Sequence[str],
    doubts: Sequence[str] = (),
) -> Response:
    """Write a proven yes or no.

    Raises:
        Unproven: It is neither.
    """
    if isinstance(found, Unproven):
        raise found
    addresses = addresses[:1] if found.recognised else addresses
    evidence, *other = addresses
    document = {
        **{name: getattr(asked, name) for name in ("entity_id", "authority_id", "action", "resource")},
        member: found.recognised,
        "time_evaluated": write_moment(prepared.header.timestamp),
        "message": "; ".join(
            [
                _say(found, prepared.header),
                *(f"look again at this number: {doubt}" for doubt in doubts),
                f"evidence: {' and '.join(addresses)}",
            ]
        ),
        "evidence": evidence,
        **({"evidence_of_other_form": other[0]} if other else {}),
        **({"time_requested": asked.context.time} if asked.context.time else {}),
        **({"context": asked.context.model_dump(exclude_unset=True)} if "context" in asked.model_fields_set else {}),
    }
    known = request.headers.get("x-request-id", "")
    return JSONResponse(document, headers={"x-request-id": known} if _REQUEST_ID.fullmatch(known) else {})


def _say(found: Decision, header: Header) -> str:
    if found.recognised:
        words = [name_number(benefit, Benefit) for benefit in found.benefits] or ["no benefits"]
    else:
        words = [reason.name.lower() for reason in found.reasons]
    verdict = "recognised" if found.recognised else "not recognised"
    said = ", ".join(word.replace("_", " ") for word in words)
    return f"{verdict}: {said}, as of block {header.number} of {show_utc(header.timestamp)}"
