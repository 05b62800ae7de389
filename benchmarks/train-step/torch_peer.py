"""The same training step in eager torch: embedding, pre-norm rotary attention and SwiGLU, cross entropy, clipping, AdamW.

It is meant to be a strong opponent: fused attention (scaled_dot_product_attention), fused RMSNorm, logits only where a token
is scored, torch's fused AdamW. Commands come in as JSON lines, answers go out the same way.
"""
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

THREADS = int(sys.argv[1])
DEVICE = sys.argv[2] if len(sys.argv) > 2 else "cpu"
torch.set_num_threads(THREADS)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
OPTIMIZER = {"lr": 1e-3, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.01}


def rss():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


BASE = rss()


class Peer:
    def load(self, weights, ids, layers, heads, batch, length, vocabulary, **_):
        self.layers, self.heads = layers, heads
        self.params = {name: tensor.to(DEVICE).requires_grad_() for name, tensor in load_file(weights).items()}
        self.ids = torch.tensor(ids, device=DEVICE).reshape(batch, length)
        half = self.params["model.embed_tokens.weight"].shape[1] // heads // 2
        angles = torch.arange(length)[:, None] * torch.pow(10000.0, -torch.arange(half) / half)[None]
        self.cos, self.sin = angles.cos().to(DEVICE), angles.sin().to(DEVICE)
        self.optimizer = torch.optim.AdamW(self.params.values(), fused=True, **OPTIMIZER)
        return {"loss": self.loss().item()}

    def rotate(self, x):
        a, b = x.chunk(2, -1)
        return torch.cat([a * self.cos - b * self.sin, a * self.sin + b * self.cos], -1)

    def loss(self):
        p, (batch, length) = self.params, self.ids.shape
        norm = lambda x, name: F.rms_norm(x, x.shape[-1:], p[f"{name}.weight"], 1e-6)
        x = F.embedding(self.ids, p["model.embed_tokens.weight"])
        split = lambda t: t.view(batch, length, self.heads, -1).transpose(1, 2)
        for i in range(self.layers):
            at = f"model.layers.{i}"
            n = norm(x, f"{at}.input_layernorm")
            q, k, v = (split(F.linear(n, p[f"{at}.self_attn.{name}_proj.weight"])) for name in "qkv")
            attended = F.scaled_dot_product_attention(self.rotate(q), self.rotate(k), v, is_causal=True)
            x = x + F.linear(attended.transpose(1, 2).reshape(batch, length, -1), p[f"{at}.self_attn.o_proj.weight"])
            n = norm(x, f"{at}.post_attention_layernorm")
            gated = F.silu(F.linear(n, p[f"{at}.mlp.gate_proj.weight"])) * F.linear(n, p[f"{at}.mlp.up_proj.weight"])
            x = x + F.linear(gated, p[f"{at}.mlp.down_proj.weight"])
        logits = F.linear(norm(x, "model.norm")[:, :-1], p["model.embed_tokens.weight"])
        return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), self.ids[:, 1:].reshape(-1))

    def steps(self, count):
        times, losses = [], []
        for _ in range(count):
            began = time.perf_counter()
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.params.values(), 1.0)
            self.optimizer.step()
            losses.append(loss.item())
            times.append(1e3 * (time.perf_counter() - began))
        return {"times": times, "losses": losses}

    def kernels(self):
        """Kernels of one step on the device, by name; on the CPU, torch's operations."""
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CUDA if DEVICE == "cuda" else ProfilerActivity.CPU]) as recorded:
            self.steps(1)
        calls = {}
        for event in recorded.events():
            if DEVICE == "cpu" or str(event.device_type).endswith("CUDA"):
                calls[event.name] = calls.get(event.name, 0) + 1
        return {"total": sum(calls.values()), "calls": calls}

    def report(self):
        return {"version": torch.__version__, "threads": torch.get_num_threads(), "baseBytes": BASE, "peakBytes": rss()}


peer = Peer()
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(getattr(peer, command.pop("do"))(**command)), flush=True)
