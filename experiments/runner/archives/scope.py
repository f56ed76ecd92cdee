"""Which rows belong to a run, and whether they are at rest so that a file can hold them."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from django.db.models import Exists, OuterRef, Q

from ...domain.errors import InvalidInput
from ...models import Attempt, Problem, ProblemMark, ReviewItem, ReviewSet, Run, Variant, clock

_AT_A_TIME = 500


class Lines:
    """The line of each row in its member, from 1, by the row's key; the rows are in the order of their keys."""

    def __init__(self, keys: Iterator[int]):
        self._keys = array("q", keys)

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, key: int | None) -> int | None:
        """None for None, and for a row that is not in the member."""
        if key is None:
            return None
        place = bisect_left(self._keys, key)
        return place + 1 if place < len(self._keys) and self._keys[place] == key else None

    def pages(self) -> Iterator[list[int]]:
        for first in range(0, len(self._keys), _AT_A_TIME):
            yield self._keys[first : first + _AT_A_TIME].tolist()


class Scope:
    """A run and everything around it that its archive holds."""

    def __init__(self, run: Run):
        self.run = run

    @property
    def dataset(self) -> int:
        return self.run.config["dataset"]["id"]

    @cached_property
    def variants(self) -> list[int]:
        """Those that were asked and all that they come from."""
        found = set(self.run.conditions.values_list("variant", flat=True))
        newest = found
        while newest:
            parents = Variant.objects.filter(pk__in=newest, parent__isnull=False)
            newest = set(parents.values_list("parent", flat=True)) - found
            found = found | newest
        return sorted(found)

    @cached_property
    def problem_of_mark(self) -> dict[int, int]:
        """By mark, the run's problem that it is about, wherever the same problem was marked."""
        if not ProblemMark.objects.exists():
            return {}
        problems = Problem.objects.filter(dataset=self.dataset).order_by("pk").only("question", "answers")
        of_identity = {problem.identity: problem.pk for problem in problems.iterator()}
        marks = ProblemMark.objects.values_list("pk", "identity").order_by("pk")
        return {pk: of_identity[identity] for pk, identity in marks.iterator() if identity in of_identity}

    @property
    def problem_marks(self) -> list[int]:
        return list(self.problem_of_mark)

    @cached_property
    def review_sets(self) -> list[int]:
        """Those with texts of this run only."""
        return list(self._review_sets().exclude(self._has_others()).values_list("pk", flat=True))

    @cached_property
    def mixed_review_sets(self) -> list[str]:
        """The names of those that also hold texts of other runs: they can go nowhere without them."""
        return list(self._review_sets().filter(self._has_others()).order_by("pk").values_list("name", flat=True))

    def _review_sets(self):
        items = ReviewItem.objects.filter(Q(sample__run=self.run) | Q(other__run=self.run), review_set=OuterRef("pk"))
        return ReviewSet.objects.filter(Exists(items))

    def _has_others(self) -> Exists:
        others = (Q(other__isnull=False) & ~Q(other__run=self.run)) | ~Q(sample__run=self.run)
        return Exists(ReviewItem.objects.filter(others, review_set=OuterRef("pk")))


def check_at_rest(run: Run) -> None:
    """Raises InvalidInput saying what is still under way: a file of it would be torn."""
    if run.goes_on:
        raise InvalidInput(f"Run {run.pk} is {run.state}. Pause it, or wait until it has ended, and archive it then.")
    under_way = run.attempts.filter(state=Attempt.State.RUNNING, lease_until__gt=clock.now()).count()
    calls = run.calls.under_way().count()
    if under_way or calls:
        raise InvalidInput(
            f"Run {run.pk} is {run.state}, but {under_way} attempts and {calls} calls are still under way. "
            "Archive it when they have ended, or when a worker has found that theirs died."
        )
    for work in (*run.scorings.all(), *run.regradings.all()):
        if work.goes_on:
            raise InvalidInput(f"Run {run.pk} is being marked or scored by “{work.key}”. Archive it when that has ended.")
