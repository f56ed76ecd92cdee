"""What workers told of themselves with their last heartbeat, as Prometheus' families. Labels are workers that are alive."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from ..reports.vital_signs import WorkerSigns

_BREAKERS = ("closed", "half open", "open")
_WORKER = ("worker", "host")


def worker_families(workers: list[WorkerSigns]) -> Iterator[Metric]:
    def each(name: str, help: str, value) -> Metric:
        alive = ((_labels(worker), value(worker)) for worker in workers if not worker.is_stopped)
        return gauge(name, help, _WORKER, alive)

    yield each("assay_worker_heartbeat_age_seconds", "Since the last sign of life", lambda w: w.heartbeat_age)
    yield each("assay_worker_clock_offset_seconds", "How far the database's clock is ahead", lambda w: w.row.clock_offset or 0)
    yield each("assay_worker_leases", "Attempts it holds", lambda w: w.n_leases)
    yield each("assay_worker_leases_over", "Of those, the ones whose lease ran out", lambda w: w.n_leases_over)
    yield each("assay_worker_calls_under_way", "Paid calls under way", lambda w: w.n_calls_under_way)
    yield each("assay_worker_loop_lag_seconds", "How late its event loop was at worst", lambda w: w.vitals.loop_lag_seconds)
    yield each("assay_worker_cannot_write", "1 while the database refuses its facts", lambda w: float(bool(w.vitals.trouble)))
    yield each("assay_writer_longest_delay_seconds", "From arrival to commit at worst", lambda w: w.vitals.longest_delay_seconds)
    yield from _counters(workers)
    yield from _endpoints(workers)
    about = GaugeMetricFamily("assay_worker_info", "Always 1; tells the code's version", labels=(*_WORKER, "version"))
    for worker in workers:
        if not worker.is_stopped:
            about.add_metric((*_labels(worker), worker.vitals.version), 1)
    yield about


def _counters(workers: list[WorkerSigns]) -> Iterator[Metric]:
    """Since each worker's start, as Prometheus wants counters. A worker that stopped is told a while longer."""
    delay = SummaryMetricFamily("assay_writer_delay_seconds", "From a fact's arrival to its commit", labels=_WORKER)
    group = SummaryMetricFamily("assay_writer_group_facts", "Facts that one transaction stores", labels=_WORKER)
    samples = CounterMetricFamily("assay_samples", "Samples stored", labels=_WORKER)
    failed = CounterMetricFamily("assay_samples_failed", "Of those, the ones that failed", labels=_WORKER)
    tokens = CounterMetricFamily("assay_tokens", "Tokens of stored samples", labels=(*_WORKER, "kind"))
    cost = CounterMetricFamily("assay_cost", "Of ended calls, in the prices' currency", labels=_WORKER)
    calls = CounterMetricFamily("assay_calls", "Paid calls that ended", labels=(*_WORKER, "ending"))
    attempts = CounterMetricFamily("assay_attempts", "Attempts that left a worker", labels=(*_WORKER, "ending"))
    timeouts = CounterMetricFamily("assay_grader_timeouts", "Answers a grader took too long for", labels=_WORKER)
    for worker in workers:
        labels, counts = _labels(worker), worker.vitals.counts
        delay.add_metric(labels, counts.facts, counts.delay_seconds)
        group.add_metric(labels, counts.groups, counts.facts)
        samples.add_metric(labels, counts.samples)
        failed.add_metric(labels, counts.samples_failed)
        tokens.add_metric((*labels, "prompt"), counts.prompt_tokens)
        tokens.add_metric((*labels, "completion"), counts.completion_tokens)
        cost.add_metric(labels, counts.cost)
        timeouts.add_metric(labels, counts.grader_timeouts)
        for family, ends in ((calls, counts.calls), (attempts, counts.attempts)):
            for ending, n in ends.items():
                family.add_metric((*labels, ending), n)
    yield from (delay, group, samples, failed, tokens, cost, calls, attempts, timeouts)


def _endpoints(workers: list[WorkerSigns]) -> Iterator[Metric]:
    labels = (*_WORKER, "endpoint")
    told = [
        ((*_labels(worker), each.name), each) for worker in workers if not worker.is_stopped for each in worker.vitals.endpoints
    ]
    breakers = [((*place, state), float(each.breaker == state)) for place, each in told for state in _BREAKERS]
    yield gauge("assay_endpoint_breaker", "1 for the state it is in", (*labels, "state"), breakers)
    under_way = ((place, each.n_under_way) for place, each in told)
    yield gauge("assay_endpoint_calls_under_way", "Calls under way", labels, under_way)
    waiting = ((place, each.n_waiting) for place, each in told)
    yield gauge("assay_endpoint_calls_waiting", "Calls that wait for their turn", labels, waiting)


def _labels(worker: WorkerSigns) -> tuple[str, str]:
    return str(worker.row.pk), worker.row.host


def gauge(name: str, help: str, labels: tuple[str, ...], values: Iterable[tuple[str | tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=labels)
    for place, value in values:
        family.add_metric((place,) if isinstance(place, str) else place, value)
    return family
