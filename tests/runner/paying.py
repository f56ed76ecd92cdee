"""A paid language model of a test's server: a token read costs 1 and a token written 2, so costs are whole numbers."""

from experiments.inference import consents
from experiments.models import Call, Experiment, LanguageModel, Run, Spending
from tests.factories import make_experiment, make_language_model
from tests.servers.misbehaving import Misbehaving

#: What one answer of `servers.threads.answering` costs.
COST = 11 + 2 * 3
#: The most that one call may cost whose prompt is “What is 0 + 3 =” and whose answer has at most 8 tokens.
MOST = 15 + 16 + 2 * 8


def make_paid_model(server: Misbehaving, **options) -> LanguageModel:
    consents.allow_private(server.base_url)
    entry = make_language_model()
    usual = {"base_url": server.base_url, "model": "m", "max_attempts": 3, "longest_wait_seconds": 0.02}
    entry.backend, entry.params = "openai_api", {**usual, "price_input": 1e6, "price_output": 2e6, **options}
    entry.save()
    return entry


def make_paid_experiment(server: Misbehaving, options: dict | None = None, **fields) -> Experiment:
    """Best of N on sums by a paid model with these `options`; `fields` are the experiment's."""
    defaults = {"decoding": {"temperature": 0.8, "max_tokens": 8}, "verifiers": []}
    return make_experiment(language_models=[make_paid_model(server, **(options or {}))], **{**defaults, **fields})


def check_books(run: Run) -> None:
    """The ledger, the day's spending and the run's counters tell the same story."""
    run.refresh_from_db()
    calls = Call.objects.filter(run=run)
    assert run.n_calls == calls.count()
    assert run.cost == sum(call.cost for call in calls)
    under_way = sum(call.most_cost for call in calls.under_way())
    assert Spending.objects.filter(run=run).totals() == (run.cost, under_way)
