"""Writes the Parquet files of this folder, as data sets on the hub come: pyarrow, nested, ints, nulls, ZSTD and SNAPPY."""
import pathlib

import pyarrow
import pyarrow.parquet

rows = [
    {"prompt": [{"role": "user", "content": "2+3?"}], "completions": ["a\n\n", "é😀"], "labels": [True, False], "visits": [3, 2], "reward": 1.0},
    {"prompt": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"}], "completions": [], "labels": [], "visits": None, "reward": -0.5},
]
folder = pathlib.Path(__file__).parent
for codec in ("zstd", "snappy"):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / f"pyarrow-{codec}.parquet", compression=codec)
