"""A site in which every page has something to show: finished runs with figures and a heat map, reviews, comparisons."""

import json

from django.db import transaction
from django.test import Client

from experiments.models import Attempt, LoginLink, Run, User
from experiments.reports.findings import refresh
from tests.factories import make_dataset, make_experiment, make_run, make_variant
from tests.reports.reviewing import make_review_set, names, say
from tests.reports.rows import finish_all
from tests.runner.working import work_until_idle
from tests.web.addresses import World

LINKS = 12
FILL = "from tests.browser.showcase import fill; fill()"


def fill() -> None:
    """Write the rows and print {"pages": addresses by name, "links": secrets of login links of the administrator}."""
    with transaction.atomic():
        world = World()
        world.run.pause()
        runs = _pools()
        noisy = _noisy()
        review = make_review_set(runs, is_pairwise=False)
        say(review, "someone", "correct", "wrong")
        pairs = make_review_set(runs, is_pairwise=True)
        admin = User.objects.get(username="admin")
        links = [LoginLink.objects.issue(admin) for _ in range(LINKS)]
    work_until_idle()
    first, second = (Attempt.objects.filter(run=run).first().pk for run in runs)
    arms = "&".join(f"arm={name}" for name in names(*runs))
    pages = {
        **{address.path: address.name for address in world.pages() if "login" not in address.name},
        runs[0].get_absolute_url(): "finished run",
        f"/runs/{runs[0].pk}/explore/": "figure",
        f"/runs/{runs[0].pk}/attempts/{first}/": "attempt",
        f"/runs/{runs[0].pk}/graders/": "graders",
        noisy.get_absolute_url(): "heat map",
        f"/compare/?{arms}": "comparison",
        f"/compare/tasks/?{arms}": "comparison over tasks",
        f"/compare/texts/?first={first}&second={second}": "two texts",
        "/runs/?state=completed&sort=-tokens": "filtered list",
        "/search/?q=prompt": "search results",
        f"{review.get_absolute_url()}?results": "review",
        f"{review.get_absolute_url()}items/2/": "review item",
        f"{pairs.get_absolute_url()}items/0/": "pair to judge",
        f"/reviews/new/?run={runs[0].pk}": "new review set",
        "/no-such-page/": "not found",
    }
    print(json.dumps({"pages": {path: name for path, name in pages.items() if _is_page(path, admin)}, "links": links}))


def _is_page(path: str, user: User) -> bool:
    """Not a download, a part of a page, an address that is only sent to, or one that leads elsewhere."""
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user)
    response = browser.get(path)
    return not response.streaming and response.content.startswith(b"<!doctype html>")


def _pools() -> list[Run]:
    """Two finished runs on the same problems, one better than the other, with their figures."""
    dataset = make_dataset(6)
    made = []
    for name, last in (("plain", ("wrong", "4")), ("kind", ("correct", "3"))):
        run = make_run(make_experiment(name=f"Sums, {name}", dataset=dataset, variants=[make_variant(name=name)]))
        finish_all(run, ("correct", "3"), ("wrong", "5"), ("truncated", None), last)
        run.start(), run.complete()
        refresh(run.pk)
        made.append(run)
    return made


def _noisy() -> Run:
    """To be worked on: its findings draw a heat map."""
    return make_run(name="Sums with noise", study="perturbations", study_params={}, problems=6, verifiers=[])
