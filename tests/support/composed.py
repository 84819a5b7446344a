"""Compose files without a container engine: read as an engine reads them, and executed as it would, on stub programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.waiting import WITHIN_S

SERVICE_KEYS = frozenset(
    ("image", "build", "user", "command", "entrypoint", "environment", "volumes", "secrets", "ports", "networks", "depends_on", "restart")
)  # fmt: skip
"""Of the compose specification's keys of a service, those that a file of this project may have."""
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::\?[^}]*)?\})")


@dataclass(frozen=True)
class Service:
    """One service, with variables replaced."""

    name: str
    folder: Path
    fields: dict[str, Any]

    @property
    def mounts(self) -> dict[str, Path]:
        """Container paths with the files behind them, secrets included."""
        found = {}
        for volume in self.fields.get("volumes", ()):
            source, target, *_ = volume.split(":")
            found[target] = self.folder / source
        return found

    def argument(self, name: str) -> str:
        """The value after an option."""
        command = self.fields["command"]
        return str(command[command.index(name) + 1])


def interpolate(value: Any, variables: dict[str, str]) -> Any:
    """Replace variables as compose does: a variable that is not set is an error, and `$$` is a dollar sign."""
    if isinstance(value, dict):
        return {key: interpolate(part, variables) for key, part in value.items()}
    if isinstance(value, list):
        return [interpolate(part, variables) for part in value]
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda match: "$" if match[1] is None else variables[match[1]], value)


def read_compose(path: Path) -> dict[str, Service]:
    """Read a compose file with the `.env` beside it, and check its form."""
    environment = (path.parent / ".env").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in environment if line and not line.startswith("#"))
    document = interpolate(yaml.safe_load(path.read_text()), variables)
    assert document.keys() <= {"services", "networks", "secrets", "volumes"}
    services = {}
    for name, fields in document["services"].items():
        assert fields.keys() <= SERVICE_KEYS, name
        assert ("image" in fields) != ("build" in fields), name
        assert all(
            isinstance(part, str) for part in (*fields.get("command", ()), *fields.get("environment", {}).values())
        ), name
        assert set(fields.get("depends_on", ())) <= document["services"].keys()
        for secret in fields.get("secrets", ()):
            assert secret["source"] in document["secrets"]
            assert "/" not in secret["target"]
        services[name] = Service(name, path.parent, fields)
    for secret in document.get("secrets", {}).values():
        assert secret.keys() == {"file"}
    return services


def secret_files(path: Path) -> dict[str, Path]:
    """The files of a compose file's secrets."""
    document = yaml.safe_load(path.read_text())
    return {name: path.parent / secret["file"] for name, secret in document.get("secrets", {}).items()}


def stub(folder: Path, *programs: str) -> Path:
    """Make programs that do nothing but write down each call: the program's name and each argument on a line, then an empty line."""
    folder.mkdir()
    for program in programs:
        file = folder / program
        file.write_text(f'#!/bin/sh\nprintf "%s\\n" {program} "$@" "" >>"$CALLS"\n')
        file.chmod(0o755)
    return folder


def run_script(arguments: list[str], *, programs: Path, calls: Path, **environment: str) -> list[list[str]]:
    """Run a program with stubs before everything else, and return the calls of the stubs."""
    variables = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "CALLS": str(calls), **environment}
    ran = subprocess.run(arguments, env=variables, capture_output=True, text=True, check=False, timeout=WITHIN_S)
    assert ran.returncode == 0, ran.stderr
    return [call.split("\n") for call in calls.read_text().strip("\n").split("\n\n")] if calls.exists() else []


def lay_out(service: Service, root: Path) -> Path:
    """Copy what a service mounts to where its container would see it, below a folder."""
    for target, source in service.mounts.items():
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place)
        elif source.exists():
            shutil.copy(source, place)
    return root
