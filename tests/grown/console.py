"""What people do in a lab, told line by line in JSON to a process of the lab: `python -m tests.grown.console`."""

import json
import sys

import django

django.setup()

from django.db import transaction  # noqa: E402  (needs Django set up)

from experiments.models import LanguageModel, Run, User  # noqa: E402
from tests.factories import make_experiment, make_language_model, make_run, make_user  # noqa: E402


def start(runs: list[dict], language_model: dict) -> list[int]:
    """Runs of one language model, all at once; each tells its `user` and its size. Their numbers."""
    name = f"model {LanguageModel.objects.count()}"
    with transaction.atomic():
        entry = make_language_model(name=name, **language_model)
        return [make_run(_experiment(entry, **run), _user(run["user"])).pk for run in runs]


def move(run: int, verb: str) -> bool:
    return getattr(Run.objects.get(pk=run), verb)()


def _experiment(entry: LanguageModel, user: str, n: int, problems: int):
    return make_experiment(n=n, problems=problems, language_models=[entry], verifiers=[])


def _user(name: str) -> User:
    return User.objects.filter(username=name).first() or make_user(name=name)


if __name__ == "__main__":
    for line in sys.stdin:
        verb, told = json.loads(line)
        print(json.dumps({"start": start, "move": move}[verb](**told)), flush=True)
