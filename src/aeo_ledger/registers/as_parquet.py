"""Parquet, for those who compute with a register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aeo_ledger.registers.sheet import Raw


def write_parquet(
    header: Sequence[str], rows: Iterable[Sequence[Raw]], *, numbers: frozenset[str], about: str
) -> bytes:
    """Write a table.

    Args:
        header: The headings.
        rows: The cells: whole numbers in the columns of `numbers`, texts in all others. An empty text is null.
        numbers: Names of the columns of whole numbers.
        about: JSON for the file's metadata, under the key `ledger`.
    """
    import pyarrow as pa  # noqa: PLC0415 (an extra)
    from pyarrow import parquet  # noqa: PLC0415 (the same)

    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    schema = pa.schema(
        [(name, pa.int64() if name in numbers else pa.string()) for name in header],
        metadata={"ledger": about},
    )
    arrays = [
        pa.array([None if cell == "" else cell for cell in column], field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    out = pa.BufferOutputStream()
    parquet.write_table(pa.table(arrays, schema=schema), out)
    return bytes(out.getvalue())
