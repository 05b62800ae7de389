"""Records what torch's optimizers and Hugging Face's schedules do. Run: python optimizers.py > optimizers.json"""
import json

import torch
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

SHAPES = {"weight": [3, 4], "norm": [5]}


def start(name):
    size = torch.Size(SHAPES[name]).numel()
    offset = len(name)
    return torch.tensor([((7 * i + offset) % 13 - 6) / 8 for i in range(size)]).reshape(SHAPES[name])


def gradient(name, step):
    """Exactly representable, of changing sign and size, so that both sides can compute it: step counts from 0."""
    size = torch.Size(SHAPES[name]).numel()
    offset = len(name)
    return torch.tensor([((37 * i + 91 * step + offset) % 101 - 50) / 64 for i in range(size)]).reshape(SHAPES[name])


def run(make, steps=100, record=(1, 10, 100), clip=None, schedule=None, slots=()):
    params = {name: start(name).requires_grad_() for name in SHAPES}
    optimizer = make(params)
    rates = schedule(optimizer) if schedule else None
    records = {}
    for step in range(steps):
        for name, param in params.items():
            param.grad = gradient(name, step)
        norm = torch.nn.utils.clip_grad_norm_(params.values(), clip).item() if clip else None
        optimizer.step()
        if rates:
            rates.step()
        if step + 1 in record:
            records[step + 1] = {
                "params": {name: param.detach().flatten().tolist() for name, param in params.items()},
                **{slot: {n: optimizer.state[p][slot].flatten().tolist() for n, p in params.items()} for slot in slots},
                **({"norm": norm} if clip else {}),
            }
    return records


def groups(params, weight_decay):
    return [
        {"params": [params["weight"]], "weight_decay": weight_decay},
        {"params": [params["norm"]], "weight_decay": 0.0},
    ]


def rates_of(factory, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=3e-4)
    schedule = factory(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return rates


moments = ("exp_avg", "exp_avg_sq")
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "adamw": run(lambda p: torch.optim.AdamW(p.values(), lr=1e-2), slots=moments),
            "adamwGroups": run(
                lambda p: torch.optim.AdamW(groups(p, 0.1), lr=3e-3, betas=(0.8, 0.95), eps=1e-6), slots=moments
            ),
            "adamwClipped": run(
                lambda p: torch.optim.AdamW(p.values(), lr=1e-2, weight_decay=0.1),
                clip=0.5,
                schedule=lambda o: get_cosine_schedule_with_warmup(o, 10, 100),
                slots=moments,
            ),
            "sgd": run(lambda p: torch.optim.SGD(p.values(), lr=1e-2)),
            "sgdMomentum": run(lambda p: torch.optim.SGD(p.values(), lr=1e-2, momentum=0.9, weight_decay=0.1)),
            "linearWarmup": rates_of(lambda o: get_linear_schedule_with_warmup(o, 5, 25), 30),
            "cosineWarmup": rates_of(lambda o: get_cosine_schedule_with_warmup(o, 5, 25), 26),
        },
        indent=1,
    )
)
