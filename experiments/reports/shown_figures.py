"""A run's figures ready to show: the drawing, its legend with the values at the largest x, and the table of all values."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..models import Finding
from .figures import FigureTable, figure_table, plotly_figure


@dataclass(frozen=True)
class ShownFigure:
    """`legend` pairs every series' name with its value at `legend_at`, such as "16" on an axis of k."""

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
    last = table.rows[-1] if table.rows else [""] * len(table.columns)
    legend = list(zip(table.columns[1:], last[1:], strict=True))
    return ShownFigure(finding, plotly_figure(finding.figure), table, last[0], legend)
