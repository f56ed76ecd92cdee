"""The basket: conditions put aside, from wherever one met them, to be compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ..models import Condition, User
from .returning import back

MOST = 40


def comparison_url(names: list[str]) -> str:
    """The compare page of these conditions, the first one as the baseline."""
    return f"{reverse('compare')}?{urlencode([('arm', name) for name in names])}"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What is in it, in order: the first one is the baseline."""
    found = _conditions(request.user.basket, request.user)
    rows = [(name, found[name]) for name in request.user.basket if name in found]
    return render(request, "basket/basket.html", {"rows": rows, "comparison_url": comparison_url([name for name, _ in rows])})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put in the condition `arm`, or all conditions of `run`."""
    run = request.POST.get("run", "")
    if run.isdecimal() and len(run) < 10:
        keys = Condition.objects.visible_to(request.user).filter(run=run).order_by("position").values_list("key", flat=True)
        wanted = [f"{run}.{key}" for key in keys]
    else:
        wanted = list(_conditions(request.POST.getlist("arm"), request.user))
    with _basket_of(request) as basket:
        new = [name for name in wanted if name not in basket]
        if len(basket) + len(new) > MOST:
            messages.error(request, f"The basket holds {MOST} conditions at most. Take some out first.")
            return back(request, "basket")
        basket += new
    added = f"{len(new)} condition{'s' * (len(new) != 1)} put into the basket." if new else "Already in the basket."
    messages.success(request, f"{added} It holds {len(basket)}.")
    return back(request, "basket")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    with _basket_of(request) as basket:
        basket[:] = [name for name in basket if name not in request.POST.getlist("arm")]
    return back(request, "basket")


@require_POST
def make_first(request: HttpRequest) -> HttpResponse:
    """Make a condition the baseline."""
    with _basket_of(request) as basket:
        basket.sort(key=lambda name: name != request.POST.get("arm"))
    return back(request, "basket")


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    with _basket_of(request) as basket:
        basket.clear()
    return back(request, "basket")


@contextmanager
def _basket_of(request: HttpRequest) -> Iterator[list[str]]:
    """The list of names to be changed in place; two tabs at once do not lose each other's."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=request.user.pk)
        yield user.basket
        user.save(update_fields=["basket"])


def _conditions(names: list[str], user: User) -> dict[str, Condition]:
    """Those of the names that are conditions and the user's to know, as “run.key”, in the order of the names."""
    wanted = Q(pk__in=[])
    for name in names[:MOST]:
        run, _, key = name.partition(".")
        if run.isdecimal() and len(run) < 10:
            wanted |= Q(run=run, key=key)
    rows = (
        Condition.objects.visible_to(user).filter(wanted).select_related("run__experiment", "language_model").defer("run__config")
    )
    found = {f"{row.run_id}.{row.key}": row for row in rows}
    return {name: found[name] for name in names if name in found}
