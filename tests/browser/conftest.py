"""Fixtures: a browser, and a network whose gateway shows pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aeo_ledger.verify import TRUST_FORM
from support.browsers import axe, open_page
from support.network import CN_BY, Network, founded, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["axe", "founded"]

ACTIVE, SUSPENDED, OTHER_TYPE, LATER = "BY511125808", "BY677100318", "BY192900384", "BY405716901"
"""Traders of Belarus: recognised by China, suspended, of a type that China does not recognise, and one that a test suspends."""
ONCE = "BY491541612"
"""A trader that China recognised until it was suspended on 1 March 2024."""
REGISTER = f"""tin,certificate_number,certificate_type,roles,status,status_since,decided,effective_from,effective_until,name,address
{ACTIVE},1,3,carrier,ACTIVE,2018-07-24,2018-07-14,2018-07-24,,One,Brest
{SUSPENDED},2,3,carrier,SUSPENDED,2018-10-12,2018-07-23,2018-07-24,,Two,Brest
{OTHER_TYPE},3,1,carrier,ACTIVE,2019-04-23,2019-04-13,2019-04-23,,Three,Gomel
{LATER},4,3,carrier,ACTIVE,2019-04-24,2019-04-14,2019-04-24,,Four,Mogilev
{ONCE},5,3,carrier,SUSPENDED,2024-03-01,2019-04-14,2019-04-24,,Five,Minsk
"""

OpenPage = Callable[..., "Page"]


@pytest.fixture(scope="session")
def network(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """China recognises Belarus's type 3; Belarus has five traders."""
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("browser") / "net")
    with opened(folder, console=True) as network:
        network.conclude(CN_BY, "CN", "BY")
        network.import_(REGISTER, "BY")
        yield network


@pytest.fixture
def visit(chromium: Browser, network: Network) -> Iterator[OpenPage]:
    """Open a page of the console by its path, in a browser of its own that pinned the network's bundle."""
    with ExitStack() as pages:

        def open_one(path: str, *, is_pinned: bool = True, url: str = network.url, **more: Any) -> Page:
            trust = TRUST_FORM.encode_json(network.trust) if is_pinned else None
            page = pages.enter_context(open_page(chromium, url, trust=trust, **more))
            page.goto(f"/console/{path}")
            return page

        yield open_one
