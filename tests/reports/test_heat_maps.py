from dataclasses import asdict

from plotly.graph_objects import Figure as PlotlyFigure

from experiments.reports.figures import figure_table, plotly_figure
from experiments.studies.base import Figure, HeatMap, Series

MAP = HeatMap(
    title="Drops",
    x_title="dataset",
    y_title="noise",
    value_title="drop",
    x_labels=["sums", "<b>words"],
    y_labels=["typos", "verbose"],
    values=[[0.25, None], [-0.5, 0.125]],
    low=[[0.1, None], [-0.6, 0.0]],
    high=[[0.4, None], [-0.4, 0.25]],
    n=40,
    around_zero=True,
)


def test_a_cell_has_its_number_and_tells_its_interval():
    [trace] = plotly_figure(asdict(MAP))["data"]
    assert trace["z"] == [[0.25, None], [-0.5, 0.125]]
    assert trace["text"] == [["0.25", ""], ["−0.50", "0.12"]]
    assert trace["customdata"][1][0] == "−0.500 [−0.600, −0.400]"
    assert (trace["zmin"], trace["zmax"]) == (-0.5, 0.5)


def test_plotly_accepts_it_and_labels_are_text():
    drawn = plotly_figure(asdict(MAP))
    PlotlyFigure(drawn)
    assert drawn["layout"]["xaxis"]["ticktext"] == ["sums", "&lt;b&gt;words"]


def test_its_table_has_a_row_for_each_row():
    table = figure_table(asdict(MAP))
    assert table.columns == ["drop (n = 40)", "sums", "<b>words"]
    assert table.rows == [
        ["typos", "0.250 [0.100, 0.400]", "–"],
        ["verbose", "−0.500 [−0.600, −0.400]", "0.125 [0.000, 0.250]"],
    ]


def test_an_axis_of_words_shows_them_in_the_drawing_and_in_the_table():
    points = Series("drop", [0.1, 0.3], [0, 1], n=9, lines=False, bars=True, x_low=[0.0, 0.2], x_high=[0.2, 0.4])
    figure = asdict(Figure("Drops", "drop", "", [points], y_range=None, y_labels=["typos", "verbose"], x_marks={"none": 0.0}))
    layout = plotly_figure(figure)["layout"]
    PlotlyFigure(plotly_figure(figure))
    assert (layout["yaxis"]["tickvals"], layout["yaxis"]["ticktext"]) == ([0, 1], ["typos", "verbose"])
    assert (layout["shapes"][0]["x0"], layout["annotations"][0]["text"]) == (0.0, "none")
    assert figure_table(figure).rows == [
        ["drop (n = 9)", "0.1 [0, 0.2]", "typos"],
        ["drop (n = 9)", "0.3 [0.2, 0.4]", "verbose"],
    ]
