"""Estimates from answers that were drawn until a rule said enough.

The share of an answer among those drawn is biased: sampling ends when the rule likes what it sees. Girshick, Mosteller and
Savage correct for it (Unbiased Estimates for Certain Binomial Sampling Problems, 1946): given where sampling ended, all orders
of draws that lead there are equally likely, and the share of those orders that begin with the answer is unbiased.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

#: Whether sampling stops at these votes by answer, the largest first, after so many draws.
Rule = Callable[[tuple[int, ...], int], bool]


class _State(NamedTuple):
    """Draws so far: of the answer that came first, of texts without an answer, and of all other answers, largest first."""

    first: int
    silent: int
    others: tuple[int, ...]


def unbiased_shares(votes: Sequence[int], n_silent: int, is_stop: Rule) -> list[float]:
    """The corrected probability of each answer, in the order of `votes`; with that of no answer they sum to 1.

    votes: how often each answer was drawn before sampling ended; n_silent: draws without an answer, which count and do not vote.
    One answer drawn until it came r times in K draws gets the known (r - 1) / (K - 1). Raises ValueError where nothing was
    drawn, or where by this rule sampling would have stopped before.
    """
    ways = [
        _orders(_State(count, n_silent, _sorted(votes, place)), True, is_stop) if count else 0
        for place, count in enumerate(votes)
    ]
    begun_silently = _orders(_State(n_silent, 0, _sorted(votes)), False, is_stop) if n_silent else 0
    if not (total := sum(ways) + begun_silently):
        raise ValueError(f"By this rule sampling cannot end with {list(votes)} votes and {n_silent} texts without an answer")
    return [way / total for way in ways]


def _orders(end: _State, first_votes: bool, is_stop: Rule) -> int:
    """How many orders of draws begin with the first answer, end here, and are not stopped on the way."""

    @cache
    def orders(state: _State) -> int:
        n = state.first + state.silent + sum(state.others)
        if n == 1:
            return 1
        return sum(times * orders(before) for times, before in _before(state) if not stops(before, n - 1))

    def stops(state: _State, n: int) -> bool:
        votes = (state.first, *state.others) if first_votes else state.others
        return is_stop(tuple(sorted(votes, reverse=True)), n)

    return orders(end)


def _before(state: _State) -> Iterator[tuple[int, _State]]:
    """Every state one draw earlier, with the number of ways back to it. Answers with as many votes are interchangeable."""
    if state.first > 1:
        yield 1, state._replace(first=state.first - 1)
    if state.silent:
        yield 1, state._replace(silent=state.silent - 1)
    for votes in set(state.others):
        rest = list(state.others)
        rest.remove(votes)
        yield state.others.count(votes), state._replace(others=_sorted([*rest, votes - 1]))


def _sorted(votes: Sequence[int], without: int | None = None) -> tuple[int, ...]:
    """Largest first, zeros left out."""
    return tuple(sorted((each for place, each in enumerate(votes) if each and place != without), reverse=True))
