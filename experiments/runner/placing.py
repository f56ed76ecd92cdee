"""Batches for the workers where Celery places the work: dealt out fairly, sent, and sent again where they got lost.

The database knows which batches there are, the broker only carries their names; so a broker that loses everything, or a
worker that dies, costs seconds. All times are the database's: messages have no time of their own, since machines' clocks differ.
"""

import logging
import threading
from collections import Counter
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from ..models import Attempt, Batch, Run
from ..models.shares import shares_of
from . import claiming, errands, presence
from .broker import Unreachable
from .crowd import crowd
from .dealing import Hand, deal
from .queues import ERRAND, PLACE, WORK, errands_of
from .routes import Route, routes_of

log = logging.getLogger(__name__)

#: Batches that a worker takes from one queue at a time.
AT_ONCE = 4
# A message that nobody took is sent again after this, then after twice that, and so on: the first that arrives counts.
_AGAIN_SECONDS = 15
_MOST_DOUBLINGS = 5
_waiting, _working = threading.Lock(), threading.Lock()
# Any number that nothing else in this database locks by.
_LOCK = 7_310_442


def is_on() -> bool:
    """Whether Celery places the work; else workers look for it in the database."""
    return bool(settings.ASSAY_BROKER_URL)


def place_after_commit() -> None:
    """Have a worker place what is being stored, as soon as it is there to be seen. A broker that is away is no error."""
    if is_on():
        transaction.on_commit(_ask_to_place)


def _ask_to_place() -> None:
    try:
        current_app.send_task(PLACE, retry=False)
    except Unreachable as error:
        log.warning("The broker does not answer, so work waits for it: %s", error)


def place() -> None:
    """Make up the batches that are missing and send what is to be sent. Safe to call at any time, from anywhere.

    Raises DatabaseError. A broker that does not answer is left to the next call.
    """
    if not _waiting.acquire(blocking=False):
        return  # another thread is about to begin and will see what this one would
    with _working:
        _waiting.release()
        _place()


def _place() -> None:
    with transaction.atomic():
        _one_at_a_time()
        claiming.end_pauses()
        _forget_those_of_the_dead()
        _deal_out()
        to_send = list(_to_send().select_related("run").select_for_update())
        Batch.objects.filter(pk__in=[batch.pk for batch in to_send]).sent()
    try:
        _send_errands()
        while to_send:
            _send(to_send[0])
            to_send.pop(0)
    except Unreachable as error:
        log.warning("The broker does not answer, so work waits for it: %s", error)
        Batch.objects.filter(pk__in=[batch.pk for batch in to_send]).update(sent_at=None)


def _send_errands() -> None:
    """Until somebody takes them. Where nobody listens no messages are heaped up."""
    heard = {errands_of(queue) for queue in _places()}
    for errand in errands.waiting():
        if errand.queue in heard:
            current_app.send_task(ERRAND, [errand.kind, errand.pk], queue=errand.queue, retry=False)


def _send(batch: Batch) -> None:
    current_app.send_task(
        WORK, [str(batch.pk)], task_id=str(batch.pk), queue=batch.queue, priority=_priority(batch.run.priority), retry=False
    )


def _priority(priority: int) -> int:
    """As the broker counts: Redis serves the lowest number first, RabbitMQ the highest."""
    steps = {Run.Priority.LOW: 3, Run.Priority.NORMAL: 5, Run.Priority.HIGH: 7}
    number = steps[Run.Priority(priority)]
    return 9 - number if settings.ASSAY_BROKER_URL.startswith("redis") else number


def _one_at_a_time() -> None:
    """Until this transaction ends. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _forget_those_of_the_dead() -> None:
    """Their attempts come back by themselves. A run that ended needs no batch either, and its messages find nothing."""
    silent = Q(worker__stopped_at__isnull=False) | Q(worker__heartbeat_at__lt=Now() - timedelta(seconds=presence.LEASE_SECONDS))
    Batch.objects.exclude(state=Batch.State.PLACED).filter(silent | Q(worker=None)).delete()
    Batch.objects.filter(state=Batch.State.PLACED).exclude(run__in=Run.objects.workable()).delete()


def _to_send():
    """Those never sent, and those sent so long ago that the message may be lost."""
    lost = Q()
    for n in range(_MOST_DOUBLINGS + 1):
        patience = timedelta(seconds=_AGAIN_SECONDS * 2**n)
        times = Q(n_sent=n + 1) if n < _MOST_DOUBLINGS else Q(n_sent__gt=n)
        lost |= times & Q(sent_at__lt=Now() - patience)
    return Batch.objects.filter(state=Batch.State.PLACED).filter(Q(sent_at=None) | lost)


def _deal_out() -> None:
    under_way = Counter(Batch.objects.claiming().values_list("run_id", "language_model"))
    places = _places()
    asking: dict[str, list[tuple[Run, Route]]] = {}
    for run in Run.objects.workable().defer("config").select_related("started_by", "experiment__team"):
        for route in routes_of(run.pk):
            asking.setdefault(route.queue, []).append((run, route))
    for queue, each in asking.items():
        n_places = max(1, places[queue])
        if n_places > sum(under_way[run.pk, route.language_model] for run, route in each):
            _deal_queue(n_places, each, under_way)


def _deal_queue(n_places: int, asking: list[tuple[Run, Route]], under_way: Counter[tuple[int, str]]) -> None:
    hands = {}
    for run, route in asking:
        n, most = under_way[run.pk, route.language_model], _n_free(run, route, n_places)
        served_at = run.placed_at.timestamp() if run.placed_at else 0.0
        hands[Hand(run.pk, route.language_model, run.started_by_id, run.priority, n, most, served_at)] = route
    dealt = [(hand, hands[hand]) for hand in deal(n_places, hands)]
    Batch.objects.bulk_create(
        Batch(run_id=hand.run_id, language_model=hand.language_model, queue=route.queue, files=route.files)
        for hand, route in dealt
    )
    Run.objects.filter(pk__in={hand.run_id for hand, _ in dealt}).update(placed_at=Now())


def _places() -> Counter[str]:
    """Batches that the living workers take at once, by queue. Where nobody listens one waits for whoever comes."""
    return Counter({queue: n * AT_ONCE for queue, n in crowd().by_queue.items()})


def _n_free(run: Run, route: Route, most: int) -> int:
    """Attempts that could be claimed, counted up to `most`. 1 also for a run that waits for nothing but to be ended."""
    free = Attempt.objects.free().filter(run=run, condition__key__in=route.conditions)
    n = free.values("pk")[:most].count()
    # A batch beyond the share of its person or team would come back with nothing.
    n = min([n, *(share.room for share in shares_of(run))]) if n else 0
    is_left_alone = not n and not Batch.objects.filter(run=run).exists()
    return 1 if is_left_alone and not (route.conditions and claiming.has_open_attempts(run.pk)) else n
