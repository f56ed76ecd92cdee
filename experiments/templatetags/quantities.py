"""Numbers as people read them. No data is a dash, never a zero."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone

register = template.Library()

DASH = "–"
_PREFIXES = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]


@register.filter
def compact(value: float | None) -> str:
    """Three significant figures: 412, 18.4k, 1.25M."""
    if value is None:
        return DASH
    for size, prefix in _PREFIXES:
        if abs(value) >= size:
            scaled = value / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f}{prefix}"
    return f"{value:.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.1f}"


@register.filter
def whole(value: int | None) -> str:
    """Every digit, in groups of three: "43,142"."""
    return DASH if value is None else f"{value:,}"


@register.filter
def duration(time: timedelta | None) -> str:
    """Minutes and seconds, "1:52"; from an hour on "2 h 05 min"; from a day on "3 d 4 h"."""
    if time is None:
        return DASH
    seconds = round(time.total_seconds())
    if seconds >= 86_400:
        return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def percent(share: float | None) -> str:
    """A share in [0, 1] with one decimal: "2.4%"."""
    return DASH if share is None else f"{100 * share:.1f}%"


@register.filter
def decimal(value: float | None, digits: int = 2) -> str:
    """Fixed decimals with a true minus sign: "0.56", "−1.20"."""
    return DASH if value is None else f"{value:.{digits}f}".replace("-", "−")


@register.filter
def signed(value: int | None) -> str:
    """A whole difference with its sign: "+5", "−2", "0"."""
    return DASH if value is None else f"{value:+d}".replace("-", "−") if value else "0"


@register.filter
def money(amount: float | None) -> str:
    """In the currency of the prices, with two decimals, or more where two would hide it: "12.40", "0.0031", "0"."""
    if amount is None:
        return DASH
    return "0" if not amount else f"{amount:,.2f}" if amount >= 1 else f"{amount:.2g}" if amount < 0.0001 else f"{amount:.4f}"


@register.filter
def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time of day, in the lab's zone."""
    return timezone.localtime(datetime.fromtimestamp(seconds, UTC))
