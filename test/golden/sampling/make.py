"""Recipe of sampling.json: the logits that transformers' warpers leave, for rows full of ties and all kinds of settings.

    python make.py      # a Python with torch and transformers 5
"""
import json
import os
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

draw = torch.Generator().manual_seed(5)
cases = []
for index in range(60):
    size = int(torch.randint(1, 30, (1,), generator=draw))
    step = [1.0, 0.5, 0.001][index % 3]
    # A third of the rows hold few different numbers, a third some, a third hardly any twice.
    row = (torch.randn(size, generator=draw) * 2 / step).round() * step
    settings = dict(temperature=[1.0, 0.5, 1.7][index // 3 % 3])
    if index % 4 != 1:
        settings["topK"] = int(torch.randint(1, 12, (1,), generator=draw))
    if index % 4 != 2:
        settings["topP"] = round(float(torch.rand(1, generator=draw) * 0.95 + 0.04), 2)
    scores = TemperatureLogitsWarper(settings["temperature"])(None, row[None]) if settings["temperature"] != 1 else row[None]
    if "topK" in settings:
        scores = TopKLogitsWarper(settings["topK"])(None, scores)
    if "topP" in settings:
        scores = TopPLogitsWarper(settings["topP"])(None, scores)
    cases.append(dict(row=row.tolist(), settings=settings, left=row[scores[0] > -float("inf")].tolist()))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sampling.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
