"""The same training by torch: a Qwen3 of transformers, LoRA with the factors A that the server shares between fused projections."""
import json
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

base, adapter, spec = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
torch.set_num_threads(1)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
model.requires_grad_(False)
weights = load_file(f"{adapter}/adapter_model.safetensors")
shared, parameters = {}, []
fused = {"q_proj": "qkv", "k_proj": "qkv", "v_proj": "qkv", "gate_proj": "gu", "up_proj": "gu"}


def leaf(values):
    parameter = torch.nn.Parameter(values.clone())
    parameters.append(parameter)
    return parameter


def lora(name, module):
    a = weights[f"base_model.model.{name}.lora_A.weight"]
    parent, short = name.rsplit(".", 1)
    key = (parent, fused.get(short, short))
    if key not in shared:
        shared[key] = leaf(a)
    assert torch.equal(shared[key].data, a), f"{name}: A is not shared"
    b = leaf(weights[f"base_model.model.{name}.lora_B.weight"])
    plain = module.forward
    module.forward = lambda x: plain(x) + (x @ shared[key].T @ b.T) * (spec["alpha"] / spec["rank"])


for name, module in list(model.named_modules()):
    if f"base_model.model.{name}.lora_A.weight" in weights:
        lora(name, module)


def token_logps():
    out = []
    for row in spec["rows"]:
        ids = torch.tensor([row])
        logits = model(ids).logits[0, :-1]
        out.append(torch.log_softmax(logits, -1).gather(1, ids[0, 1:, None])[:, 0])
    return out


def step_sums(logps):
    sums = []
    for row, steps, credits in zip(logps, spec["stepIds"], spec["credits"]):
        marks = torch.tensor(steps[1:])
        sums.append(torch.stack([row[marks == s].sum() for s in range(len(credits))]))
    return sums


with torch.no_grad():
    reference = step_sums(token_logps())
adam = spec["adam"]
optimizer = torch.optim.AdamW(
    parameters, lr=adam["learningRate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], weight_decay=0
)
losses = []
for _ in range(spec["updates"]):
    terms = [
        (0.5 * (spec["beta"] * (policy - ref) - torch.tensor(credits)) ** 2).mean()
        for policy, ref, credits in zip(step_sums(token_logps()), reference, spec["credits"])
    ]
    loss = torch.stack(terms).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(json.dumps(losses))
