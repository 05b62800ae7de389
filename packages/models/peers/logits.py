"""Logits after the last token, and greedy tokens, as transformers (and PEFT) computes them from a folder, as JSON on stdout.

    python logits.py FOLDER '[[1, 2, 3]]' [ADAPTER_FOLDER]
"""
import json
import sys
import torch
from transformers import AutoModelForCausalLM

folder, ids, *adapter = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
if adapter:
    from peft import PeftModel

    model = PeftModel.from_pretrained(model, adapter[0]).eval()
ids = torch.tensor(json.loads(ids))
with torch.no_grad():
    logits = model(ids).logits[:, -1]
    greedy = model.generate(input_ids=ids, max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=0)
print(json.dumps(dict(logits=logits.tolist(), greedy=greedy[:, ids.shape[1]:].tolist())))
