"""Notebooks, as programs: each is a script that runs from top to bottom, and a notebook when `jupytext` opens it.

    jupytext --to notebook belarus_china.py     # or open the .py in Jupyter with jupytext installed

`belarus_china` replays four months of two administrations through every channel. `own_contract` tries a contract of one's own against the pinned
ones. `own_analysis` looks for something strange in an exported ledger, as customs officers and researchers do together in the WCO's BACUDA
project: the algorithm is open, the data are pseudonyms, and the answer is somebody's to check.
"""
