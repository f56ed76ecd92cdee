"""Fills a lab's database for the tests of several hosts: `python -m tests.grown.laboratory PROBLEMS BASE_URL CALLS_AT_ONCE`.

Makes the tables, allows the endpoint, starts a run with one attempt of one sample for each problem, and prints its number.
"""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (needs Django set up)

from experiments.inference import consents  # noqa: E402
from experiments.models import LanguageModel  # noqa: E402
from tests.factories import make_experiment, make_run  # noqa: E402


def main(n_problems: str, base_url: str, n_at_once: str) -> None:
    call_command("migrate", verbosity=0)
    consents.allow_private(base_url)
    params = {"base_url": base_url, "model": "sums", "max_concurrency": int(n_at_once), "price_input": 1e6, "price_output": 2e6}
    # A host that is cut notices soon that no answer comes.
    params |= {"first_token_seconds": 20, "next_token_seconds": 10, "connect_seconds": 5}
    entry = LanguageModel.objects.create(name="sums", backend="openai_api", params=params)
    decoding = {"temperature": 0.8, "max_tokens": 8}
    experiment = make_experiment(n=1, problems=int(n_problems), language_models=[entry], verifiers=[], decoding=decoding)
    print(make_run(experiment).pk)


if __name__ == "__main__":
    main(*sys.argv[1:])
