"""Taking runs and datasets off their lists, and bringing them back. Nothing is deleted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from ..models import Dataset
from ..models.steering import archive, record_archived
from .access import editor_required, find_run


@editor_required
@require_POST
def archive_run(request: HttpRequest, pk: int) -> HttpResponse:
    run = find_run(request, pk)
    archive(request.user, run, "restore" not in request.POST)
    messages.success(request, f"{run} is {'archived; its texts and findings stay.' if run.archived else 'back in the list.'}")
    return redirect(run)


@editor_required
@require_POST
def archive_dataset(request: HttpRequest, pk: int) -> HttpResponse:
    """With all its versions: the list shows a name once."""
    dataset = get_object_or_404(Dataset, pk=pk)
    dataset.archived = "restore" not in request.POST
    Dataset.objects.filter(name=dataset.name).update(archived=dataset.archived)
    record_archived(request.user, dataset)
    messages.success(
        request, f"“{dataset.name}” is {'archived; past runs keep its problems.' if dataset.archived else 'back in the list.'}"
    )
    return redirect(dataset)
