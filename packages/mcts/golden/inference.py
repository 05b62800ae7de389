"""What its_hub and TreeQuest do on recorded random streams, for src/inference: writes inference.json.

    pip install its_hub==1.2.0 'treequest[abmcts-m]==0.3.3'
    python inference.py

Particle filtering: its_hub's own class draws steps from a table (a row a round, in the order of the particles that still go) and scores from another;
`uniforms` are the numbers that its resampling read, a list a round. AB-MCTS-A: TreeQuest's own class; `noise` are the standard numbers under its
posteriors' draws (a gamma of the shape beside it and a normal, or two gammas for a beta), in order, without those at leaves, whose outcome it ignores.
AB-MCTS-M: TreeQuest's own model and NUTS, with more draws than it takes; what is kept is the distribution of scores to come, of which it picks one by chance.
"""

import asyncio
import json
import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from its_hub.core.algorithms.particle_gibbs import ParticleGibbs
from treequest.algos.ab_mcts_a import prob_state
from treequest.algos.ab_mcts_a.algo import ABMCTSA

OUT = Path(__file__).parent / "inference.json"


class Steps:
    """Stands where its_hub asks a server for steps."""

    def __init__(self, table, max_steps):
        self.table, self.max_steps, self.round = table, max_steps, 0

    async def aforward(self, lm, prompts, so_far, **_):
        row = self.table[self.round][: len(prompts)]
        self.round += 1
        return [(text, text.endswith("!") or len(steps) + 1 >= self.max_steps) for text, steps in zip(row, so_far)]

    def _post_process(self, steps, stopped=False):
        return "".join(steps)


class Scores:
    def __init__(self, rng):
        self.rng, self.known = rng, {}

    async def ascore(self, prompt, texts):
        for text in texts:
            if text not in self.known:
                self.known[text] = round(float(self.rng.beta(0.5, 0.5)), 6)
        return [self.known[text] for text in texts]


def particle_filter(seed, particles, rounds, **options):
    rng = np.random.default_rng(seed)
    table = [
        [f"{t}{'abc'[rng.integers(3)]}{'!' if t > 1 and rng.random() < 0.4 else '.'}" for _ in range(particles)]
        for t in range(rounds)
    ]
    scores = Scores(rng)
    uniforms, choices = [], random.choices
    stream = random.Random(seed)

    def recorded(population, weights, k):
        numbers = [stream.random() for _ in range(k)]
        left = list(numbers)
        own = random.Random()
        own.random = lambda: left.pop(0)
        uniforms.append(numbers)
        return own.choices(population, weights=weights, k=k)

    def one(low, high):
        uniforms.append([stream.random()])
        return uniforms[-1][0]

    random.choices, before = recorded, np.random.uniform
    np.random.uniform = one
    steps = Steps(table, rounds)
    algorithm = ParticleGibbs(steps, scores, num_iterations=1, num_ref_particles=0, **options)
    result = asyncio.run(algorithm.ainfer(None, "?", particles, return_response_only=False))
    random.choices, np.random.uniform = choices, before
    responses = [response["content"] for response in result.responses_lst[0]]
    return dict(
        source=f"its_hub 1.2.0 ParticleGibbs {options}",
        function="particleFilter",
        options={key: value for key, value in options.items()},
        particles=particles,
        depth=rounds,
        steps=table,
        scores=scores.known,
        # The last list picks reference particles, none here.
        uniforms=[numbers for numbers in uniforms if numbers],
        responses=responses,
        logWeights=[float(w) for w in result.log_weights_lst[0]],
        best=responses[result.selected_index],
    )


class Wider(ABMCTSA):
    """TreeQuest's class, less the draws at leaves in the record."""

    def __init__(self, noise, **options):
        super().__init__(**options)
        self.noise = noise

    def _get_generation_action(self, state, node, actions):
        before = len(self.noise)
        action = super()._get_generation_action(state, node, actions)
        del self.noise[before:]
        return action


def ab_mcts(seed, iterations, parallel=1, **options):
    rng, noise = np.random.default_rng(seed), []

    def gamma(shape):
        noise.append([float(shape), float(rng.standard_gamma(shape))])
        return noise[-1][1]

    def normal(mean, deviation):
        noise.append(["normal", float(rng.standard_normal())])
        return mean + deviation * noise[-1][1]

    def beta(a, b):
        x, y = gamma(a), gamma(b)
        return x / (x + y)

    before = prob_state.invgamma, prob_state.beta, np.random.normal
    prob_state.invgamma = SimpleNamespace(rvs=lambda a, scale: scale / gamma(a))
    prob_state.beta = SimpleNamespace(rvs=beta)
    np.random.normal = normal
    algorithm = Wider(noise, **options)
    state, parents, scores = algorithm.init_tree(), [], []
    # Where a parent's score is high, its children's are likely to be.
    means = {-1: 0.4}
    for at in range(0, iterations, parallel):
        state, trials = algorithm.ask_batch(state, min(parallel, iterations - at), ["draw"])
        for trial in trials:
            k, parent = len(scores), trial.node_to_expand
            means[k] = min(max(means[parent] + float(rng.uniform(-0.3, 0.35)), 0.0), 1.0)
            scores.append(round(means[k], 6))
            parents.append(int(parent))
            state = algorithm.tell(state, trial.trial_id, (f"{k}.", scores[-1]))
    prob_state.invgamma, prob_state.beta, np.random.normal = before
    return dict(
        source=f"TreeQuest 0.3.3 ABMCTSA {options}",
        function="abMcts",
        options=dict(dist=options.get("dist_type", "gaussian")),
        iterations=iterations,
        parallel=parallel,
        scores=scores,
        parents=parents,
        noise=noise,
    )


def mixed_model(families, draws=10000):
    import arviz
    from treequest.algos.ab_mcts_m import pymc_interface as interface

    sampler = interface.sample_numpyro_nuts
    interface.sample_numpyro_nuts = lambda **kw: sampler(
        **{**kw, "draws": draws, "tune": 2000, "random_seed": 7, "target_accept": 0.95}
    )
    runs = []
    for family in families:
        model, kept = interface.PyMCInterface(), {}

        def get_score(samples):
            kept["new" if samples.name == "y_new" else int(samples.child_idx)] = samples.values.astype(float)
            return 0.0

        model.get_score = get_score
        model.calculate_score(
            [
                interface.Observation(reward=score, action="draw", node_expand_idx=100 * child + k, child_idx=child)
                for child, scores in enumerate(family)
                for k, score in enumerate(scores)
            ],
            action=None,
        )
        rng, keys = np.random.default_rng(1), [*range(len(family)), "new"]
        picks = np.stack([rng.choice(kept[key].flatten(), 400000) for key in keys])
        chosen = np.bincount(picks.argmax(0), minlength=len(keys)) / picks.shape[1]
        options = [
            dict(
                option=key,
                mean=float(kept[key].mean()),
                deviation=float(kept[key].std()),
                quantiles=[float(q) for q in np.quantile(kept[key], [0.05, 0.25, 0.5, 0.75, 0.95])],
                ess=float(arviz.ess(arviz.convert_to_dataset(kept[key])).x),
                chosen=float(share),
            )
            for key, share in zip(keys, chosen)
        ]
        source = f"TreeQuest 0.3.3 PyMCInterface.calculate_score, NUTS by numpyro, 4 chains of {draws}"
        runs.append(dict(source=source, function="mixedModel", scores=family, options=options))
    return runs


runs = [
    particle_filter(1, 6, 5),
    particle_filter(2, 8, 6),
    particle_filter(3, 8, 6, resampling_method="systematic"),
    particle_filter(4, 12, 8, resampling_method="systematic", does_entropic_annealing=True),
    particle_filter(5, 12, 8, does_entropic_annealing=True, temperature_method="entropy", ess_threshold=0.8, early_phase=0.9),
    ab_mcts(1, 24),
    ab_mcts(2, 24, dist_type="beta"),
    ab_mcts(3, 24, parallel=3),
    *mixed_model(
        [
            [[0.75]],
            [[0.2], [0.6, 0.75], [0.4, 0.9, 0.85, 0.7]],
            [[0.1, 0.3, 0.15, 0.2, 0.05], [0.8], [0.35, 0.5], [0.9, 0.7, 0.95], [0.5]],
            [[0.0, 0.05, 0.1, 0.0, 0.02], [1.0, 0.9, 0.95]],
        ]
    ),
]

if __name__ == "__main__":
    OUT.write_text(json.dumps(runs) + "\n")
    print([(run["source"], run.get("best", run.get("parents"))) for run in runs])
