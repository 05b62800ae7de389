"""mctx's golden trees, recomputed in float64 by a loop of our own over JAX's random numbers, beside the numbers that mctx
publishes (google-deepmind/mctx, commit 1232e22, mctx/_src/tests/test_data/*.json, Apache-2.0: visit and value_view by
evaluation_index, as far as they were read). Asserts that both agree, and writes mctx.json.

    python make.py            # needs jax; its old counter layout is still an option
"""

import json
import math
from pathlib import Path

import jax
import numpy as np

jax.config.update("jax_threefry_partitionable", False)


def predict(key, actions):
    policy, value, reward = jax.random.split(key, 3)
    logits = np.asarray(jax.random.normal(policy, (actions,)), np.float64)
    uniform = [float(jax.random.uniform(k, (), minval=-1.0, maxval=1.0)) for k in (value, reward)]
    return logits, *uniform


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def grow(actions, simulations, discount, rewards, select):
    nodes = []

    def add(key, parent, action):
        logits, value, reward = predict(key, actions)
        nodes.append(
            dict(key=key, parent=parent, action=action, logits=logits, raw=value, V=value, N=1, children={},
                 reward=reward if rewards else 0.0))
        return len(nodes) - 1

    add(jax.random.PRNGKey(0), None, None)
    for _ in range(simulations):
        at = 0
        while True:
            action = int(np.argmax(select(nodes, at)))
            if action not in nodes[at]["children"]:
                break
            at = nodes[at]["children"][action]
        at = add(jax.random.split(nodes[at]["key"], actions)[action], at, action)
        nodes[nodes[at]["parent"]]["children"][nodes[at]["action"]] = at
        result = nodes[at]["V"]
        while (parent := nodes[at]["parent"]) is not None:
            result = nodes[at]["reward"] + discount * result
            up = nodes[parent]
            up["V"] = (up["V"] * up["N"] + result) / (up["N"] + 1)
            up["N"] += 1
            at = parent
    return nodes


def children(nodes, at, discount):
    q, n = np.zeros_like(nodes[at]["logits"]), np.zeros_like(nodes[at]["logits"])
    for action, child in nodes[at]["children"].items():
        q[action] = nodes[child]["reward"] + discount * nodes[child]["V"]
        n[action] = nodes[child]["N"]
    return q, n


def puct(discount, c=1.25, base=19652, limits=None):
    def select(nodes, at):
        node = nodes[at]
        q, n = children(nodes, at, discount)
        low, high = limits or (min([node["V"], *q[n > 0]]), max([node["V"], *q[n > 0]]))
        value = np.where(n > 0, (q - low) / max(high - low, 1e-8), 0.0)
        scale = math.sqrt(node["N"]) * (c + math.log((node["N"] + base + 1) / base))
        return value + scale * softmax(node["logits"]) / (1 + n)

    return select


def halving(arms, simulations):
    if arms <= 1:
        return list(range(simulations))
    plan, visits, left = [], 0, arms
    while len(plan) < simulations:
        for _ in range(max(1, int(simulations / (math.ceil(math.log2(arms)) * left)))):
            plan += [visits] * left
            visits += 1
        left = max(2, left // 2)
    return plan[:simulations]


def gumbel(discount, considered, simulations, offset, scale):
    plan = halving(considered, simulations)

    def select(nodes, at):
        node = nodes[at]
        q, n = children(nodes, at, discount)
        prior = softmax(node["logits"])
        seen = n > 0
        weighted = (prior * q)[seen].sum() / prior[seen].sum() if seen.any() else 0.0
        mixed = (node["raw"] + n.sum() * weighted) / (n.sum() + 1)
        logits = node["logits"] + np.where(seen, q, mixed) * (offset + n.max()) * scale
        if at == 0:
            return np.where(n == plan[int(n.sum())], logits, -np.inf)
        return softmax(logits) - n / (1 + n.sum())

    return select


TREES = {
    "muzero_qtransform_tree": dict(
        actions=18, simulations=50, discount=0.997, rewards=True, rule=dict(name="normalizedPuct", c=1.25, base=19652),
        select=puct(0.997),
        published=[[0, 51, 2.9902523], [1, 2, -0.52361155], [2, 48, 3.1178679], [3, 1, -0.95713735], [4, 46, 3.4353917],
                   [5, 1, 0.08703661], [6, 44, 2.8769498], [7, 42, 2.2018714], [8, 40, 1.9018682], [9, 38, 0.99047637],
                   [20, 1, 0.24784446], [32, 1, 0.87286973], [45, 1, 0.28536892]]),
    "gumbel_muzero_reward_tree": dict(
        actions=18, simulations=50, discount=0.997, rewards=True,
        rule=dict(name="gumbelHalving", considered=8, visitOffset=20, valueScale=0.1),
        select=gumbel(0.997, 8, 50, 20, 0.1),
        published=[[0, 51, 0.63751233], [1, 2, -0.52361155], [2, 2, -0.31532437], [4, 6, -0.20625414],
                   [5, 6, 0.54301184], [6, 2, -0.19005489], [8, 2, 0.022486538], [9, 1, -0.20285463],
                   [10, 1, -0.93110609], [11, 1, -0.95713735], [14, 2, 0.56282771], [16, 1, 0.51367617],
                   [17, 2, -0.7723552], [20, 1, 0.50271082], [22, 1, -0.41676974], [24, 1, 0.57641602],
                   [25, 1, -0.82962394], [28, 1, 0.42714119], [32, 1, -0.067738295], [34, 1, -0.70582581],
                   [36, 1, -0.82484126]]),
    "gumbel_muzero_tree": dict(
        actions=82, simulations=200, discount=-1.0, rewards=False,
        rule=dict(name="gumbelHalving", considered=16, visitOffset=50, valueScale=0.5),
        select=gumbel(-1.0, 16, 200, 50, 0.5),
        published=[[0, 201, 0.05357552], [11, 21, -0.25022996], [18, 19, 0.18358368], [36, 6, 0.09261704],
                   [77, 1, 0.886128664], [83, 3, -0.4604683], [178, 1, 0.31525826]]),
    # Read from the copy in cmarlin/tf-mcts, commit 79b3bba, tf_mcts/_src/tests/test_data.
    "muzero_tree": dict(
        actions=82, simulations=200, discount=-1.0, rewards=False,
        rule=dict(name="normalizedPuct", c=1.25, base=19652, range=[-1, 1]),
        select=puct(-1.0, limits=(-1, 1)),
        published=[[0, 201, 0.02591098], [60, 18, 0.0509473], [95, 13, -0.01154542]]),
}

trees = {}
for name, tree in TREES.items():
    select = tree.pop("select")
    nodes = grow(**{key: tree[key] for key in ("actions", "simulations", "discount", "rewards")}, select=select)
    for index, visits, value in tree["published"]:
        assert nodes[index]["N"] == visits and abs(nodes[index]["V"] - value) < 2e-6, (name, index)
    trees[name] = {**tree, "visits": [node["N"] for node in nodes], "values": [round(node["V"], 12) for node in nodes]}

source = "google-deepmind/mctx, commit 1232e22097c8bf84da68babd8326fdc65c64c2e0, mctx/_src/tests/test_data (Apache-2.0)"
recipe = "published: [evaluation_index, visit, value_view] as its files have them. visits, values: of all nodes in the order of evaluation, recomputed by make.py"
lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(tree)}" for name, tree in trees.items())
Path(__file__).with_name("mctx.json").write_text(
    f'{{"source": {json.dumps(source)}, "recipe": {json.dumps(recipe)}, "trees": {{\n{lines}\n}}}}\n')
