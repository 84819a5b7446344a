"""`aeo-ledger party did`: a party's keys as a `did:web` document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aeo_ledger.cli.acting import describe_facts, open_desk
from aeo_ledger.cli.card import Code, prove_card
from aeo_ledger.cli.options import DEFAULT_GATEWAY, DEFAULT_TIMEOUT, AsJson, Gateway, Timeout, Trust
from aeo_ledger.cli.output import put, refuse_two_outputs, reporting, show
from aeo_ledger.cli.screen import named
from aeo_ledger.cli.written import DID
from aeo_ledger.office.ask import read_trust
from aeo_ledger.office.calendar import show_moment
from aeo_ledger.office.card import read_card
from aeo_ledger.office.did import list_public_keys, name_did, write_did
from aeo_ledger.office.naming import count
from aeo_ledger.office.parties import find_number, show_party
from aeo_ledger.primitives.hexadecimal import parse_hex


@reporting
def did(
    party: Code,
    domain: Annotated[
        str, typer.Option(metavar="HOST[:PORT][/PATH]", help="Where the party publishes the document, over HTTPS.")
    ],
    trust: Trust,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The document; - is standard output."), DID],
    card: Annotated[
        Path | None,
        typer.Option(
            help="The party's card: its gateway becomes a service, and the signatures in it show the authority's public keys."
        ),
    ] = None,
    public_key: Annotated[
        list[str] | None,
        typer.Option(
            help="Public key of one of the party's keys, 0x and 128 digits; repeat it. The ledger has addresses alone."
        ),
    ] = None,
    gateway: Gateway = DEFAULT_GATEWAY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    as_json: AsJson = False,
) -> None:
    """Write a party's keys, proven, as a did:web document: those that serve, and those that ended, each with its dates."""
    refuse_two_outputs(out, as_json=as_json)
    name, place = name_did(domain)
    given = [parse_hex(text, what="--public-key", length=64) for text in public_key or []]
    with open_desk(gateway, timeout, read_trust(trust), yes=True, unproven=False, as_json=as_json) as desk:
        number = find_number(desk, party)
        proof = None if card is None else prove_card(desk, read_card(card, party), number, must_claim=False)
        keys = list_public_keys(given, proof.claim if proof else None)
        found = show_party(desk, number)
        document = write_did(desk, found, name, keys, proof.card.gateway if proof else "")
    put(out, f"{json.dumps(document, indent=2)}\n".encode())
    block = describe_facts(found.facts)
    lines = [
        f"{name}: {count(len(document['verificationMethod']), 'key')} of {party} in {named(out)}",
        f"publish it at {place}, and make it again when a key changes",
        f"proven as of block {block['block']} of {show_moment(found.facts.time)}",
    ]
    show({"did": name, "place": place, "document": document, **block}, as_json=as_json, lines=lines, beside=out)
