"""Several networks answer together: averages, agreement and calibration."""

import torch

from nas import asking

MOST_BINS = 1_000_000  # a mistyped number must not fill the memory
AVERAGES = ("probabilities", "logits")


def ensemble(logits, average="probabilities"):
    """Class probabilities (N, 10) of an ensemble from its members' logits (members, N, 10).

    average: "probabilities" (Lakshminarayanan et al. 2017, section 2.4) or "logits", the mean before the softmax.
    Raises ValueError for another average or shape, nan or infinity; TypeError if not a tensor.
    """
    need_members(logits)
    if asking.choice("average", average, AVERAGES) == "probabilities":
        return logits.softmax(dim=-1).mean(dim=0)
    return logits.mean(dim=0).softmax(dim=-1)


def need_members(logits):
    """TypeError or ValueError unless logits are (members, N, classes)."""
    asking.tensor("logits", logits, "(members, N, classes), e.g. torch.stack(several) or predict_all(net, images)")
    if logits.dim() != 3 or logits.numel() == 0:
        raise ValueError(f"logits have shape {tuple(logits.shape)}: pass (members, N, classes), one member or more")
    asking.finite("logits", logits)


def need_probabilities(probabilities, labels):
    """TypeError or ValueError unless probabilities are (N, classes), each row adding up to one, and labels (N,)."""
    asking.tensor("probabilities", probabilities, "(N, classes), e.g. ensemble(logits)")
    asking.classes("labels", asking.tensor("labels", labels, "(N,), e.g. data.test.labels", floating=False))
    if probabilities.dim() != 2 or probabilities.shape[:1] != labels.shape or not len(labels):
        shapes = f"{tuple(probabilities.shape)} and {tuple(labels.shape)}"
        raise ValueError(f"probabilities and labels have shapes {shapes}: pass (N, classes) and (N,)")
    if not (probabilities.min() >= 0 and ((probabilities.double().sum(dim=-1) - 1).abs() < 1e-2).all()):
        raise ValueError(
            "probabilities must be 0 or more, and add up to 1 for each image: for logits, .softmax(dim=-1)"
        )


def agreement(logits):
    """Share of images on which two members give the same answer: (members, N, 10) -> (members, members) in [0, 1]."""
    need_members(logits)
    answers = logits.argmax(dim=-1)
    return (answers[:, None] == answers[None, :]).float().mean(dim=-1)


def calibration_error(probabilities, labels, bins=15):
    """Expected calibration error in [0, 1]: the mean gap between confidence and accuracy over bins of confidence.

    probabilities (N, classes), labels (N,); TypeError or ValueError for others. Source: Guo et al. 2017, section 2.
    """
    bins = asking.whole("bins", bins, most=MOST_BINS)
    need_probabilities(probabilities, labels)
    confidence, answers = probabilities.max(dim=-1)
    right = (answers == labels).double()
    index = (confidence.to(torch.promote_types(confidence.dtype, torch.float32)) * bins).long().clamp(max=bins - 1)
    gaps = right.new_zeros(bins, device="cpu").index_add(0, index.cpu(), (confidence.double() - right).cpu())
    return gaps.abs().sum().item() / len(labels)
