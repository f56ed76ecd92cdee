"""What was explored as a drawing, with its numbers as text: those at the chosen k, and all."""

from dataclasses import asdict, dataclass
from html import escape

from ..statistics.estimates import Estimate
from ..statistics.pareto import Point, frontier
from ..studies.base import Figure, Series
from ..studies.wording import describe_difference, is_clear, problems
from .exploring import Explored, ExploredCurve
from .figures import COLOURS, plotly_figure

#: As Plotly calls them; each condition has one, and a seventh selector the next round.
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MARKER, _CHOSEN_MARKER = 5, 12
_PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"))


@dataclass(frozen=True)
class ShownCurve:
    """One curve as the legend and the tables show it. `colour` is one of the page's series, from 1.

    `at_k` and `difference` are texts, a dash where there is nothing; `values` are (k, accuracy, cost) for every k.
    `on_frontier` says that at the chosen k nothing that was drawn and can be had is both cheaper and better.
    """

    condition: str
    name: str
    colour: int
    dash: str
    n: int
    at_k: str
    cost_at_k: str
    difference: str
    is_clear: bool
    on_frontier: bool
    values: list[tuple[int, str, str]]


@dataclass(frozen=True)
class ShownExplored:
    """`plot` is {"data", "layout"} for Plotly, `sentence` the gist in words; `curves` come in the order of the drawing."""

    plot: dict
    sentence: str
    curves: list[ShownCurve]


def shown(explored: Explored) -> ShownExplored:
    """Colours tell selectors apart and dashes conditions."""
    conditions = list(dict.fromkeys(curve.condition for curve in explored.curves))
    selectors = list(dict.fromkeys(curve.selector.name for curve in explored.curves))
    best = _best(explored.curves)
    marks = [
        _Mark(selectors.index(curve.selector.name), conditions.index(curve.condition), len(conditions))
        for curve in explored.curves
    ]
    curves = [_shown(curve, mark, explored, best) for curve, mark in zip(explored.curves, marks, strict=True)]
    return ShownExplored(_plot(explored, marks, best), _sentence(explored), curves)


@dataclass(frozen=True)
class _Mark:
    """How a curve is told from the others."""

    selector: int
    condition: int
    n_conditions: int

    @property
    def series(self) -> int:
        return self.selector % COLOURS

    @property
    def dash(self) -> str:
        rounds = self.selector // COLOURS
        return _DASHES[(self.condition + rounds * self.n_conditions) % len(_DASHES)]


def _shown(curve: ExploredCurve, mark: _Mark, explored: Explored, best: list[Point]) -> ShownCurve:
    at_k = curve.at(explored.state.k)
    point = at_k and (at_k[1].value, at_k[0].value)
    return ShownCurve(
        condition=curve.label,
        name=curve.selector.label,
        colour=mark.series + 1,
        dash=mark.dash,
        n=curve.accuracy[0].n,
        at_k=_share(at_k[0]) if at_k else "–",
        cost_at_k=_amount(at_k[1]) if at_k else "–",
        difference=describe_difference(curve.difference) if curve.difference else "–",
        is_clear=curve.difference is not None and is_clear(curve.difference),
        on_frontier=point in best and not curve.selector.is_oracle,
        values=[
            (k, _share(accuracy), _amount(cost)) for k, accuracy, cost in zip(curve.ks, curve.accuracy, curve.cost, strict=True)
        ],
    )


def _sentence(explored: Explored) -> str:
    """For the head of the page and for screen readers."""
    state = explored.state
    if not explored.curves:
        return "There is nothing to draw here: choose a selector, a condition and problems that have all their samples."
    several = len({curve.condition for curve in explored.curves}) > 1
    parts = []
    for curve in explored.curves:
        if at_k := curve.at(state.k):
            where = f"{curve.label}, " if several else ""
            parts.append(f"{where}{curve.selector.label} {_share(at_k[0])}")
    n = max(curve.accuracy[0].n for curve in explored.curves)
    group = f", {explored.group.family.lower()}: {explored.group.label}" if explored.group.family else ""
    return f"At k = {state.k} on {problems(n)}{group}: {'; '.join(parts)}."


def _plot(explored: Explored, marks: list[_Mark], best: list[Point]) -> dict:
    state, several = explored.state, len({curve.condition for curve in explored.curves}) > 1
    series = [_series(curve, several) for curve in explored.curves]
    figure = Figure("Accuracy", explored.x_title, "share of problems answered", series, x_log=True)
    plot = plotly_figure(asdict(figure))
    for trace in plot["data"]:
        curve, mark = explored.curves[trace["meta"]["series"]], marks[trace["meta"]["series"]]
        trace["meta"] = {"series": mark.series}
        if "text" in trace:
            trace["line"] = {"dash": mark.dash}
            trace["text"] = [_pointed_at(curve, place, state.x) for place in range(len(curve.ks))]
            trace["marker"] = {"size": [_CHOSEN_MARKER if k == state.k else _MARKER for k in curve.ks]}
    layout = plot["layout"]
    axis = {"title": {"text": escape(explored.x_title)}, "type": "log", "minor": {"ticks": ""}}
    if state.x == "samples":
        ticks = [2**i for i in range(max((curve.ks[-1] for curve in explored.curves), default=1).bit_length())]
        layout["xaxis"] = axis | {"tickvals": ticks, "ticktext": [str(tick) for tick in ticks]}
        layout["shapes"] = [_line_at(state.k)]
    else:
        layout["xaxis"] = axis | {"dtick": "D2", "tickformat": "~s"}
        layout["hovermode"] = "closest"
        plot["data"].append(_frontier_trace(best))
    return plot


def _series(curve: ExploredCurve, several: bool) -> Series:
    """The curve along its cost. A band's edges stand at the mean cost."""
    has_band = curve.accuracy[0].low is not None
    return Series(
        name=f"{curve.label}, {curve.selector.label}" if several else curve.selector.label,
        x=[cost.value for cost in curve.cost],
        y=[accuracy.value for accuracy in curve.accuracy],
        low=[accuracy.low for accuracy in curve.accuracy] if has_band else None,
        high=[accuracy.high for accuracy in curve.accuracy] if has_band else None,
    )


def _pointed_at(curve: ExploredCurve, place: int, unit: str) -> str:
    """What is said under the pointer."""
    accuracy, cost = curve.accuracy[place], curve.cost[place]
    text = f"{_share(accuracy)}, n = {accuracy.n:,}"
    return text if unit == "samples" else f"k = {curve.ks[place]}: {text}<br>at {_amount(cost)}"


def _line_at(k: int) -> dict:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": k,
        "x1": k,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"dash": "dot", "width": 1},
    }


def _best(curves: list[ExploredCurve]) -> list[Point]:
    """(cost, accuracy) of the points that nothing beats, cheapest first. Oracles cannot be had."""
    return frontier(
        (cost.value, accuracy.value)
        for curve in curves
        if not curve.selector.is_oracle
        for cost, accuracy in zip(curve.cost, curve.accuracy, strict=True)
    )


def _frontier_trace(points: list[Point]) -> dict:
    """As steps: between two points the cheaper one is the best there is."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "Pareto frontier",
        "x": [cost for cost, _ in points],
        "y": [accuracy for _, accuracy in points],
        "line": {"dash": "dot", "width": 1.5, "shape": "hv"},
        "hoverinfo": "skip",
        "meta": {"colour": "--ink-faint"},
    }


def _share(estimate: Estimate) -> str:
    interval = "" if estimate.low is None else f" [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:.3f}{interval}"


def _amount(estimate: Estimate) -> str:
    """Exact where the number is the same for every problem, as with samples."""
    if estimate.low is None or estimate.low == estimate.high:
        return _number(estimate.value)
    return f"{_number(estimate.value)} [{_number(estimate.low)}, {_number(estimate.high)}]"


def _number(value: float) -> str:
    """Three significant figures, whole numbers from a hundred on; 564G for many FLOPs."""
    for size, prefix in _PREFIXES:
        if value >= size:
            return f"{value / size:.3g}{prefix}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
