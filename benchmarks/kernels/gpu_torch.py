"""The operations of gpu.ts in torch on CUDA, float32 with TF32 off, as JSON on standard output."""
import json, sys, time
import torch
import torch.nn.functional as F

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
calls = int(sys.argv[1]) if len(sys.argv) > 1 else 50
width, heads, length, batch, vocabulary = 512, 8, 256, 8, 4096
n = batch * length
make = lambda *shape: torch.randn(*shape, device="cuda", requires_grad=True)
x, w, head, norm = make(n, width), make(3 * width, width), make(vocabulary, width), make(width)
gate, up, logits = make(n, 3 * width), make(n, 3 * width), make(n, vocabulary)
targets = torch.randint(0, vocabulary, (n,), device="cuda")


def attention(y):
    z = y.reshape(batch, length, heads, width // heads).transpose(1, 2)
    return F.scaled_dot_product_attention(z, z, z, is_causal=True)


def both(f, *inputs):
    return lambda: torch.autograd.grad(f(*inputs).sum(), inputs)


def plain(f):
    def run():
        with torch.no_grad():
            return f()
    return run


rms = lambda a, b: a * torch.rsqrt(a.square().mean(-1, keepdim=True) + 1e-5) * b
cases = {
    "linear to 3 width": plain(lambda: x @ w.T),
    "linear to vocabulary": plain(lambda: x @ head.T),
    "attention": plain(lambda: attention(x)),
    "attention, both": both(attention, x),
    "rmsNorm, both": both(rms, x, norm),
    "swiglu, both": both(lambda a, b: F.silu(a) * b, gate, up),
    "tokenLogps, both": both(lambda l: -F.cross_entropy(l, targets, reduction="none"), logits),
}
results = []
for name, run in cases.items():
    times = []
    for attempt in range(6):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(calls):
            run()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / calls * 1e3)
    times = sorted(times[1:])
    results.append({"operation": name, "milliseconds": {"best": times[0], "median": times[2]}})
print(json.dumps({"device": torch.cuda.get_device_name(), "torch": torch.__version__, "results": results}, indent=1))
