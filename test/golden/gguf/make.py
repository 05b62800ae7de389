"""Blocks of every readable ggml type as gguf-py turns them into float32, rows as it quantises them, and a whole small file it wrote.

    pip install gguf==0.19.0 numpy && python test/golden/gguf/make.py

Bytes are drawn; float16 scales are finite, from subnormals up. Numbers are kept as the base64 of their little-endian bytes.
"""
import base64, json, pathlib, tempfile
import numpy as np
import gguf
from gguf import GGMLQuantizationType as T
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize, quantize

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20261130)
text = lambda array: base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()

# Where the float16 of a block lie.
halves = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
          "Q5_K": [0, 2], "Q6_K": [208]}
blocks = []
for name, places in halves.items():
    size, width = GGML_QUANT_SIZES[T[name]]
    count = 512 // size
    data = rng.integers(0, 256, (count, width), dtype=np.uint8)
    for place in places:
        scales = (rng.standard_normal(count) * 10.0 ** rng.integers(-7, 3, count)).astype(np.float16)
        data[:, place:place + 2] = scales.view(np.uint8).reshape(count, 2)
    blocks.append({"dtype": name, "bytes": text(data), "values": text(dequantize(data, T[name]).astype("<f4"))})

row = np.concatenate([rng.standard_normal(64), np.zeros(32), rng.standard_normal(32) * 1e-7, np.arange(-16, 16) / 4, [127.5, -127.5] * 16]).astype(np.float32)
quantized = [{"dtype": name, "bytes": text(quantize(row, T[name]))} for name in ["F32", "F16", "BF16", "Q8_0", "Q4_0"]]

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "small.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_uint8("svo.uint8", 200); writer.add_int8("svo.int8", -100); writer.add_uint16("svo.uint16", 60000); writer.add_int16("svo.int16", -30000)
    writer.add_uint32("svo.uint32", 2**32 - 1); writer.add_int32("svo.int32", -2**31); writer.add_float32("svo.float32", 0.1); writer.add_bool("svo.bool", True)
    writer.add_string("svo.string", "\ufeffä 🙂"); writer.add_uint64("svo.uint64", 2**64 - 1); writer.add_int64("svo.int64", -5); writer.add_float64("svo.float64", 0.1)
    writer.add_array("svo.strings", ["", "a", "▁b"]); writer.add_array("svo.numbers", [1, -2, 3]); writer.add_array("svo.floats", [0.5, -1.5]); writer.add_array("svo.bools", [True, False])
    writer.add_tensor("a.weight", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.add_tensor("b.weight", quantize(row[:64].reshape(2, 32), T.Q8_0), raw_dtype=T.Q8_0)
    writer.add_tensor("c.weight", np.array([1, 2, 3], dtype=np.float16))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()
    file = text(np.frombuffer(path.read_bytes(), np.uint8))

(here / "blocks.json").write_text(json.dumps({"provenance": f"test/golden/gguf/make.py, gguf 0.19.0, numpy {np.__version__}",
                                              "blocks": blocks, "row": text(row), "quantized": quantized, "file": file}, indent=1) + "\n")
