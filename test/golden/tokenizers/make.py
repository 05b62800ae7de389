"""Recipe of tokenizers.json: small tokenizers of every kind, and what Hugging Face's tokenizers library makes of hard texts.

    python make.py      # a Python with tokenizers

Left out, because @huggingface/tokenizers 0.2.0 differs there: added tokens that are single words (we refuse them), and
byte order marks inside a text (its byte fallback drops them), and the pre-tokenizers Punctuation (it keeps runs whole) and Whitespace (its words are ASCII).
"""
import json
import os
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

corpus = """The sum of 12 and 345 is 357, so the answer is 357. We're done; they'll see it's "quite" simple.
Step 1: let x = 3.5 and y = -2; then x*y = -7.0 (not 7). Final Answer: $\\frac{1}{2}$
Première étape : où est-il allé ? Größe und Straße. 今日は良い天気です。 Привет, мир! 🙂👍 naïve café
def f(x):\n    return x ** 2  # square\n\n\tindented\n""".split("\n") * 4
texts = ["", " ", "\n", "\n\n", "a", " a", "a ", "  two  spaces  ", "The sum of 12 and 345 is 357.", "We're they'll it's I'D 'tis",
         "Step 1: x = 3.5\n\nStep 2: y = -2\n\n\nFinal Answer: 42", "1234567890 12,345.67 3²", "tabs\tand\r\nreturns", "Première étape : où ?",
         "e\u0301 decomposed, \u00e9 composed", "今日は良い天気です。", "Привет 🙂👍🏽 👨‍👩‍👧", "x\u200by \u00a0nbsp", "ＦＵＬＬ ｗｉｄｔｈ ﬁ", "{[(<|>)]}\\/~`",
         "<s>", "</s> a", "a<|im_start|>user\nhi<|im_end|>", "a <mask> b<mask>c", "stopword stop stopping", "unk: \u0e01\u4e2d\U0001f9ff", "A" * 40]
special = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]


def trained(tokenizer, trainer=trainers.BpeTrainer, **settings):
    tokenizer.train_from_iterator(corpus, trainer(vocab_size=settings.pop("vocab_size", 420), special_tokens=special, show_progress=False, **settings))
    return tokenizer


def around(tokenizer, single, pair=None):
    ids = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)
    return tokenizer


def byte_level(pre, normalizer=None, ignore_merges=False, **settings):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    return trained(tokenizer, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **settings)


def split(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"),
                                    pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


llama3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
qwen = llama3.replace("{1,3}", "")
byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]


def byte_fallback(normalizer, pre, decoder):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoder
    tokenizer.train_from_iterator([line for line in corpus if line.isascii()], trainers.BpeTrainer(
        vocab_size=460, special_tokens=special[:3] + byte_tokens, show_progress=False))
    frame = json.loads(tokenizer.to_str())
    frame["added_tokens"] = frame["added_tokens"][:3]
    return around(Tokenizer.from_str(json.dumps(frame)), "<s> $A", "<s> $A <s> $B")


legacy = byte_fallback(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, decoders.Sequence(
    [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]))
first = byte_fallback(None, pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False), decoders.Sequence(
    [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]))
never = byte_fallback(normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"), decoders.Sequence(
    [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]))

unigram = Tokenizer(models.Unigram())
unigram.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
unigram.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
unigram.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
around(trained(unigram, trainers.UnigramTrainer, unk_token="<unk>", vocab_size=300), "$A </s>")

wordpiece = Tokenizer(models.WordPiece(unk_token="<unk>"))
wordpiece.normalizer = normalizers.BertNormalizer(lowercase=True)
wordpiece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
wordpiece.decoder = decoders.WordPiece()
trained(wordpiece, trainers.WordPieceTrainer, vocab_size=300)
wordpiece.post_processor = processors.BertProcessing(("</s>", 2), ("<s>", 1))

words = Tokenizer(models.WordLevel(unk_token="<unk>"))
words.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True)])
trained(words, trainers.WordLevelTrainer)

added = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
added.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
added.add_tokens([AddedToken("Final Answer:", rstrip=True), AddedToken("\n\n", normalized=False)])

tokenizers = {
    "byte-level BPE, GPT-2": byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False)),
    "byte-level BPE, prefix space, RoBERTa": around(byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True)), "<s> $A </s>"),
    "byte-level BPE, Llama 3": around(byte_level(split(llama3), ignore_merges=True), "<s> $A"),
    "byte-level BPE, Qwen": byte_level(split(qwen), normalizers.NFC()),
    "byte-level BPE, added tokens": added,
    "BPE with byte fallback, Llama 2": legacy,
    "BPE with byte fallback, Mistral": first,
    "BPE with byte fallback, Gemma": never,
    "Unigram": unigram,
    "WordPiece": wordpiece,
    "WordLevel": words,
}
cases = []
for name, tokenizer in tokenizers.items():
    rows = []
    for text in texts:
        ids, whole = (tokenizer.encode(text, add_special_tokens=flag).ids for flag in (False, True))
        rows.append(dict(text=text, ids=ids, whole=whole, decoded=tokenizer.decode(ids), shown=tokenizer.decode(whole, skip_special_tokens=False)))
    cases.append(dict(name=name, tokenizer=json.loads(tokenizer.to_str()), rows=rows))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenizers.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")
