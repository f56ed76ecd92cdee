import json
from dataclasses import asdict

import pytest
from plotly.graph_objects import Figure as PlotlyFigure

from experiments.reports.figures import COLOURS, figure_table, plotly_figure
from experiments.studies.base import Figure, Series


def figure(*series, **options):
    return asdict(Figure("Title", "k", "accuracy", list(series), **options))


BANDED = Series("oracle", [1, 2, 4], [0.25, 0.5, 0.75], [0.125, 0.25, 0.5], [0.5, 0.625, 0.875], n=25)
PLAIN = Series("law", [1, 4], [0.25, -0.5], dashed=True, markers=False)


def lines(drawn):
    return [trace for trace in drawn["data"] if trace["line"].get("width") != 0]


def test_a_series_is_a_line_over_its_band():
    band, line = plotly_figure(figure(BANDED))["data"]
    assert band["x"] == [1, 2, 4, 4, 2, 1]
    assert band["y"] == [0.5, 0.625, 0.875, 0.5, 0.25, 0.125]
    assert (band["fill"], band["hoverinfo"], band["showlegend"]) == ("toself", "skip", False)
    assert (line["x"], line["y"], line["mode"]) == ([1, 2, 4], [0.25, 0.5, 0.75], "lines+markers")
    assert line["name"] == "oracle (n = 25)"
    assert band["legendgroup"] == line["legendgroup"]


def test_every_line_lies_over_every_band():
    drawn = plotly_figure(figure(BANDED, BANDED))["data"]
    assert [trace.get("fill") for trace in drawn] == ["toself", "toself", None, None]


def test_hovering_tells_value_and_interval():
    assert lines(plotly_figure(figure(BANDED)))[0]["text"][1] == "0.500 [0.250, 0.625]"
    assert lines(plotly_figure(figure(PLAIN)))[0]["text"] == ["0.250", "−0.500"]


def test_the_page_colours_by_the_series_number_and_dashes_tell_repeated_colours_apart():
    many = lines(plotly_figure(figure(*[BANDED] * (COLOURS + 1))))
    assert [trace["meta"]["series"] for trace in many] == list(range(COLOURS + 1))
    assert [trace["line"]["dash"] for trace in many] == ["solid"] * COLOURS + ["dot"]
    assert lines(plotly_figure(figure(PLAIN)))[0]["line"]["dash"] == "dash"


def test_a_gap_splits_the_band_and_the_line():
    gap = Series("s", [1, 2, 3, 4], [0.1, None, 0.3, 0.4], [0, None, 0.2, 0.3], [0.2, None, 0.4, 0.5])
    drawn = plotly_figure(figure(gap))["data"]
    assert [trace["x"] for trace in drawn] == [[1, 1], [3, 4, 4, 3], [1, 2, 3, 4]]
    assert drawn[-1]["y"] == [0.1, None, 0.3, 0.4]
    assert drawn[-1]["text"][1] == ""


def test_a_log_axis_has_its_ticks_at_the_actual_ks():
    axis = plotly_figure(figure(BANDED, x_log=True))["layout"]["xaxis"]
    assert (axis["type"], axis["tickvals"], axis["ticktext"]) == ("log", [1, 2, 4], ["1", "2", "4"])


def test_crowded_ticks_keep_their_place_but_not_all_their_numbers():
    ks = list(range(1, 65))
    axis = plotly_figure(figure(Series("s", ks, [0.5] * 64), x_log=True))["layout"]["xaxis"]
    shown = [text for text in axis["ticktext"] if text]
    assert axis["tickvals"] == ks
    assert shown[:3] == ["1", "2", "3"]
    assert len(shown) <= 14


def test_the_y_axis_covers_what_the_figure_says_or_fits_itself():
    assert plotly_figure(figure(BANDED))["layout"]["yaxis"]["range"] == [0.0, 1.0]
    assert "range" not in plotly_figure(figure(BANDED, y_range=None))["layout"]["yaxis"]


def test_a_users_label_is_text_and_not_markup():
    drawn = plotly_figure(figure(Series("<a href='x'>best</a> & co", [1], [0.5])))
    assert drawn["data"][0]["name"] == "&lt;a href='x'&gt;best&lt;/a&gt; &amp; co"


@pytest.mark.parametrize("series", [(), (BANDED,), (BANDED, PLAIN)])
@pytest.mark.parametrize("x_log", [True, False])
def test_plotly_accepts_every_figure_and_json_carries_it(series, x_log):
    drawn = plotly_figure(figure(*series, x_log=x_log))
    PlotlyFigure(drawn)
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


def test_the_table_holds_the_same_numbers_with_a_dash_for_what_is_missing():
    table = figure_table(figure(BANDED, PLAIN))
    assert table.columns == ["k", "oracle (n = 25)", "law"]
    assert table.rows == [
        ["1", "0.250 [0.125, 0.500]", "0.250"],
        ["2", "0.500 [0.250, 0.625]", "–"],
        ["4", "0.750 [0.500, 0.875]", "−0.500"],
    ]


def test_points_can_carry_both_intervals_as_bars():
    point = Series("brief", [20], [0.5], [0.375], [0.75], n=9, lines=False, bars=True, x_low=[15], x_high=[None])
    (drawn,) = plotly_figure(figure(point))["data"]
    assert drawn["mode"] == "markers"
    assert (drawn["error_y"]["array"], drawn["error_y"]["arrayminus"]) == ([0.25], [0.125])
    assert (drawn["error_x"]["array"], drawn["error_x"]["arrayminus"]) == ([None], [5])
    assert drawn["text"] == ["0.500 [0.375, 0.750]"]
    PlotlyFigure(data=[{**drawn, "meta": None}]).to_json()


def test_the_table_of_points_has_a_row_for_each_and_none_for_what_joins_them():
    point = Series("brief", [20.5], [0.5], [0.375], [0.75], n=9, lines=False, bars=True, x_low=[15.25], x_high=[25])
    joining = Series("from control", [20.5, 40], [0.5, 0.25], markers=False)
    table = figure_table(figure(point, joining))
    assert table.columns == ["", "k", "accuracy"]
    assert table.rows == [["brief (n = 9)", "20.5 [15.25, 25]", "0.500 [0.375, 0.750]"]]


def test_points_on_a_common_grid_are_read_side_by_side():
    grid = [Series(name, [1, 2], [0.25, 0.5], [0.0, 0.25], [0.5, 0.75], n=9, bars=True) for name in ("within", "over all")]
    assert figure_table(figure(*grid)).columns == ["k", "within (n = 9)", "over all (n = 9)"]


def test_parts_of_a_whole_are_bars_upon_one_another_with_their_intervals_to_read():
    usable = Series("usable", [0, 1], [0.7, 0.98], [0.6, 0.9], [0.8, 1.0])
    rest = Series("rest", [0, 1], [0.3, 0.02], [0.2, 0.0], [0.4, 0.1])
    plot = plotly_figure(figure(usable, rest, x_labels=["naive", "optimised"], stacked=True))
    assert plot["layout"]["barmode"] == "stack"
    assert [(trace["type"], trace["y"], trace["text"]) for trace in plot["data"]] == [
        ("bar", [0.7, 0.98], ["0.70", "0.98"]),
        ("bar", [0.3, 0.02], ["0.30", ""]),
    ]
    assert plot["data"][0]["customdata"][0] == "0.700 [0.600, 0.800]"
    assert [trace["meta"]["series"] for trace in plot["data"]] == [0, 1]
    PlotlyFigure(plot)  # which refuses what it does not know
