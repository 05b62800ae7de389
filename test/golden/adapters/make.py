"""Recipe of the folders here: PEFT adapters on models of ../models and the logits PEFT computes with them.

    python make.py           # a Python with torch, transformers 5 and peft
"""
import json
import os
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
recipes = {
    "lora": ("llama-linear-biases", dict(r=3, lora_alpha=5, target_modules=["q_proj", "v_proj", "down_proj"])),
    "saved-head": ("llama-dynamic", dict(r=2, lora_alpha=3, target_modules=["k_proj", "gate_proj"], modules_to_save=["lm_head", "embed_tokens"])),
    "biases": ("qwen3-window-biases", dict(r=2, lora_alpha=3, target_modules=["q_proj"], bias="all")),
    "lora-only-biases": ("llama-linear-biases", dict(r=2, lora_alpha=3, target_modules=["o_proj", "up_proj"], bias="lora_only")),
    "some-layers": ("mistral-no-window", dict(r=2, lora_alpha=3, target_modules=r".*layers\.1\..*(v|down)_proj")),
    "tied-embedding": ("qwen2", dict(r=2, lora_alpha=3, target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "tied-head": ("qwen2", dict(r=2, lora_alpha=3, target_modules=["q_proj"], modules_to_save=["lm_head"])),
    "tied-apart": ("qwen2", dict(r=2, lora_alpha=3, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])),
    "tied-equal": ("qwen2", dict(r=2, lora_alpha=3, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"], ensure_weight_tying=True)),
    "rslora": ("qwen2-window", dict(r=4, lora_alpha=2, use_rslora=True, target_modules="all-linear")),
}
for name, (base, settings) in recipes.items():
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_pretrained(os.path.join(here, "..", "models", base), dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.requires_grad:
                value.copy_(torch.randn_like(value) * 0.3)
        ids = torch.randint(3, 31, (2, 10))
        logits = model(ids).logits
    folder = os.path.join(here, name)
    model.save_pretrained(folder)
    config = json.load(open(os.path.join(folder, "adapter_config.json")))
    config["base_model_name_or_path"] = base
    json.dump(config, open(os.path.join(folder, "adapter_config.json"), "w"), indent=2)
    os.remove(os.path.join(folder, "README.md"))
    json.dump(dict(base=base, input_ids=ids.tolist(), logits_last=logits[:, -1].tolist()),
              open(os.path.join(folder, "expected.json"), "w"))
