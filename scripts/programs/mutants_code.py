"""Compile contract sources, mutated or not, and make the tests of one process run the result."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import compile as compiler
from mutants_operators import Mutant
from mutants_sources import Source
from vyper.compiler.settings import anchor_settings
from vyper.ir.compile_ir import assembly_to_evm

Line = tuple[str, int]
"""A file of the contracts, and a line."""
_CACHED = type(cache(len))


class Stopped(Exception):
    """The trials cannot continue; the text says why."""


class Contracts:
    """The sources and their compiled code."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        from aeo_ledger.ledger.bindings import artifact  # noqa: PLC0415 (compile.py puts `src` on the path)
        from aeo_ledger.protocol.tables import Contract  # noqa: PLC0415

        self.sources = sources
        self.artifact = artifact
        self.shipped: dict[str, Mapping[str, Any]] = {
            document["contract"]: document for document in map(artifact, Contract)
        }

    def importing(self, file: str) -> list[str]:
        """List the deployed contracts that include a file."""
        return [name for name in self.shipped if file in self._reach(f"{name}.vy")]

    def _reach(self, file: str) -> set[str]:
        found = {file}
        for imported in self.sources[file].imports.values() if file in self.sources else ():
            found |= self._reach(imported)
        return found

    def lines_of(self, name: str) -> tuple[dict[int, Line], dict[int, Line]]:
        """Map the offsets in a contract's code to source lines, for the initcode and for the runtime code."""
        with self._written() as folder:
            data = compiler.compiler_data(name, folder)
            with anchor_settings(data.settings):
                if data.bytecode_runtime.hex() != self.shipped[name]["runtime"][2:]:
                    raise Stopped(f"the artifact of {name} is not of these sources; run scripts/compile")
                codes = data.assembly, data.assembly_runtime
                maps = [assembly_to_evm(code)[1]["pc_raw_ast_map"] for code in codes]
        first, second = (
            {place: (Path(node.module_node.path).name, node.lineno) for place, node in found.items()} for found in maps
        )
        return first, second

    def compile(self, mutant: Mutant) -> dict[str, Mapping[str, Any]]:
        """Compile the contracts that include a mutant, with the settings of the shipped ones."""
        with self._written(mutant) as folder:
            return {name: compiler.compile_contract(name, folder) for name in self.importing(mutant.file)}

    @contextmanager
    def _written(self, mutant: Mutant | None = None) -> Iterator[Path]:
        """Write the sources, mutated or not, into a folder that exists until the `with` block ends."""
        with TemporaryDirectory() as folder:
            for file, source in self.sources.items():
                text = mutant.of(source.text) if mutant and mutant.file == file else source.text
                (Path(folder) / file).write_text(text, encoding="utf-8")
            yield Path(folder)

    def same(self, name: str, other: Mapping[str, Any]) -> bool:
        return _code(self.shipped[name]) == _code(other)

    def take(self, mutated: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the shipped code by the mutated code, under the same names, in this process."""

        def artifact(contract: Any) -> Mapping[str, Any]:
            shipped = self.artifact(contract)
            return mutated.get(shipped["contract"], shipped)

        hashes = {
            bytes.fromhex(self.shipped[name]["code_hash"][2:]): bytes.fromhex(other["code_hash"][2:])
            for name, other in mutated.items()
        }
        own = tuple(str(compiler.ROOT / folder) for folder in ("src", "tests"))
        for module in [m for m in sys.modules.values() if str(getattr(m, "__file__", None)).startswith(own)]:
            for name, value in list(vars(module).items()):
                if value is self.artifact:
                    setattr(module, name, artifact)
                elif isinstance(value, bytes) and value in hashes:
                    setattr(module, name, hashes[value])
                elif isinstance(value, _CACHED):  # computed from the shipped code while tests were collected
                    value.cache_clear()


def _code(artifact: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the code without the data that the compiler appends, such as a hash of the sources."""
    deploying = bytes.fromhex(artifact["bytecode"][2:])
    return artifact["runtime"], deploying[: -int.from_bytes(deploying[-2:], "big")]
