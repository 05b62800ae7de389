"""A tiny Llama that adds numbers step by step, saved as Hugging Face files and as GGUF, for real-server.ts.

usage: python tiny-model.py OUT_DIR     (torch, transformers, tokenizers, gguf; about a minute on one core)
Also writes logps.json: log-probs of a few texts by torch, to compare servers with.
"""
import json
import random
import sys
from pathlib import Path

import gguf
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
torch.set_num_threads(1)
torch.manual_seed(0)
rng = random.Random(0)
EOS = "<|end|>"


def problem():
    numbers = [rng.randint(1, 20) for _ in range(rng.randint(2, 4))]
    prompt = f"Question: {' + '.join(map(str, numbers))} = ?\n\n"
    total, steps = numbers[0], []
    for number in numbers[1:]:
        steps.append(f"{total} + {number} = {total + number}\n\n")
        total += number
    return prompt, "".join(steps) + f"Final Answer: {total}"


corpus = ["".join(problem()) for _ in range(4000)]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=384, special_tokens=[EOS], initial_alphabet=alphabet))
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=EOS, pad_token=EOS)
fast.chat_template = (
    "{% for message in messages %}{{ message['content'] }}{% endfor %}"  # a prompt is what its turns say, nothing more
)
fast.save_pretrained(out)

config = LlamaConfig(
    vocab_size=len(fast), hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=False, bos_token_id=None,
    eos_token_id=fast.eos_token_id, pad_token_id=fast.eos_token_id,
)
model = LlamaForCausalLM(config)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for step in range(400):
    rows = [fast(p + a + EOS).input_ids for p, a in (problem() for _ in range(32))]
    width = max(map(len, rows))
    ids = torch.tensor([row + [fast.eos_token_id] * (width - len(row)) for row in rows])
    labels = torch.tensor([row + [-100] * (width - len(row)) for row in rows])
    loss = model(input_ids=ids, labels=labels).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("loss", round(loss.item(), 3))
model.generation_config.do_sample = True
model.generation_config.eos_token_id = fast.eos_token_id
model.save_pretrained(out, safe_serialization=True)

model.eval()
scored = []
for text in ["Question: 2 + 3 = ?\n\n2 + 3 = 5\n\nFinal Answer: 5", "Question: 7 + 9 + 4 = ?\n\n7 + 9 = 16\n\n16 + 4 = 20\n\nFinal Answer: 20"]:
    ids = torch.tensor([fast(text).input_ids])
    with torch.no_grad():
        logps = torch.log_softmax(model(ids).logits[0].double(), -1)
    scored.append({"text": text, "ids": ids[0].tolist(), "logps": [None] + [logps[t - 1, ids[0, t]].item() for t in range(1, ids.shape[1])]})
(out / "logps.json").write_text(json.dumps(scored))


def permute(weight, heads):
    """Hugging Face rotates halves, GGUF's llama neighbouring pairs: the rows are reordered to match."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


writer = gguf.GGUFWriter(out / "tiny.gguf", "llama")
writer.add_name("tiny")
writer.add_context_length(512)
writer.add_embedding_length(config.hidden_size)
writer.add_block_count(config.num_hidden_layers)
writer.add_feed_forward_length(config.intermediate_size)
writer.add_head_count(config.num_attention_heads)
writer.add_head_count_kv(config.num_key_value_heads)
writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
writer.add_rope_freq_base(10000.0)
writer.add_layer_norm_rms_eps(config.rms_norm_eps)
writer.add_vocab_size(config.vocab_size)
writer.add_file_type(gguf.LlamaFileType.ALL_F32)
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("gpt-2")
vocabulary = sorted(fast.get_vocab().items(), key=lambda item: item[1])
writer.add_token_list([token for token, _ in vocabulary])
writer.add_token_types([gguf.TokenType.CONTROL if token == EOS else gguf.TokenType.NORMAL for token, _ in vocabulary])
merges = json.loads(tokenizer.to_str())["model"]["merges"]
writer.add_token_merges([" ".join(merge) if isinstance(merge, list) else merge for merge in merges])
writer.add_eos_token_id(fast.eos_token_id)
writer.add_add_bos_token(False)
writer.add_chat_template(fast.chat_template)
names = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
for name, tensor in model.state_dict().items():
    weight = tensor.float().numpy()
    if name in names:
        target = names[name]
    else:
        _, _, layer, rest = name.split(".", 3)
        part = rest.removesuffix(".weight")
        target = f"blk.{layer}.{names[part]}.weight"
        if part == "self_attn.q_proj":
            weight = permute(weight, config.num_attention_heads)
        if part == "self_attn.k_proj":
            weight = permute(weight, config.num_key_value_heads)
    writer.add_tensor(target, weight)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
print("saved", sorted(path.name for path in out.iterdir()))
