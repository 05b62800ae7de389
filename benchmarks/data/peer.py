"""The same rows read and written by Python: json for JSONL, pyarrow for Parquet. One line of JSON a measurement, in ms."""
import json
import sys
import tempfile
import time

import pyarrow
import pyarrow.parquet

jsonl, parquet, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])


def measure(what, work):
    processor, clock = [], []
    for _ in range(repeats):
        start, before = time.perf_counter(), time.process_time()
        work()
        processor.append(1000 * (time.process_time() - before))
        clock.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"what": what, "processor": processor, "clock": clock}), flush=True)


def read_jsonl():
    with open(jsonl, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


rows = read_jsonl()


def write_jsonl():
    with tempfile.TemporaryFile("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def write_parquet():
    with tempfile.TemporaryFile() as file:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)


measure("peer: python json, write jsonl", write_jsonl)
measure("peer: python json, read jsonl", read_jsonl)
measure(f"peer: pyarrow {pyarrow.__version__} from and to python rows, write parquet", write_parquet)
measure(f"peer: pyarrow {pyarrow.__version__} from and to python rows, read parquet", lambda: pyarrow.parquet.read_table(parquet).to_pylist())
