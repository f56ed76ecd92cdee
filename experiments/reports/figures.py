"""A stored figure as Plotly's data and layout, and as the table under the chart.

Colours are left to the page, which knows its theme: every trace carries `meta.series`, the number of its series. Plotly
reads names as a little HTML, so they are escaped: a condition's label is the user's text.
"""

from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import log10

from .heat_maps import heat_map_table, is_heat_map, plotly_heat_map

#: The page has this many series colours; a series beyond them repeats one with another dash.
COLOURS = 6
#: A smaller part of a bar has no room for its number.
_LEAST_TOLD = 0.04
_DASHES = ("solid", "dot", "dashdot", "longdash")


@dataclass(frozen=True)
class FigureTable:
    """`columns` are the x axis and every series; `rows` hold the text of their cells, a dash where there is no value."""

    columns: list[str]
    rows: list[list[str]]


def plotly_figure(figure: dict) -> dict:
    """{"data": [...], "layout": {...}} from a `studies.base.Figure` as stored. Bands lie under all the lines."""
    if is_heat_map(figure):
        return plotly_heat_map(figure)
    numbered = list(enumerate(figure["series"]))
    if figure.get("stacked"):
        return {"data": [_bar(series, number) for number, series in numbered], "layout": _layout(figure) | {"barmode": "stack"}}
    bands = [trace for number, series in numbered if not series.get("bars") for trace in _bands(series, number)]
    lines = [_line(series, number) for number, series in enumerate(figure["series"])]
    return {"data": bands + lines, "layout": _layout(figure)}


def figure_table(figure: dict) -> FigureTable:
    """The same numbers to read: one row for every x, "0.512 [0.400, 0.624]" in the cells; for points one row each."""
    if is_heat_map(figure):
        return FigureTable(*heat_map_table(figure))
    if has_points(figure):
        return _table_of_points(figure)
    cells: dict[float, dict[int, str]] = {}
    for number, series in enumerate(figure["series"]):
        for x, y, low, high in _points(series):
            cells.setdefault(x, {})[number] = "–" if y is None else _estimate(y, low, high)
    columns = [figure["x_title"], *(_with_n(series) for series in figure["series"])]
    rows = [
        [_place(x, figure.get("x_labels")), *(cells[x].get(number, "–") for number in range(len(figure["series"])))]
        for x in sorted(cells)
    ]
    return FigureTable(columns, rows)


def has_points(figure: dict) -> bool:
    """Whether it shows points at places of their own; lines then only join them. On a common grid they are read like lines."""
    grids = {tuple(series["x"]) for series in figure["series"]}
    has_both = any(series.get("x_low") for series in figure["series"])
    return has_both or (len(grids) > 1 and any(series.get("bars") for series in figure["series"]))


def _table_of_points(figure: dict) -> FigureTable:
    rows = []
    for series in figure["series"]:
        if series.get("bars") or series["low"]:  # a line without intervals only joins points
            nothing = [None] * len(series["x"])
            xs = zip(series["x"], series.get("x_low") or nothing, series.get("x_high") or nothing, strict=True)
            for x, (_, y, low, high) in zip(xs, _points(series), strict=True):
                across = _place(x[0], figure["x_labels"]) if figure.get("x_labels") else _span(*x)
                up = _place(y, figure["y_labels"]) if y is not None and figure.get("y_labels") else None
                rows.append([_with_n(series), across, up or ("–" if y is None else _estimate(y, low, high))])
    return FigureTable(["", figure["x_title"], figure["y_title"]], rows)


def values_at_end(figure: dict) -> list[tuple[str, str]]:
    """(name with n, value) of every series: that of its only point, or where it ends on the right; of rows of words, how far."""
    if figure.get("y_labels"):
        ends = [
            (series, series["x"][-1], *(_last(series.get(name)) for name in ("x_low", "x_high"))) for series in figure["series"]
        ]
        return [(_with_n(series), "–" if x is None else _estimate(x, low, high)) for series, x, low, high in ends]
    last = [_points(series)[-1] if series["x"] else (None,) * 4 for series in figure["series"]]
    told = ["–" if y is None else _estimate(y, low, high) for _, y, low, high in last]
    return list(zip(map(_with_n, figure["series"]), told, strict=True))


def _last(values: list[float | None] | None) -> float | None:
    return values[-1] if values else None


def _place(x: float, labels: list[str] | None) -> str:
    """What stands at a place of an axis: its word, or the number."""
    return labels[int(x)] if labels and float(x).is_integer() and 0 <= x < len(labels) else f"{x:g}"


def _span(value: float, low: float | None, high: float | None) -> str:
    """On an axis of any unit: four figures."""
    return f"{value:.4g}" if low is None or high is None else f"{value:.4g} [{low:.4g}, {high:.4g}]"


def _points(series: dict) -> list[tuple]:
    """(x, y, low, high); low and high are None where the series has no band."""
    nothing = [None] * len(series["x"])
    return list(zip(series["x"], series["y"], series["low"] or nothing, series["high"] or nothing, strict=True))


def _bands(series: dict, number: int) -> list[dict]:
    """A closed polygon for every stretch of points that have an interval."""
    stretches = groupby(_points(series), key=lambda point: point[2] is not None and point[3] is not None)
    return [_band([*points], series, number) for has_interval, points in stretches if has_interval]


def _band(points: list[tuple], series: dict, number: int) -> dict:
    xs = [x for x, *_ in points]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs + xs[::-1],
        "y": [high for *_, high in points] + [low for _, _, low, _ in reversed(points)],
        "fill": "toself",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": str(number),
        "meta": {"series": number},
    }


def _line(series: dict, number: int) -> dict:
    dash = "dash" if series["dashed"] else _DASHES[number // COLOURS % len(_DASHES)]
    drawn = [name for name, is_drawn in (("lines", series.get("lines", True)), ("markers", series["markers"])) if is_drawn]
    return {
        "type": "scatter",
        "mode": "+".join(drawn),
        "name": escape(_with_n(series), quote=False),
        "x": series["x"],
        "y": series["y"],
        "line": {"dash": dash},
        "text": ["" if y is None else _estimate(y, low, high) for _, y, low, high in _points(series)],
        "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "legendgroup": str(number),
        "meta": {"series": number},
        **(_error_bars(series) if series.get("bars") else {}),
    }


def _bar(series: dict, number: int) -> dict:
    return {
        "type": "bar",
        "name": escape(_with_n(series), quote=False),
        "x": series["x"],
        "y": series["y"],
        "text": ["" if y is None or y < _LEAST_TOLD else f"{y:.2f}" for y in series["y"]],
        "textposition": "inside",
        "customdata": ["" if y is None else _estimate(y, low, high) for _, y, low, high in _points(series)],
        "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
        "meta": {"series": number},
    }


def _error_bars(series: dict) -> dict:
    """Both intervals of every point as distances from it."""
    sides = {"error_x": ("x", "x_low", "x_high"), "error_y": ("y", "low", "high")}
    return {
        name: {
            "type": "data",
            "symmetric": False,
            "array": [None if high is None else high - value for value, high in zip(series[own], series[highs], strict=True)],
            "arrayminus": [None if low is None else value - low for value, low in zip(series[own], series[lows], strict=True)],
            "thickness": 1.2,
            "width": 3,
        }
        for name, (own, lows, highs) in sides.items()
        if series.get(lows) and series.get(highs)
    }


def _layout(figure: dict) -> dict:
    x_axis: dict = {"title": {"text": figure["x_title"]}}
    if figure["x_log"]:
        x_axis["type"] = "log"
        ticks = sorted({x for series in figure["series"] for x in series["x"]})
        if all(float(tick).is_integer() for tick in ticks):  # the k that were drawn; a cost has no such values
            x_axis |= {"tickvals": ticks, "ticktext": _labels(ticks), "minor": {"ticks": ""}}
    y_axis: dict = {"title": {"text": figure["y_title"]}}
    if figure["y_range"] is not None:
        y_axis["range"] = list(figure["y_range"])
    x_axis |= _words(figure.get("x_labels"))
    y_axis |= _words(figure.get("y_labels"))
    layout = {"title": {"text": escape(figure["title"], quote=False)}, "xaxis": x_axis, "yaxis": y_axis}
    return layout | (_marks(figure["x_marks"], figure["x_log"]) if figure.get("x_marks") else {})


def _words(labels: list[str] | None) -> dict:
    if not labels:
        return {}
    texts = [escape(label, quote=False) for label in labels]
    return {"tickvals": list(range(len(labels))), "ticktext": texts, "automargin": True, "ticklabeloverflow": "allow"}


def _marks(marks: dict[str, float], x_log: bool) -> dict:
    """An upright line over the whole height at each place, with its name at the top.

    On a logarithmic axis Plotly wants the values of lines and the logarithms of notes.
    """
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"dash": "dot", "width": 1.5}}
    note = {"yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    return {
        "shapes": [{**line, "x0": x, "x1": x} for x in marks.values()],
        "annotations": [{**note, "x": log10(x) if x_log else x, "text": escape(name, quote=False)} for name, x in marks.items()],
    }


def _labels(ticks: list[float]) -> list[str]:
    """The ticks' numbers, left out where they would run into the one before: closer than a fourteenth of the axis."""
    span = log10(ticks[-1] / ticks[0]) if len(ticks) > 1 else 1
    labels, last = [], None
    for tick in ticks:
        fits = last is None or log10(tick / last) >= span / 14
        labels.append(f"{tick:g}" if fits else "")
        last = tick if fits else last
    return labels


def _with_n(series: dict) -> str:
    return f"{series['name']} (n = {series['n']})" if series["n"] else series["name"]


def _estimate(value: float, low: float | None, high: float | None) -> str:
    interval = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}{interval}".replace("-", "−")
