"""Recipe of the folders here: random Hugging Face models and the numbers transformers computes for them.

    python make.py           # a Python with torch and transformers 5

The five folders llama, llama3-rope, mistral, qwen2 and qwen3 were given to the project; only their expected.json is
computed anew, in float32 from the values as stored, by the model that `from_pretrained` makes. The numbers that came with
mistral (f16) and qwen2 (bf16) are kept under `cast_as_a_whole`: they are those of a model that was cast by `.to(dtype)` and
back, which rounds its rotary frequencies too. The others are drawn here. Every parameter is random, norms and
biases too, since ones and zeros would hide a mistake.
"""
import json
import os
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

here = os.path.dirname(os.path.abspath(__file__))
given = ["llama", "llama3-rope", "mistral", "qwen2", "qwen3"]
small = dict(vocab_size=31, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, bos_token_id=1, eos_token_id=2, pad_token_id=0)
# name: config, dtype, shard size, and the keys of config.json in the spelling of transformers 4
drawn = {
    "llama-linear-biases": (LlamaConfig(**{**small, "num_key_value_heads": 4}, attention_bias=True, mlp_bias=True,
                                        rope_parameters=dict(rope_type="linear", rope_theta=5000.0, factor=2.5)),
                            torch.float32, None, dict(rope_theta=5000.0, rope_scaling=dict(type="linear", factor=2.5))),
    "llama-dynamic": (LlamaConfig(**small, max_position_embeddings=12,
                                  rope_parameters=dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0)),
                      torch.float32, None, dict(rope_theta=10000.0, rope_scaling=dict(type="dynamic", factor=2.0))),
    "llama-yarn": (LlamaConfig(**{**small, "num_attention_heads": 2, "num_key_value_heads": 1}, max_position_embeddings=64,
                               rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0,
                                                    original_max_position_embeddings=16)), torch.float32, None, None),
    "llama3-old-spelling": (LlamaConfig(**small, head_dim=6, tie_word_embeddings=True,
                                        rope_parameters=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0,
                                                             low_freq_factor=1.0, high_freq_factor=4.0,
                                                             original_max_position_embeddings=16)),
                            torch.bfloat16, "4KB", dict(rope_theta=500000.0, rope_scaling=dict(
                                rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                original_max_position_embeddings=16))),
    "qwen2-window": (Qwen2Config(**small, use_sliding_window=True, sliding_window=5, max_window_layers=1),
                     torch.float32, None, dict(rope_theta=10000.0)),
    "qwen3-window-biases": (Qwen3Config(**{**small, "num_key_value_heads": 1}, head_dim=8, attention_bias=True,
                                        tie_word_embeddings=True, use_sliding_window=True, sliding_window=4,
                                        max_window_layers=1), torch.float16, None, None),
    "mistral-no-window": (MistralConfig(**small, sliding_window=None), torch.float32, None, dict(rope_theta=10000.0)),
}


def draw(name, config, dtype, shard, old):
    torch.manual_seed(len(name))
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for key, value in model.named_parameters():
            value.copy_(torch.randn_like(value) * 0.25 + (1.0 if "norm" in key else 0.0))
    folder = os.path.join(here, name)
    model.to(dtype).save_pretrained(folder, **({"max_shard_size": shard} if shard else {}))
    if old is not None:
        path = os.path.join(folder, "config.json")
        saved = json.load(open(path))
        saved.pop("rope_parameters"), saved.pop("layer_types", None)
        saved["torch_dtype"] = saved.pop("dtype")
        json.dump({**saved, **old}, open(path, "w"), indent=2)


def given_numbers(name, path):
    return json.load(open(path)) if name in given else {}


def expect(name):
    folder = os.path.join(here, name)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    path = os.path.join(folder, "expected.json")
    if name in given:
        ids = torch.tensor(json.load(open(path))["input_ids"])
    else:
        ids = torch.randint(3, model.config.vocab_size, (2, 24), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = model(ids).logits
        logps = torch.log_softmax(logits[:, :-1], -1).gather(-1, ids[:, 1:, None])[..., 0]
        greedy = model.generate(ids[:, :6], max_new_tokens=12, do_sample=False, eos_token_id=None, pad_token_id=0)[:, 6:]
    kept = {key: value for key, value in given_numbers(name, path).items() if key == "cast_as_a_whole"}
    json.dump(dict(**kept, input_ids=ids.tolist(), logits_last=logits[:, -1].tolist(), logps_next=logps.tolist(),
                   greedy_from_first_6=greedy.tolist()), open(path, "w"))


for name, recipe in drawn.items():
    draw(name, *recipe)
for name in given + list(drawn):
    expect(name)
