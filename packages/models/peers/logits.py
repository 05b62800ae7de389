"""Logits after the last token, and greedy tokens, as transformers (and PEFT) computes them from folders, as JSON on stdout;
of a token classifier the scores of all tokens.

    python logits.py JOBS      # a JSON file: [{"folder": "…", "ids": [[1, 2, 3]], "adapter": "…"?}, …]
"""
import json
import sys
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForTokenClassification
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)


def answer(folder, ids, adapter=None):
    if AutoConfig.from_pretrained(folder).architectures[0].endswith("TokenClassification"):
        model = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
        with torch.no_grad():
            return dict(logits=model(torch.tensor(ids)).logits[..., 0].tolist(), greedy=[])
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    if adapter:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter).eval()
    ids = torch.tensor(ids)
    with torch.no_grad():
        logits = model(ids).logits[:, -1]
        greedy = model.generate(input_ids=ids, max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=0)
    return dict(logits=logits.tolist(), greedy=greedy[:, ids.shape[1]:].tolist())


print(json.dumps([answer(**job) for job in json.load(open(sys.argv[1]))]))
