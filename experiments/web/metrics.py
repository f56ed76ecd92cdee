"""`/metrics` in Prometheus' text format: what the database knows, what workers told with their last heartbeat, this process."""

import time
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from ..reports import vital_signs
from ..runner import broker
from ..runner.vitals import WebVitals
from .monitoring import administers, knows_token
from .worker_metrics import gauge, worker_families


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever sends `Authorization: Bearer` with ASSAY_METRICS_TOKEN, and for administrators; 401 for all others."""
    if not knows_token(request) and not administers(request.user):
        refusal = "Send ASSAY_METRICS_TOKEN as a bearer token, or sign in as an administrator.\n"
        return HttpResponse(refusal, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Installation())
    if vitals := getattr(request, "scope", {}).get("vitals"):
        registry.register(WebProcess(vitals))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class WebProcess:
    """What the process that answers knows of itself; ask each web process."""

    def __init__(self, vitals: WebVitals):
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        lag = self._vitals.lag.value()
        yield GaugeMetricFamily("assay_web_loop_lag_seconds", "How late the event loop was at worst, of half a minute", lag)
        yield GaugeMetricFamily("assay_web_sockets", "Open sockets of run pages", self._vitals.n_sockets)
        yield GaugeMetricFamily("assay_web_followed_runs", "Runs followed for open pages", self._vitals.n_followed_runs)


class Installation:
    """What the database and the broker know; every web process tells the same. What cannot be asked is left out."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = [_round_trip(), *_runs(), *_queues(), *worker_families(vital_signs.workers())]
        except Error:
            found = []
        yield GaugeMetricFamily("assay_database_up", "Whether the database answers", float(bool(found)))
        yield from found


def _round_trip() -> Metric:
    connection.ensure_connection()
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    seconds = time.perf_counter() - started
    return GaugeMetricFamily("assay_database_round_trip_seconds", "Of the smallest question", seconds)


def _runs() -> Iterator[Metric]:
    totals = vital_signs.totals()
    yield gauge("assay_runs", "Runs that are kept", ("state",), vital_signs.runs_by_state().items())
    attempts = {"done": totals["n_attempts_done"], "failed": totals["n_attempts_failed"], "planned": totals["n_attempts"]}
    yield gauge("assay_stored_attempts", "Attempts of the runs that are kept", ("state",), attempts.items())
    samples = {"stored": totals["n_samples"], "failed": totals["n_samples_failed"], "graded": totals["n_graded"]}
    yield gauge("assay_stored_samples", "Samples of the runs that are kept", ("state",), samples.items())
    tokens = {"prompt": totals["prompt_tokens"], "completion": totals["completion_tokens"]}
    yield gauge("assay_stored_tokens", "Tokens of the runs that are kept", ("kind",), tokens.items())
    calls = {"all": totals["n_calls"], "failed": totals["n_calls_failed"]}
    yield gauge("assay_stored_calls", "Paid calls of the runs that are kept", ("state",), calls.items())
    yield GaugeMetricFamily("assay_stored_grader_timeouts", "Of the runs that are kept", totals["n_grader_timeouts"])
    yield GaugeMetricFamily("assay_stored_cost", "Of the runs that are kept, in the prices' currency", totals["cost"])
    spent, reserved = vital_signs.spent_today()
    yield gauge("assay_spent_today", "In the prices' currency", ("state",), [("spent", spent), ("reserved", reserved)])


def _queues() -> Iterator[Metric]:
    waiting = vital_signs.waiting_by_model()
    yield gauge("assay_attempts_waiting", "Attempts nobody has taken", ("language_model",), waiting.items())
    placed = [((queue, state), n) for queue, state, n in vital_signs.batches()]
    yield gauge("assay_batches", "Batches that Celery places", ("queue", "state"), placed)
    if broker.is_configured():
        yield from _broker()


def _broker() -> Iterator[Metric]:
    try:
        lengths = broker.lengths(vital_signs.known_queues())
    except broker.Unreachable:
        yield GaugeMetricFamily("assay_broker_up", "Whether the broker answers", 0)
    else:
        yield GaugeMetricFamily("assay_broker_up", "Whether the broker answers", 1)
        yield gauge("assay_broker_messages", "Messages that wait at the broker", ("queue",), lengths.items())
