"""Golden numbers from TRL's own code and from torch autograd, float64 → test/golden/losses-peers.json.

usage: peers.py OUTPUT ; needs torch and trl. Inputs are drawn once with a fixed seed and stored with the results.
"""
import json
import math
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F
import trl
from trl.experimental.cpo.cpo_trainer import CPOTrainer

torch.set_default_dtype(torch.float64)
torch.manual_seed(20250221)
entries = []


def draw(*shape, scale=12.0):
    return -scale * torch.rand(*shape)


def record(source, loss, inputs, options, trained, compute):
    leaves = {k: v.clone().requires_grad_(k in trained) if v.is_floating_point() else v for k, v in inputs.items()}
    value = compute(**leaves)
    grads = torch.autograd.grad(value, [leaves[k] for k in trained])
    entries.append(
        {
            "source": source,
            "loss": loss,
            "inputs": {k: v.tolist() for k, v in inputs.items()},
            "options": options,
            "value": value.item(),
            "gradients": {k: g.tolist() for k, g in zip(trained, grads)},
        }
    )


PAIR = ["policyChosenLogps", "policyRejectedLogps"]
pairs = lambda: {
    "policyChosenLogps": draw(7),
    "policyRejectedLogps": draw(7),
    "referenceChosenLogps": draw(7),
    "referenceRejectedLogps": draw(7),
}


def trl_cpo(loss_type, beta, smoothing=0.0, gamma=0.0):
    me = SimpleNamespace(
        alpha=0.0,
        beta=beta,
        loss_type=loss_type,
        label_smoothing=smoothing,
        simpo_gamma=gamma,
        accelerator=SimpleNamespace(device="cpu"),
    )
    return lambda w, l: CPOTrainer.cpo_loss(me, w, l)[0].mean()


def ratios(f):
    return lambda policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps: f(
        policyChosenLogps - referenceChosenLogps, policyRejectedLogps - referenceRejectedLogps
    )


TRL = f"trl {trl.__version__} CPOTrainer.cpo_loss"
record(TRL, "dpoLoss", pairs(), {"beta": 0.3}, PAIR, ratios(trl_cpo("sigmoid", 0.3)))
record(TRL, "conservativeDpoLoss", pairs(), {"beta": 0.3, "labelSmoothing": 0.15}, PAIR, ratios(trl_cpo("sigmoid", 0.3, 0.15)))
record(TRL, "hingeLoss", pairs(), {"beta": 0.2}, PAIR, ratios(trl_cpo("hinge", 0.2)))
record(TRL, "ipoLoss", pairs(), {"beta": 0.25}, PAIR, ratios(trl_cpo("ipo", 0.25)))
simpo = trl_cpo("simpo", 2.5, 0.0, 1.4)
record(
    TRL,
    "simpoLoss",
    {
        "policyChosenLogps": draw(7),
        "policyRejectedLogps": draw(7),
        "chosenLengths": torch.tensor([3.0, 1, 9, 4, 12, 7, 2]),
        "rejectedLengths": torch.tensor([5.0, 2, 8, 4, 1, 9, 3]),
    },
    {"beta": 2.5, "margin": 1.4},
    PAIR,
    lambda policyChosenLogps, policyRejectedLogps, chosenLengths, rejectedLengths: simpo(
        policyChosenLogps / chosenLengths, policyRejectedLogps / rejectedLengths
    ),
)

AUTOGRAD = f"torch {torch.__version__.split('+')[0]} autograd"


def forward_kl(w, l, beta=0.2):
    return -F.logsigmoid(beta * (torch.exp(-l) - torch.exp(-w))).mean()


small = {k: v / 8 for k, v in pairs().items()}
record(AUTOGRAD, "divergenceDpoLoss", small, {"beta": 0.2, "divergence": "forwardKl"}, PAIR, ratios(forward_kl))


def discopop(w, l, beta=0.1, tau=0.1):
    x = beta * (w - l)
    m = torch.sigmoid(x / tau)
    return (-F.logsigmoid(x) * (1 - m) + torch.exp(-x) * m).mean()


record(AUTOGRAD, "discopopLoss", pairs(), {"beta": 0.1, "temperature": 0.1}, PAIR, ratios(discopop))


def svpo(policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps, chosenValues, rejectedValues):
    h = 0.2 * (policyChosenLogps - referenceChosenLogps - policyRejectedLogps + referenceRejectedLogps)
    v = chosenValues - rejectedValues
    return (-F.logsigmoid(h) + 0.3 * F.relu(0.6 - v) + 0.05 * (h.detach() - v) ** 2).mean()


record(
    AUTOGRAD,
    "svpoLoss",
    {**pairs(), "chosenValues": torch.rand(7) * 2 - 1, "rejectedValues": torch.rand(7) * 2 - 1},
    {"beta": 0.2, "margin": 0.6, "marginWeight": 0.3, "regularizerWeight": 0.05, "regularizerTarget": "policy"},
    [*PAIR, "chosenValues", "rejectedValues"],
    svpo,
)

MASK = torch.tensor([[0.0, 1, 1, 1, 0, 1], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]])
tokens = lambda: {
    "policyLogps": draw(4, 6, scale=3.0),
    "referenceLogps": draw(4, 6, scale=3.0),
    "values": torch.rand(4, 6) * 2 - 1,
    "rewards": torch.rand(4, 6),
    "mask": MASK,
}


def rows(compute_row):
    """Mean over the rows that have a valid token, each computed on its valid tokens alone."""

    def compute(mask, **inputs):
        kept = [i for i in range(len(mask)) if mask[i].sum() > 0]
        return sum(compute_row(**{k: v[i][mask[i] > 0] for k, v in inputs.items()}) for i in kept) / len(kept)

    return compute


def returns(rho, values, lam):
    g, out = torch.zeros(()), []
    following = torch.cat((values[1:], torch.zeros(1)))
    for t in reversed(range(len(rho))):
        g = rho[t] + (1 - lam) * following[t] + lam * g
        out.append(g)
    return torch.stack(out[::-1])


def dqo(policy, target="literal", beta=0.05, lam=0.9, clip=1.5):
    def row(policyLogps, referenceLogps, values, rewards, behaviorLogps):
        delta = policyLogps - referenceLogps
        g = returns((rewards - beta * delta).detach(), values.detach(), lam)
        weight = (policyLogps - behaviorLogps).sum().detach().exp().clamp(max=clip)
        if not policy:
            return weight * ((g - values) ** 2).mean()
        after = torch.cat((g[1:], torch.zeros(1)))
        if target == "mixed":
            following = torch.cat((values[1:], torch.zeros(1)))
            after = (1 - lam) * following.detach() + lam * after
        return weight * ((values.detach() + beta * delta - rewards - after) ** 2).mean()

    return rows(row)


for target in ("literal", "mixed"):
    inputs = tokens()
    inputs["behaviorLogps"] = inputs["policyLogps"] + 0.4 * torch.randn(4, 6)
    options = {"beta": 0.05, "lambda": 0.9, "importanceClip": 1.5, "policyTarget": target}
    record(AUTOGRAD, "dqoPolicyLoss", inputs, options, ["policyLogps"], dqo(True, target))
inputs = tokens()
inputs["behaviorLogps"] = inputs["policyLogps"] + 0.4 * torch.randn(4, 6)
record(AUTOGRAD, "dqoValueLoss", inputs, {"beta": 0.05, "lambda": 0.9, "importanceClip": 1.5}, ["values"], dqo(False))


def oreo_response(policyLogps, referenceLogps, values, rewards, beta=0.07, alpha=0.3):
    delta = policyLogps - referenceLogps
    return (values[0].detach() - rewards.sum() + beta * delta.sum()) ** 2 + alpha * (torch.exp(-delta) + delta - 1).mean()


record(AUTOGRAD, "oreoPolicyLoss", tokens(), {"beta": 0.07, "level": "response", "klWeight": 0.3}, ["policyLogps"], rows(oreo_response))


def dvo_steps(policyLogps, referenceLogps, credits, mask):
    return 0.5 * (((0.4 * (policyLogps - referenceLogps) - credits) ** 2) * mask).sum() / mask.sum()


record(
    AUTOGRAD,
    "dvoLoss",
    {"policyLogps": draw(4, 6), "referenceLogps": draw(4, 6), "credits": torch.rand(4, 6) * 2 - 1, "mask": MASK},
    {"beta": 0.4, "reduction": "flat"},
    ["policyLogps"],
    dvo_steps,
)


def kto(policyLogps, referenceLogps, labels, policyKlLogps, referenceKlLogps):
    kl = policyKlLogps - referenceKlLogps
    z = (kl.sum() / (kl != 0).sum().clamp(min=1)).clamp(min=0).detach()
    u = 0.2 * (policyLogps - referenceLogps - z)
    return torch.where(labels > 0, 1.33 * (1 - torch.sigmoid(u)), 0.8 * (1 - torch.sigmoid(-u))).mean()


record(
    AUTOGRAD,
    "ktoLoss",
    {
        "policyLogps": draw(6),
        "referenceLogps": draw(6),
        "labels": torch.tensor([1.0, 0, 0, 1, 1, 0]),
        "policyKlLogps": torch.tensor([-3.0, -5, -4, -1]),
        "referenceKlLogps": torch.tensor([-6.0, -5, -4, -1.5]),
    },
    {"beta": 0.2, "desirableWeight": 1.33, "undesirableWeight": 0.8, "klDivisor": "nonzero"},
    ["policyLogps"],
    kto,
)

def alpha_divergence(w, l, beta=0.2, alpha=0.4):
    u = lambda delta: (1 - torch.exp(-alpha * delta)) / alpha
    return F.softplus(-beta * (u(w) - u(l))).mean()


record(AUTOGRAD, "divergenceDpoLoss", {k: v / 8 for k, v in pairs().items()}, {"beta": 0.2, "divergence": "alpha", "alpha": 0.4}, PAIR, ratios(alpha_divergence))


def dqo_attached(target, detach_future, detach_values, beta=0.05, lam=0.8):
    def row(policyLogps, referenceLogps, values, rewards, behaviorLogps):
        delta = policyLogps - referenceLogps
        v = values.detach() if detach_values else values
        g = returns(rewards - beta * delta, v, lam)
        weight = (policyLogps - behaviorLogps).sum().detach().exp().clamp(max=math.e)
        after = torch.cat((g[1:], torch.zeros(1)))
        if target == "mixed":
            after = (1 - lam) * torch.cat((v[1:], torch.zeros(1))) + lam * after
        if detach_future:
            after = after.detach()
        return weight * ((v + beta * delta - rewards - after) ** 2).mean()

    return rows(row)


for target in ("literal", "mixed"):
    for detach_future, detach_values in ((False, True), (True, False), (False, False)):
        inputs = tokens()
        inputs["behaviorLogps"] = inputs["policyLogps"] + 0.4 * torch.randn(4, 6)
        options = {"beta": 0.05, "lambda": 0.8, "policyTarget": target, "detachFuture": detach_future, "detachValues": detach_values}
        trained = ["policyLogps"] if detach_values else ["policyLogps", "values"]
        record(AUTOGRAD, "dqoPolicyLoss", inputs, options, trained, dqo_attached(target, detach_future, detach_values))


def oreo_value(policyLogps, referenceLogps, values, rewards, behaviorLogps, beta=0.07, clip=1.2):
    suffix = lambda x: x.flip(0).cumsum(0).flip(0)
    ahead = suffix(policyLogps - referenceLogps).clamp(-clip, clip)
    weight = (policyLogps - behaviorLogps).sum().exp().clamp(max=math.e).detach()
    return weight * ((values - suffix(rewards) + beta * ahead) ** 2).mean()


inputs = tokens()
inputs["behaviorLogps"] = inputs["policyLogps"] + 0.4 * torch.randn(4, 6)
record(AUTOGRAD, "oreoValueLoss", inputs, {"beta": 0.07, "logRatioClip": 1.2}, ["values"], rows(oreo_value))


def oreo_states(mask, policyLogps, referenceLogps, values, rewards):
    """All states of the batch in one mean, squares and KL alike."""
    total = torch.zeros(())
    for i in range(len(mask)):
        kept = mask[i] > 0
        delta = (policyLogps - referenceLogps)[i][kept]
        suffix = lambda x: x.flip(0).cumsum(0).flip(0)
        ahead = suffix(delta.detach()) - delta.detach() + delta
        residual = values[i][kept].detach() - suffix(rewards[i][kept]) + 0.07 * ahead
        total = total + (residual**2).sum() + 0.2 * (torch.exp(-delta) + delta - 1).sum()
    return total / mask.sum()


record(AUTOGRAD, "oreoPolicyLoss", tokens(), {"beta": 0.07, "reduction": "flat", "klWeight": 0.2}, ["policyLogps"], oreo_states)


def svpo_both(policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps, chosenValues, rejectedValues):
    h = 0.2 * (policyChosenLogps - referenceChosenLogps - policyRejectedLogps + referenceRejectedLogps)
    v = chosenValues - rejectedValues
    return (-F.logsigmoid(h) + 0.3 * F.relu(0.6 - v) + 0.05 * (h - v) ** 2).mean()


record(
    AUTOGRAD,
    "svpoLoss",
    {**pairs(), "chosenValues": torch.rand(7) * 2 - 1, "rejectedValues": torch.rand(7) * 2 - 1},
    {"beta": 0.2, "margin": 0.6, "marginWeight": 0.3, "regularizerWeight": 0.05, "regularizerTarget": "none"},
    [*PAIR, "chosenValues", "rejectedValues"],
    svpo_both,
)


def dro_per_tau(policyLogps, referenceLogps, values, rewards, tau=0.4):
    return (0.5 * (rewards - values - tau * (policyLogps - referenceLogps)) ** 2).mean() / tau


responses = {"policyLogps": draw(5), "referenceLogps": draw(5), "values": torch.rand(5) * 2 - 1, "rewards": torch.randn(5)}
record(AUTOGRAD, "droPolicyLoss", responses, {"tau": 0.4, "scale": 2.5}, ["policyLogps"], dro_per_tau)


def clipped_value(values, oldValues, targets, clip=0.3):
    held = oldValues + (values - oldValues).clamp(-clip, clip)
    return (0.5 * torch.maximum((values - targets) ** 2, (held - targets) ** 2)).mean()


spread = lambda: torch.rand(4, 6) * 2 - 1
record(
    AUTOGRAD,
    "clippedValueLoss",
    {"values": spread(), "oldValues": spread(), "targets": spread(), "mask": MASK},
    {"clip": 0.3},
    ["values"],
    rows(clipped_value),
)
record(AUTOGRAD, "dftLoss", {"policyLogps": draw(4, 6, scale=3.0), "mask": MASK}, {"reduction": "row"}, ["policyLogps"], rows(lambda policyLogps: -(policyLogps.exp().detach() * policyLogps).mean()))

with open(sys.argv[1], "w") as out:
    lines = (json.dumps(entry, separators=(",", ":")) for entry in entries)
    out.write("[\n" + ",\n".join(lines) + "\n]\n")
print(len(entries), "entries;", math.fsum(e["value"] for e in entries))
