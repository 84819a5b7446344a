"""Mutants of Vyper sources: small faults, each a change of a few characters at a named place.

Every mutant is cut into the text as it stands, so its difference is a line that a reviewer can read.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from mutants_sources import Source

OPERATORS = {
    "boundary": "< and <=, > and >= change places",
    "negation": "a comparison says the contrary",
    "logic": "`and` and `or` change places",
    "operand": "one operand of an `and` or `or` is gone",
    "not": "a `not` is gone",
    "complement": "a `~` is gone",
    "arithmetic": "+ and -, * and // change places",
    "shift": "<< and >> change places (where no field of a word is read or built)",
    "bits": "& and | change places, ^ becomes | (likewise)",
    "bit": "one operand of a | is gone",
    "mask": "the mask of an & is gone",
    "number": "a number is one more or one less",
    "boolean": "True and False change places",
    "extremum": "min and max change places",
    "neighbour": "a constant becomes its neighbour: a field, table, state, act, type hash",
    "condition": "a branch is taken always, or never",
    "no-refusal": "a refusal is gone",
    "other-refusal": "a refusal has another reason",
    "dropped": "a statement is gone: a write, a log, a changed variable, an early return",
    "return": "a function returns 0, or the contrary",
}

_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_CONTRARY = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in", "not": ""}
_SWAPPED = {
    "+": ("arithmetic", "-"),
    "-": ("arithmetic", "+"),
    "*": ("arithmetic", "//"),
    "//": ("arithmetic", "*"),
    "%": ("arithmetic", "*"),
    "<<": ("shift", ">>"),
    ">>": ("shift", "<<"),
    "&": ("bits", "|"),
    "|": ("bits", "&"),
    "^": ("bits", "|"),
}
_START = itemgetter(0)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault at one place."""

    file: str
    line: int
    operator: str
    index: int
    """Index among this operator's mutants on this line, from 1."""
    function: str
    """The function that contains it; `-` outside functions."""
    start: int
    end: int
    text: str
    """The text that replaces the file's characters from `start` to `end`."""
    before: str
    after: str
    """The affected lines before and after, with runs of white space replaced by one space."""

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}:{self.operator}:{self.index}"

    @property
    def difference(self) -> str:
        return f"- {self.before}\n+ {self.after}"

    def of(self, source: str) -> str:
        """Return the file's text with the fault."""
        return source[: self.start] + self.text + source[self.end :]


def find_mutants(sources: Mapping[str, Source]) -> list[Mutant]:
    """Find every mutant of the hand-written sources."""
    return [
        mutant
        for file in sorted(sources)
        if not sources[file].generated
        for mutant in _name(sources[file], _Finder(sources, sources[file]).find())
    ]


def _name(source: Source, found: list[tuple[str, int, int, str]]) -> Iterator[Mutant]:
    counted: Counter[tuple[int, str]] = Counter()
    for operator, start, end, text in sorted(found, key=lambda one: one[1]):
        line = source.text.count("\n", 0, start) + 1
        counted[line, operator] += 1
        first = source.text.rfind("\n", 0, start) + 1
        last = source.text.find("\n", end)
        yield Mutant(
            file=source.file,
            line=line,
            operator=operator,
            index=counted[line, operator],
            function=source.function_at(line),
            start=start,
            end=end,
            text=text,
            before=" ".join(source.text[first:last].split()),
            after=" ".join((source.text[first:start] + text + source.text[end:last]).split()),
        )


class _Finder(ast.NodeVisitor):
    """Visits one file's nodes and records (operator, start, end, text)."""

    def __init__(self, sources: Mapping[str, Source], source: Source) -> None:
        self.sources, self.source = sources, source
        self.found: list[tuple[str, int, int, str]] = []
        self.returns = ""
        self.fields: list[ast.expr] = []

    def find(self) -> list[tuple[str, int, int, str]]:
        self.visit(self.source.tree)
        return self.found

    def put(self, operator: str, where: ast.AST | tuple[int, int], text: str) -> None:
        start, end = self.source.span(where) if isinstance(where, ast.AST) else where
        if self.source.text[start:end] != text:
            self.found.append((operator, start, end, text))

    def between(self, left: ast.AST, right: ast.AST) -> Iterator[tuple[str, tuple[int, int]]]:
        """Read the tokens between two nodes, without brackets."""
        first, last = self.source.span(left)[1], self.source.span(right)[0]
        tokens = self.source.tokens
        for start, end, read in tokens[bisect_left(tokens, first, key=_START) : bisect_left(tokens, last, key=_START)]:
            if read.string not in {"(", ")"}:
                yield read.string, (start, end)

    # -------------------------------------------------------------- statements

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.returns = self.source.text_of(node.returns) if node.returns else ""
        if {self.source.text_of(decorator) for decorator in node.decorator_list} & {"external", "deploy"}:
            for argument in node.args.args:  # the maximal length of an argument is a rule
                for part in ast.walk(argument.annotation or argument):
                    if isinstance(part, ast.Constant):
                        self.visit(part)
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.put("dropped", node, "pass")
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.put("dropped", node, "pass")
        for string, where in self.between(node.target, node.value):
            operator, other = _SWAPPED[string.removesuffix("=")]
            self.put(operator, where, f"{other}=")
        self.visit(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return
        self.put("no-refusal" if _refuses(node) else "dropped", node, "pass")
        self.visit(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.put("dropped", node, "pass")
            return
        if self.returns == "uint256":
            self.put("return", node.value, "0")
        elif self.returns == "bool" and not isinstance(node.value, ast.Constant):
            self.put("return", node.value, f"not ({self.source.text_of(node.value)})")
        self.visit(node.value)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.put("dropped", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self.put("dropped", node, "pass")

    def visit_Assert(self, node: ast.Assert) -> None:
        self.put("no-refusal", node, "pass")
        self.visit(node.test)

    def visit_Raise(self, node: ast.Raise) -> None:
        self.put("no-refusal", node, "pass")

    def visit_For(self, node: ast.For) -> None:
        for part in (node.iter, *node.body):
            self.visit(part)

    def visit_If(self, node: ast.If) -> None:
        refuses = not node.orelse and len(node.body) == 1 and _refuses(node.body[0])
        self.branch(node.test, ever=not refuses)  # a refusal that never happens is the same as no refusal
        self.generic_visit(node)

    # -------------------------------------------------------------- expressions

    def branch(self, test: ast.expr, *, ever: bool = True) -> None:
        self.put("condition", test, "True")
        if ever:
            self.put("condition", test, "False")

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.branch(node.test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
            string, where = next(self.between(left, right))
            if string in _BOUNDARY:
                self.put("boundary", where, _BOUNDARY[string])
            if string in _CONTRARY:
                self.put("negation", where, _CONTRARY[string])
        self.visit(node.left)
        for right in node.comparators:
            if not _reads_a_bit(node.left):  # for a bit, 0 and 1 are opposites
                self.visit(right)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        both = isinstance(node.op, ast.And)
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.put("logic", next(self.between(left, right))[1], "or" if both else "and")
        for operand in node.values:
            self.put("operand", operand, str(both))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        operator = {ast.Not: "not", ast.Invert: "complement"}.get(type(node.op))
        if operator:
            start = self.source.span(node)[0]
            following = bisect_right(self.source.tokens, start, key=_START)
            self.put(operator, (start, self.source.tokens[following][0]), "")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        sides = node.left, node.right
        shifted = [side for side in sides if _is(side, ast.LShift, ast.RShift)]
        one_bit = _is(node, ast.LShift) and _one(node.left)
        field = _is(node, ast.BitAnd, ast.BitOr) and shifted
        if field:  # removing its mask, shift or part gives subtler faults than another operator
            self.fields.extend(shifted)
        elif not one_bit and node not in self.fields:
            string, where = next(self.between(node.left, node.right))
            if string in _SWAPPED:
                self.put(_SWAPPED[string][0], where, _SWAPPED[string][1])
        if _is(node, ast.BitAnd):
            self.put("mask", node.right, "max_value(uint256)")
        if _is(node, ast.BitOr):
            for side in sides:
                if not _is(side, ast.BitOr):
                    self.put("bit", side, "0")
        if not one_bit:
            self.visit(node.left)
        if not _reads_a_bit(node):
            self.visit(node.right)

    def visit_Call(self, node: ast.Call) -> None:
        called = self.source.text_of(node.func)
        if called in {"min", "max"}:
            self.put("extremum", node.func, "max" if called == "min" else "min")
        if isinstance(node.func, ast.Attribute):
            self.visit(node.func.value)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg != "bound":  # the bound of a loop is not a rule
                self.visit(keyword.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.put("boolean", node, str(not node.value))
        elif isinstance(node.value, int) and not self.source.text_of(node).startswith("0x"):
            self.put("number", node, str(node.value + 1))
            if node.value > 0:
                self.put("number", node, str(node.value - 1))

    def visit_Name(self, node: ast.Name) -> None:
        self.neighbour(node, self.source, node.id, "")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        module = self.source.text_of(node.value)
        if module in self.source.imports:
            self.neighbour(node, self.sources.get(self.source.imports[module]), node.attr, f"{module}.")
        else:
            self.visit(node.value)

    def neighbour(self, node: ast.AST, source: Source | None, name: str, prefix: str) -> None:
        other = _neighbour(source.constants, name) if source else None
        if other:
            self.put("other-refusal" if prefix == "refusals." else "neighbour", node, prefix + other)


def _refuses(statement: ast.stmt) -> bool:
    called = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(called, ast.Call) and ast.unparse(called.func).endswith("_refuse")


def _one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _is(node: ast.AST, *operators: type[ast.operator]) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def _reads_a_bit(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and _is(node, ast.BitAnd) and _one(node.right)


def _neighbour(constants: list[tuple[str, str]], name: str) -> str | None:
    """Return the constant that is most easily confused with another: the next one of the same type and kind, with the same first words."""
    names = [other for other, kind in constants if kind == dict(constants).get(name) and _sort(other) == _sort(name)]
    if name not in names:
        return None
    here = names.index(name)

    def far(other: str) -> tuple[int, bool, int]:
        there = names.index(other)
        return -_words_shared(name, other), there < here, abs(there - here)

    return min((other for other in names if other != name), key=far, default=None)


def _sort(name: str) -> str:
    return next((end for end in ("_AT", "_MASK", "_HASH", "_SLOT") if name.endswith(end)), "")


def _words_shared(one: str, other: str) -> int:
    shared = 0
    for mine, its in zip(one.split("_"), other.split("_"), strict=False):
        if mine != its:
            break
        shared += 1
    return shared
