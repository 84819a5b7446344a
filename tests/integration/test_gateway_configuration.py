"""A gateway's options come from flags, the environment and a file, and everything that is wrong is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aeo_ledger.cli.main import app
from support.network import PASSWORD


def check(*arguments: str, **environment: str) -> Result:
    result = CliRunner().invoke(app, ["gateway", *arguments, "--check"], env=environment)
    assert "Traceback" not in result.output
    return result


def write(tmp_path: Path, text: str) -> str:
    (tmp_path / "gateway.toml").write_text(text)
    return str(tmp_path / "gateway.toml")


def test_flags_win_over_the_environment_and_that_over_the_file(founded: Path, tmp_path: Path) -> None:
    (tmp_path / "net").symlink_to(founded)
    file = write(
        tmp_path,
        'folder = "net"\nport = 9001\nhost_name = ["a.example", "b.example"]\nlog = "json"\n'
        'index = "postgresql://aeo:SECRET@db.example/x"\n',
    )
    told = check("--config", file)
    assert told.exit_code == 0, told.output
    lines = [line.strip() for line in told.stdout.splitlines()]
    assert f"folder = {tmp_path / 'net'}  (file or environment)" in lines, "seen from the file's folder"
    assert {"port = 9001  (file or environment)", "log = json  (file or environment)"} <= set(lines)
    assert "host_name = a.example, b.example  (file or environment)" in lines
    assert "SECRET" not in told.output
    environment = {"AEO_LEDGER_GATEWAY_PORT": "9002", "AEO_LEDGER_GATEWAY_LOG": "text"}
    assert "port = 9002" in check("--config", file, **environment).stdout
    flagged = check("--config", file, "--port", "9003", **environment).stdout
    assert ("port = 9003  (flag)" in flagged, "log = text" in flagged) == (True, True)
    assert "port = 9004" in check(str(founded), AEO_LEDGER_GATEWAY_PORT="9004").stdout, "no file is needed"


def test_every_fault_is_told_at_once_and_no_value_that_may_be_a_secret(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        'folder = "nowhere"\nport = "SECRET"\nworkers = 99\nprot = 1\nlog = "xml"\nmetrics = "10.0.0.0/8"\n'
        'aliases = "none.csv"\nindex = "mysql://u:SECRET@h/x"\n',
    )
    told = check("--config", file, AEO_LEDGER_GATEWAY_HSOT="x", AEO_LEDGER_GATEWAY_WORKERS="many")
    assert told.exit_code == 2, told.output
    for fault in (
        "AEO_LEDGER_GATEWAY_HSOT in the environment: there is no such option",
        "AEO_LEDGER_GATEWAY_WORKERS in the environment: input should be a valid integer",
        "port: input should be a valid integer",
        "prot: there is no such option",
        "log: input should be 'text' or 'json'",
        "metrics: input should be a valid list",
        f"{tmp_path / 'none.csv'}: No such file or directory",
        f"{tmp_path / 'nowhere/trust.json'}: No such file or directory",
        "URL of the index: found 'mysql'",
    ):
        assert fault in told.stderr, (fault, told.stderr)
    assert "SECRET" not in told.output
    unstarted = CliRunner().invoke(app, ["gateway", "--config", file])
    assert (unstarted.exit_code, "prot: there is no such option" in unstarted.stderr) == (2, True)


def test_an_operator_whom_the_bundle_does_not_name_is_a_fault_before_and_at_the_start(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a misspelt code would mean nobody, and nobody would hear of it."""
    monkeypatch.setenv("AEO_LEDGER_PASSWORD", PASSWORD)
    assert check(str(founded), "--operated-by", "BY").exit_code == 0
    for told in (
        check(str(founded), "--operated-by", "XX"),
        CliRunner().invoke(app, ["gateway", str(founded), "--operated-by", "XX"]),
    ):
        assert (told.exit_code, "no party 'XX' is pinned" in told.stderr) == (2, True), told.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = ", "not TOML"),
        ("", "neither a folder nor --rpc"),
        ('folder = "x"\nrpc = "http://x"', "a folder and --rpc"),
        ('rpc = "http://127.0.0.1:1"\nbook = "b"\nworkers = 2', "an --index"),
        ("confirm_clock = true", "confirm_clock: there is no such option"),
        ("check = true", "check: there is no such option"),
        ('folder = "x"\nhost = "a b"', "an address of this machine"),
        ('folder = "x"\nmetrics = ["here"]', "needed a network"),
        ('folder = "x"\nport = true', "port: value error, input should be a whole number"),
        ('folder = "x"\nport = 8547.0', "port: value error, input should be a whole number"),
        ('folder = "x"\nrate = "0/second"', "one number from 1"),
        ('folder = "x"\nrate = "9/second;9/minute"', "one number from 1"),
        ('folder = "x"\nhost_name = ["http://a.example"]', "a name alone"),
        ('folder = "x"\nhost_name = ["a.example:80"]', "a name alone"),
        ('folder = "x"\nbook = "no.sqlite"', "a book that is there"),
        ('folder = "x"\ncards = "none"', "a folder that is there"),
        ('rpc = "ftp://a"\ntrust = "t"\nkey = "k"', "URL of a node"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, told: str) -> None:
    result = check("--config", write(tmp_path, text))
    assert (result.exit_code, told in result.stderr) == (2, True), result.stderr


def test_a_list_in_the_environment_is_json_and_a_file_must_be_there(tmp_path: Path, founded: Path) -> None:
    names = check(str(founded), AEO_LEDGER_GATEWAY_HOST_NAME='["a.example"]')
    assert "host_name = a.example" in names.stdout
    odd = check(str(founded), AEO_LEDGER_GATEWAY_HOST_NAME="a.example")
    assert (odd.exit_code, "the environment: " in odd.stderr, "Traceback" in odd.output) == (2, True, False)
    missing = check(str(founded), "--config", str(tmp_path / "none.toml"))
    assert (missing.exit_code, "none.toml" in missing.stderr) == (2, True)


def test_keys_are_opened_as_the_start_will_if_a_password_is_there(founded: Path, tmp_path: Path) -> None:
    """A service that is checked before each start would else fail at the start itself, and be started again and again."""
    (tmp_path / "wrong").write_text("wrong\n")
    (tmp_path / "wrong").chmod(0o600)
    key = str(founded / "parties/BY/operator.json")
    assert check(str(founded)).exit_code == 0, "it would ask"
    assert check(str(founded), AEO_LEDGER_PASSWORD=PASSWORD).exit_code == 0
    remote = ("--rpc", "http://127.0.0.1:1", "--trust", str(founded / "trust.json"), "--key", key)
    assert check(*remote, AEO_LEDGER_PASSWORD=PASSWORD).exit_code == 0
    for told in (
        check(str(founded), AEO_LEDGER_PASSWORD="wrong"),
        check(str(founded), "--password-file", str(tmp_path / "wrong"), AEO_LEDGER_PASSWORD=PASSWORD),
        check(*remote, AEO_LEDGER_PASSWORD="wrong"),
    ):
        assert (told.exit_code, "the password is wrong" in told.stderr) == (2, True), told.output


@pytest.mark.parametrize("option", ["--key", "--lookup-keys"])
def test_what_is_no_file_of_keys_is_a_fault_without_a_password_too(founded: Path, tmp_path: Path, option: str) -> None:
    (tmp_path / "junk").write_text("{}")
    (tmp_path / "junk").chmod(0o600)
    told = check(str(founded), option, str(tmp_path / "junk"))
    assert (told.exit_code, str(tmp_path / "junk") in told.stderr) == (2, True), told.output


def test_a_file_s_other_files_are_seen_from_its_folder(founded: Path, tmp_path: Path) -> None:
    (tmp_path / "net").symlink_to(founded)
    (tmp_path / "office.sqlite").touch()
    told = check("--config", write(tmp_path, 'folder = "net"\nindex = "sqlite:///i.sqlite"\nbook = "office.sqlite"\n'))
    assert told.exit_code == 0, told.output
    assert f"index = sqlite:///{tmp_path}/i.sqlite  " in told.stdout
    assert f"book = {tmp_path}/office.sqlite  " in told.stdout
    (tmp_path / "office.sqlite").unlink()
    elsewhere = 'folder = "net"\nindex = "postgresql://db.example/x"\nbook = "postgresql://db.example/y"\n'
    assert "book = postgresql://db.example/y  " in check("--config", write(tmp_path, elsewhere)).stdout


def test_a_gateway_makes_no_book(founded: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["gateway", str(founded), "--book", str(tmp_path / "no.sqlite")])
    assert (result.exit_code, "a book that is there" in result.stderr) == (2, True), result.output
    assert not (tmp_path / "no.sqlite").exists()
