"""Drive the seven instruments as a reader would; each drive yields (holds, words), figures from records or module."""

import re

from driving import choose, drag, facts, opens_again, press, said

from kit import play
from nas import load_data, trained
from nas.evaluation import ensemble, predict_all
from study.analysis.rankings import kendall

ROW = 44  # pixels from a card of the ranking to the next


def drive_bells(tab):
    words = said(tab, "bells")
    yield "of A 1.8 % survives, nearly nothing" in words, f"A loses nearly everything at first: {words}"
    yield all(word in words for word in ("gap", "border")), f"it speaks as the text does: {words}"
    choose(tab, "bells", "A")
    yield "of A 50.0 % survives, half" in said(tab, "bells"), "trained on A only, half of A survives"
    tab.focus("#bells-gap")
    for _ in range(40):
        tab.keyboard.press("ArrowLeft")
    words = said(tab, "bells")
    yield "of B 50.0 %, half" in words, "without a gap the paths are one, by keyboard"
    yield opens_again(tab, "bells")
    tab.evaluate("location.hash = '#bells:gap=2'")
    tab.wait_for_function("document.querySelector('#bells-gap').value === '2'")
    tab.go_back()
    tab.wait_for_timeout(200)
    yield said(tab, "bells") == words, f"Back after a link to a state: {said(tab, 'bells')}"
    press(tab, "#bells >> text=start again")
    yield "1.8 %" in said(tab, "bells"), "and it starts again"


def drive_sharing(tab):
    press(tab, "#sharing [role=button][aria-label='block 2, layer 3']")
    yield "3 of 9 subnets" in said(tab, "sharing"), "the last layer of a block serves three"
    tab.focus("#sharing [role=button][aria-label='down']")
    tab.keyboard.press("Enter")
    yield "All 9 subnets" in said(tab, "sharing"), "down serves all, by keyboard"
    choose(tab, "sharing", "pair")
    layers = facts(tab, "sharing")["layers"]
    once = f"{layers['stem'][1] + layers['1.1'][1]:,}"
    yield once in said(tab, "sharing"), f"(1, 3) and (3, 1) save stem and one layer: {once}"
    press(tab, "#sharing .play-net >> nth=4")
    yield "(2, 2)" in said(tab, "sharing"), "a press on a subnet takes it into the pair"
    yield opens_again(tab, "sharing")


def drive_bench(tab):
    press(tab, "#bench >> text=from the start")
    press(tab, "#bench >> text=one step")
    words = said(tab, "bench")
    yield "After 1 of" in words and "from 0 to 1 step for" in words, f"one step is one step: {words}"
    press(tab, "#bench >> text=fast")
    tab.wait_for_timeout(600)
    press(tab, "#bench >> text=pause")
    yield "After 1 of" not in said(tab, "bench"), "it plays"
    tab.focus("#bench-step")
    tab.keyboard.press("End")
    found = facts(tab, "bench")
    for side, sampler in enumerate(found["samplers"][:2]):
        texts = f"#bench .play-side:nth-child({side + 1}) .play-bar-text"
        bars = tab.eval_on_selector_all(texts, "all => all.map(x => x.textContent)")
        counts = counted(found, "identical", sampler)
        yield [int(text.split()[0]) for text in bars[:9]] == counts, f"the steps of {sampler} are the module's draws"
    tab.select_option("#bench-right", "sandwich")
    yield "Sandwich" in said(tab, "bench"), "another sampler is chosen from the list"
    yield opens_again(tab, "bench")


def counted(found, world, sampler):
    """Steps of the nine in the first run of a sampler."""
    return [int(count) for count in play.counted(found["worlds"][world]["seeds"][0][sampler]["picks"])]


def drive_knobs(tab):
    found, steps = facts(tab, "knobs"), facts(tab, "knobs")["steps"]

    def share(world, sampler):
        return f"{100 * max(counted(found, world, sampler)) / steps:.0f} % of the steps"

    for sampler in found["samplers"][:2]:
        yield (
            share("identical", sampler) in said(tab, "knobs"),
            f"{sampler} opens with identical arms: {said(tab, 'knobs')}",
        )
    choose(tab, "knobs", "real")
    tab.select_option("#knobs-right", "epsilon 0.5")
    for sampler in ("epsilon-greedy", "epsilon 0.5"):
        yield share("real", sampler) in said(tab, "knobs"), f"{sampler} on real arms: {said(tab, 'knobs')}"
    yield "although" not in said(tab, "knobs"), "real arms are not said to be equal"
    yield opens_again(tab, "knobs")


def drive_replay(tab):
    found = facts(tab, "replay")
    run, of = found["seeds"][0], found["of"]
    words = said(tab, "replay")
    yield "Which colour ends lowest?" in words and "Epoch 1," in words, f"it opens with the question: {words}"
    first = f"{100 * min(run['running'][0]) / of:.1f} %"
    yield first in words, f"and with the first epoch as recorded, {first}"
    tab.focus("#replay-epoch")
    tab.keyboard.press("End")
    low = f"{100 * min(run['running'][-1]) / of:.1f} %"
    yield low in said(tab, "replay"), f"the last epoch's lowest is the record's, {low}"
    switches = tab.locator("#replay .play-choice").first
    yield switches.is_hidden(), "the switches that give away the cause are not in sight"
    tab.evaluate(f"location.hash = '#replay:view=mean&epoch={len(run['running'])}'")  # as the chapter's link
    switches.wait_for()
    choose(tab, "replay", "curves")
    choose(tab, "replay", "recalculated")
    high = f"{100 * max(run['recalculated'][-1]) / of:.1f} %"
    yield high in said(tab, "replay"), f"recalculated as recorded, {high}"
    tab.focus("#replay-epoch")
    tab.keyboard.press("Home")
    yield "Epoch 1," in said(tab, "replay"), "back to epoch 1, by keyboard"
    press(tab, "#replay button:has-text('play')")
    tab.wait_for_timeout(1500)
    yield "Epoch 1," not in said(tab, "replay"), "it plays"
    press(tab, "#replay button:has-text('pause')")
    choose(tab, "replay", "mean")
    tab.focus("#replay-epoch")
    tab.keyboard.press("End")
    mean = 0
    for batch in run["means"]:
        mean = 0.9 * mean + 0.1 * batch
    yield f"stands at {mean:.2f}" in said(tab, "replay"), f"the running mean is the record's: {said(tab, 'replay')}"
    marks = tab.locator("#replay .play-chart:visible path[class^=ink-]").count()
    yield marks == 3 * found["steps"], f"a mark a batch of three epochs: {marks}"
    yield opens_again(tab, "replay")


def drive_ranking(tab):
    record = facts(tab, "ranking")
    truth = [sum(column) for column in zip(*record["scratch"], strict=True)]
    yield "tau" not in said(tab, "ranking"), "nothing is given away at first"
    for kind in ("parameters", "running", "recalculated"):
        choose(tab, "ranking", kind)
        scores = record[kind] if kind == "parameters" else record[kind][0]
        value = f"{kendall(scores, truth).tau:.3f}"
        yield value in said(tab, "ranking"), f"tau of {kind} is scipy's, {value}: {said(tab, 'ranking')}"
        runs = [scores] * len(record["scratch"]) if kind == "parameters" else record[kind]
        taus = [kendall(*pair).tau for pair in zip(runs, record["scratch"], strict=True)]
        value = f"{sum(taus) / len(taus):.2f} on average"
        yield value in said(tab, "ranking"), f"and seed by seed that of the tables, {value}: {said(tab, 'ranking')}"
    press(tab, "#ranking >> text=start again")
    tab.focus("#ranking [aria-label='(1, 1) down']")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    names = "#ranking .play-order:not(.target) .play-rank-name"
    yield tab.text_content(f"{names} >> nth=2") == "(1, 1)", "two presses move a card two places, focus kept"
    yield said(tab, "ranking") == "(1, 1) is now 3 of 9.", f"and it is told where the card is: {said(tab, 'ranking')}"
    for _ in range(8):
        tab.keyboard.press("Enter")
    focused = tab.evaluate("document.activeElement.ariaLabel")
    yield focused == "(1, 1) down", f"at the end of the list focus stays on the arrow: {focused}"
    for place, rows in ((9, -6), (3, 4), (9, -8)):
        grip = f"#ranking .play-order:not(.target) li:nth-child({place}) .play-grip"
        card = tab.text_content(f"{names} >> nth={place - 1}")
        high = tab.locator(grip).bounding_box()["height"]
        drag(tab, grip, [(0.5, 0.5), (0.5, 0.5 + rows * ROW / high)])
        order = tab.eval_on_selector_all(names, "all => all.map(x => x.textContent)")
        yield order.index(card) == place - 1 + rows, f"{card} can be dragged by {rows} rows: {order}"
        yield not tab.query_selector_all("#ranking .held"), f"and is let go: {card}"
    choose(tab, "ranking", "shown")
    yield "Kendall's tau" in said(tab, "ranking"), f"the true order is shown: {said(tab, 'ranking')}"
    yield opens_again(tab, "ranking")


def drive_ensembling(tab):
    data = load_data("digits").test.take(facts(tab, "members")["of"])
    logits = predict_all(trained(depth=3), data.images).double()

    def right(members):
        return (ensemble(logits[members], "probabilities").argmax(dim=-1) == data.labels).sum().item()

    nine = f"{right(list(range(9)))} of {len(data)} test images right"
    yield nine in said(tab, "members"), f"all nine, as the module counts: {nine}"
    truths = tab.eval_on_selector_all("#members .play-votes .ink-b", "all => all.map(x => x.textContent)")
    yield truths and all(re.fullmatch(r"→ \d ✗, a \d", text) for text in truths), f"a cross tells the truth: {truths}"
    high = tab.locator("#members").bounding_box()["height"]
    press(tab, "#members .play-net >> nth=0")
    tab.focus("#members .play-net >> nth=1")
    tab.keyboard.press("Space")
    words = f"7 members together have {right(list(range(2, 9)))} of {len(data)} test images right"
    yield words in said(tab, "members"), f"{words}, one taken out by keyboard: {said(tab, 'members')}"
    for place in range(2, 8):
        press(tab, f"#members .play-net >> nth={place}")
    left = tab.locator("#members").bounding_box()["height"]
    yield abs(left - high) < 60, f"the box stays as high as members go: {high:.0f} to {left:.0f}"
    yield opens_again(tab, "members")


def drive_whose(tab):
    rows, of = facts(tab, "whose")["rows"], facts(tab, "whose")["of"]
    yield f"{100 * rows[0][0] / of:.1f} %" in said(tab, "whose"), "it opens as trained"
    yield f"of {of} validation images" in said(tab, "whose"), "and says of which images"
    stops = "() => document.querySelectorAll('#whose .play-matrix button:not([tabindex=\"-1\"])').length"
    yield tab.evaluate(stops) == 1, f"the matrix is one stop of Tab: {tab.evaluate(stops)}"
    tab.focus("#whose .play-matrix button[tabindex='0']")
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp"):
        tab.keyboard.press(key)
    focused = tab.evaluate("document.activeElement.ariaLabel")
    yield focused.startswith("network (1, 2), statistics as trained"), f"arrow keys walk over it: {focused}"
    yield tab.evaluate(stops) == 1, "which stays one stop"
    tab.focus("#whose tbody tr:nth-child(5) td:nth-child(2) button")  # the statistics of (2, 1)
    tab.keyboard.press("Enter")
    yield "2 get foreign" in said(tab, "whose"), "for (1, 1), down and block 2 are foreign: " + said(tab, "whose")
    press(tab, "#whose tbody tr:nth-child(2) td:nth-child(10) button")
    share = f"{100 * rows[1][8] / of:.1f} %"
    yield share in said(tab, "whose"), f"(3, 3) with the statistics of (1, 1): {share}: {said(tab, 'whose')}"
    yield opens_again(tab, "whose")


def drive_print(tab):
    tab.emulate_media(media="print")
    for words in ("undo", "clear", "copy for Jupyter", "start again"):
        yield not tab.locator(f".play button >> text={words}").first.is_visible(), f"no button {words} on paper"
    filters = tab.eval_on_selector_all(".play canvas", "all => all.map(x => getComputedStyle(x).filter)")
    yield set(filters) == {"none"}, f"no digit is white on paper, whatever the theme: {filters}"
    yield not tab.is_visible("#bells-gap") and tab.is_visible("#bells output[for=bells-gap]"), "of a slider its value"
    tab.emulate_media(media="screen")
