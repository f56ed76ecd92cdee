"""Who gets the next batch: users take turns, and each user's runs among themselves. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

#: Batches of a run for one of the same user's run of the next lower priority.
_WEIGHT = 4


@dataclass(eq=False)
class Hand:
    """A run's batches for one language model: `n` are under way, and `most` make sense.

    `served_at`, in seconds, is when the run last got one; 0 for never.
    """

    run_id: int
    language_model: str
    user_id: int | None
    priority: int
    n: int
    most: int
    served_at: float = 0.0


def deal(n_places: int, hands: Iterable[Hand]) -> list[Hand]:
    """The hands that get one more batch each, in order, until `n_places` are under way in all or nobody wants more.

    It goes to the user with the fewest, and among that user's runs to the one with the fewest for its priority; where they
    are even, to who has waited longest. The hands count what they get.
    """
    hands = list(hands)
    of_user, of_run, served_at = Counter(), Counter(), {}
    for hand in hands:
        of_user[hand.user_id] += hand.n
        of_run[hand.run_id] += hand.n
        served_at[hand.user_id] = max(hand.served_at, served_at.get(hand.user_id, 0.0))

    def turn(hand: Hand) -> tuple:
        user = (of_user[hand.user_id], served_at[hand.user_id])
        run = (of_run[hand.run_id] / _WEIGHT**hand.priority, -hand.priority, hand.served_at, hand.run_id)
        return *user, *run, hand.n

    dealt: list[Hand] = []
    while of_user.total() < n_places and (wanting := [hand for hand in hands if hand.n < hand.most]):
        chosen = min(wanting, key=turn)
        chosen.n += 1
        of_user[chosen.user_id] += 1
        of_run[chosen.run_id] += 1
        dealt.append(chosen)
    return dealt
