"""What a run says about itself, so that it can be found, rerun and cited: an RO-Crate and `CITATION.cff`."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from aeo_ledger.errors import show_utc
from aeo_ledger.files import write_file
from aeo_ledger.lab.scenario import Scenario, is_shipped


def write_citation(run: Path, scenario: Scenario) -> None:
    """Write `CITATION.cff` (1.2.0) and `ro-crate-metadata.json` (RO-Crate 1.1).

    The run has no date: the same seed gives the same bytes on any day.
    """
    title = f"{scenario.title}: a run of the AEO Ledger laboratory, scenario {scenario.name}, seed {scenario.seed}"
    citation = "\n".join(
        [
            "cff-version: 1.2.0",
            "message: If you use these figures, please cite the run, with scenario, seed and version.",
            "type: dataset",
            f"title: {json.dumps(title)}",
            f"version: {json.dumps(version('aeo-ledger'))}",
            "license: CC-BY-4.0",
            "authors:",
            '  - name: "Contributors of AEO Ledger"',
            "",
        ]
    )
    write_file(run / "CITATION.cff", citation.encode())
    files = sorted(
        path.relative_to(run).as_posix()
        for path in run.rglob("*")
        if _belongs(path.relative_to(run)) and path.is_file()
    )
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": title,
            "description": scenario.question,
            "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "temporalCoverage": f"{show_utc(scenario.begins)[:10]}/P{scenario.days}D",
            "hasPart": [{"@id": name} for name in files],
            "mentions": {"@id": "#run"},
        },
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": f"aeo-ledger lab run {scenario.name}{'' if is_shipped(scenario) else '.toml'} --seed {scenario.seed}",
            "instrument": {"@id": "#aeo-ledger"},
            "result": {"@id": "./"},
        },
        {
            "@id": "#aeo-ledger",
            "@type": "SoftwareApplication",
            "name": "AEO Ledger",
            "softwareVersion": version("aeo-ledger"),
        },
        *({"@id": name, "@type": "File", "encodingFormat": _FORMATS[Path(name).suffix]} for name in files),
    ]
    crate = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    write_file(run / "ro-crate-metadata.json", f"{json.dumps(crate, indent=1, ensure_ascii=False)}\n".encode())


_FORMATS = {
    ".csv": "text/csv", ".parquet": "application/vnd.apache.parquet", ".json": "application/json", ".svg": "image/svg+xml",
    ".html": "text/html", ".cff": "application/yaml", ".toml": "application/toml",
}  # fmt: skip


def _belongs(path: Path) -> bool:
    """Say whether a file is a part of the run: not the crate itself, and no scratch file."""
    return path.parts[0] != "work" and path.name != "ro-crate-metadata.json" and path.suffix in _FORMATS
