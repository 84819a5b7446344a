"""A PKCS#11 token, by SoftHSM from Debian: a key that nobody can take out, and the command line that signs with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

MODULES: Final = [
    path for folder in ("/usr/lib/softhsm", "/usr/lib64/softhsm") for path in Path(folder).glob("libsofthsm2.so")
]
PACKAGES: Final = "apt-get install softhsm2 opensc"


def need_softhsm() -> None:
    if not MODULES or not shutil.which("pkcs11-tool") or not shutil.which("softhsm2-util"):
        pytest.skip(f"SoftHSM and pkcs11-tool are not installed: {PACKAGES}")


@dataclass(frozen=True)
class Token:
    """A token of SoftHSM with one key, made in it."""

    home: Path
    pin: str

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.home / "softhsm2.conf")}

    @property
    def words(self) -> tuple[str, ...]:
        """The command line of the README's signer file."""
        module = ("--module", str(MODULES[0]), "--token-label", "customs", "--login", "--pin", "env:TOKEN_PIN")
        return ("pkcs11-tool", *module, "--sign", "--mechanism", "ECDSA", "--id", "01")

    @classmethod
    def make(cls, home: Path, pin: str) -> Token:
        need_softhsm()
        token = cls(home, pin)
        (home / "tokens").mkdir(parents=True)
        (home / "softhsm2.conf").write_text(f"directories.tokendir = {home / 'tokens'}\n")
        token.run("softhsm2-util", "--init-token", "--free", "--label", "customs", "--pin", pin, "--so-pin", "12345678")
        token.run(*token.words[:-5], "--keypairgen", "--key-type", "EC:secp256k1", "--id", "01")
        return token

    def run(self, *words: str) -> bytes:
        environment = {**os.environ, **self.environment, "TOKEN_PIN": self.pin}
        return subprocess.run(words, env=environment, capture_output=True, check=True).stdout
