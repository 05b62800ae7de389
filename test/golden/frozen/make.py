"""Log-probs and adapters' gradients of a small model with a quantised base, in float64 by torch: recipe of int8.json and int4.json.

    pip install torch transformers==5.24 gguf==0.19 && python test/golden/frozen/make.py

Weights follow from their names (`weight` of ../models/families.py), matrices go through gguf-py's Q8_0 or Q4_0 and back, and everything
after is float64: y = x W^T + b + s (x A^T) B^T written out. The test draws and quantises the same numbers itself.
"""
import json, pathlib, sys
import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from gguf.quants import dequantize, quantize
from transformers import AutoConfig, AutoModelForCausalLM

here = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def weight(name, shape):
    state = 2166136261
    for byte in name.encode():
        state = (state ^ byte) * 16777619 % 2**32
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) + state) % 2**32
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> shift)) * factor % 2**32
    x ^= x >> 16
    return ((x / 2**32 - 0.5) * 0.9 + (1 if name.endswith("norm.weight") else 0)).astype(np.float32).reshape(shape)


class Adapted(torch.nn.Module):
    def __init__(self, linear, name, rank, scale):
        super().__init__()
        self.linear, self.scale = linear, scale
        out, into = linear.weight.shape
        self.A = torch.nn.Parameter(torch.tensor(weight(f"{name}.lora_A.weight", (rank, into)).astype(np.float64)))
        self.B = torch.nn.Parameter(torch.tensor(weight(f"{name}.lora_B.weight", (out, rank)).astype(np.float64)))

    def forward(self, x):
        return self.linear(x) + self.scale * (x @ self.A.T @ self.B.T)


config = dict(model_type="qwen2", architectures=["Qwen2ForCausalLM"], vocab_size=70, hidden_size=64, intermediate_size=96, num_hidden_layers=2,
              num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, rope_theta=10000.0, tie_word_embeddings=True)
lora = dict(rank=2, alpha=3)
ids = [[3, 9, 64, 7, 1, 41, 12], [5, 5, 18, 2, 69, 30, 8]]

for width in ("int8", "int4"):
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config), dtype=torch.float64, attn_implementation="sdpa").eval()
    for name, value in model.named_parameters():
        numbers = weight(name, tuple(value.shape))
        if value.ndim == 2:
            kind = T.Q4_0 if width == "int4" and "embed_tokens" not in name else T.Q8_0
            numbers = dequantize(quantize(numbers, kind), kind)
        value.data = torch.tensor(numbers.astype(np.float64))
        value.requires_grad = False
    # transformers norms in float32 whatever the model's dtype.
    for module in model.modules():
        if type(module).__name__ == "Qwen2RMSNorm":
            module.forward = (lambda norm: lambda x: norm.weight * x * (x.square().mean(-1, keepdim=True) + norm.variance_epsilon).rsqrt())(module)
    # Buffers of the rotary embedding stay float32 in transformers; the frequencies are made again in float64.
    rotary = model.model.rotary_emb
    rotary.inv_freq = 1.0 / (10000.0 ** (torch.arange(0, 16, 2, dtype=torch.float64) / 16))
    rotary.forward = lambda x, position_ids: (lambda angles: (torch.cat((angles, angles), -1).cos(), torch.cat((angles, angles), -1).sin()))(
        position_ids[:, :, None].double() * rotary.inv_freq)
    for name, module in list(model.named_modules()):
        if name.endswith("_proj"):
            parent = model.get_submodule(name.rpartition(".")[0])
            setattr(parent, name.rpartition(".")[2], Adapted(module, name, lora["rank"], lora["alpha"] / lora["rank"]))
    tokens = torch.tensor(ids)
    logps = torch.log_softmax(model(tokens).logits[:, :-1], -1).gather(-1, tokens[:, 1:, None])[..., 0]
    logps.square().sum().backward()
    gradients = {}
    for name, value in model.named_parameters():
        if name.endswith((".A", ".B")):
            gradients[f"{name[:-2]}.lora_{name[-1]}.weight"] = [float(f"{x:.8g}") for x in value.grad.flatten().tolist()]
    if width == "int4":  # one layer is enough twice
        gradients = {name: values for name, values in gradients.items() if "layers.0" in name}
    result = dict(provenance=f"test/golden/frozen/make.py, torch {torch.__version__}, float64", config=config, lora=lora, ids=ids,
                  logps=[[float(f"{x:.10g}") for x in row] for row in logps.tolist()], gradients=gradients)
    (here / f"{width}.json").write_text(json.dumps(result) + "\n")
