"""Estimates with their intervals, in words and as places on a line."""

from django import template

from ..statistics.estimates import Estimate

register = template.Library()


@register.filter
def interval_text(estimate: Estimate) -> str:
    """For example "[0.412, 0.588], n = 40"; without an interval, that there is none."""
    if estimate.low is None or estimate.high is None:
        return f"no interval, n = {estimate.n}"
    return f"[{estimate.low:.3f}, {estimate.high:.3f}], n = {estimate.n}".replace("-", "−")


@register.filter
def estimate_text(estimate: Estimate) -> str:
    """For example "0.500 [0.412, 0.588]"; a dash without a value."""
    if estimate.value is None:
        return "–"
    interval = "" if estimate.low is None or estimate.high is None else f" [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:.3f}{interval}".replace("-", "−")


@register.filter
def hundred(share: float | None) -> str:
    """A share as a length out of 100."""
    return f"{100 * (share or 0):.1f}"
