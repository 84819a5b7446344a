"""Vyper sources, parsed twice: as tokens, and as the syntax tree of a Python program with the same characters at the same places.

The compiler's own tree will not do: it moves columns where it turns Vyper's words into Python's.
"""

from __future__ import annotations

import ast
import io
import re
import token
import tokenize
from dataclasses import dataclass
from functools import cached_property

_DECLARATIONS = {
    "struct",
    "event",
    "interface",
    "flag",
    "import",
    "from",
    "implements",
    "uses",
    "initializes",
    "exports",
}
_CONSTANT = re.compile(r"^([A-Z][A-Z0-9_]*): (?:public\()?constant\((.+?)\)+ = ", re.MULTILINE)
_IMPORT = re.compile(r"^(?:from\s+\S+\s+)?import\s+(?:\w+\.)*(\w+)(?:\s+as\s+(\w+))?", re.MULTILINE)
_GENERATED = "do not edit"


@dataclass(frozen=True)
class Source:
    """One Vyper file."""

    file: str
    text: str

    @property
    def deployed(self) -> bool:
        return self.file[0].isupper()

    @property
    def generated(self) -> bool:
        return _GENERATED in self.text[:400]

    @cached_property
    def imports(self) -> dict[str, str]:
        """File by the name under which this file imports it."""
        return {alias or name: f"{name}.vy" for name, alias in _IMPORT.findall(self.text)}

    @cached_property
    def constants(self) -> list[tuple[str, str]]:
        """Name and type, in the order of the file."""
        return _CONSTANT.findall(self.text)

    @cached_property
    def tokens(self) -> list[tuple[int, int, tokenize.TokenInfo]]:
        """Significant tokens, each with its start and end."""
        skipped = {token.COMMENT, token.NL, token.INDENT, token.DEDENT, token.ENDMARKER}
        read = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(self._at(*t.start), self._at(*t.end), t) for t in read if t.type not in skipped]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self._as_python())

    @cached_property
    def functions(self) -> list[tuple[str, int, int]]:
        """Name, first line (decorators included) and last line."""
        found = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        return [(f.name, min(f.lineno, *(d.lineno for d in f.decorator_list)), f.end_lineno or f.lineno) for f in found]

    def constant_at(self, line: int) -> str:
        """Return the name of the constant defined on a line; empty if there is none."""
        found = (node for node in self.tree.body if isinstance(node, ast.AnnAssign) and node.value)
        return next((self.text_of(node.target) for node in found if node.lineno <= line <= (node.end_lineno or 0)), "")

    def text_of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def function_at(self, line: int) -> str:
        return next((name for name, first, last in self.functions if first <= line <= last), "-")

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines(keepends=True)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line))
        return starts

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return a node's start and end; the tree counts columns in bytes."""

        def at(line: int, column: int) -> int:
            return self._at(line, len(self._lines[line - 1].encode()[:column].decode()))

        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def _as_python(self) -> str:
        """Return a Python program of the same shape. No character moves, so positions in its tree are positions in this file."""
        text = list(self.text)

        def put(start: int, end: int, what: str = "") -> None:
            for place in range(start, end):
                if text[place] != "\n":
                    text[place] = what[place - start] if place - start < len(what) else " "

        begins, blanking = True, False
        for number, (start, end, read) in enumerate(self.tokens):
            if begins and read.start[1] == 0:
                blanking = read.string in _DECLARATIONS
            if blanking:
                put(start, end)
            elif read.string in {"extcall", "staticcall"}:
                put(start, end, "await")
            elif begins and read.string == "for":
                put(*self._loop_type(number))
            elif begins and read.string == "log":
                put(end, end + 1, "=")
            elif read.string == "x" and self.text[end : end + 1] in {"'", '"'}:
                put(start, end, "b")
            begins = read.type == token.NEWLINE or (read.string == ":" and begins)
        return "".join(text)

    def _loop_type(self, number: int) -> tuple[int, int]:
        """Find the type of a loop's variable, since Python has no type there."""
        colon = next(start for start, _, read in self.tokens[number:] if read.string == ":")
        return colon, next(start for start, _, read in self.tokens[number:] if start > colon and read.string == "in")
