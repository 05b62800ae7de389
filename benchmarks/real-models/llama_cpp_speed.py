"""Greedy generation by llama.cpp as it comes. Commands come in as JSON lines, answers go out the same way."""
import json
import sys
import time

import llama_cpp

threads = int(sys.argv[1])
llama = None
for line in sys.stdin:
    ask = json.loads(line)
    if llama is None:
        llama = llama_cpp.Llama(ask["path"], n_ctx=256, n_threads=threads, n_threads_batch=threads, verbose=False)
    llama.reset()
    began = time.perf_counter()
    ids = []
    for token in llama.generate(ask["prompt"], temp=0.0, repeat_penalty=1.0):
        ids.append(token)
        if len(ids) == ask["tokens"]:
            break
    print(json.dumps({"milliseconds": (time.perf_counter() - began) * 1000, "ids": ids}), flush=True)
