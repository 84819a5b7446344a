"""The file of webhooks, which `gateway --webhooks` reads: who is told what, and with which keys it is signed.

    [[webhook]]
    name = "border"                       # in logs and lists, and of its place: another name begins anew
    url = "https://border.example/news"
    recogniser = "CN"
    registers = ["BY"]                    # left out: all
    sign_with = ["border.secret.json", "gateway.key.json"]   # files of `webhook secret` and `webhook key`
    password_file = "hooks.password"      # left out: AEO_LEDGER_PASSWORD, or the gateway asks
    private = false                       # true: it may be in this network, and plain HTTP

Paths are relative to the file. An unknown key is refused: a filter that is misspelt would let everything through.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from aeo_ledger.errors.primitives import MalformedDocument
from aeo_ledger.gateway.news import Wanted, read_wanted
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import Fields, parse_toml, within
from aeo_ledger.primitives.urls import Url, parse_url
from aeo_ledger.signing.webhooks import HookSigner
from aeo_ledger.verify import TrustBundle

Signer = TypeVar("Signer")
"""What signs messages: a `HookSigner`, or what stands for one where nothing is sent."""

MOST_HOOKS: Final = 64
_MAX_BYTES: Final = 1 << 16
_DOCUMENT: Final = "webhooks"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_MOST_SIGNERS: Final = 4
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook(Generic[Signer]):
    """A webhook."""

    name: str
    url: Url
    wanted: Wanted
    signers: tuple[Signer, ...]
    private: bool
    """Whether it may lead into this machine's own network."""


OpenHook = Hook[HookSigner]
"""A webhook whose messages can be signed."""

OpenSigner = Callable[[Path, Path | None], Signer]
"""Opens a key's file, with the password in the password's file if one is named."""


def read_hooks(path: Path, trust: TrustBundle, open_signer: OpenSigner[Signer]) -> tuple[Hook[Signer], ...]:
    """Read the file, and open the keys that it names.

    Args:
        path: The file.
        trust: Names of parties.
        open_signer: Opens a key's file, as `open_hook_signer` does; who only checks the file looks at the key's.

    Raises:
        UnreadableFile, OversizedFile: it cannot be read.
        MalformedDocument, MalformedText, UnknownParty: it says something that cannot be meant; the place is named.
        AeoLedgerError: whatever `open_signer` raises.
    """
    document: dict[str, Any] = parse_toml(
        read_file(path, max_bytes=_MAX_BYTES), document=_DOCUMENT, max_bytes=_MAX_BYTES
    )
    fields = Fields(document, document=_DOCUMENT)
    fields.demand(["webhook"])
    hooks = []
    for place, one in enumerate(fields.objects("webhook", MOST_HOOKS)):
        with within(f"webhook[{place}]"):
            hooks.append(_read_hook(one, path.parent, trust, open_signer))
    names = [hook.name for hook in hooks]
    for name in names:
        if names.count(name) > 1:
            raise MalformedDocument(_DOCUMENT, "webhook", f"two have the name {name!r}")
    return tuple(hooks)


def _read_hook(fields: Fields, folder: Path, trust: TrustBundle, open_signer: OpenSigner[Signer]) -> Hook[Signer]:
    fields.demand(["name", "url", "recogniser", "sign_with"], optional=["registers", "password_file", "private"])
    private = fields.flag("private") if "private" in fields else False
    url = parse_url(fields.text("url", _LONGEST), what="url", has_query=True)
    if not (url.is_encrypted or private):
        raise MalformedDocument(_DOCUMENT, "url", f"found {url.name}, needed https://, or private = true")
    name = fields.text("name", 40)
    if not _NAME.fullmatch(name):
        fields.refuse("name", "needed small letters, digits, - and _, up to 40")
    registers = fields.texts("registers", 255, 6) if "registers" in fields else None
    if registers == ():
        fields.refuse("registers", "needed one or more codes; leave it out for all registers")
    password = folder / fields.text("password_file", _LONGEST) if "password_file" in fields else None
    files = fields.texts("sign_with", _MOST_SIGNERS, _LONGEST)
    if not files:
        fields.refuse("sign_with", "needed one or more files: nobody could tell an unsigned message from a forged one")
    return Hook(
        name=name,
        url=url,
        wanted=read_wanted(fields.text("recogniser", 6), None if registers is None else ",".join(registers), trust),
        signers=tuple(open_signer(folder / file, password) for file in files),
        private=private,
    )
