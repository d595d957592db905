"""Several networks answer together: averages, agreement and calibration."""

import torch

from nas import machine  # noqa: F401 (sets the number of threads)

AVERAGES = ("probabilities", "logits")


def ensemble(logits, average="probabilities"):
    """Class probabilities (N, 10) of an ensemble from its members' logits (members, N, 10).

    average: "probabilities" (Lakshminarayanan et al. 2017, section 2.4) or "logits", the mean before the softmax.
    Raises ValueError for another average or shape.
    """
    if logits.dim() != 3 or len(logits) == 0:
        raise ValueError(f"logits have shape {tuple(logits.shape)}: pass (members, N, classes), one member or more")
    if average == "probabilities":
        return logits.softmax(dim=-1).mean(dim=0)
    if average == "logits":
        return logits.mean(dim=0).softmax(dim=-1)
    raise ValueError(f"average is {average!r}: choose one of {', '.join(AVERAGES)}")


def agreement(logits):
    """Share of images on which two members give the same answer: (members, N, 10) -> (members, members) in [0, 1]."""
    answers = logits.argmax(dim=-1)
    return (answers[:, None] == answers[None, :]).float().mean(dim=-1)


def calibration_error(probabilities, labels, bins=15):
    """Expected calibration error in [0, 1]: the mean gap between confidence and accuracy over bins of confidence.

    probabilities (N, classes), labels (N,). Source: Guo et al. 2017, section 2.
    """
    confidence, answers = probabilities.max(dim=-1)
    right = (answers == labels).double()
    index = (confidence * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.double).index_add(0, index.cpu(), (confidence.double() - right).cpu())
    return gaps.abs().sum().item() / len(labels)
