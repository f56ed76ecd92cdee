"""A stored heat map as Plotly's data and layout, and as the table under the chart. The page chooses the colours."""

from html import escape


def is_heat_map(figure: dict) -> bool:
    return "values" in figure


def plotly_heat_map(figure: dict) -> dict:
    """{"data": [...], "layout": {...}}; every cell carries its number, and on hovering its interval."""
    largest = max((abs(value) for row in figure["values"] for value in row if value is not None), default=1) or 1
    told = _cells(figure)
    trace = {
        "type": "heatmap",
        "x": list(range(len(figure["x_labels"]))),
        "y": list(range(len(figure["y_labels"]))),
        "z": figure["values"],
        "text": [["" if value is None else f"{value:.2f}".replace("-", "−") for value in row] for row in figure["values"]],
        "texttemplate": "%{text}",
        "customdata": told,
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"title": {"text": escape(figure["value_title"], quote=False)}, "thickness": 12},
        "meta": {"heat": "diverging" if figure["around_zero"] else "sequential"},
        **({"zmin": -largest, "zmax": largest} if figure["around_zero"] else {}),
    }
    layout = {
        "title": {"text": escape(figure["title"], quote=False)},
        "xaxis": _axis(figure["x_title"], figure["x_labels"]),
        "yaxis": {**_axis(figure["y_title"], figure["y_labels"]), "autorange": "reversed"},
        "hovermode": "closest",
    }
    return {"data": [trace], "layout": layout}


def heat_map_table(figure: dict) -> tuple[list[str], list[list[str]]]:
    """(columns, rows) with "0.512 [0.400, 0.624]" in the cells, a dash where there is no value."""
    corner = f"{figure['value_title']} (n = {figure['n']})" if figure["n"] else figure["value_title"]
    rows = [[label, *cells] for label, cells in zip(figure["y_labels"], _cells(figure), strict=True)]
    return [corner, *figure["x_labels"]], rows


def _cells(figure: dict) -> list[list[str]]:
    nothing = [[None] * len(figure["x_labels"])] * len(figure["y_labels"])
    lows, highs = figure["low"] or nothing, figure["high"] or nothing
    return [[_told(*cell) for cell in zip(*rows, strict=True)] for rows in zip(figure["values"], lows, highs, strict=True)]


def _told(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    interval = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}{interval}".replace("-", "−")


def _axis(title: str, labels: list[str]) -> dict:
    return {
        "title": {"text": escape(title, quote=False)},
        "tickvals": list(range(len(labels))),
        "ticktext": [escape(label, quote=False) for label in labels],
        "automargin": True,
        "showgrid": False,
    }
