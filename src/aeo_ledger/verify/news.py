"""News: did the ledger record what an item says?

An item of news is a claim about words. If these words stand where the item's subject has them, the item is proven. If other words stand there,
the subject was changed again, or the claim is false: of a standing, its history tells which. Of other subjects only the last change
can be proven, and a later item is about that.

That items are missing is never noticed here, since no proof of the state says what happened on the way to it. So news tell early, and whoever
must not miss a change asks again when an answer is too old.
"""

from __future__ import annotations

from dataclasses import dataclass

from aeo_ledger.errors.verify import NewsDiffer, NewsUnnamed
from aeo_ledger.evidence.bundle import Evidence
from aeo_ledger.evidence.news import STAMPED, About, NewsItem, slots_of
from aeo_ledger.protocol.words import encode_record
from aeo_ledger.verify.certificate_history import verify_certificate_histories
from aeo_ledger.verify.header import SealedHeader
from aeo_ledger.verify.state import DEFAULT_MAX_AGE_S, DEFAULT_SKEW_S, ProvenWords
from aeo_ledger.verify.trust import TrustBundle


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenNews:
    """An item of news that is true. Only this module makes one.

    What is proven are subject, words and time. The item's id says where a gateway's news go on, and nothing depends on it.
    """

    item: NewsItem
    sealed: SealedHeader
    """The block under which it is proven."""
    stands: bool
    """Whether its words stand there still; otherwise a later act changed them."""


def verify_news(item: NewsItem, state: ProvenWords) -> ProvenNews:
    """Prove an item by the words that stand now.

    Args:
        item: From any source.
        state: Proven words; they need be no others than those of `slots_of`.

    Raises:
        NewsUnnamed: The item does not name what it is about.
        NewsDiffer: Other words stand there, or they were written at another time.
        Unproven: The evidence does not prove a word; see `ProvenState`.
    """
    slots = slots_of(item)
    if not slots:
        raise NewsUnnamed(id=str(item.at), about=item.about)
    stamp = STAMPED.get(item.about)
    for slot, (_, word) in zip(slots, item.words, strict=True):
        if state.read(*slot) != word or (stamp is not None and stamp.of(word) != item.time):
            raise NewsDiffer(id=str(item.at), about=item.about)
    return ProvenNews(item=item, sealed=state.sealed, stands=True)


def verify_news_of_standing(
    item: NewsItem,
    evidence: Evidence,
    trust: TrustBundle,
    *,
    now: int,
    max_age: int = DEFAULT_MAX_AGE_S,
    skew: int = DEFAULT_SKEW_S,
) -> ProvenNews:
    """Prove an item about a standing by the standing's whole history, whatever happened since.

    Args:
        item: From any source.
        evidence: The history of the item's entry.
        trust: Bundle pinned by the reader.
        now: UTC seconds.
        max_age: Oldest evidence accepted, in seconds.
        skew: How far the evidence may be ahead of now, in seconds.

    Raises:
        NewsUnnamed: The item is about something else.
        NewsDiffer: No event of the history is the one that it tells.
        Unproven: In the leaves of `verify_certificate_histories`.
    """
    if item.about is not About.STANDING or item.entry is None:
        raise NewsUnnamed(id=str(item.at), about=item.about)
    proven = verify_certificate_histories(evidence, [item.entry], trust, now=now, max_age=max_age, skew=skew)
    events = proven.events[item.entry]
    [(_, word)] = item.words
    found = [place for place, event in enumerate(events) if encode_record(event.record) == word]
    if not found or events[found[0]].record.recorded_at != item.time:
        raise NewsDiffer(id=str(item.at), about=item.about)
    return ProvenNews(item=item, sealed=proven.sealed, stands=found[0] == len(events) - 1)
