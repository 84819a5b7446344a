"""Compile the contracts and write the generated files; with --check, fail if one of them is out of date.

Python's tables (messages; words, numbers and status events; refusals) become three Vyper modules; the three contracts become
artifacts; their code hashes and storage layout become `protocol/generated.py`. Nothing of it is typed twice.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))
warnings.simplefilter("ignore")

from vyper.compiler import CompilerData, outputs_from_compiler_data  # noqa: E402
from vyper.compiler.input_bundle import FilesystemInputBundle  # noqa: E402
from vyper.compiler.settings import OptimizationLevel, Settings  # noqa: E402

from aeo_ledger.customs import autonomy, governance, status_events, vocabulary  # noqa: E402
from aeo_ledger.customs.refusals import Refusal  # noqa: E402
from aeo_ledger.primitives.hashes import keccak256  # noqa: E402
from aeo_ledger.protocol import messages, tables  # noqa: E402
from aeo_ledger.protocol.layouts import RECORD, REGISTER, WORDS  # noqa: E402

CONTRACTS = ROOT / "contracts"
SOURCES = ROOT / "src" / "aeo_ledger"
HEADER = '# pragma version 0.4.3\n"""\n@title {title}\n@notice Written by scripts/compile from aeo_ledger.{source}; do not edit.\n"""\n\n'
VYPER_TYPES = {"string": "String[64]", "bytes": "Bytes[32768]"}
ACT_SETS = {
    "RESOLUTION": ("USES_KEY", "USES_DETAIL", "COSIGNED", "ON_VALIDATORS", "AFTER_SUCCESSION"),
    "PARTY_ACT": ("USES_KEY", "USES_NO_DETAIL", "DATED", "COSIGNED", "ON_MEMBER", "NOT_SUPERSEDED"),
}
"""Sets of acts in `customs.governance` and `customs.autonomy` that the contracts use too."""
LARGEST_RUNTIME = 24_576
"""Longest runtime code in bytes (EIP-170)."""
LAST_BRANCH = vocabulary.EventKind.TRANSFER
"""The kind of event that `Registers._check` treats in its `else`; every other kind has a branch there."""


def messages_module() -> str:
    """Write the structs and type hashes of `contracts/messages.vy`."""
    out = HEADER.format(title="Messages that administrations sign (EIP-712)", source="protocol.messages")
    for name, members in messages.MESSAGES.items():
        if any(kind.endswith("[]") or kind == "bytes" for kind, _ in members):
            continue
        out += f"struct {name}:\n" + "".join(f"    {member}: {kind}\n" for kind, member in members) + "\n\n"
    domain = "EIP712Domain(" + ",".join(f"{kind} {member}" for kind, member in messages.DOMAIN) + ")"
    out += f'DOMAIN_HASH: constant(bytes32) = keccak256("{domain}")\n'
    out += f'NAME_HASH: constant(bytes32) = keccak256("{messages.DOMAIN_NAME}")\n'
    out += f'VERSION_HASH: constant(bytes32) = keccak256("{messages.DOMAIN_VERSION}")\n'
    for name in messages.MESSAGES:
        constant = "".join("_" + c if c.isupper() else c for c in name).upper().lstrip("_")
        out += f'{constant}_HASH: constant(bytes32) = keccak256(\n    "{messages.encode_type(name)}"\n)\n'
    return out


def words_module() -> str:
    """Write `contracts/words.vy`: shifts and masks, tables and numbers, and sets of these that rules use."""
    out = HEADER.format(
        title="Words, tables and numbers",
        source="protocol.layouts, protocol.tables, customs.vocabulary, customs.status_events, customs.governance, customs.autonomy",
    )
    for name, layout in WORDS.items():
        for field, where in layout.items():
            out += constant(f"{name}_{field}_AT", where.at) + constant(f"{name}_{field}_MASK", where.mask)
        numbered = {
            field[:-2]: where.bits for field, where in layout.items() if field[-2] == "_" and field[-1].isdigit()
        }
        out += "".join(constant(f"{name}_{field}_BITS", width) for field, width in numbered.items())
    out += "\n"
    for table in tables.Table:
        out += f"TABLE_{table.name}: constant(uint256) = {table.value}\n"
    for kind in (
        "Status", "EventKind", "Capacity", "PartyKind", "PartyState", "KeyRole", "RegisterMode", "ResolutionAct", "PartyActKind",
        "ReplacementActKind", "LaneState", "LaneActKind",
    ):  # fmt: skip
        prefix = "".join("_" + c if c.isupper() else c for c in kind).upper().lstrip("_")
        out += "\n" + "".join(constant(f"{prefix}_{m.name}", m.value) for m in getattr(vocabulary, kind))
    return out + known_module() + status_events_module() + acts_module()


def known_module() -> str:
    """Write the limits of values in acts and questions (a bit set is below its limit), and the bits of a decision's reasons."""
    out = "\n"
    for kind in (vocabulary.Role, vocabulary.Direction):
        name = kind.__name__.upper()
        out += constant(f"LAST_{name}", max(kind).value, kind="uint8") + constant(f"{name}S_LIMIT", 1 << len(kind))
    out += constant("LAST_TYPE", REGISTER["types"].bits - 1) + "\n"
    reasons = (reason for reason in vocabulary.Reason if reason is not vocabulary.Reason.NO_TRADER_UNDER_ALIAS)
    return out + "".join(constant(f"REASON_{reason.name}", f"1 << {reason.value}") for reason in reasons)


def status_events_module() -> str:
    """Write what rules use of the table of status events: sets of kinds and statuses, and the parts of a record that a kind may change."""
    kinds = {f"BY_{capacity.name}": status_events.BY_CAPACITY[capacity] for capacity in vocabulary.Capacity}
    kinds |= {name: getattr(status_events, name) for name in ("RESTRICTING", "SUSPENDING", "RESTORING")}
    statuses = {"LIVING": vocabulary.LIVING, "TERMINAL": vocabulary.TERMINAL}
    changes = {"RECORD_OWN": status_events.OWN, "RECORD_SCOPE": status_events.SCOPE}
    changes |= {f"{row.kind.name}_CHANGES": row.changes for row in status_events.STATUS_EVENTS.values()}
    out = "\n"
    for name, members in kinds.items():
        out += constant(name, *(f"1 << EVENT_KIND_{kind.name}" for kind in sorted(members)))
    for name, states in statuses.items():
        out += constant(name, *(f"1 << STATUS_{status.name}" for status in sorted(states)))
    for name, fields in changes.items():
        parts = [field.upper() for field in RECORD if field in fields]
        out += constant(name, *(f"RECORD_{field}_MASK << RECORD_{field}_AT" for field in parts))
    return out


def require_branches(registers: str) -> None:
    """Fail unless the source of Registers has a branch for each kind that may be signed: its `else` would treat a new one as a transfer."""
    branches = set(re.findall(r"^    (?:el)?if kind == words\.EVENT_KIND_(\w+):$", registers, re.MULTILINE))
    if f"    else:\n        may_change = words.{LAST_BRANCH.name}_CHANGES\n" in registers:
        branches.add(LAST_BRANCH.name)
    kinds = sorted(set().union(*status_events.BY_CAPACITY.values()))
    missing = [kind.name for kind in kinds if kind.name not in branches]
    if missing:
        raise SystemExit(f"contracts/Registers.vy: _check has no branch for EVENT_KIND_{', EVENT_KIND_'.join(missing)}")


def acts_module() -> str:
    """Write which members each resolution and each act of a party uses, and their other properties."""
    out = "\n"
    for prefix, kind, module in (
        ("RESOLUTION", "RESOLUTION_ACT", governance),
        ("PARTY_ACT", "PARTY_ACT_KIND", autonomy),
    ):
        for name in ACT_SETS[prefix]:
            out += constant(f"{prefix}_{name}", *(f"1 << {kind}_{act.name}" for act in sorted(getattr(module, name))))
    return out


def constant(name: str, *parts: object, kind: str = "uint256") -> str:
    """Write a constant of a contract: a value, or the union of several bit sets."""
    first, *rest = parts
    value = f"{first}" if not rest else f"(\n    ({first})\n" + "".join(f"    | ({part})\n" for part in rest) + ")"
    return f"{name.upper()}: constant({kind}) = {value}\n"


def refusals_module() -> str:
    """Write `contracts/refusals.vy`: the codes, and the function that refuses."""
    out = HEADER.format(title="Refusals", source="customs.refusals")
    out += "".join(f"{code.name}: constant(uint256) = {code.value}  # {code.text}\n" for code in Refusal)
    out += '\n\n@internal\n@pure\ndef _refuse(code: uint256):\n    """\n    @notice Revert with Refused(uint256).\n'
    out += '    @param code One of the codes above.\n    """\n'
    out += '    raw_revert(abi_encode(code, method_id=method_id("Refused(uint256)")))\n'
    return out


def compiler_data(name: str, folder: Path = CONTRACTS) -> CompilerData:
    """Prepare the compiler for one deployed contract: EVM version `london`, optimised for gas."""
    bundle = FilesystemInputBundle([folder])
    with bundle.search_path(folder):
        source = bundle.load_file(f"{name}.vy")
    return CompilerData(source, bundle, settings=Settings(evm_version="london", optimize=OptimizationLevel.GAS))


def compile_contract(name: str, folder: Path = CONTRACTS) -> dict[str, object]:
    """Compile one deployed contract and return its artifact."""
    out = outputs_from_compiler_data(compiler_data(name, folder), ("abi", "bytecode", "bytecode_runtime", "layout"))
    runtime = bytes.fromhex(out["bytecode_runtime"][2:])
    if len(runtime) >= LARGEST_RUNTIME:
        raise SystemExit(f"{name}: runtime of {len(runtime)} bytes, needed fewer than {LARGEST_RUNTIME}")
    return {
        "contract": name,
        "compiler": "vyper 0.4.3, london, optimize gas",
        "source_hash": "0x" + keccak256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.vy")))).hex(),
        "code_hash": "0x" + keccak256(runtime).hex(),
        "abi": out["abi"],
        "bytecode": out["bytecode"],
        "runtime": out["bytecode_runtime"],
        "storage_layout": out["layout"].get("storage_layout", {}),
    }


def generated_module(artifacts: list[dict[str, object]]) -> str:
    """Write `protocol/generated.py`: facts of the compiled code that Python needs, with the code's hash."""
    out = (
        '"""Facts of the compiled contracts; written by scripts/compile, do not edit."""\n\nfrom typing import Final\n'
    )
    for artifact in artifacts:
        name = str(artifact["contract"]).upper()
        out += f'\n{name}_CODE_HASH: Final = bytes.fromhex("{str(artifact["code_hash"])[2:]}")\n'
        out += (
            f'"""keccak256 of the runtime code of `{artifact["contract"]}`, 32 bytes; the same on every network."""\n'
        )
        layout = artifact["storage_layout"]
        assert isinstance(layout, dict)  # noqa: S101
        for variable, where in layout.items():
            out += f"\n{name}_{variable.upper()}_SLOT: Final = {where['slot']}\n"
            out += f'"""Slot of `{variable}: {where["type"]}`."""\n'
    return out


def main() -> None:
    """Write every generated file, or check each."""
    parser = argparse.ArgumentParser(prog="scripts/compile", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a generated file is stale")
    check = parser.parse_args().check
    stale: list[Path] = []

    def put(path: Path, text: str) -> None:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        if check:
            stale.append(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")

    require_branches((CONTRACTS / "Registers.vy").read_text(encoding="utf-8"))
    put(CONTRACTS / "messages.vy", messages_module())
    put(CONTRACTS / "words.vy", words_module())
    put(CONTRACTS / "refusals.vy", refusals_module())
    artifacts = [compile_contract(name) for name in ("Consortium", "Governance", "Registers")]
    for artifact in artifacts:
        put(
            SOURCES / "ledger" / "artifacts" / f"{artifact['contract']}.json",
            json.dumps(artifact, separators=(",", ":"), sort_keys=True) + "\n",
        )
        print(
            f"{artifact['contract']}: runtime {(len(str(artifact['runtime'])) - 2) // 2:,} of {LARGEST_RUNTIME:,} bytes"
        )
    put(SOURCES / "protocol" / "generated.py", generated_module(artifacts))
    if stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        raise SystemExit(f"stale: {names}; run scripts/compile and commit what it writes")


if __name__ == "__main__":
    main()
