"""Hugging Face generate, asked by JSON lines. Greedy, with its KV cache, in float32."""
import json
import sys
import time

import torch
import transformers
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(sys.argv[1]))
transformers.logging.set_verbosity_error()
model = None

for line in sys.stdin:
    ask = json.loads(line)
    if ask["do"] == "load":
        model = AutoModelForCausalLM.from_pretrained(ask["folder"], dtype=torch.float32).eval()
        answer = dict(torch=torch.__version__, transformers=transformers.__version__,
                      attention=model.config._attn_implementation)
    else:
        ids = torch.tensor(ask["prompts"])
        count = ask["maxTokens"]
        with torch.inference_mode():
            began, used = time.perf_counter(), time.process_time()
            out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, min_new_tokens=count,
                                 do_sample=False, use_cache=True, eos_token_id=None, pad_token_id=0)
            took, used = time.perf_counter() - began, time.process_time() - used
        answer = dict(milliseconds=took * 1000, processorMilliseconds=used * 1000, ids=out[:, ids.shape[1]:].tolist())
    print(json.dumps(answer), flush=True)
