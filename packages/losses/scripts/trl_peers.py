"""Runs TRL's own trainers' losses on one small batch of logits, in float64 → test/golden/losses-trl.json.

usage: trl_peers.py OUTPUT ; needs torch and trl. The batch has prompts and completions of unequal lengths, padding on the right, and
one pair whose rejected completion is empty.
"""
import contextlib
import json
import sys
from collections import defaultdict
from types import SimpleNamespace

import torch
import trl
from trl.trainer import dpo_trainer
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.kto_trainer import KTOTrainer
from trl.trainer.sft_trainer import dft_loss

torch.set_default_dtype(torch.float64)
torch.manual_seed(20250613)
dpo_trainer.disable_gradient_checkpointing = lambda *_: contextlib.nullcontext()

PAIRS, LENGTH, VOCABULARY = 3, 8, 5
rounded = lambda x: (x * 1000).round() / 1000
logits = rounded(2 * torch.randn(2 * PAIRS, LENGTH, VOCABULARY))
reference = rounded(logits + 0.7 * torch.randn_like(logits))
ids = torch.randint(0, VOCABULARY, (2 * PAIRS, LENGTH))
# [prompt, completion] lengths, chosen rows and then rejected ones.
spans = [(2, 4), (1, 7), (3, 2), (2, 6), (1, 3), (3, 0)]
mask = torch.tensor([[int(prompt <= t < prompt + length) for t in range(LENGTH)] for prompt, length in spans])


class Fixed(torch.nn.Module):
    """A model that always says the same."""

    def __init__(self, says):
        super().__init__()
        self.says = says

    def forward(self, **_):
        return SimpleNamespace(logits=self.says)


class Everything(SimpleNamespace):
    """A trainer of which only the loss is asked for: one process, no logging."""

    def __init__(self, **settings):
        accelerator = SimpleNamespace(device="cpu", gather=lambda x: x, gather_for_metrics=lambda x: x)
        super().__init__(
            accelerator=accelerator,
            model=SimpleNamespace(training=False),
            aux_loss_enabled=False,
            precompute_ref_logps=False,
            args=SimpleNamespace(gradient_checkpointing_kwargs=None, discopop_tau=settings.pop("tau", 0.05)),
            ref_model=Fixed(reference),
            _metrics={"eval": defaultdict(list)},
            _total_train_tokens=0,
            **settings,
        )


def token_slopes(gradient, x):
    """∂L/∂log π of each scored token from ∂L/∂logits: the label's logit gets that times (1 − p)."""
    labels = ids[:, 1:, None]
    own = gradient[:, :-1].gather(-1, labels)[..., 0]
    prob = x[:, :-1].softmax(-1).gather(-1, labels)[..., 0]
    return (own / (1 - prob)) * mask[:, 1:]


def run(compute):
    x = logits.clone().requires_grad_(True)
    value = compute(x)
    (gradient,) = torch.autograd.grad(value, x)
    return value.item(), token_slopes(gradient, x.detach())


def dpo(loss, options, **settings):
    defaults = dict(beta=0.3, label_smoothing=0.0, ld_alpha=None, f_divergence_type="reverse_kl", f_alpha_divergence_coef=1.0)
    me = Everything(**{**defaults, "use_weighting": False, "loss_weights": [1.0], **settings})
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "completion_mask": mask}
    value, slopes = run(lambda x: DPOTrainer._compute_loss(me, Fixed(x), inputs, False))
    return {
        "loss": loss,
        "options": options,
        "source": "DPOTrainer " + json.dumps({k: v for k, v in settings.items() if k != "loss_weights"}),
        "value": value,
        # One number a row: of its first completion token, and of its last, which differ where the tail counts less.
        "slopes": [[row[m > 0][k].item() if m.sum() > 0 else 0.0 for k in (0, -1)] for row, m in zip(slopes, mask[:, 1:])],
    }


beta = {"beta": 0.3}
cases = [
    dpo("dpoLoss", beta, loss_types=["sigmoid"]),
    dpo("hingeLoss", beta, loss_types=["hinge"]),
    dpo("ipoLoss", {**beta, "lengths": True}, loss_types=["ipo"]),
    dpo("exoPairLoss", {**beta, "labelSmoothing": 0.2}, loss_types=["exo_pair"], label_smoothing=0.2),
    dpo("ncaPairLoss", beta, loss_types=["nca_pair"]),
    dpo("robustDpoLoss", {**beta, "labelSmoothing": 0.15}, loss_types=["robust"], label_smoothing=0.15),
    dpo("bcoPairLoss", {**beta, "rewardShift": 0}, loss_types=["bco_pair"]),
    dpo("sppoHardLoss", beta, loss_types=["sppo_hard"]),
    dpo("apoZeroLoss", beta, loss_types=["apo_zero"]),
    dpo("apoDownLoss", beta, loss_types=["apo_down"]),
    dpo("discopopLoss", {**beta, "temperature": 0.4}, loss_types=["discopop"], tau=0.4),
    dpo("normalizedDpoLoss", {**beta, "lengths": True}, loss_types=["sigmoid_norm"]),
    dpo("divergenceDpoLoss", {**beta, "divergence": "forwardKl"}, loss_types=["sigmoid"], f_divergence_type="forward_kl"),
    dpo("divergenceDpoLoss", {**beta, "divergence": "jensenShannon"}, loss_types=["sigmoid"], f_divergence_type="js_divergence"),
    dpo("dpoLoss", {**beta, "alpha": 0.4}, loss_types=["sigmoid"], ld_alpha=0.4),
    dpo("ipoLoss", {**beta, "alpha": 0.0, "lengths": True}, loss_types=["ipo"], ld_alpha=0.0),
    dpo("dpoLoss", {**beta, "wpo": True}, loss_types=["sigmoid"], use_weighting=True),
    dpo("sppoHardLoss", {**beta, "wpo": True}, loss_types=["sppo_hard"], use_weighting=True),
]

labels = [True, False, True, True, False, True]
kl = {"policyKlLogps": [-9.0, -4.5, -7.25, -6.0, -3.5, -8.0], "referenceKlLogps": [-9.5, -5.25, -7.0, -6.5, -4.0, -8.25]}
references = torch.tensor([-6.5, -9.0, -3.25, -8.5, -4.0, -1.0])


def kto(loss_type, undesirable):
    me = Everything(beta=0.3, loss_type=loss_type, calculate_KL=loss_type == "kto", desirable_weight=1.2, undesirable_weight=undesirable)
    me.precompute_ref_logps = True
    me._compute_kl_logps = lambda *_: torch.tensor(kl["policyKlLogps"])
    batch = {"label": torch.tensor(labels), "input_ids": ids, "completion_mask": mask, "attention_mask": torch.ones_like(ids)}
    batch |= {"ref_logps": references, "ref_KL_logps": torch.tensor(kl["referenceKlLogps"])}
    value, slopes = run(lambda x: KTOTrainer._compute_loss(me, Fixed(x), batch, False))
    return {
        "loss": "ktoLoss" if loss_type == "kto" else "apoZeroUnpairedLoss",
        "options": {"beta": 0.3, "desirableWeight": 1.2, "undesirableWeight": undesirable},
        "source": f"KTOTrainer {loss_type}",
        "value": value,
        "slopes": [row[m > 0][0].item() if m.sum() > 0 else 0.0 for row, m in zip(slopes, mask[:, 1:])],
    }


unpaired = [kto("kto", 0.8), kto("apo_zero_unpaired", 0.8)]
targets = torch.where(mask > 0, ids, -100)
value, slopes = run(lambda x: dft_loss(SimpleNamespace(logits=x), targets.clone()))
likelihood = [{"loss": "dftLoss", "options": {}, "source": "sft_trainer.dft_loss", "value": value, "slopes": slopes.tolist()}]

with open(sys.argv[1], "w") as out:
    batch = {"logits": logits.tolist(), "reference": reference.tolist(), "ids": ids.tolist(), "mask": mask.tolist()}
    unpaired_inputs = {"labels": [float(x) for x in labels], "referenceLogps": references.tolist(), **kl}
    document = {"trl": trl.__version__, "batch": batch, "pairs": cases, "unpairedInputs": unpaired_inputs, "unpaired": unpaired, "likelihood": likelihood}
    json.dump(document, out, separators=(",", ":"))
    out.write("\n")
print(len(cases) + len(unpaired) + 1, "cases of trl", trl.__version__)
