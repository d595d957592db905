"""What a record says of several networks together: their ensembles, and which images only one of a pair gets right."""

from itertools import combinations

from torch.nn.functional import nll_loss

from nas.evaluation import AVERAGES, calibration_error, count_right, ensemble


def together(experiment, logits, labels):
    """Ensembles and pairs of networks of each kind, if the experiment records them."""
    if not experiment.full:
        return {"ensemble": {}, "pairs": {}}
    # The 300 pairs of 25 networks and their calibration one by one would fill a record.
    small = len(experiment.architectures) <= 9
    paired = [kind for kind in ("recalculated", "scratch") if small and kind in logits]
    return {
        "ensemble": {kind: ensemble_figures(members, labels, small) for kind, members in logits.items()},
        "pairs": {kind: discordant_pairs(logits[kind], labels) for kind in paired},
    }


def ensemble_figures(logits, labels, each=True):
    """Right answers of the ensemble for each average; log-likelihood and calibration of it and, if asked, of each."""
    together = {average: ensemble(logits, average) for average in AVERAGES}
    members = logits.softmax(dim=-1) if each else ()
    return {
        "right": {average: count_right(probabilities, labels) for average, probabilities in together.items()},
        "nll": round(negative_log_likelihood(together["probabilities"], labels), 4),
        "calibration": round(calibration_error(together["probabilities"], labels), 4),
        "members_nll": [round(negative_log_likelihood(member, labels), 4) for member in members],
        "members_calibration": [round(calibration_error(member, labels), 4) for member in members],
    }


def negative_log_likelihood(probabilities, labels):
    """Mean of -log p(label), in nats; probabilities are held above 1e-12 so that one certain error is not infinite."""
    return nll_loss(probabilities.clamp(min=1e-12).log(), labels).item()


def discordant_pairs(logits, labels):
    """For each pair of networks: [images only the first gets right, images only the second gets right]."""
    right = logits.argmax(dim=-1) == labels
    return [
        [int((right[a] & ~right[b]).sum()), int((right[b] & ~right[a]).sum())]
        for a, b in combinations(range(len(right)), 2)
    ]
