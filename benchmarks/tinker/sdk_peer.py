"""The official SDK's own recipe for a loss of one's own, forward_backward_custom, on the same rows and the same server."""
import json
import sys

import tinker
import torch
from tinker import types

url, base, spec = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
service = tinker.ServiceClient(base_url=url, api_key="tml-none")
client = service.create_lora_training_client(base_model=base, rank=spec["rank"], seed=spec["seed"])


def tensor(data, dtype):
    return types.TensorData(data=data, dtype=dtype, shape=[len(data)])


data = [
    types.Datum(
        model_input=types.ModelInput.from_ints(row[:-1]),
        loss_fn_inputs={"target_tokens": tensor(row[1:], "int64"), "weights": tensor([1.0] * (len(row) - 1), "float32")},
    )
    for row in spec["rows"]
]
reference = None


def dvo(_, logps):
    global reference
    sums = []
    for row, steps, credits in zip(logps, spec["stepIds"], spec["credits"]):
        marks = torch.tensor(steps[1:])
        sums.append(torch.stack([row[marks == s].sum() for s in range(len(credits))]))
    if reference is None:
        reference = [row.detach().clone() for row in sums]
    terms = [
        (0.5 * (spec["beta"] * (policy - ref) - torch.tensor(credits)) ** 2).mean()
        for policy, ref, credits in zip(sums, reference, spec["credits"])
    ]
    loss = torch.stack(terms).mean()
    return loss, {"loss": float(loss)}


adam = spec["adam"]
losses = []
for _ in range(spec["updates"]):
    losses.append(client.forward_backward_custom(data, dvo).result().metrics["loss"])
    params = types.AdamParams(
        learning_rate=adam["learningRate"], beta1=adam["beta1"], beta2=adam["beta2"], eps=adam["epsilon"]
    )
    client.optim_step(params).result()
print(json.dumps(losses))
