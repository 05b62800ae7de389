"""Recipe of families.json: many small configs of every family and the numbers transformers computes for them.

    python families.py [--save FOLDER]      # a Python with torch and transformers 5

Weights are not stored: `weight` draws them from names and indices alone, and the test draws the same ones. With `--save`
every model is written as a Hugging Face folder with an expected.json of its own instead, in f32, f16 or bf16, whole or in shards.
"""
import json
import os
import sys
import tempfile
import numpy
import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
save = sys.argv[2] if sys.argv[1:2] == ["--save"] else None
architectures = dict(llama="LlamaForCausalLM", mistral="MistralForCausalLM", qwen2="Qwen2ForCausalLM", qwen3="Qwen3ForCausalLM")
later = dict(smollm3="SmolLM3ForCausalLM", granite="GraniteForCausalLM", olmo2="Olmo2ForCausalLM", olmo3="Olmo3ForCausalLM", phi3="Phi3ForCausalLM",
             gemma3_text="Gemma3ForCausalLM", ministral3="Ministral3ForCausalLM", lfm2="Lfm2ForCausalLM", seed_oss="SeedOssForCausalLM", qwen3_moe="Qwen3MoeForCausalLM")


def weight(name, shape):
    """Uniform in ±0.45 (norms: 1 ± 0.45) by hashing the name and the index; 32-bit integer arithmetic, so it is exact anywhere."""
    state = 2166136261
    for byte in name.encode():
        state = (state ^ byte) * 16777619 % 2**32
    x = (numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64) + state) % 2**32
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> shift)) * factor % 2**32
    x ^= x >> 16
    values = (x / 2**32 - 0.5) * 0.9 + (1 if name.endswith("norm.weight") else 0)
    return torch.tensor(values.astype(numpy.float32)).reshape(shape)


def parameter(name, shape):
    """A parameter by its name in a file: experts, which transformers holds stacked, have a name each there."""
    prefix, stacked, kind = name.partition(".experts.")
    if not stacked:
        return weight(name, shape)
    parts = ["gate_proj", "up_proj"] if kind == "gate_up_proj" else ["down_proj"]
    one = (shape[1] // len(parts), shape[2])
    return torch.stack([torch.cat([weight(f"{prefix}.experts.{expert}.{part}.weight", one) for part in parts]) for expert in range(shape[0])])


def base(family, **change):
    sizes = dict(vocab_size=29, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2)
    if family in ("qwen3", "gemma3_text", "ministral3", "seed_oss", "qwen3_moe"):
        sizes["head_dim"] = 8
    if family in later:
        sizes["pad_token_id"] = 0
    return dict(model_type=family, architectures=[{**architectures, **later}[family]], **{**sizes, **change})


rope = dict(
    default=dict(rope_type="default", rope_theta=500.0),
    linear=dict(rope_type="linear", rope_theta=10000.0, factor=3.5),
    dynamic=dict(rope_type="dynamic", rope_theta=10000.0, factor=3.0),
    yarn=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16),
    yarn_mscale=dict(rope_type="yarn", rope_theta=5000.0, factor=8.0, original_max_position_embeddings=32, beta_fast=16,
                     beta_slow=2, mscale=0.7, mscale_all_dim=1.3),
    yarn_rough=dict(rope_type="yarn", rope_theta=1000.0, factor=2.0, original_max_position_embeddings=16, truncate=False,
                    attention_factor=1.25),
    llama3=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                original_max_position_embeddings=16),
    longrope=dict(rope_type="longrope", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16,
                  short_factor=[1.0, 1.1], long_factor=[1.5, 4.0]),
    longrope_factor=dict(rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=16,
                         short_factor=[1.0, 1.2], long_factor=[2.0, 3.0]),
    longrope_attention=dict(rope_type="longrope", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16,
                            attention_factor=0.9, short_factor=[1.0, 1.1], long_factor=[1.5, 4.0]),
)


def old(parameters):
    """The spelling of transformers 4: rope_theta beside a rope_scaling whose kind is `type`."""
    scaling = {"type" if key == "rope_type" else key: value for key, value in parameters.items() if key != "rope_theta"}
    return dict(rope_theta=parameters["rope_theta"], rope_scaling=None if scaling["type"] == "default" else scaling)


def fitted(parameters, head_dim):
    """LongRoPE's factors, one a pair of dimensions."""
    stretch = lambda two: [two[0] + (two[1] - two[0]) * i / max(1, head_dim // 2 - 1) for i in range(head_dim // 2)]
    return {key: stretch(value) if key in ("short_factor", "long_factor") else value for key, value in parameters.items()}


cases = {}
for family in architectures:
    for heads, shared in ((4, 1), (4, 4), (6, 3), (1, 1)):
        cases[f"{family} heads {heads}/{shared}"] = base(family, num_attention_heads=heads, num_key_value_heads=shared, hidden_size=24)
    cases[f"{family} tied, odd vocabulary, one layer"] = base(family, tie_word_embeddings=True, vocab_size=37, num_hidden_layers=1)
    cases[f"{family} head_dim, epsilon, four layers"] = base(family, head_dim=6, rms_norm_eps=1e-3, num_hidden_layers=4)
    cases[f"{family} biases"] = base(family, attention_bias=True, mlp_bias=True, attention_dropout=0.5)
    for name, parameters in rope.items():
        fit = fitted(parameters, 8 if family == "qwen3" else 4)
        spelled = old(fit) if len(cases) % 2 else dict(rope_parameters=fit)
        limit = 16 if name == "dynamic" else 64
        cases[f"{family} {name} {'old' if 'rope_theta' in spelled else 'new'}"] = base(family, max_position_embeddings=limit, **spelled)
for family in ("qwen2", "qwen3"):
    window = dict(use_sliding_window=True, sliding_window=5, num_hidden_layers=3)
    cases[f"{family} windows from layer 1"] = base(family, max_window_layers=1, **window)
    cases[f"{family} windows everywhere"] = base(family, max_window_layers=0, **window)
    cases[f"{family} windows by layer type"] = base(family, layer_types=["sliding_attention", "full_attention", "sliding_attention"], **window)
    cases[f"{family} windows switched off"] = base(family, use_sliding_window=False, sliding_window=5, max_window_layers=0)
cases["mistral window"] = base("mistral", sliding_window=6)
cases["mistral window of one"] = base("mistral", sliding_window=1)
cases["mistral window and yarn"] = base("mistral", sliding_window=7, rope_parameters=rope["yarn"])
cases["mistral no window"] = base("mistral", sliding_window=None)
cases["llama ignores a window"] = base("llama", sliding_window=3, use_sliding_window=True)
cases["llama beyond its positions"] = base("llama", max_position_embeddings=8)
cases["llama theta at the top of rope_parameters"] = base("llama", rope_theta=77.0, rope_parameters=dict(rope_type="default", rope_theta=300.0))
cases["llama original length at the top"] = base("llama", original_max_position_embeddings=8, rope_scaling={
    key: value for key, value in rope["llama3"].items() if key not in ("original_max_position_embeddings", "rope_theta")}, rope_theta=10000.0)
cases["llama original length in both places"] = base("llama", original_max_position_embeddings=8, rope_parameters=rope["llama3"])
cases["llama yarn without an original length"] = base("llama", rope_scaling=dict(type="yarn", factor=4.0), rope_theta=10000.0)

# The later families: each with what it differs in, in few cases.
cases["smollm3"] = base("smollm3", num_hidden_layers=5, tie_word_embeddings=False)
cases["smollm3 layers without positions, tied, biases"] = base("smollm3", num_hidden_layers=3, no_rope_layers=[0, 1, 0], attention_bias=True, mlp_bias=True)
cases["smollm3 interval, windows without positions"] = base("smollm3", num_hidden_layers=4, no_rope_layer_interval=2, use_sliding_window=True,
                                                            sliding_window=5, rope_theta=5000.0)
cases["granite without multipliers"] = base("granite")
cases["granite multipliers, tied"] = base("granite", embedding_multiplier=3.0, residual_multiplier=0.4, attention_multiplier=0.3, logits_scaling=1.7,
                                          tie_word_embeddings=True, attention_bias=True, mlp_bias=True)
cases["granite llama3"] = base("granite", logits_scaling=0.5, residual_multiplier=1.5, rope_parameters=rope["llama3"])
cases["olmo2"] = base("olmo2", num_hidden_layers=3)
cases["olmo2 biases, one key head, linear"] = base("olmo2", attention_bias=True, num_key_value_heads=1, rope_theta=500000.0,
                                                   rope_scaling=dict(type="linear", factor=2.5))
cases["olmo3"] = base("olmo3", num_hidden_layers=5, sliding_window=6)
cases["olmo3 stretched, old spelling"] = base("olmo3", num_hidden_layers=4, sliding_window=5, rope_theta=900.0,
                                              rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16))
cases["olmo3 by layer type"] = base("olmo3", layer_types=["full_attention", "sliding_attention"], sliding_window=4, rope_parameters=dict(
    full_attention=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                        original_max_position_embeddings=16), sliding_attention=dict(rope_type="default", rope_theta=700.0)))
cases["phi3"] = base("phi3")
cases["phi3 window, heads of 6"] = base("phi3", sliding_window=5, num_attention_heads=6, num_key_value_heads=3, hidden_size=36)
cases["phi3 three quarters rotated"] = base("phi3", hidden_size=32, partial_rotary_factor=0.75, tie_word_embeddings=True)
cases["phi3 longrope, half rotated, old spelling"] = base(
    "phi3", hidden_size=32, partial_rotary_factor=0.5, original_max_position_embeddings=16, rope_theta=10000.0,
    rope_scaling=dict(type="longrope", short_factor=[1.0, 1.1], long_factor=[1.5, 4.0]))
cases["phi3 longrope, three quarters"] = base(
    "phi3", hidden_size=32, original_max_position_embeddings=16, rope_parameters=dict(
        rope_type="longrope", rope_theta=5000.0, partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.3], long_factor=[1.5, 2.0, 4.0]))
cases["gemma3"] = base("gemma3_text", num_hidden_layers=7, sliding_window=6)
cases["gemma3 scalar, pattern, old spelling"] = base(
    "gemma3_text", num_hidden_layers=4, sliding_window=5, sliding_window_pattern=2, query_pre_attn_scalar=20, rope_theta=50000.0,
    rope_local_base_freq=300.0, rope_scaling=dict(rope_type="linear", factor=8.0))
cases["gemma3 capped, untied, biases"] = base(
    "gemma3_text", layer_types=["full_attention", "sliding_attention"], sliding_window=7, final_logit_softcapping=2.0, tie_word_embeddings=False,
    attention_bias=True, head_dim=6, rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=5000.0),
                                                          sliding_attention=dict(rope_type="default", rope_theta=100.0)))
growing = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=8, beta_fast=32.0, beta_slow=1.0,
               mscale_all_dim=1.0, mscale=1.0, llama_4_scaling_beta=0.4)
cases["ministral3"] = base("ministral3")
cases["ministral3 beyond its first length"] = base("ministral3", rope_parameters=growing)
cases["ministral3 window, tied"] = base("ministral3", rope_parameters=growing, sliding_window=6, tie_word_embeddings=True, num_hidden_layers=3)

mixed = ["conv", "full_attention", "conv", "conv"]
cases["lfm2"] = base("lfm2", num_hidden_layers=4, layer_types=mixed, block_auto_adjust_ff_dim=False, tie_word_embeddings=False)
cases["lfm2 biases, adjusted width, four tokens seen, tied"] = base(
    "lfm2", num_hidden_layers=4, layer_types=mixed, conv_bias=True, conv_L_cache=4, block_multiple_of=8, block_ffn_dim_multiplier=1.3,
    intermediate_size=30, norm_eps=1e-3, rope_theta=5000.0)
cases["lfm2 older keys"] = base("lfm2", num_hidden_layers=3, full_attn_idxs=[1], block_ff_dim=24, block_multiple_of=4, tie_embedding=False)
cases["seed_oss"] = base("seed_oss")
cases["seed_oss bias on the output, of the MLP, tied"] = base("seed_oss", attention_out_bias=True, mlp_bias=True, tie_word_embeddings=True, num_key_value_heads=1)
cases["seed_oss no biases, yarn"] = base("seed_oss", attention_bias=False, rope_parameters=rope["yarn"])
few = dict(num_experts=6, num_experts_per_tok=2, moe_intermediate_size=12)
cases["qwen3_moe"] = base("qwen3_moe", norm_topk_prob=True, **few)
cases["qwen3_moe shares not normed, every second layer, biases, tied"] = base(
    "qwen3_moe", num_hidden_layers=4, decoder_sparse_step=2, attention_bias=True, tie_word_embeddings=True, **few)
cases["qwen3_moe dense layers, window, one expert a token"] = base(
    "qwen3_moe", num_hidden_layers=3, mlp_only_layers=[1], use_sliding_window=True, sliding_window=5, rope_parameters=rope["yarn"],
    **{**few, "num_experts_per_tok": 1})

dtypes = [("float32", None), ("float16", None), ("bfloat16", None), ("float32", "6KB"), ("bfloat16", "3KB")]


def numbers(model, index):
    """Logits behind 40 tokens, and greedy tokens of three prompts of different lengths in one left-padded batch; seeds are
    tried until no greedy choice is a close call."""
    return next(found for seed in range(50) if (found := attempt(model, torch.Generator().manual_seed(1000 * seed + index))))


def rounded(rows):
    return [[round(x, 5) for x in row] for row in rows.tolist()]


def greedy(model, prompts, cached):
    """Ten tokens behind each prompt, the shorter ones padded on the left."""
    longest = max(map(len, prompts))
    left = torch.tensor([[0] * (longest - len(row)) + row for row in prompts])
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in prompts])
    with torch.no_grad():
        return model.generate(left, attention_mask=mask, max_new_tokens=10, do_sample=False, eos_token_id=None, pad_token_id=0,
                              use_cache=cached, output_logits=True, return_dict_in_generate=True)


def attempt(model, draw):
    vocabulary = model.config.vocab_size
    # The cache of transformers 5.18 keeps everything for a window of 1, and drops keys of a Llama whose config has a
    # `sliding_window`, which its attention ignores: there the tokens are those without a cache.
    window = getattr(model.config, "sliding_window", None)
    cached = window != 1 and (window is None or model.config.model_type != "llama")
    ids = torch.randint(3, vocabulary, (2, 40), generator=draw)
    prompts = [torch.randint(3, vocabulary, (length,), generator=draw).tolist() for length in (3, 12, 7)]
    # Frequencies that depend on the length follow the longest row of a batch there; ours follow each row, as alone.
    alone = model.config.rope_parameters.get("rope_type") in ("dynamic", "longrope")
    written = [greedy(model, rows, cached) for rows in ([[row] for row in prompts] if alone else [prompts])]
    with torch.no_grad():
        logits = model(ids).logits
    top = torch.cat([torch.stack(output.logits).flatten(0, 1) for output in written]).topk(2, -1).values
    if (top[..., 0] - top[..., 1]).min() < 1e-3:
        return None
    return dict(ids=ids.tolist(), logits_last=rounded(logits[:, -1]),
                logits_middle=rounded(logits[:, 15]),
                prompts=prompts, greedy=[row for output in written for row in output.sequences[:, -10:].tolist()])


results = []
for index, (name, config) in enumerate(cases.items()):
    with tempfile.TemporaryDirectory() as folder:
        json.dump(config, open(os.path.join(folder, "config.json"), "w"))
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), attn_implementation="eager").eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            value.copy_(parameter(key, value.shape))
    expected = numbers(model, index)
    results.append(dict(name=name, config=config, **expected))
    if save:
        dtype, shard = dtypes[index % len(dtypes)]
        target = os.path.join(save, name.replace(" ", "-").replace("/", "-").replace(",", ""))
        model.to(getattr(torch, dtype)).save_pretrained(target, **(dict(max_shard_size=shard) if shard else {}))
        if index % 2:
            saved = json.load(open(os.path.join(target, "config.json")))
            del saved["dtype"], saved["transformers_version"]
            json.dump({**saved, "torch_dtype": dtype} if "rope_scaling" not in config else {**config, "torch_dtype": dtype},
                      open(os.path.join(target, "config.json"), "w"))
        again = AutoModelForCausalLM.from_pretrained(target, dtype=torch.float32, attn_implementation="eager").eval()
        json.dump(numbers(again, index), open(os.path.join(target, "expected.json"), "w"))
if not save:
    with open(os.path.join(here, "families.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in results) + "\n]\n")
