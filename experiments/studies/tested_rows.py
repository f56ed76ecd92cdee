"""Tables of comparisons, each with a test."""

from collections.abc import Sequence

from ..statistics.paired import holm


def with_p_values(columns: Sequence[str], rows: Sequence[list[str]], p_values: list[float]) -> dict[str, list]:
    """A finding's table: the rows with p, then by Holm over all of them: the best of many looks better than it is."""
    pairs = zip(rows, p_values, holm(p_values), strict=True)
    return {
        "columns": [*columns, "p", "p, all rows (Holm)"],
        "rows": [[*row, f"{p:.3f}", f"{together:.3f}"] for row, p, together in pairs],
    }
