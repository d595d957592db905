"""What the page's instruments are told: plain JSON from committed records, the module's samplers and a network.

Each function's format stands at the top of the script of that name in book/_static/play.
"""

import base64
import math
from functools import partial

import torch

from nas.evaluation import count_right, eval_mode, multiply_adds, parameters, predict_all
from nas.methods.bandits import EpsilonGreedySampler
from nas.methods.diagnosis import calibration_matrix, mismatch
from nas.methods.remedies import recalibrate_all
from nas.methods.schedules import FairSampler, SandwichSampler
from nas.samplers import UniformSampler
from nas.supernet import all_architectures
from study.analysis.toys import play as take_steps

ARCHS = all_architectures(3)
SAMPLERS = {
    "uniform": UniformSampler,
    "fair": FairSampler,
    "sandwich": SandwichSampler,
    "epsilon-greedy": EpsilonGreedySampler,
    **{f"epsilon {value}": partial(EpsilonGreedySampler, epsilon=value) for value in (0.05, 0.5)},
    **{f"discount {value}": partial(EpsilonGreedySampler, discount=value) for value in (0.999, 0.99, 0.9)},
}
STEPS, BATCH = 1_287, 128  # three epochs of MNIST at the laptop profile
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
NAMED = {"running": "as trained", "recalculated": "recalculated"}  # kinds of statistics: in records, and for readers
KINDS = tuple(NAMED)
PICTURES = 16  # of an ensemble's hard images are shown


def sharing_facts(net):
    """{"layers": {layer: [parameters, multiply-adds of one image]}} in the order in which an image meets them."""
    layers = {
        f"{block}.{place}": layer
        for block in (1, 2)
        for place, layer in enumerate(getattr(net, f"block{block}").layers, 1)
    }
    first, second = list(layers)[: net.depth], list(layers)[net.depth :]
    layers |= {"stem": net.stem, "down": net.down, "head": net.head}
    costs, x = {}, torch.zeros(1, 1, 28, 28, device=next(net.parameters()).device)
    with eval_mode(net):
        for name in ("stem", *first, "down", *second, "head"):
            costs[name] = [parameters(layers[name]), multiply_adds(lambda _, layer=layers[name], x=x: layer(x))]
            x = layers[name](x)
    return {"layers": costs}


def bench_facts(worlds, samplers, seeds=3):
    """What samplers draw in each world, {title: {architecture: ceiling}}, for seeds 0, 1, ...: see bench.js."""
    found = {
        title: {
            "ceilings": [round(ceilings[arch], 4) for arch in ARCHS],
            "seeds": [{name: bench_run(SAMPLERS[name], ceilings, seed) for name in samplers} for seed in range(seeds)],
        }
        for title, ceilings in worlds.items()
    }
    return {"steps": STEPS, "samplers": list(samplers), "worlds": found}


def bench_run(kind, ceilings, seed):
    """{"picks"} of one sampler; if it learns, also {"leaders": [[step, place], ...]}."""
    diary = take_steps(kind(ARCHS, seed), ceilings, STEPS, BATCH, seed)
    told = kind(ARCHS, seed)  # the same rewards once more, to see who leads when
    return {"picks": digits(diary.picks)} | ({"leaders": leaders(told, diary)} if hasattr(told, "means") else {})


def leaders(learner, diary):
    """[step, place] of who leads by the learner's mean reward when it begins to exploit, and of each who takes over."""
    found = []
    for step, (arch, reward) in enumerate(zip(diary.picks, diary.rewards, strict=True), 1):
        learner.update(arch, reward)
        means = learner.means()
        place = means.index(max(means))
        if step >= learner.warm_up and (not found or found[-1][1] != place):
            found.append([step, place])
    return found


def digits(picks):
    """Architectures as text, a digit per step: their places among the nine."""
    return "".join(str(ARCHS.index(arch)) for arch in picks)


def replay_facts(records, batch_means):
    """The supernet's validation curves, losses, draws and batch means by seed: see replay.js.

    ValueError if the draws are not the record's, or the means are of other steps.
    """
    runs = []
    for record, noted in zip(records, batch_means, strict=True):
        sampler = UniformSampler(ARCHS, f"seed{record['seed']}-supernet-depth3")  # as study.tasks names it
        picks = [sampler.sample() for _ in noted["means"]]
        if [picks.count(arch) for arch in ARCHS] != record["picks"]:
            raise ValueError(f"seed {record['seed']}: these are not the draws of a uniform sampler at depth 3")
        kinds = {kind: record["validation"][kind] for kind in KINDS}
        runs.append(kinds | {"loss": record["loss"]["supernet"], "picks": digits(picks)} | noted)
    first = records[0]
    steps = len(runs[0]["picks"]) // len(runs[0]["loss"])
    return {"of": first["data"]["validation"], "dataset": first["data"]["name"], "steps": steps, "seeds": runs}


def ranking_facts(records):
    """Parameters, and right answers on test images from scratch and shared, by seed."""
    counts = {kind: [record["test"][kind] for record in records] for kind in ("scratch", *KINDS)}
    return {"parameters": records[0]["parameters"], "of": records[0]["data"]["test"], **counts}


def whose_facts(net, split, images):
    """Right answers of every path with running statistics and with those of each path; channels of `down`: whose.js."""
    running = count_right(predict_all(net, split.images), split.labels)
    gains, offsets = (tensor.tolist() for tensor in (net.down[1].weight, net.down[1].bias))
    borders = [round(-offset / abs(gain), 3) for gain, offset in zip(gains, offsets, strict=True)]
    channels = {}
    for depth in range(1, net.depth + 1):
        moments = zip(gains, *(x.tolist() for x in mismatch(net, (depth, 1), images)["down"]), strict=True)
        # Where the gain is negative the ReLU keeps the left side: such a channel is shown mirrored.
        channels[depth] = [
            [round(math.copysign(shift, shift * gain), 3), round(ratio, 3)] for gain, shift, ratio in moments
        ]
    rows = [running, *calibration_matrix(net, split, images)]
    return {"of": len(split), "rows": rows, "channels": channels, "borders": borders}


def ensembling_facts(net, split, images):
    """Log-probabilities of the nine, with both statistics, on the images of a split that some of them get wrong."""
    logits = {
        "running": predict_all(net, split.images),
        "recalculated": predict_all(recalibrate_all(net, images), split.images),
    }
    facts = {kind: hard_images(each, split.labels) for kind, each in logits.items()}
    pictured = dict.fromkeys(facts["recalculated"]["images"] + facts["running"]["images"])
    pictures = {image: small_picture(split.images[image]) for image in list(pictured)[:PICTURES]}
    labels = "".join(map(str, split.labels.tolist()))
    return {"of": len(split), "labels": labels, "pictures": pictures} | sharing_facts(net) | facts


def hard_images(logits, labels):
    """{"images": those that some member gets wrong, "scores": log-probabilities there, see ensembling.js}."""
    images = (logits.argmax(dim=-1) != labels).any(dim=0).nonzero().flatten()
    scores = (-2000 * logits[:, images].log_softmax(dim=-1)).round().clamp(0, 65_535).transpose(0, 1)
    text = base64.b64encode(scores.cpu().numpy().astype("<u2").tobytes()).decode()
    return {"images": images.tolist(), "scores": text}


def small_picture(image):
    """A picture (1, 28, 28) as 14 x 14 levels of ink, each a base-16 digit."""
    small = torch.nn.functional.avg_pool2d(image, 2).flatten()
    levels = (15 * (small - small.min()) / (small.max() - small.min())).round().int().tolist()
    return "".join(DIGITS[level] for level in levels)
