"""llama.cpp on the same GGUF files. Commands come in as JSON lines, answers go out the same way."""
import ctypes
import json
import sys

import gguf
import llama_cpp
import numpy as np

THREADS = int(sys.argv[1])
LENGTH = 256


class Peer:
    path = None

    def model(self, path):
        """Its cache in float32 and attention without shortcuts, so that what differs is the products alone."""
        if path != self.path:
            self.llama, self.path = None, path
            self.llama = llama_cpp.Llama(
                path, n_ctx=LENGTH, n_threads=THREADS, n_threads_batch=THREADS, logits_all=True, type_k=0, type_v=0, flash_attn=False, verbose=False
            )
        return self.llama

    def logits(self, path, ids):
        llama = self.model(path)
        llama.reset()
        llama.eval(ids)
        return np.array(llama.scores[: len(ids)], dtype=np.float64)

    def versions(self, **_):
        return {"llama-cpp-python": llama_cpp.__version__, "gguf": __import__("importlib.metadata").metadata.version("gguf")}

    def quantize(self, source, target, dtype, **_):
        params = llama_cpp.llama_model_quantize_default_params()
        params.ftype, params.nthread = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{dtype}"), THREADS
        failed = llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(params))
        if failed:
            raise ValueError(f"quantize: {failed}")
        return {}

    def greedy(self, path, prompt, tokens, **_):
        llama = self.model(path)
        llama.reset()
        llama.eval(prompt)
        ids = []
        for _ in range(tokens):
            ids.append(int(np.argmax(llama.scores[llama.n_tokens - 1])))
            llama.eval(ids[-1:])
        return {"ids": ids}

    def chances(self, path, ids, tokens, **_):
        row = self.logits(path, ids)[-1]
        share = np.exp(row - row.max())
        return {"chances": (share[tokens] / share.sum()).tolist()}

    def tensors(self, quantized, dequantized, **_):
        """Whether the second file's float32 numbers are gguf-py's of the first, bit for bit, by type."""
        plain = {one.name: one for one in gguf.GGUFReader(dequantized).tensors}
        counts = {}
        for one in gguf.GGUFReader(quantized).tensors:
            expected = gguf.dequantize(one.data, one.tensor_type).astype(np.float32)
            same = np.array_equal(expected.view(np.uint32), plain[one.name].data.reshape(expected.shape).view(np.uint32))
            count = counts.setdefault(one.tensor_type.name, {"tensors": 0, "equal": 0})
            count["tensors"] += 1
            count["equal"] += int(same)
        return {"counts": counts}


peer = Peer()
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(getattr(peer, command.pop("do"))(**command)), flush=True)
