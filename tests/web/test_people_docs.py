"""The table of rights in docs/people.md says what the code does."""

import pytest
from django.conf import settings
from django.test import Client

from experiments.models import Team
from tests.factories import make_experiment, make_user

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "editor", "administrator")


def table() -> dict[str, dict[str, bool]]:
    """Right -> role -> whether the page says yes."""
    text = (settings.BASE_DIR / "docs" / "people.md").read_text()
    rows = [line.strip("|").split("|") for line in text.split("## Who sees")[0].splitlines() if line.startswith("| ")]
    (_, *roles), _, *rights = [[cell.strip() for cell in row] for row in rows]
    return {right: {role: cell == "yes" for role, cell in zip(roles, cells, strict=True)} for right, *cells in rights}


def allowed(browser: Client, right: str, experiment, hidden) -> bool:
    """Whether the site does what the right is about."""
    address = experiment.get_absolute_url()
    match right:
        case "read and export what they may see":
            answers = [browser.get(address), browser.get("/api/runs/")]
        case "change and start things":
            answers = [browser.post(f"{address}start/"), browser.get(f"{address}edit/"), browser.post(f"{address}archive/")]
        case "store and forget keys of endpoints":
            answers = [browser.get("/models/keys/"), browser.get("/api/keys/")]
        case "manage people, teams, addresses and retention":
            answers = [
                *(browser.get(page) for page in ("/people/", "/api/people/", "/api/addresses/", "/retention/")),
                browser.post("/teams/add/", {"name": f"Team of {experiment}"}),
            ]
        case "read the lab's ledger and its whole audit log":
            answers = [browser.get(page) for page in ("/runs/ledger/", "/api/spending/", "/audit/")]
        case "see every team's experiments":
            answers = [browser.get(hidden.get_absolute_url()), browser.get(f"/api/experiments/{hidden.pk}/")]
        case _:
            raise AssertionError(f"docs/people.md has a right that is not tested here: {right}")
    verdicts = {answer.status_code < 400 for answer in answers}
    assert len(verdicts) == 1, (right, [(answer.request["PATH_INFO"], answer.status_code) for answer in answers])
    return verdicts.pop()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(role):
    browser = Client()
    browser.force_login(make_user(role=role))
    hidden = make_experiment(team=Team.objects.create(name="The others"), visibility="team")
    rights = table()
    assert len(rights) == 6
    experiment = make_experiment()
    found = {right: allowed(browser, right, experiment, hidden) for right in rights}
    assert found == {right: says[role] for right, says in rights.items()}
