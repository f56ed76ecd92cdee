"""A run's figures ready to show: the drawing, its legend with the values at the largest x, and the table of all values."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..models import Finding
from .figures import FigureTable, figure_table, has_points, plotly_figure, values_at_end
from .heat_maps import is_heat_map


@dataclass(frozen=True)
class ShownFigure:
    """`legend` pairs every series' name with its value at the largest x; `legend_at` says which: "k = 16, n = 40".

    Of a figure of points it has each one's value; `legend_at` is then what the values are.
    """

    finding: Finding
    plot: dict
    table: FigureTable
    legend_at: str
    legend: list[tuple[str, str]]

    @property
    def data_id(self) -> str:
        """Where the page keeps the drawing's numbers."""
        return f"figure-data-{self.finding.key}"


def shown_figures(findings: Iterable[Finding]) -> list[ShownFigure]:
    """One for each finding that has a figure."""
    return [_shown(finding) for finding in findings if finding.figure]


def _shown(finding: Finding) -> ShownFigure:
    table = figure_table(finding.figure)
    if is_heat_map(finding.figure):
        return ShownFigure(finding, plotly_figure(finding.figure), table, finding.figure["value_title"], [])
    series = finding.figure["series"]
    if has_points(finding.figure):
        value = finding.figure["x_title" if finding.figure.get("y_labels") else "y_title"]
        at = f"{value}; of lines at their right end"
        return ShownFigure(finding, plotly_figure(finding.figure), table, at, values_at_end(finding.figure))
    last = table.rows[-1] if table.rows else ["–"] * len(table.columns)
    # One n for all stands once; else every name has its own.
    sizes = {each["n"] for each in series}
    names = [each["name"] for each in series] if len(sizes) == 1 else table.columns[1:]
    legend_at = f"{table.columns[0]} = {last[0]}" + (f", n = {sizes.pop()}" if len(sizes) == 1 else "")
    return ShownFigure(finding, plotly_figure(finding.figure), table, legend_at, list(zip(names, last[1:], strict=True)))
