"""`aeo-ledger withhold`: refuse benefits to one foreign operator, or grant them again."""

from __future__ import annotations

from typing import Annotated

import typer

from aeo_ledger.cli.certificate import find_entry
from aeo_ledger.cli.options import (
    DEFAULT_GATEWAY,
    AsJson,
    Gateway,
    Keys,
    PasswordFile,
    Recogniser,
    TinArgument,
    Trust,
    open_keys,
)
from aeo_ledger.cli.output import now, reporting, show
from aeo_ledger.customs.tin import Tin
from aeo_ledger.office import withhold as office
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.conclude import find_party


@reporting
def withhold(
    tin: TinArgument,
    recogniser: Recogniser,
    register: Annotated[str, typer.Option("--register", help="Code of the register's party.")],
    certificate_type: Annotated[str, typer.Option("--type", help="Certificate type, by its name in the register.")],
    trust: Trust,
    key: Keys,
    gateway: Gateway = DEFAULT_GATEWAY,
    release: Annotated[bool, typer.Option("--release", help="Grant benefits again.")] = False,
    password_file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Refuse benefits to one foreign operator, whatever its issuer says; signed by the recogniser's operators."""
    from aeo_ledger.gateway.client import GatewayClient  # noqa: PLC0415

    pinned = read_trust(trust)
    with GatewayClient(gateway) as desk:
        members = desk.members()
        receipt = office.withhold(
            desk,
            find_entry(Tin(tin), certificate_type, find_party(members, register)),
            withheld=not release,
            recogniser=find_party(members, recogniser).number,
            signers=open_keys(key, password_file),
            trust=pinned,
            now=now(),
        )
    state = "granted again" if release else "withheld"
    document = {
        "tin": tin,
        "recogniser": recogniser,
        "benefits": state,
        "block": receipt.block,
        "transaction": receipt.transaction,
    }
    show(
        document,
        as_json=as_json,
        lines=[f"benefits {state} by {recogniser} for {tin}, sealed in block {receipt.block}"],
    )
