"""What the scripts of the instruments say of the nine networks, of layers and of ensembles is what the modules do."""

import pytest
import torch

from kit import play_facts
from nas import DepthSupernet, trained
from nas.evaluation import cost_table, ensemble, predict_all
from nas.methods.diagnosis import with_statistics_for
from nas.methods.remedies import recalibrate_all
from nas.supernet import all_architectures
from study.analysis.batch_means import load_batch_means
from study.records import load_records

ARCHS = all_architectures(3)


def test_layers_add_up_to_what_every_subnet_costs(node):
    net = DepthSupernet(width=8)
    costs = cost_table(net)
    layers = play_facts.sharing_facts(net)["layers"]
    paths = node("play.ARCHS.map(arch => play.path(arch).layers)")
    for arch, path in zip(ARCHS, paths, strict=True):
        assert tuple(sum(layers[name][which] for name in path) for which in (0, 1)) == costs[arch]
    assert net.training


def test_updates_of_a_layer_are_the_draws_of_the_paths_through_it(node):
    run = play_facts.replay_facts(load_records("nine-networks", "quick"), load_batch_means())["seeds"][0]
    found = node("play.updates(x, 190)", run["picks"])
    drawn = [ARCHS[int(digit)] for digit in run["picks"][:190]]
    assert found == {
        **dict.fromkeys(("stem", "down", "head", "1.1", "2.1"), 190),
        **{f"{block}.{layer}": sum(arch[block - 1] >= layer for arch in drawn) for block in (1, 2) for layer in (2, 3)},
    }


def test_a_layer_has_its_own_statistics_just_where_both_paths_agree_up_to_it(node, net, digits):
    """Against the module: are the statistics recalculated for the owner those that the path would have?"""
    images = digits.train.images[:50]
    for path, owner in (((1, 1), (3, 2)), ((2, 3), (2, 1)), ((3, 3), (3, 3)), ((2, 2), (1, 3))):
        found = node("play.served(...x)", [path, owner])
        kept, own, theirs = net, with_statistics_for(net, path, images), with_statistics_for(net, owner, images)
        for name, kind in found.items():
            layers = [layer_of(each, name) for each in (kept, own, theirs)]
            means = [layer.running_mean for layer in layers]
            assert torch.allclose(means[2], means[1], atol=1e-5) == (kind == "own"), (path, owner, name, kind)
            assert torch.equal(means[2], means[0]) == (kind == "running")
    assert set(node("play.served([1, 2], null)").values()) == {"running"}


def layer_of(net, name):
    """The batch normalisation of a layer by its name in the drawing."""
    if name in ("stem", "down"):
        return getattr(net, name)[1]
    block, place = name.split(".")
    return getattr(net, f"block{block}").layers[int(place) - 1][1]


@pytest.mark.parametrize("average", ["probabilities", "logits"])
def test_every_ensemble_has_as_many_right_as_the_modules(node, digits, average):
    net, split, images = trained(depth=3), digits.test.take(60), digits.train.images[:200]
    facts = play_facts.ensembling_facts(net, split, images)
    teams = [[place for place in range(9) if number >> place & 1] for number in range(1, 512)]
    code = f"""["running", "recalculated"].map(kind => (table =>
        x[1].map(team => play.result(x[0], kind, table, team, "{average}").right))(play.unpack(x[0][kind])))"""
    found = node(code, [facts, teams])
    for rights, model in zip(found, (net, recalibrate_all(net, images)), strict=True):
        logits = predict_all(model, split.images)
        for team, right in zip(teams, rights, strict=True):
            answers = ensemble(logits[team].double(), average).argmax(dim=-1)
            assert right == (answers == split.labels).sum().item(), team


def test_an_ensemble_costs_each_node_of_the_tree_of_prefixes_once(node):
    layers = play_facts.sharing_facts(DepthSupernet(width=8))["layers"]
    costs = [cost for _, cost in cost_table(DepthSupernet(width=8)).values()]
    apart, once = node("play.work(x, [0, 1, 2, 3, 4, 5, 6, 7, 8])", layers)
    assert apart == sum(costs)
    head = 9 * layers["head"][1]
    nodes = sum(layers[name][1] for name in ("stem", "1.1", "1.2", "1.3"))
    assert once == nodes + 3 * sum(layers[name][1] for name in ("down", "2.1", "2.2", "2.3")) + head
    assert node("play.work(x, [4])", layers) == [costs[4], costs[4]]


def test_common_layers_and_the_common_prefix(node):
    assert node("play.common([1, 3], [3, 1])") == {
        "shared": ["stem", "1.1", "down", "2.1", "head"],
        "prefix": ["stem", "1.1"],
    }
    assert node("play.common([2, 1], [2, 3]).prefix") == ["stem", "1.1", "1.2", "down", "2.1"]
    assert node("play.users('1.3')") == [[3, 1], [3, 2], [3, 3]]
