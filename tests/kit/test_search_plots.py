"""The plot of chapter 15: means on their bills, bands over seeds, the free choice, one yardstick in every panel."""

import pytest

from kit.search_plots import plot_regret
from study.statistics import Interval


def curve(shift):
    return [(bill, Interval(shift / bill, shift / bill - 0.1, shift / bill + 0.2, 5)) for bill in (3, 1, 2)]


RACES = {title: {"random": curve(1), "clever": curve(2)} for title in ("few", "many")}
FREE = {title: ("free", 1.5, Interval(0.1, 0.0, 0.3, 5)) for title in RACES}


def test_each_panel_has_the_yardstick_its_own_curve_and_the_free_choice():
    panels = plot_regret(RACES, FREE).axes
    assert [axes.get_title() for axes in panels] == ["random", "clever"] * 2
    for axes, shift in zip(panels, (1, 2, 1, 2), strict=True):
        lines = [line.get_xydata().tolist() for line in axes.lines]
        assert [[bill, 1 / bill] for bill in (1, 2, 3)] in lines
        assert [[bill, shift / bill] for bill in (1, 2, 3)] in lines
        assert [[1.5, 0.0], [1.5, 0.3]] in lines and [[1.5, 0.1]] in lines
        (band,) = axes.collections
        heights = band.get_paths()[0].vertices[:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((shift / 3 - 0.1, shift + 0.2))
    assert panels[0].get_ylabel() == "few\nregret, points" and panels[2].get_ylabel().startswith("many")


def test_the_picture_is_the_same_each_time():
    assert plot_regret(RACES, FREE)._repr_png_() == plot_regret(RACES, FREE)._repr_png_()


@pytest.mark.parametrize(
    "races, free",
    [({}, {}), (RACES, {}), (RACES, {"few": FREE["few"]}), (RACES | {"many": {"random": curve(1)}}, FREE)],
)
def test_what_does_not_fit_together_is_refused(races, free):
    with pytest.raises(ValueError, match="pass the same strategies and titles in each"):
        plot_regret(races, free)
