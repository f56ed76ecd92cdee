"""Small finished runs and review sets over them."""

from experiments.models import Attempt, HumanVerdict, ReviewSet, Run, User
from experiments.reports.review_choosing import Wish
from experiments.reports.review_sets import create_review_set
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_sample, make_user, make_variant


def finished_runs(n_right: tuple[int, ...] = (1, 3), problems: int = 4, n: int = 4, text: str = "The answer is 3.") -> list[Run]:
    """One run for each number: of every attempt's n texts that many are right."""
    dataset, language_model = make_dataset(problems), make_language_model()
    made = []
    for right in n_right:
        run = make_run(make_experiment(dataset=dataset, n=n, variants=[make_variant()], language_models=[language_model]))
        for attempt in run.attempts.all():
            for index in range(n):
                make_sample(attempt, index, text, verdict="correct" if index < right else "wrong")
        run.attempts.update(state=Attempt.State.DONE)
        made.append(run)
    return made


def names(*runs: Run) -> tuple[str, ...]:
    return tuple(f"{condition.run_id}.{condition.key}" for run in runs for condition in run.conditions.all())


def make_review_set(runs: list[Run] | None = None, user: User | None = None, shown: dict | None = None, **wish) -> ReviewSet:
    """Over all texts of the runs, one per attempt, unless the wish says otherwise."""
    wished = Wish(names(*(runs or finished_runs())), **wish)
    return create_review_set(wished, name="review", user=user or make_user(), **(shown or {}))


def say(review_set: ReviewSet, reviewer: str, *verdicts: str, **fields) -> list[HumanVerdict]:
    """The reviewer's verdicts of the first items, in their order; an empty one leaves the item open."""
    items = review_set.items.order_by("position")
    return [
        HumanVerdict.objects.create(item=item, reviewer=reviewer, verdict=verdict, source="page", **fields)
        for item, verdict in zip(items, verdicts, strict=False)
        if verdict
    ]
