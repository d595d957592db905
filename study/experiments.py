"""The experiments, as data: which tasks each needs, in groups. This file lists them; nothing here imports torch."""

from difflib import get_close_matches

from study.groups import Experiment, alone, at_other_settings, split, supernet, supernets
from study.named import Named
from study.recipes import PARALLEL, TEACHERS, depths_to, kernels

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment("nine-networks", "Can one supernet tell which of nine networks is best?"),
        Experiment(
            "twenty-five-networks", "Does the answer hold for depths to 5, where a ranking carries more?", depths_to(5)
        ),
        Experiment(
            "shared-stage", "What do nine networks reach with shared weights, at other settings?", groups=supernets()
        ),
        Experiment(
            "faults-of-r0", "Which fault of the ensemble report's program costs how many points?",
            groups={
                fault: supernet(f"r0-{fault}")
                for fault in ("as-it-was", "blocks-trained", "one-adam", "both", "usual-initialisation")
            },
            full=False,
            told=10,
        ),
        Experiment(
            "program-of-r0", "What does the ensemble report's program give with shared weights, and alone?",
            groups={
                "as-it-was": supernet("r0-as-it-was"),
                "short": alone("r0-alone", share=None),
                "scratch": alone("r0-alone"),
            },
        ),
        Experiment(
            "pool-of-r3",
            "By how much does the sampling report's pool, which sees a third of the image, inflate the worth of depth?",
            groups={"supernet": supernet(), "scratch": alone()}
            | {"global-pool": supernet("global-pool"), "scratch-global-pool": alone("global-pool")},
            only=((1, 1), (1, 3), (3, 1), (3, 3)),
            full=False,
        ),
        Experiment(
            "batch-statistics", "Why do shared accuracies collapse, and what mends them?",
            groups=supernets("low-momentum", "private-statistics", "group-norm")
            | {"split-block1": split(1), "split-block2": split(2)},
            diagnose=Named("nas.methods.diagnosis:diagnose"),
            full=False,
        ),
        Experiment(
            "collapse", "When do shared accuracies not collapse?",
            groups=supernets("low-rate", "constant-rate", "one-epoch", "half-width"),
            full=False,
        ),
        Experiment(
            "learning-rates", "Does the comparison rest on the learning rate?",
            groups=at_other_settings({0.3: "rate-0.3", 3: "rate-3"}),
            full=False,
        ),
        Experiment(
            "widths", "Does the comparison rest on the width?",
            groups=at_other_settings({"half": "half-width", "double": "double-width"}, ("supernet", "short")),
            full=False,
        ),
        Experiment(
            "schedules", "Does a fair schedule, or the sandwich rule, beat uniform sampling at equal steps?",
            groups=supernets("fair", "sandwich"),
            full=False,
        ),
        Experiment(
            "samplers", "Does a sampler that learns beat uniform sampling at equal steps?",
            groups=supernets("proportional", "epsilon-greedy", "epsilon-greedy-discounted", "ucb1", "thompson", "exp3"),
            full=False,
        ),
        Experiment(
            "held-out-rewards",
            "Do epsilon-greedy sampling and halving learn better from images that are not trained on?",
            groups=supernets(
                "halving",
                *(f"{who}-{how}" for who in ("epsilon-greedy", "halving") for how in ("nine-tenths", "held-out")),
            ),
            full=False,
        ),
        Experiment(
            "fine-tuning", "Does a little training of extracted subnets tell which is best?",
            groups={"supernet": supernet(), "fine-tuned": alone("fine-tuned", share=3)}
            | {
                "fine-tuned-briefly": alone("fine-tuned", share=9),
                "fine-tuned-frozen": alone("frozen", share=9),
                "fine-tuned-graded": alone("graded", share=9),
            },
            full=False,
        ),
        Experiment(
            "distillation", "Does the smallest network gain from the answers of nine?",
            groups={"scratch": alone()}
            | {f"distilled-{teacher}": alone(f"distilled-{teacher}") for teacher in TEACHERS},
            only=((1, 1),),
            full=False,
        ),
        Experiment(
            "in-place", "Does a supernet gain if its largest subnet teaches the others?",
            groups=supernets("in-place", "with-largest", "in-place-with-largest"),
            full=False,
        ),
        Experiment(
            "long-samplers", "Does epsilon-greedy sampling find the best subnet in fewer epochs?",
            groups={"supernet": supernet("ten-epochs"), "epsilon-greedy": supernet("epsilon-greedy-ten-epochs")},
            full=False,
            told=10,
        ),
        Experiment(
            "kernel-choice", "Do four networks that differ in their kernels reach together what each reaches alone?",
            space=kernels("none"),
            groups={
                f"{how}-{padding}": group("ten-epochs", space=kernels(padding))
                for padding in ("none", "same")
                for how, group in (("shared", supernet), ("scratch", alone))
            },
        ),
        Experiment(
            "kernel-batch", "Does shared training suffer from large batches, and does a path for each image help?",
            space=kernels("none"),
            groups={"shared-128": supernet("ten-epochs"), "scratch-128": alone("ten-epochs")}
            | {f"shared-{size}": supernet(f"batch-{size}") for size in (256, 1024, 4096)}
            | {f"scratch-{size}": alone(f"batch-{size}") for size in (1024, 4096)}
            | {f"shared-per-example-{size}": supernet(f"per-example-{size}") for size in (256, 1024, 4096)},
            full=False,
        ),
        Experiment(
            "kernel-rates", "Does shared training gain from another rate for a layer, or from a frozen first layer?",
            space=kernels("none"),
            groups=supernets("slow-layer1", "slow-layer2", "frozen-layer1"),
            full=False,
        ),
        Experiment(
            "kernel-steps", "Where do the steps in the kernel report's learning curves come from?",
            space=kernels("none"),
            groups={
                f"{how}-{output}": group(f"r1-{output}")
                for output in ("softmax", "logits")
                for how, group in (("shared", supernet), ("scratch", alone))
            },
            only=((3, 3),),
            full=False,
            told=40,
        ),
        Experiment(
            "parallel-paths", "What is left of a network when paths are removed, and does path dropout prepare it?",
            space=PARALLEL,
            groups={"shared": supernet()}
            | {name: supernet(name) for name in ("path-dropout", "all-paths")}
            | {"scratch": alone()},
            full=False,
        ),
    )
}  # fmt: skip


def get_experiment(name):
    """The experiment of this name. Raises ValueError, naming the allowed ones, for another."""
    if name not in EXPERIMENTS:
        meant = "".join(f"; did you mean {near}?" for near in get_close_matches(str(name), EXPERIMENTS, n=1))
        raise ValueError(f"experiment {name!r} is unknown: choose one of {', '.join(EXPERIMENTS)}{meant}")
    return EXPERIMENTS[name]
