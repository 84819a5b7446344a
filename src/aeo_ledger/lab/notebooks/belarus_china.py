# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Belarus and China: one trace, every channel
#
# China recognises Belarus's certificates of type 3, and Belarus China's advanced certified enterprises. The same events go through mailed
# files, web services, a database, signed lists and the real ledger. Everything follows from the scenario's seed.

# %%
from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from aeo_ledger.lab.run import run_scenario
from aeo_ledger.lab.scenario import read_scenario

# %% [markdown]
# ## What may be changed
#
# Fewer days, certificates and replications are quicker, and their intervals wider. `changed` takes every parameter of the report's table.

# %%
DAYS = int(os.environ.get("LAB_DAYS", "120"))
FOLDER = Path(os.environ.get("LAB_FOLDER") or tempfile.mkdtemp(prefix="lab-"))

scenario = read_scenario("belarus-china")
scenario = replace(
    scenario,
    days=DAYS,
    shocks=tuple(shock for shock in scenario.shocks if shock.day < DAYS),
    sizes=scenario.sizes if DAYS >= 120 else {"BY": 60, "CN": 60},
    changed=scenario.changed if DAYS >= 120 else {"least_replications": 2, "most_replications": 2, "questions": 500},
)

# %%
run = run_scenario(scenario, FOLDER / "run", progress=print)
sorted(run.tables)

# %% [markdown]
# ## Who knew what, and when
#
# Company-days of benefits that were not due: the sum over all suspended companies of the time until the partner knew.

# %%
undue = {str(row["channel"]): row for row in run.tables["exposure"].records()}
for channel, row in undue.items():
    print(f"{channel:32} {row}")

# %% [markdown]
# ## What the ledger loses
#
# The report compares the ledger with each rival by a rule, from the figures alone. Where the intervals overlap nobody wins.

# %%
for row in run.tables["verdicts"].records():
    print(row)

# %% [markdown]
# ## Attacks
#
# Each row is the outcome of a program that attacked the channel.

# %%
attacks = run.tables["attacks"].records()
for row in attacks:
    print(f"{row['attack']}, {row['against']}: {'succeeds' if row['succeeds'] else 'refused: ' + str(row['refused'])}")

# %%
print(f"the report is {run.folder / 'report.html'}")
