"""A loss given the wrong kind of number, and the classes that it loses."""

from torch.nn.functional import nll_loss

LOST = 0.05  # a class with a lower recall is lost: half of what guessing among ten would give


def softmax_as_log_probabilities(logits, labels):
    """The kernel report's loss: nll_loss of softmax(logits), as if that were its logarithm; a number from -1 to 0.

    logits (N, classes), labels (N,). PyTorch's nll_loss takes the logarithm of a probability; given the probability p
    itself it returns -p, which raises no error and still falls as training succeeds. Its gradient is that of
    cross-entropy times p: it is L_q of Zhang & Sabuncu 2018, at q = 1, minus one.
    """
    return nll_loss(logits.softmax(dim=-1), labels)


def recalls(records, kind):
    """Share in [0, 1] of each class's validation images answered rightly: rows (seed, epoch), a column per class.

    records: of kernel-steps, read for the first architecture. ValueError for a kind that they do not count by class.
    """
    import pandas as pd  # late: training with the loss needs no tables

    frames = {}
    for record in records:
        told = record.get("by_class", {})
        if kind not in told.keys() - {"epochs", "images"}:
            raise ValueError(f"kind {kind!r} is not counted by class: choose one of {', '.join(sorted(told))}")
        epochs = pd.Index(told["epochs"], name="epoch")
        counts = [of_epoch[0] for of_epoch in told[kind]]
        frames[record["seed"]] = pd.DataFrame(counts, epochs).div(told["images"])
    return pd.concat(frames, names=["seed"])


def account(recalls, images, threshold=LOST):
    """Where the errors are: rows as in `recalls`, columns accuracy, lost, ceiling, inside and outside.

    recalls: a column per class; images: how many of each. lost: number of classes with a recall below the
    threshold; ceiling: the accuracy of a network that gets all images of the other classes right and none of these;
    inside, outside: shares of all images that are answered wrongly, in lost classes and in the others.
    ValueError for recalls outside [0, 1], or images without one number per class.
    """
    import pandas as pd

    if len(images) != recalls.shape[1]:
        raise ValueError(f"images holds {len(images)} numbers for {recalls.shape[1]} classes: give one each")
    if not ((recalls >= 0) & (recalls <= 1)).all(axis=None):
        raise ValueError("recalls lie outside [0, 1]: divide right answers by the images of their class")
    share = pd.Series(images, recalls.columns) / sum(images)
    lost, wrong = recalls < threshold, (1 - recalls) * share
    inside = wrong.where(lost, 0).sum(axis=1)
    return pd.DataFrame(
        {
            "accuracy": 1 - wrong.sum(axis=1),
            "lost": lost.sum(axis=1),
            "ceiling": 1 - (lost * share).sum(axis=1),
            "inside": inside,
            "outside": wrong.sum(axis=1) - inside,
        }
    )


def rises(accounts):
    """How accuracy changed from each epoch told to the next: columns rise and found, the classes no longer lost.

    accounts: from `account`, rows (seed, epoch); a seed's first epoch has no row.
    """
    import pandas as pd

    by_seed = accounts.groupby(level="seed")
    return pd.DataFrame({"rise": by_seed["accuracy"].diff(), "found": -by_seed["lost"].diff()}).dropna()
