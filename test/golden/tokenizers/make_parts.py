"""Recipe of parts.json and whole.json: what the Rust library `tokenizers` makes of hard texts, part by part, and tokenizers whose
added tokens, unknown characters, prefixes and suffixes are the corners.

    python make_parts.py      # a Python with tokenizers
"""
import json
import os
from tokenizers import AddedToken, Regex, Tokenizer, decoders as D, models, normalizers as N, pre_tokenizers as P, processors, trainers

here = os.path.dirname(os.path.abspath(__file__))
texts = ["", " ", "\n", " a", "  two  spaces  ", "\u00a0a\u0085b\ufeffc\u200bd\u2028e\u3000f", "The sum of 12 and 345 is 357.", "We're they'll it's I'D",
         "Step 1: x = 3.5\n\nStep 2", "tabs\tand\r\nreturns", "Première étape : où ?", "e\u0301 \u00e9 \u1e69 s\u0323\u0307 \u212b", "今日は良い天気です。",
         "한국어 \u1112\u1161\u11ab x", "Привет 🙂👍🏽 👨‍👩‍👧", "ＦＵＬＬ ﬁ", "ΟΔΟΣ Σ İstanbul ẞ ǅ", "{[(<|>)]}\\/~`$^+=_-", "…“quoted”—dash¿",
         "foo_bar‿baz x·y १२३ ٣ ½ ² Ⅳ 1,234.5", "ab\u0000\u0001c\ufffdd\u00ad\ue000", "नमस्ते தமிழ் ไทย", "𠀀𠮷 丽 x", "!!! ...", "a\u0300\u0301b\u0903", "▁a▁▁b ▁",
         "\u200da\u200cb", "$& $1 \\n"]
added = ["a<m>b", " <m> x  <m>", "stop stops nonstop stop.", "éstop stop_ stop今 stop", "Ünit ünit UNIT", "\n\n<m>\n\n x", "<s>a</s> b <s> c", "xx\n\n\n\ny",
         "a<n>  <m>  b", "ab<n> \n\nq", "<m><m><m>", "STOP stop Stop"]
tokens = [["▁Hello", "▁", "▁▁x", "wor", "##ld", "▁!"], ["▁▁▁", "a"], ["▁"], ["Ġa", "Ã", "©", "<s>", "é"], ["<0xE2>", "<0x96>", "<0x81>", "a", "<0xFF>", "<0xE4>", "b"],
          ["hello", "##world", "!", "n't", " do not", "it", "'s", "##.", "x"], ["a</w>", "b", "c</w>"], ["  a  ", " ", " b"], ["", "a"],
          ["<0xEF>", "<0xBB>", "<0xBF>", "x"], ["今日", "は"], ["ï»¿", "x"]]

normalizers = [N.NFC(), N.NFD(), N.NFKC(), N.NFKD(), N.Lowercase(), N.StripAccents(), N.Strip(), N.Strip(left=True, right=False), N.Strip(left=False, right=True),
               N.Nmt(), N.Prepend("▁"), N.ByteLevel(), N.Replace("a", "$&"), N.Replace(Regex(r"\s+"), "<$1>"), N.Replace(Regex(r"\w+"), "W"), N.BertNormalizer(),
               N.BertNormalizer(lowercase=False), N.BertNormalizer(lowercase=False, strip_accents=True, handle_chinese_chars=False),
               N.BertNormalizer(clean_text=False, strip_accents=False), N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase(), N.Strip()])]
pre_tokenizers = [P.Whitespace(), P.WhitespaceSplit(), P.BertPreTokenizer(), P.Digits(), P.Digits(individual_digits=True), P.ByteLevel(), P.ByteLevel(add_prefix_space=False),
                  P.ByteLevel(use_regex=False), P.Metaspace(), P.Metaspace(prepend_scheme="first"), P.Metaspace(prepend_scheme="never"), P.Metaspace(split=False),
                  P.CharDelimiterSplit("a"), P.FixedLength(3), P.Sequence([P.Whitespace(), P.Punctuation()]), P.Sequence([P.Punctuation("removed"), P.Metaspace()]),
                  P.Sequence([P.Split(" ", "merged_with_previous"), P.ByteLevel(add_prefix_space=True)])]
for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
    pre_tokenizers += [P.Punctuation(behavior), P.Split(" ", behavior, invert=True)]
    pre_tokenizers += [P.Split(Regex(r"\s+|\p{P}"), behavior, invert=invert) for invert in (False, True)]
token_decoders = [D.Metaspace(), D.Metaspace(prepend_scheme="never"), D.ByteLevel(), D.ByteFallback(), D.WordPiece(), D.WordPiece(cleanup=False), D.BPEDecoder(), D.Fuse(),
                  D.Strip(" ", 2, 0), D.Replace("▁", " "), D.Replace(Regex("l+"), "$&"),
                  D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])]


def parts(things, inputs, apply):
    return [dict(json=json.loads(thing.__getstate__()), out=[apply(thing, one) for one in inputs]) for thing in things]


corpus = texts * 3 + ["the cat sat on the mat and the dog", "lower lowest newer widest", "été à la plage", "hello world hello"] * 3
by = [f"<0x{byte:02X}>" for byte in range(256)]
mistral = D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])


def with_added(tokenizer):
    tokenizer.add_special_tokens([AddedToken("<s>", special=True), AddedToken("</s>", special=True), AddedToken("<m>", lstrip=True, special=True), AddedToken("<n>", rstrip=True, special=True)])
    tokenizer.add_tokens([AddedToken("stop", single_word=True, normalized=False), AddedToken("\n\n", normalized=False), AddedToken("Ünit", normalized=True),
                          AddedToken("STOP", normalized=True, single_word=True, rstrip=True, lstrip=True)])
    return tokenizer


def trained(model, trainer, normalizer=None, pre=None, decoder=None, **settings):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    if decoder:
        tokenizer.decoder = decoder
    tokenizer.train_from_iterator(corpus, trainer(show_progress=False, **settings))
    return tokenizer


def bpe(model, *args, **settings):
    return with_added(trained(model, trainers.BpeTrainer, *args, vocab_size=settings.pop("vocab_size", 90), limit_alphabet=30, **settings))


def unigram(byte_fallback, *args):
    tokenizer = trained(models.Unigram(), trainers.UnigramTrainer, *args, vocab_size=400 if byte_fallback else 200, unk_token="<unk>", special_tokens=["<unk>"] + (by if byte_fallback else []))
    frame = json.loads(tokenizer.to_str())
    frame["model"]["byte_fallback"] = byte_fallback
    frame["added_tokens"] = frame["added_tokens"][:1]
    return with_added(Tokenizer.from_str(json.dumps(frame)))


unknown = dict(special_tokens=["<unk>"])
surrounded = bpe(models.BPE(), N.Lowercase(), P.Sequence([P.Split(Regex(r"\s+"), "merged_with_next"), P.ByteLevel(add_prefix_space=False, use_regex=False)]), D.ByteLevel(),
                 vocab_size=330, initial_alphabet=P.ByteLevel.alphabet())
ids = [(token, surrounded.token_to_id(token)) for token in ("<s>", "</s>")]
surrounded.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single="<s>:0 $A:0 </s>:0", pair="$A $B", special_tokens=ids)])
tokenizers = {
    "BPE, unknown characters": bpe(models.BPE(unk_token="<unk>"), None, P.Whitespace(), **unknown),
    "BPE, unknown characters as one": bpe(models.BPE(unk_token="<unk>", fuse_unk=True), None, P.Whitespace(), **unknown),
    "BPE, unknown characters dropped": bpe(models.BPE(), None, P.Metaspace(), D.Metaspace()),
    "BPE, suffix": bpe(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"), N.Sequence([N.NFC(), N.Lowercase()]), P.WhitespaceSplit(), D.BPEDecoder(), end_of_word_suffix="</w>", **unknown),
    "BPE, some bytes": bpe(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True), None, P.Metaspace(prepend_scheme="first"), mistral, vocab_size=300, special_tokens=["<unk>"] + by[:0xE5]),
    "byte-level BPE, lower case, surrounded": surrounded,
    "Unigram": unigram(False, N.NFKC(), P.Metaspace(), D.Metaspace()),
    "Unigram, bytes": unigram(True, None, P.Metaspace(prepend_scheme="first", split=False), mistral),
    "WordPiece": with_added(trained(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix="~"), trainers.WordPieceTrainer, N.BertNormalizer(), P.Whitespace(), D.WordPiece(prefix="~"),
                                    vocab_size=150, special_tokens=["[UNK]"], continuing_subword_prefix="~", limit_alphabet=40)),
    "WordLevel": with_added(trained(models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer, None, P.Sequence([P.Whitespace(), P.Digits(True)]), **unknown)),
}
cases = []
for name, tokenizer in tokenizers.items():
    rows = []
    for text in texts + added:
        plain, whole = (tokenizer.encode(text, add_special_tokens=flag).ids for flag in (False, True))
        rows.append(dict(text=text, ids=plain, whole=whole, decoded=tokenizer.decode(plain), shown=tokenizer.decode(whole, skip_special_tokens=False)))
    frame = json.loads(tokenizer.to_str())
    cases.append(dict(name=name, tokenizer=frame, rows=rows))


def save(name, value):
    with open(os.path.join(here, name), "w") as file:
        file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


save("parts.json", dict(texts=texts, tokens=tokens, normalizers=parts(normalizers, texts, lambda one, text: one.normalize_str(text)),
                        preTokenizers=parts(pre_tokenizers, texts, lambda one, text: [piece for piece, _ in one.pre_tokenize_str(text)]),
                        decoders=parts(token_decoders, tokens, lambda one, list: one.decode(list))))
save("whole.json", cases)
