# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Something strange in a ledger
#
# In the spirit of the WCO's BACUDA project: officers ask, researchers answer with an algorithm that anybody can read, and both look at the result
# together. The data are the ledger itself, exported as Parquet by `aeo-ledger export ledger`. Traders are pseudonyms in it.
#
# The officers' question: **did a key sign more certificates than its office ever does?** A stolen key grants in bursts.

# %%
from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

FOLDER = Path(os.environ.get("LAB_FOLDER") or tempfile.mkdtemp(prefix="lab-"))

# %% [markdown]
# ## The data
#
# Name the folder of an export here. Without one, a ledger is made: sixty days of ordinary business of Belarus and Kazakhstan, and one night in which
# somebody else holds Belarus's key.

# %%
EXPORT = os.environ.get("LAB_EXPORT")

if EXPORT is None:
    from aeo_ledger.lab.attacks_lists import PARTIES
    from aeo_ledger.lab.export import export_ledger
    from aeo_ledger.lab.filled import trader
    from aeo_ledger.lab.own_network import BEGINS, open_network

    random = np.random.default_rng(7)
    numbers = iter(range(10**6))
    with open_network(FOLDER / "network", PARTIES, seed=7) as network:
        for day in range(60):
            for office in ("BY", "KZ"):
                network.clock.now = max(network.clock.now, BEGINS + day * 86_400 + int(random.integers(8, 17)) * 3_600)
                if count := int(random.poisson(1.5)):
                    network.grant(office, [trader(next(numbers)) for _ in range(count)])
            if day == 41:
                network.clock.now = max(network.clock.now, BEGINS + day * 86_400 + 23 * 3_600)
                network.grant("BY", [trader(next(numbers)) for _ in range(40)])
        thief = "0x" + network.signer("BY").address.hex()
        export_ledger(network.ledger, network.trust, FOLDER / "ledger")
    EXPORT = str(FOLDER / "ledger")

acts = pq.read_table(Path(EXPORT) / "acts.parquet").to_pylist()
blocks = pq.read_table(Path(EXPORT) / "blocks.parquet").to_pylist()
print(f"{len(blocks):,} blocks, {len(acts):,} acts")

# %% [markdown]
# ## The algorithm
#
# Events of each key by day. The days of one key are taken as Poisson with the *median* day's rate, since a mean would be moved by the very burst
# that is looked for. A day is strange if such a rate would give it less than once in a million days.

# %%
CHANCE = 1e-6


def tail(count: int, rate: float) -> float:
    """Return the chance of `count` or more events on a day (Poisson)."""
    term, below = math.exp(-rate), 0.0
    for number in range(count):
        below += term
        term *= rate / (number + 1)
    return max(0.0, 1.0 - below)


first = min(block["time"] for block in blocks)
days = (max(block["time"] for block in blocks) - first) // 86_400 + 1
by_key: dict[str, np.ndarray] = {}
for act in acts:
    if act["act"] == "Publication":
        for signer in act["signers"].split():
            by_key.setdefault(signer, np.zeros(days, dtype=int))[(act["time"] - first) // 86_400] += act["events"]

strange = []
for signer, counted in by_key.items():
    rate = max(1.0, float(np.median(counted)))
    strange += [
        (signer, day, int(count), tail(int(count), rate))
        for day, count in enumerate(counted)
        if tail(int(count), rate) < CHANCE
    ]

# %% [markdown]
# ## What it found
#
# This is a question for the office whose key it is, and no accusation: a first import is as sudden as a theft.

# %%
for signer, day, count, chance in strange:
    party = next(act["party"] for act in acts if signer in act["signers"])
    print(f"day {day}: {count} events by {signer} of {party}, chance {chance:.0e}")
if not strange:
    print("nothing")

# %% [markdown]
# What the office does next has a command: `aeo-ledger key repudiate` lists everything that the key signed since then, proven to be all of it.
