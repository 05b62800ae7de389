"""The same LoRA steps by torch, transformers and peft in float32. Commands come in as JSON lines, answers go out the same way."""
import json
import resource
import sys
import time

import peft
import torch
import torch.nn.functional as F
import transformers
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(sys.argv[1]))
CHECKPOINT = len(sys.argv) > 2 and sys.argv[2] == "layer"
transformers.logging.set_verbosity_error()


def rss():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


BASE = rss()


class Peer:
    def load(self, folder, adapters, ids, batch, length, **_):
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        if CHECKPOINT:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        self.model = peft.PeftModel.from_pretrained(model, adapters, is_trainable=True).train()
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=1e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, fused=True)
        self.ids = torch.tensor(ids).reshape(batch, length)
        return {"trained": sum(p.numel() for p in trained)}

    def steps(self, count):
        times, losses = [], []
        for _ in range(count):
            began = time.perf_counter()
            self.optimizer.zero_grad(set_to_none=True)
            logits = self.model(self.ids, use_cache=False).logits[:, :-1]
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), self.ids[:, 1:].reshape(-1))
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
            times.append(1e3 * (time.perf_counter() - began))
        return {"times": times, "losses": losses}

    def report(self):
        version = f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
        return {"version": version, "baseBytes": BASE, "peakBytes": rss()}


peer = Peer()
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(getattr(peer, command.pop("do"))(**command)), flush=True)
