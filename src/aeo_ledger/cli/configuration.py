"""`gateway --config FILE`: the options of a command from a TOML file and from the environment.

The file has the command's options by their names, with `_` for `-`, and so has the environment, in capitals with a prefix. What may stand there
follows from the options themselves: there is no second list. Flags win over the environment, and the environment wins over the file.

Whatever is wrong is collected, and told at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from aeo_ledger.errors import AeoLedgerError
from aeo_ledger.office.ask import read_file
from aeo_ledger.primitives.documents import parse_toml

if TYPE_CHECKING:  # needs the extra
    from pydantic_settings import BaseSettings

PREFIX: Final = "AEO_LEDGER_GATEWAY_"
"""Begins each variable of the environment."""
_KEPT_BACK: Final = frozenset({"config", "check", "confirm_clock", "help"})
"""Options of one start, which a file cannot give."""
_LONGEST: Final = 1 << 16
_SOURCES: Final = {"COMMANDLINE": "flag", "ENVIRONMENT": "environment", "DEFAULT_MAP": "file or environment"}
"""Where a value is from, by the command line library's name of it."""
_SQLITE: Final = "sqlite:///"
"""Begins the URL of a file."""
_PASSWORD: Final = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")
"""User and password in a URL."""


@dataclass(slots=True)
class Configuration:
    """What a file and the environment say."""

    values: dict[str, Any] = field(default_factory=dict)
    """Good values by the option's name."""
    faults: list[str] = field(default_factory=list)
    """What is wrong, each with its place."""


def configure(context: typer.Context, file: Path | None) -> Path | None:
    """Take the file and the environment as a command's defaults: a callback of the option `--config`, which runs before all others."""
    if not context.resilient_parsing and (file is not None or any(name.startswith(PREFIX) for name in os.environ)):
        found = read_configuration(context.command.params, file, os.environ)
        context.meta[PREFIX] = found.faults
        context.default_map = found.values
    return file


def faults_of(context: typer.Context) -> list[str]:
    """List what is wrong in the file and in the environment."""
    return list(context.meta.get(PREFIX, ()))


def describe(context: typer.Context) -> list[str]:
    """List the options that have a value, and where each is from. A database's password is not shown."""
    lines = []
    for name, value in sorted(context.params.items()):
        source = context.get_parameter_source(name)
        if value in (None, [], ()) or source is None or name in _KEPT_BACK:
            continue
        listed = value if isinstance(value, list | tuple) else [getattr(value, "value", value)]
        shown = _PASSWORD.sub(r"\1***@", ", ".join(map(str, listed)))
        lines.append(f"  {name} = {shown}  ({_SOURCES.get(source.name, 'default')})")
    return lines


def read_configuration(options: list[Any], file: Path | None, environment: Mapping[str, str]) -> Configuration:
    """Read a file and the environment by a command's options. A path in the file is seen from the file's folder."""
    from pydantic import ValidationError  # noqa: PLC0415 (needs the extra)
    from pydantic_settings import SettingsError  # noqa: PLC0415

    found = Configuration()
    kinds = {option.name: _kind(option) for option in options if option.name not in _KEPT_BACK}
    given: dict[str, Any] = {}
    try:
        if file is not None:
            given = parse_toml(read_file(file), document=file.name, max_bytes=_LONGEST)
    except AeoLedgerError as error:
        found.faults.append(str(error))
    if file is not None:
        paths = {option.name for option in options if _is_path(option)}
        given = {name: _see_from(file.parent, value, is_path=name in paths) for name, value in given.items()}
    strangers = sorted(
        name for name in environment if name.startswith(PREFIX) and name[len(PREFIX) :].lower() not in kinds
    )
    found.faults += [f"{name} in the environment: there is no such option" for name in strangers]
    try:
        settings = _model(kinds)(**given)
    except SettingsError as error:
        found.faults.append(f"the environment: {error}")
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors()}
        found.faults += [_tell(one, environment) for one in error.errors(include_input=False, include_url=False)]
        found.values = {name: value for name, value in given.items() if name in kinds and name not in wrong}
    else:
        found.values = settings.model_dump(exclude_unset=True)
    return found


def _model(kinds: Mapping[str, Any]) -> type[BaseSettings]:
    """Make the model of the settings: each option may be given or not."""
    from pydantic import ConfigDict, create_model  # noqa: PLC0415 (needs the extra)
    from pydantic_settings import BaseSettings  # noqa: PLC0415

    class Settings(BaseSettings):
        """The environment, then the file."""

        model_config = ConfigDict(extra="forbid", env_prefix=PREFIX, strict=False)  # type: ignore[typeddict-unknown-key, assignment]

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: Any,
            init_settings: Any,
            env_settings: Any,
            dotenv_settings: Any,
            file_secret_settings: Any,
        ) -> tuple[Any, ...]:
            del settings_cls, dotenv_settings, file_secret_settings
            return env_settings, init_settings

    fields: dict[str, Any] = {name: (kind | None, None) for name, kind in kinds.items()}
    made: type[BaseSettings] = create_model("Given", __base__=Settings, **fields)
    return made


def _kind(option: Any) -> Any:
    """Return the Python type of an option's value."""
    from pydantic import BeforeValidator, Field  # noqa: PLC0415 (needs the extra)

    kind: Any = {"boolean": bool, "integer": int}.get(option.type.name, str)
    if option.type.name == "int range":
        kind = Annotated[int, Field(ge=option.type.min, le=option.type.max)]
    if option.type.name in {"integer", "int range"}:
        kind = Annotated[kind, BeforeValidator(_refuse_other_numbers)]
    if choices := getattr(option.type, "choices", None):
        kind = Literal[tuple(str(getattr(choice, "value", choice)) for choice in choices)]
    return list[kind] if option.multiple else kind


def _refuse_other_numbers(value: Any) -> Any:
    """Refuse `true` and 8547.0, which the library takes for whole numbers."""
    if isinstance(value, bool | float):
        raise ValueError("input should be a whole number")  # noqa: TRY004 (as the library demands)
    return value


def _is_path(option: Any) -> bool:
    return type(option.type).__name__ == "TyperPath" or option.metavar == "FILE|URL"


def _see_from(folder: Path, value: Any, *, is_path: bool) -> Any:
    """Return a value that names a file as it is seen from a folder; any other value as it is."""
    if isinstance(value, str) and value.startswith(_SQLITE):
        return f"{_SQLITE}{folder.absolute() / value.removeprefix(_SQLITE)}"
    return str(folder / value) if is_path and isinstance(value, str) and "://" not in value else value


def _tell(wrong: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Say what is wrong with one value, and where it stands; the value itself may be a secret."""
    name = ".".join(str(part) for part in wrong["loc"])
    variable = PREFIX + str(wrong["loc"][0]).upper()
    place = f"{variable} in the environment" if variable in environment else name
    told = "there is no such option" if wrong["type"] == "extra_forbidden" else wrong["msg"]
    return f"{place}: {told[:1].lower()}{told[1:]}"
