"""Math-Verify on rows of standard input, one JSON object a line: its verdicts, in order, and the processor time it took."""
import json
import resource
import sys
import time

from math_verify import parse, verify

rows = [json.loads(line) for line in sys.stdin]
parse("$1$"), verify(parse("$1$"), parse("$1$"))
begun, wall, faults, verdicts = time.process_time(), time.perf_counter(), 0, []
for row in rows:
    try:
        # Its own limits of five seconds each stay what they are.
        verdicts.append(verify(parse(f"${row['answer']}$"), parse(row["response"])))
    except Exception:
        faults += 1
        verdicts.append(None)
print(json.dumps({
    "verdicts": verdicts,
    "faults": faults,
    "cpuS": time.process_time() - begun,
    "wallS": time.perf_counter() - wall,
    "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
}))
