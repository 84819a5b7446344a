"""Another edition of the contracts, compiled as the contracts are: one word more in each, so each has another code hash."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LAST_VARIABLE = {
    "Consortium": "governance: public(address)\n",
    "Governance": "consortium: public(address)\n",
    "Registers": "consortium: public(address)\n",
}


def compile_test_edition(folder: Path) -> Path:
    """Write the artifacts of a test edition into a folder, and return it."""
    sources = folder / "sources"
    shutil.copytree(ROOT / "contracts", sources)
    compile_contract: Callable[[str, Path], dict[str, Any]] = runpy.run_path(
        str(ROOT / "scripts/programs/compile.py"), run_name="compile"
    )["compile_contract"]
    for name, last in LAST_VARIABLE.items():
        file = sources / f"{name}.vy"
        text = file.read_text(encoding="utf-8")
        assert text.count(f"\n{last}") == 1
        file.write_text(text.replace(f"\n{last}", f"\n{last}edition: public(uint256)\n"), encoding="utf-8")
        artifact = compile_contract(name, sources)
        (folder / f"{name}.json").write_text(json.dumps(artifact), encoding="utf-8")
    return folder
