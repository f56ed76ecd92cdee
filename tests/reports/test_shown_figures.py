"""A figure's legend: every series with its value at the largest x."""

from dataclasses import asdict

from experiments.models import Finding
from experiments.reports.figures import values_at_end
from experiments.reports.shown_figures import shown_figures
from experiments.studies.base import Figure, Series


def series(name: str, n: int, y: list) -> dict:
    return {"name": name, "x": [1, 4], "y": y, "low": None, "high": None, "n": n, "dashed": False, "markers": True}


def finding(*lines: dict) -> Finding:
    figure = {"title": "t", "x_title": "k", "y_title": "share", "x_log": False, "y_range": None, "series": list(lines)}
    return Finding(key="curves", figure=figure)


def test_findings_without_a_figure_show_none():
    assert shown_figures([Finding(key="headline")]) == []


def test_the_legend_has_the_last_values_and_says_n_once():
    (shown,) = shown_figures([finding(series("oracle", 40, [0.5, 0.75]), series("mean", 40, [0.5, None]))])
    assert shown.legend_at == "k = 4, n = 40"
    assert shown.legend == [("oracle", "0.750"), ("mean", "–")]
    assert shown.data_id == "figure-data-curves"


def test_series_of_different_n_keep_their_own():
    (shown,) = shown_figures([finding(series("a", 40, [0.5, 0.75]), series("b", 30, [0.5, 0.25]))])
    assert shown.legend_at == "k = 4"
    assert shown.legend == [("a (n = 40)", "0.750"), ("b (n = 30)", "0.250")]


def test_points_and_the_lines_between_them_are_all_in_the_legend_in_the_order_of_their_colours():
    line = Series("majority of k", [1, 2, 4], [0.2, 0.3, 0.4], [0.1, 0.2, 0.3], [0.3, 0.4, 0.5], n=40, markers=False)
    point = Series("beam search", [3], [0.5], [0.4], [0.6], n=40, bars=True)
    joined = Series("Pareto frontier", [1, 3], [0.2, 0.5], n=40, dashed=True)
    (shown,) = shown_figures([finding(*map(asdict, (line, point, joined)))])
    assert shown.legend == [
        ("majority of k (n = 40)", "0.400 [0.300, 0.500]"),
        ("beam search (n = 40)", "0.500 [0.400, 0.600]"),
        ("Pareto frontier (n = 40)", "0.500"),
    ]
    assert [row[0] for row in shown.table.rows] == ["majority of k (n = 40)"] * 3 + ["beam search (n = 40)"]


def test_rows_of_words_are_told_by_how_far_they_reach():
    points = Series("difference", [-0.1, 0.2], [0.0, 1.0], lines=False, bars=True, x_low=[-0.3, 0.1], x_high=[0.1, 0.3])
    figure = Figure("Forest", "difference", "", [points], y_labels=["m1", "m2"])
    assert values_at_end(asdict(figure)) == [("difference", "0.200 [0.100, 0.300]")]
