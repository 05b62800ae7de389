"""The operations of operations.ts in torch, float32 with TF32 off, and what the card can do at most; JSON on standard output.

python torch_operations.py DEVICE CALLS '{"width": …, "heads": …, "length": …, "batch": …, "vocabulary": …, "square": …}'
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
device, calls, sizes = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
width, heads, length, batch, vocabulary, square = (
    sizes[name] for name in ("width", "heads", "length", "batch", "vocabulary", "square")
)
n = batch * length
wait = torch.cuda.synchronize if device == "cuda" else lambda: None


def make(*shape):
    return torch.randn(*shape, device=device, requires_grad=True)


def milliseconds(run, count):
    """Best and median of five runs of `count` calls, after one that warms up."""
    times = []
    for _ in range(6):
        wait()
        start = time.perf_counter()
        for _ in range(count):
            run()
        wait()
        times.append((time.perf_counter() - start) / count * 1e3)
    times = sorted(times[1:])
    return {"best": times[0], "median": times[2]}


def plain(f):
    def run():
        with torch.no_grad():
            return f()

    return run


def limits():
    """Floating-point operations a second in a large float32 product; bytes a second, read plus written, in a large copy."""
    side, length = (8192, 1 << 30) if device == "cuda" else (512, 1 << 24)
    a, b = (torch.randn(side, side, device=device) for _ in range(2))
    source = torch.randn(length // 4, device=device)
    target = torch.empty_like(source)
    product = milliseconds(lambda: torch.mm(a, b), 5)["best"] / 1e3
    copy = milliseconds(lambda: target.copy_(source), 20)["best"] / 1e3
    return {"flops": 2 * side**3 / product, "bytes": 2 * length / copy}


x, w, head, norm = make(n, width), make(3 * width, width), make(vocabulary, width), make(width)
gate, up, logits = make(n, 3 * width), make(n, 3 * width), make(n, vocabulary)
left, right = make(square, square), make(square, square)
targets = torch.randint(0, vocabulary, (n,), device=device)
angles = torch.randn(length, width // heads // 2, device=device)
cos, sin = angles.cos(), angles.sin()


def attention(q, k, v):
    split = lambda t: t.reshape(batch, length, heads, -1).transpose(1, 2)

    def rotate(t):
        a, b = t.chunk(2, -1)
        return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)

    mixed = F.scaled_dot_product_attention(rotate(split(q)), rotate(split(k)), split(v), is_causal=True)
    return mixed.transpose(1, 2).reshape(n, width)


def both(f, *inputs):
    def run():
        y = f(*inputs)
        return torch.autograd.grad(y, inputs, torch.ones_like(y))

    return run


logps = lambda l: -F.cross_entropy(l, targets, reduction="none")
cases = {
    "square product": plain(lambda: F.linear(left, right)),
    "linear to 3 width": plain(lambda: F.linear(x, w)),
    "linear to vocabulary": plain(lambda: F.linear(x, head)),
    "attention": plain(lambda: attention(x, x, x)),
    "attention, both": both(attention, *(make(n, width) for _ in range(3))),
    "rmsNorm, both": both(lambda a, b: F.rms_norm(a, (width,), b, 1e-5), x, norm),
    "swiglu, both": both(lambda a, b: F.silu(a) * b, gate, up),
    "tokenLogps, both": both(logps, logits),
    "linearTokenLogps, both": both(lambda a, b: logps(F.linear(a, b)), x, head),
}
# A frozen W that is held in a half width, made float32 for its product: what the packed products compute.
few = make(64, width)
for dtype, kind in (("BF16", torch.bfloat16), ("F16", torch.float16)):
    held, held_head = w.detach().to(kind), head.detach().to(kind)
    cases[f"linear to 3 width, {dtype}"] = plain(lambda held=held: F.linear(x, held.float()))
    cases[f"linear to 3 width, {dtype}, both"] = both(lambda a, held=held: F.linear(a, held.float()), x)
    cases[f"64 rows to 3 width, {dtype}"] = plain(lambda held=held: F.linear(few, held.float()))
    cases[f"linearTokenLogps, {dtype}, both"] = both(lambda a, held=held_head: logps(F.linear(a, held.float())), x)
name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
rows = [{"operation": key, "milliseconds": milliseconds(run, calls)} for key, run in cases.items()]
print(json.dumps({"device": name, "torch": torch.__version__, "limits": limits(), "rows": rows}))
