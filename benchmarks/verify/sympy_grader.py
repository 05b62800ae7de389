"""The core of the sympy-based graders, for comparison: LaTeX to Python by substitution, parse_expr, simplify(a - b) == 0.

Not Math-Verify, which adds its own LaTeX grammar, sets, intervals and extraction to the same engine. Reads a JSON array of
[gold, prediction] pairs from standard input, prints counts and times as JSON.
"""
import json
import re
import signal
import sys
import time

import sympy
from sympy.parsing.sympy_parser import (
    convert_xor, implicit_application, implicit_multiplication, parse_expr, standard_transformations,
)

RULES = standard_transformations + (convert_xor, implicit_multiplication, implicit_application)
BANNED = re.compile(r"__|import|eval|open\(|lambda|exec")


class TooLong(Exception):
    pass


def give_up(*_):
    raise TooLong


def plain(text):
    text = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))", text.replace("$", ""))
    text = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", text)
    text = text.replace("\\cdot", "*").replace("\\times", "*").replace("\\pi", "pi").replace("\\left", "").replace("\\right", "")
    text = re.sub(r"\\(sin|cos|tan|ln|log|exp)", r"\1", text)
    return text.replace("{", "(").replace("}", ")").replace("\\", "")


def equal(gold, prediction):
    if gold == prediction:
        return True
    a, b = parse_expr(plain(gold), transformations=RULES), parse_expr(plain(prediction), transformations=RULES)
    return bool(sympy.simplify(a - b) == 0)


def main():
    pairs = json.load(sys.stdin)
    signal.signal(signal.SIGALRM, give_up)
    times, right, unread, stopped = [], 0, 0, 0
    for gold, prediction in pairs:
        begun = time.process_time()
        try:
            if BANNED.search(gold + prediction):
                raise ValueError("not given to parse_expr")
            signal.alarm(2)
            right += equal(gold, prediction)
        except TooLong:
            stopped += 1
        except Exception:
            unread += 1
        finally:
            signal.alarm(0)
        times.append(time.process_time() - begun)
    times.sort()
    print(json.dumps({
        "peer": f"sympy {sympy.__version__} parse_expr + simplify, Python {sys.version.split()[0]}",
        "pairs": len(pairs), "calledEqual": right, "notRead": unread, "stoppedAfter2s": stopped,
        "callsPerSecond": round(len(pairs) / sum(times), 1),
        "p50Microseconds": round(times[len(times) // 2] * 1e6, 1),
        "p99Microseconds": round(times[int(len(times) * 0.99)] * 1e6, 1),
    }))


main()
