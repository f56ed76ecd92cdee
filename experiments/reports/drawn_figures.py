"""A stored figure as SVG or PNG, drawn without a browser: for review packs, papers and mails. Always on white."""

import io
from typing import Any

from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Canvas

from .heat_maps import is_heat_map

#: The page's own colours of series, in daylight.
COLOURS = ("#3a4bc4", "#c2571a", "#0d7f8c", "#8a3f9e", "#6d7684", "#7a6a00")
FORMATS = {"svg": "image/svg+xml", "png": "image/png"}
_WIDTH, _HEIGHT, _DOTS = 8.0, 5.0, 160
_AROUND_ZERO = LinearSegmentedColormap.from_list("around zero", [COLOURS[1], "#ffffff", COLOURS[0]])
rcParams["svg.hashsalt"] = "assay"  # or every drawing's ids would differ
_FROM_ZERO = LinearSegmentedColormap.from_list("from zero", ["#ffffff", COLOURS[0]])


def drawn(figure: dict[str, Any], format: str) -> bytes:
    """The bytes of a `studies.base` figure as stored, its title above. The same figure gives the same bytes."""
    canvas = Canvas(figsize=(_WIDTH, _height(figure)), layout="constrained")
    FigureCanvasAgg(canvas)
    axes = canvas.add_subplot()
    axes.set_title(_plain(figure["title"]), fontsize=11, loc="left")
    if is_heat_map(figure):
        _draw_heat_map(canvas, axes, figure)
    else:
        _draw_series(axes, figure)
    found = io.BytesIO()
    # Without a date, and with ids that do not change.
    metadata = {"Date": None} if format == "svg" else {"Software": None}
    canvas.savefig(found, format=format, dpi=_DOTS, metadata=metadata)
    return found.getvalue()


def _height(figure: dict[str, Any]) -> float:
    return max(_HEIGHT, 1.5 + 0.35 * len(figure.get("y_labels") or ()))


def _draw_series(axes: Any, figure: dict[str, Any]) -> None:
    heights = [0.0] * max((len(series["x"]) for series in figure["series"]), default=0)
    for number, series in enumerate(figure["series"]):
        colour = COLOURS[number % len(COLOURS)]
        name = _plain(f"{series['name']} (n = {series['n']})" if series["n"] else series["name"])
        if figure.get("stacked"):
            values = [value or 0.0 for value in series["y"]]
            axes.bar(series["x"], values, bottom=heights[: len(values)], color=colour, label=name, width=0.7)
            heights = [low + value for low, value in zip(heights, values, strict=False)]
        elif series.get("bars"):
            _draw_points(axes, series, colour, name)
        else:
            _draw_line(axes, series, colour, name)
    if figure["x_log"]:
        axes.set_xscale("log")
    if figure["y_range"] is not None:
        axes.set_ylim(*figure["y_range"])
    for name, x in (figure.get("x_marks") or {}).items():
        axes.axvline(x, color="#5c6370", linestyle=":", linewidth=1)
        axes.annotate(_plain(name), (x, 1), xycoords=("data", "axes fraction"), fontsize=8, ha="center", va="bottom")
    _label(axes, figure)
    axes.grid(alpha=0.25)
    if figure["series"]:
        axes.figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)


def _draw_line(axes: Any, series: dict[str, Any], colour: str, name: str) -> None:
    values = [float("nan") if value is None else value for value in series["y"]]
    style = ("--" if series["dashed"] else "-") if series.get("lines", True) else ""
    axes.plot(series["x"], values, style, color=colour, label=name, marker="o" if series["markers"] else None, markersize=4)
    if series["low"] and series["high"]:
        ends = [[float("nan") if end is None else end for end in series[side]] for side in ("low", "high")]
        axes.fill_between(series["x"], *ends, color=colour, alpha=0.12, linewidth=0)


def _draw_points(axes: Any, series: dict[str, Any], colour: str, name: str) -> None:
    known = [place for place, value in enumerate(series["y"]) if value is not None]
    xs, ys = ([series[axis][place] for place in known] for axis in ("x", "y"))
    across = _distances(series, "x", "x_low", "x_high", known)
    up = _distances(series, "y", "low", "high", known)
    axes.errorbar(xs, ys, xerr=across, yerr=up, fmt="o", color=colour, label=name, markersize=5, capsize=2, linewidth=1.2)


def _distances(series: dict[str, Any], own: str, low: str, high: str, places: list[int]) -> list[list[float]] | None:
    """How far the interval reaches below and above every point; none where it is missing."""
    if not series.get(low) or not series.get(high):
        return None
    ends = [(series[own][i], series[low][i], series[high][i]) for i in places]
    below = [0.0 if bottom is None else max(0.0, value - bottom) for value, bottom, _ in ends]
    return [below, [0.0 if top is None else max(0.0, top - value) for value, _, top in ends]]


def _draw_heat_map(canvas: Canvas, axes: Any, figure: dict[str, Any]) -> None:
    values = [[float("nan") if value is None else value for value in row] for row in figure["values"]]
    known = [value for row in figure["values"] for value in row if value is not None]
    largest = max(map(abs, known), default=1.0) or 1.0
    lowest = -largest if figure["around_zero"] else min(0.0, *known) if known else 0.0
    colours = _AROUND_ZERO if figure["around_zero"] else _FROM_ZERO
    # Pale enough for the numbers to be read on every cell.
    drawing = axes.imshow(values, cmap=colours, vmin=lowest * 1.6, vmax=largest * 1.6, aspect="auto")
    for row, cells in enumerate(figure["values"]):
        for column, value in enumerate(cells):
            if value is not None:
                axes.text(column, row, f"{value:.2f}".replace("-", "−"), ha="center", va="center", fontsize=8)
    canvas.colorbar(drawing, label=_plain(figure["value_title"]))
    _label(axes, figure)


def _label(axes: Any, figure: dict[str, Any]) -> None:
    axes.set_xlabel(_plain(figure["x_title"]))
    axes.set_ylabel(_plain(figure["y_title"]))
    if words := figure.get("x_labels"):
        many = sum(map(len, words)) > 60
        axes.set_xticks(range(len(words)), list(map(_plain, words)), rotation=35 if many else 0, ha="right" if many else "center")
    if words := figure.get("y_labels"):
        axes.set_yticks(range(len(words)), list(map(_plain, words)))


def _plain(text: str) -> str:
    """A dollar would begin a formula."""
    return text.replace("$", r"\$")
