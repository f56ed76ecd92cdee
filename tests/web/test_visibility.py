"""What is another team's is not there: every address of the site and of the API, walked by somebody who may not know of it."""

import pytest
from django.test import Client

from experiments.models import Experiment, Finding, Note, Sample, Team
from experiments.web import lists
from tests.factories import make_user
from tests.web.addresses import Address, World

pytestmark = pytest.mark.django_db

#: A word that stands in everything that is hidden, and one by which it could be searched.
SECRET, KNOWN = "of-others", "4711"
#: What a request could ask for, for all addresses together.
BODY = {"grader": "exact", "verifier": "length", "spending_cap": 1, "item": 1, "verdict": "correct", "text": "x", "name": "x"}
BODY |= {"priority": 1}
QUERY = {"before": "a", "after": "b", "format": "csv", "key": "headline"}
UNKNOWN = 987_654


class HiddenWorld(World):
    """All of it is a team's, and says so."""

    def __init__(self):
        super().__init__()
        self.team = Team.objects.create(name="The others")
        self.experiment = self.run.experiment
        self.experiment.tag(KNOWN)
        self.run.tag(KNOWN)
        texts = {"name": f"{KNOWN} plan-{SECRET}", "description": f"{KNOWN} {SECRET}"}
        Experiment.objects.filter(pk=self.experiment.pk).update(team=self.team, visibility="team", **texts)
        Note.objects.update(text=f"{KNOWN} note-{SECRET}")
        Sample.objects.update(text=f"{KNOWN} answer-{SECRET}")
        Finding.objects.create(run=self.run, position=0, key="headline", title="t", sentence=f"{KNOWN} {SECRET}")
        self.run.attempts.update(state="done")
        self.run.state, self.run.n_attempts_done = "completed", 3
        self.run.save()

    def hidden(self) -> list[Address]:
        """Addresses of something that was made of the experiment."""
        return [each for each in [*self.pages(), *self.api()] if self._is_of(each.path)]

    def others(self) -> list[Address]:
        return [each for each in [*self.pages(), *self.api()] if not self._is_of(each.path)]

    def _is_of(self, path: str) -> bool:
        return path.startswith(tuple(self._roots()))

    def _roots(self) -> list[str]:
        rows = self._rows
        pages = [f"/runs/{self.run.pk}/", f"/experiments/{self.experiment.pk}/", f"/reviews/{rows['review_sets']}/"]
        return [
            *pages,
            f"/tags/run/{self.run.pk}/",
            *(f"/api/{name}/{rows[name]}/" for name in ("runs", "experiments", "review_sets")),
        ]

    def unknown(self, path: str) -> str:
        """The same address with a number that nobody ever gave away."""
        root = next(root for root in self._roots() if path.startswith(root))
        parts = root.rstrip("/").split("/")
        return "/".join([*parts[:-1], str(UNKNOWN)]) + "/" + path.removeprefix(root)


@pytest.fixture
def world():
    return HiddenWorld()


def browser_of(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def answers(browser: Client, path: str):
    """(method, answer) for every method that an address may take."""
    yield "GET", browser.get(path, QUERY)
    yield "POST", browser.post(path, BODY, content_type="application/json" if path.startswith("/api/") else "text/plain")
    if not path.startswith("/api/"):
        yield "POST", browser.post(path, BODY)
        return
    for method in ("put", "patch", "delete"):
        yield method.upper(), getattr(browser, method)(path, BODY, content_type="application/json")


def test_nobody_else_can_tell_it_from_what_never_was(world):
    browser = browser_of(make_user(role="editor"))
    assert len(world.hidden()) > 50
    for name, path in world.hidden():
        for (method, answer), (_, unknown) in zip(answers(browser, path), answers(browser, world.unknown(path)), strict=True):
            assert answer.status_code in (404, 405), (method, name, path, answer.status_code)
            assert answer.status_code == unknown.status_code, (method, name, path)
        statuses = {answer.status_code for _, answer in answers(browser, path)}
        assert 404 in statuses, (name, path)


def test_no_list_search_or_comparison_tells_of_it(world):
    browser = browser_of(make_user(role="editor"))
    condition = world.run.conditions.first()
    attempts = list(world.run.attempts.values_list("pk", flat=True)[:2])
    query = {"run": world.run.pk, "q": KNOWN, "first": attempts[0], "second": attempts[1], "sort": "-experiment"}
    for arm in ({}, {"arm": f"{world.run.pk}.{condition.key}"}, {"tag": KNOWN}, {"experiment": world.experiment.pk}):
        for name, path in world.others():
            if name == "logout":
                continue
            response = browser.get(path, query | arm)
            content = b"".join(response)
            assert SECRET.encode() not in content, (name, path, arm)


def test_the_owner_the_team_and_administrators_see_it(world):
    member, lead, owner, administrator = (make_user(role=role) for role in ("viewer", "editor", "editor", "administrator"))
    world.team.memberships.create(user=member)
    world.team.memberships.create(user=lead, role="lead")
    Experiment.objects.filter(pk=world.experiment.pk).update(owner=owner)
    for user in (member, lead, owner, administrator):
        browser = browser_of(user)
        for path in (f"/runs/{world.run.pk}/", f"/experiments/{world.experiment.pk}/", f"/api/runs/{world.run.pk}/samples/"):
            assert SECRET in browser.get(path).content.decode(), (user, path)
        assert SECRET in browser.get("/runs/").content.decode()
    Experiment.objects.filter(pk=world.experiment.pk).update(visibility="owner")
    statuses = [browser_of(user).get(f"/runs/{world.run.pk}/").status_code for user in (member, lead, owner, administrator)]
    assert statuses == [404, 404, 200, 200]


def test_lists_of_what_is_the_labs_count_only_experiments_that_one_sees(world):
    def counts(user) -> list[int]:
        rows = [*lists.datasets(user), *lists.language_models(user)]
        return [row.n_experiments for row in rows if row in (world.experiment.dataset, *world.experiment.language_models.all())]

    assert counts(make_user(role="editor")) == [0, 0]
    assert counts(make_user(role="administrator")) == [1, 1]
