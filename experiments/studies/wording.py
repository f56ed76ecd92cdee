"""Numbers in sentences: signed differences with their intervals, and when a difference may be called one."""

from ..statistics.estimates import Estimate

#: With fewer pairs even a clean sweep is possible by chance: a sign-flip test of 5 pairs cannot fall below p = 2 / 2^5 = 0.06.
FEWEST_PAIRS = 6


def is_clear(difference: Estimate) -> bool:
    """Whether a paired difference may be claimed: its interval excludes zero, over enough problems for that to mean something."""
    return difference.excludes_zero and difference.n >= FEWEST_PAIRS


def describe_difference(difference: Estimate) -> str:
    """For example "+0.10 [−0.01, +0.21]: no clear difference"."""
    text = signed(difference.value)
    if difference.low is None:
        return f"{text}, from one problem: no interval"
    text += f" [{signed(difference.low)}, {signed(difference.high)}]"
    if is_clear(difference):
        return text
    return f"{text}: too few problems to tell" if difference.excludes_zero else f"{text}: no clear difference"


def signed(value: float) -> str:
    """Two decimals with a sign that is a true minus; none before a zero."""
    text = f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", "−")


def problems(n: int) -> str:
    return "1 problem" if n == 1 else f"{n:,} problems"


def points(share: float) -> str:
    """A share as percentage points without its sign: "23.5 points"."""
    text = f"{abs(100 * share):.1f}".removesuffix(".0")
    return f"{text} point" if text == "1" else f"{text} points"


def describe(estimate: Estimate, decimals: int = 2) -> str:
    """The value with its interval, for example "0.62 [0.55, 0.69]"; "unknown" without a value."""
    if estimate.value is None:
        return "unknown"
    text = f"{estimate.value:,.{decimals}f}"
    if estimate.low is not None:
        high = "no upper end" if estimate.high is None else f"{estimate.high:,.{decimals}f}"
        text += f" [{estimate.low:,.{decimals}f}, {high}]"
    return text.replace("-", "−")


def percent(share: Estimate) -> str:
    """For example "61% [55%, 66%]"."""
    interval = "" if share.low is None else f" [{share.low:.0%}, {share.high:.0%}]"
    return f"{share.value:.0%}{interval}".replace("-", "−")


def too_few(n: int, what: str = "the difference between two conditions", fewest: int = FEWEST_PAIRS) -> str:
    """Why so many problems are refused, with the number that would do."""
    return (
        f"{n} {'problem is' if n == 1 else 'problems are'} too few for an interval of {what}: "
        f"take at least {fewest}, and some hundreds to find a small difference."
    )
