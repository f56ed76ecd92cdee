"""Every address of the site with real rows behind it, found in the URL configuration: a new page is tested unasked."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, get_resolver

from experiments.models import LoginLink, Note, Regrading, ReviewSet, SavedView, Scoring, Team, User
from tests.factories import make_run, make_sample


class Address(NamedTuple):
    name: str
    path: str


class World:
    """One run with a sample and everything it stands on."""

    def __init__(self):
        self.run = make_run()
        attempt = self.run.attempts.first()
        make_sample(attempt)
        scoring = Scoring.objects.create(
            run=self.run,
            key="length",
            config={"verifiers": [{"name": "length", "params": {}, "key": "length"}], "language_models": []},
        )
        regrading = Regrading.objects.create(run=self.run, key="exact.v1", grader="exact")
        experiment = self.run.experiment
        variant = experiment.variants.get()
        person = User.objects.create_user("someone")
        note = Note.objects.create(run=self.run, author=person, text="Look at p2.")
        view = SavedView.objects.create(owner=person, page="runs", name="mine", query="state=queued")
        self._values = {
            "login": {"secret": LoginLink.objects.issue(person)},
            "people": {"pk": person.pk},
            "teams": {"pk": self._team(person), "member": person.pk},
            "experiments": {"pk": experiment.pk, "family": "study"},
            "runs": {
                "pk": self.run.pk,
                "attempt": attempt.pk,
                "scoring": scoring.pk,
                "regrading": regrading.pk,
                "key": "mean_logprob",
                "note": note.pk,
            },
            "prompts": {"pk": variant.prompt_id, "variant_pk": variant.pk},
            "datasets": {"pk": experiment.dataset_id, "token": "unknown", "name": "reasoning_gym"},
            "models": {"pk": experiment.language_models.get().pk},
            "docs": {"family": "strategies", "name": "pool"},
            "start": {"preset": "demo"},
            "tags": {"kind": "run", "pk": self.run.pk},
            "views": {"pk": view.pk},
            "compare": {"pk": experiment.dataset.problems.first().pk},
            "reviews": {"pk": self._review_set(), "position": 0, "token": "unknown"},
        }
        self._parts = {"people": {"pk": person.pk}, "keys": {"name": "lab"}}
        self._rows = {
            "datasets": experiment.dataset_id,
            "prompts": variant.prompt_id,
            "variants": variant.pk,
            "language_models": self._values["models"]["pk"],
            "experiments": experiment.pk,
            "runs": self.run.pk,
            "review_sets": self._values["reviews"]["pk"],
            "teams": self._values["teams"]["pk"],
        }

    def _team(self, person: User) -> int:
        team = Team.objects.create(name="Readers")
        team.memberships.create(user=person)
        return team.pk

    def _review_set(self) -> int:
        review_set = ReviewSet.objects.create(
            name="review",
            conditions=[f"{self.run.pk}.{self.run.conditions.first().key}"],
            choice={"how": "all", "texts_per_attempt": 1, "at_most": None, "n_found": 1},
            seed=0,
        )
        review_set.items.create(position=0, sample=self.run.samples.get())
        return review_set.pk

    def pages(self) -> list[Address]:
        """All but the API's and the administration's."""
        return [address for address in self._addresses() if not address.path.startswith(("/api/", "/admin/"))]

    def api(self) -> list[Address]:
        return [address for address in self._addresses() if address.path.startswith("/api/")]

    def _addresses(self) -> Iterator[Address]:
        for name, route in _routes(get_resolver().url_patterns, ""):
            head, *rest = route.split("/")
            if head == "admin" or (head == "api" and not name):
                continue
            if head == "api":
                resource = rest[0].lstrip("^")
                path = re.sub(r"\(\?P<pk>[^)]*\)", str(self._rows.get(resource)), route).replace("^", "").replace("$", "")
                path = re.sub(r"<\w+:(\w+)>", lambda slot, of=resource: str(self._parts[of][slot.group(1)]), path)
            else:
                values = self._values.get(head, {})
                path = re.sub(r"<\w+:(\w+)>", lambda slot, values=values: str(values[slot.group(1)]), route)
            yield Address(name, f"/{path}")


def _routes(patterns, prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield pattern.name or "", route
        else:
            yield from _routes(pattern.url_patterns, route)
