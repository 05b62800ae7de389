"""The same losses in eager torch, float32, 2 threads: microseconds for value and gradients from log-probs.

usage: torch_losses.py BATCH... ; prints one JSON object {loss: {batch: {median, low, high}}}
"""
import json
import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(2)
S = 8
BETA = 0.1


def pair(f):
    def make(n):
        w, l = (-10 * torch.rand(n)).requires_grad_(), (-10 * torch.rand(n)).requires_grad_()
        rw, rl = -10 * torch.rand(n), -10 * torch.rand(n)
        return (lambda: f(w - rw, l - rl).mean()), (w, l)

    return make


def exo(w, l, eps=1e-3):
    x = BETA * (w - l)
    return torch.sigmoid(x) * (F.logsigmoid(x) - math.log(1 - eps)) + torch.sigmoid(-x) * (F.logsigmoid(-x) - math.log(eps))


def robust(w, l, eps=0.1):
    x = BETA * (w - l)
    return (-F.logsigmoid(x) * (1 - eps) + F.logsigmoid(-x) * eps) / (1 - 2 * eps)


def cdpo(w, l, eps=0.2):
    x = BETA * (w - l)
    return -F.logsigmoid(x) * (1 - eps) - F.logsigmoid(-x) * eps


def bco(w, l):
    a, b = BETA * w, BETA * l
    shift = torch.cat((a, b)).mean().detach()
    return -F.logsigmoid(a - shift) - F.logsigmoid(-(b - shift))


def discopop(w, l, tau=0.05):
    x = BETA * (w - l)
    m = torch.sigmoid(x / tau)
    return -F.logsigmoid(x) * (1 - m) + torch.exp(-x) * m


def lengths(with_reference):
    def make(n):
        w, l = (-10 * torch.rand(n)).requires_grad_(), (-10 * torch.rand(n)).requires_grad_()
        rw, rl = -10 * torch.rand(n), -10 * torch.rand(n)
        nw, nl = torch.randint(1, 20, (n,)).float(), torch.randint(1, 20, (n,)).float()
        if with_reference:
            return (lambda: -F.logsigmoid(BETA * ((w - rw) / nw.clamp(min=1) - (l - rl) / nl.clamp(min=1))).mean()), (w, l)
        return (lambda: -F.logsigmoid(10 * (w / nw.clamp(min=1) - l / nl.clamp(min=1)) - 3).mean()), (w, l)

    return make


def svpo(n):
    w, l = (-10 * torch.rand(n)).requires_grad_(), (-10 * torch.rand(n)).requires_grad_()
    rw, rl = -10 * torch.rand(n), -10 * torch.rand(n)
    vw, vl = torch.rand(n).requires_grad_(), torch.rand(n).requires_grad_()

    def loss():
        h = BETA * ((w - rw) - (l - rl))
        v = vw - vl
        return (-F.logsigmoid(h) + 0.25 * F.relu(0.5 - v) + 0.001 * (h - v.detach()) ** 2).mean()

    return loss, (w, l, vw, vl)


def kto(with_kl):
    def make(n):
        p, r = (-10 * torch.rand(n)).requires_grad_(), -10 * torch.rand(n)
        good = torch.arange(n) % 2 == 1
        pk, rk = -10 * torch.rand(n), -10 * torch.rand(n)

        def loss():
            z = (pk - rk).mean().clamp(min=0).detach() if with_kl else 0.0
            ratio = p - r
            return torch.cat((1 - torch.sigmoid(BETA * (ratio[good] - z)), 1 - torch.sigmoid(BETA * (z - ratio[~good])))).mean()

        return loss, (p,)

    return make


def dro(policy):
    def make(n):
        p, r, v, y = -10 * torch.rand(n), -10 * torch.rand(n), torch.rand(n), torch.rand(n)
        trained = p if policy else v
        trained.requires_grad_()
        return (lambda: 0.5 * ((y - v - (p - r)) ** 2).mean()), (trained,)

    return make


def masked_mean(x, mask):
    return ((x * mask).sum(1) / mask.sum(1)).mean()


def dvo(n):
    p, r, c, m = (-10 * torch.rand(n, S)).requires_grad_(), -10 * torch.rand(n, S), torch.rand(n, S), torch.ones(n, S)
    return (lambda: 0.5 * masked_mean((BETA * (p - r) - c) ** 2, m)), (p,)


def dvo_kto(n):
    p, r, c, m = (-10 * torch.rand(n, S)).requires_grad_(), -10 * torch.rand(n, S), 2 * torch.rand(n, S) - 1, torch.ones(n, S)
    pk, rk = -10 * torch.rand(n), -10 * torch.rand(n)

    def loss():
        z = (pk - rk).mean().clamp(min=0).detach()
        sign = torch.where(c >= 0, 1.0, -1.0)
        return masked_mean(c.abs().clamp(min=0.1) * torch.sigmoid(-BETA * sign * (p - r - z)), m)

    return loss, (p,)


def suffix(x):
    return x.flip(1).cumsum(1).flip(1)


def token_inputs(n, policy):
    """What the token losses take, outcome rewards of 1 at the end, and which of it is trained."""
    p, r, v, m = -10 * torch.rand(n, S), -10 * torch.rand(n, S), torch.rand(n, S), torch.ones(n, S)
    y = torch.zeros(n, S)
    y[:, -1] = 1
    trained = p if policy else v
    trained.requires_grad_()
    return p, r, v, m, y, trained


def oreo(policy):
    def make(n):
        p, r, v, m, y, trained = token_inputs(n, policy)

        def loss():
            delta = (p - r) * m
            after = suffix(delta.detach())
            if policy:
                after = after - delta.detach() + delta
            return masked_mean((v - suffix(y * m) + 0.03 * after) ** 2, m)

        return loss, (trained,)

    return make


def dqo(policy, lam=1.0):
    """The λ-return as the usual loop over time; at λ = 1 a cumulative sum would do, as in oreo."""

    def make(n):
        p, r, v, m, y, trained = token_inputs(n, policy)

        def loss():
            with torch.no_grad():
                rho = (y - 0.03 * (p - r)) * m
                g, out = torch.zeros(n), []
                for t in range(S - 1, -1, -1):
                    nxt = v[:, t + 1] if t + 1 < S else torch.zeros(n)
                    g = rho[:, t] + (1 - lam) * nxt + lam * g
                    out.append(g)
                ret = torch.stack(out[::-1], 1)
            if policy:
                following = torch.cat((ret[:, 1:], torch.zeros(n, 1)), 1)
                return masked_mean((v + 0.03 * (p - r) - y - following) ** 2, m)
            return masked_mean((ret - v) ** 2, m)

        return loss, (trained,)

    return make


def sft(n):
    p, m = (-10 * torch.rand(n, S)).requires_grad_(), torch.ones(n, S)
    return (lambda: -(p * m).sum() / m.sum()), (p,)


def dft(n):
    p, m = (-10 * torch.rand(n, S)).requires_grad_(), torch.ones(n, S)
    return (lambda: -(p.detach().exp() * p * m).sum() / m.sum()), (p,)


def clipped_value(n, epsilon=0.2):
    v, old, y, m = torch.rand(n, S).requires_grad_(), torch.rand(n, S), torch.rand(n, S), torch.ones(n, S)

    def loss():
        held = old + (v - old).clamp(-epsilon, epsilon)
        return 0.5 * masked_mean(torch.maximum((v - y) ** 2, (held - y) ** 2), m)

    return loss, (v,)


def value(per_row_sum):
    def make(n):
        v, y, m = torch.rand(n, S).requires_grad_(), torch.rand(n, S), torch.ones(n, S)
        if per_row_sum:
            return (lambda: ((v - y) ** 2 * m).sum() / n), (v,)
        return (lambda: masked_mean((v - y) ** 2, m)), (v,)

    return make


LOSSES = {
    "dpoLoss": pair(lambda w, l: -F.logsigmoid(BETA * (w - l))),
    "conservativeDpoLoss": pair(cdpo),
    "robustDpoLoss": pair(robust),
    "stepDpoLoss": pair(lambda w, l: -F.logsigmoid(BETA * (w - l))),
    "ipoLoss": pair(lambda w, l: (w - l - 1 / (2 * BETA)) ** 2),
    "hingeLoss": pair(lambda w, l: F.relu(1 - BETA * (w - l))),
    "exoPairLoss": pair(exo),
    "ncaPairLoss": pair(lambda w, l: -F.logsigmoid(BETA * w) - 0.5 * F.logsigmoid(-BETA * w) - 0.5 * F.logsigmoid(-BETA * l)),
    "sppoHardLoss": pair(lambda w, l: (w - 0.5 / BETA) ** 2 + (l + 0.5 / BETA) ** 2),
    "apoZeroLoss": pair(lambda w, l: 1 - torch.sigmoid(BETA * w) + torch.sigmoid(BETA * l)),
    "apoDownLoss": pair(lambda w, l: torch.sigmoid(BETA * w) + 1 - torch.sigmoid(BETA * (w - l))),
    "bcoPairLoss": pair(bco),
    "discopopLoss": pair(discopop),
    "divergenceDpoLoss": pair(lambda w, l: -F.logsigmoid(BETA * (w - l))),
    "normalizedDpoLoss": lengths(True),
    "simpoLoss": lengths(False),
    "svpoLoss": svpo,
    "ktoLoss": kto(True),
    "apoZeroUnpairedLoss": kto(False),
    "droPolicyLoss": dro(True),
    "droValueLoss": dro(False),
    "dvoLoss": dvo,
    "dvoKtoLoss": dvo_kto,
    "dqoPolicyLoss": dqo(True),
    "dqoValueLoss": dqo(False),
    "oreoPolicyLoss": oreo(True),
    "oreoValueLoss": oreo(False),
    "sftLoss": sft,
    "dftLoss": dft,
    "valueLoss": value(False),
    "outcomeValueLoss": value(True),
    "clippedValueLoss": clipped_value,
}


def time_calls(call, samples=9, sample_seconds=0.004):
    start, warm = time.perf_counter(), 0
    while time.perf_counter() - start < 0.03 or warm < 50:
        call()
        warm += 1
    calls = max(3, round(sample_seconds / ((time.perf_counter() - start) / warm)))
    times = []
    for _ in range(samples):
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        times.append((time.perf_counter() - begin) / calls * 1e6)
    times.sort()
    return {"median": statistics.median(times), "low": times[samples // 4], "high": times[3 * samples // 4]}


def main():
    torch.manual_seed(0)
    result = {"torch": torch.__version__, "threads": torch.get_num_threads(), "losses": {}}
    for name, make in LOSSES.items():
        result["losses"][name] = {}
        for batch in map(int, sys.argv[1:]):
            loss, trained = make(batch)
            result["losses"][name][batch] = time_calls(lambda: torch.autograd.grad(loss(), trained))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
