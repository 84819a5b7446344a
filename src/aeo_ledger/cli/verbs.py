"""The root of all verbs: it reads a command line strictly, and turns every outcome into an exit code."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from aeo_ledger.cli.output import INTERRUPTED, fail, flush, guard, silence
from aeo_ledger.errors.cli import PageLost, WrongUsage

NAME = "aeo-ledger"


class Verbs(TyperGroup):
    """The command with all its verbs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for command in _leaves(self):
            _read_strictly(command)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002 (it has one name)
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,  # noqa: ARG002
        **extra: Any,
    ) -> Any:
        """Run a command; end the process with its exit code, or return the code."""
        words = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in words

        def run() -> int | None:
            code: int | None = TyperGroup.main(self, words, NAME, complete_var, standalone_mode=False, **extra)
            flush()
            return code

        code = guard(lambda: _read(run, as_json=as_json), as_json=as_json)
        if standalone_mode:
            sys.exit(code)
        return code


class _Late(TyperGroup):
    """A group whose commands are made when one of them is needed: most command lines are about another group."""

    module: str
    """The module that registers the commands on its `app`."""
    _made: dict[str, Any] | None = None

    @property
    def commands(self) -> dict[str, Any]:
        """Make the commands, by name."""
        if self._made is None:
            made = typer.main.get_group(import_module(self.module).app)
            for command in _leaves(made):
                _read_strictly(command)
            self._made = dict(made.commands)
        return self._made

    @commands.setter
    def commands(self, _: object) -> None:
        """The library sets the commands of a group that it has made; here there are none yet."""


def late(module: str, helps: str) -> typer.Typer:
    """Let the commands of a group be loaded and made only when one of them is needed: whoever asks does not wait for them.

    Args:
        module: The module with the group's `app`.
        helps: What the group is about.
    """
    return typer.Typer(cls=type("Late", (_Late,), {"module": module}), help=helps, no_args_is_help=True)


def _read(run: Any, *, as_json: bool) -> int | None:
    """Turn the library's errors about a command line into this project's errors."""
    try:
        code: int | None = run()
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        detail = error.format_message()
        if not detail:  # the library has shown the help already
            return 2
        return fail(WrongUsage(detail=detail, command=context.command_path if context else NAME), as_json=as_json)
    except typer.Abort:
        return INTERRUPTED
    except (SystemExit, OSError) as error:
        if isinstance(error, SystemExit) and error.code != 1:
            raise
        silence()  # the help could not be written; if a pipe was closed, the library ends with 1
        raise PageLost(detail=getattr(error, "strerror", "the pipe was closed")) from error
    return code


def _leaves(group: TyperGroup) -> Iterator[TyperCommand]:
    for command in group.commands.values():
        if isinstance(command, _Late):
            continue
        if isinstance(command, TyperGroup):
            yield from _leaves(command)
        elif isinstance(command, TyperCommand):
            yield command


def _read_strictly(command: TyperCommand) -> None:
    """Let a command refuse an option that is given twice or is empty. The library would use the last one.

    An empty option is often an unset variable of a script: a default in its place would answer another question.
    """
    parse = command.parse_args

    def parse_strictly(ctx: Any, args: list[str]) -> list[str]:
        given, _, order = command.make_parser(ctx).parse_args(list(args))
        for parameter, times in Counter(order).items():
            if times > 1 and parameter.param_type_name == "option" and not parameter.multiple:
                raise WrongUsage(detail=f"{parameter.opts[0]} is given {times} times", command=ctx.command_path)
            value = given.get(parameter.name or "")
            if parameter.param_type_name == "option" and "" in (value if isinstance(value, list) else [value]):
                raise WrongUsage(detail=f"{parameter.opts[0]} is empty", command=ctx.command_path)
        return parse(ctx, args)

    command.parse_args = parse_strictly  # type: ignore[method-assign]
