"""Several networks answer together: averages, agreement and calibration."""

import torch

from nas import asking

AVERAGES = ("probabilities", "logits")


def ensemble(logits, average="probabilities"):
    """Class probabilities (N, 10) of an ensemble from its members' logits (members, N, 10).

    average: "probabilities" (Lakshminarayanan et al. 2017, section 2.4) or "logits", the mean before the softmax.
    Raises ValueError for another average or shape, TypeError for what is no tensor.
    """
    need_members(logits)
    if asking.choice("average", average, AVERAGES) == "probabilities":
        return logits.softmax(dim=-1).mean(dim=0)
    return logits.mean(dim=0).softmax(dim=-1)


def need_members(logits):
    """TypeError or ValueError unless logits are (members, N, classes)."""
    asking.tensor("logits", logits, "(members, N, classes), e.g. torch.stack(several) or predict_all(net, images)")
    if logits.dim() != 3 or len(logits) == 0:
        raise ValueError(f"logits have shape {tuple(logits.shape)}: pass (members, N, classes), one member or more")


def agreement(logits):
    """Share of images on which two members give the same answer: (members, N, 10) -> (members, members) in [0, 1]."""
    need_members(logits)
    answers = logits.argmax(dim=-1)
    return (answers[:, None] == answers[None, :]).float().mean(dim=-1)


def calibration_error(probabilities, labels, bins=15):
    """Expected calibration error in [0, 1]: the mean gap between confidence and accuracy over bins of confidence.

    probabilities (N, classes), labels (N,). Source: Guo et al. 2017, section 2.
    """
    bins = asking.whole("bins", bins)
    asking.tensor("probabilities", probabilities, "(N, classes)")
    asking.tensor("labels", labels, "(N,), e.g. data.test.labels", floating=False)
    confidence, answers = probabilities.max(dim=-1)
    right = (answers == labels).double()
    index = (confidence * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.double).index_add(0, index.cpu(), (confidence.double() - right).cpu())
    return gaps.abs().sum().item() / len(labels)
