"""Pages of prompts: variants side by side, the editor with its preview, and every version that was."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain import templating
from ..domain.errors import TemplateError
from ..domain.wording import word_changes
from ..models import Experiment, Problem, Prompt, Variant, steering
from . import lists
from .access import editor_required
from .prompt_forms import OriginForm, PreviewForm, PromptForm, WordingForm


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "prompts/list.html", {"list": lists.PROMPTS.show(request, lists.prompts())})


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = get_object_or_404(Prompt, pk=pk)
    variants = prompt.variants.latest_versions().select_related("author").order_by("pk")
    used_in = Experiment.objects.visible_to(request.user).filter(variants__prompt=prompt, archived=False).distinct()[:20]
    return render(request, "prompts/detail.html", {"prompt": prompt, "variants": variants, "experiments": used_in})


@editor_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = PromptForm(request.POST or None)
    wording = WordingForm(request.POST or None, prefix="wording", initial={"name": "plain", "template": "{{ question }}"})
    if request.method == "POST" and form.is_valid() and wording.is_valid():
        with transaction.atomic():
            prompt = form.save()
            wording.write(prompt, request.user)
        return redirect(prompt)
    return render(request, "prompts/new.html", {"form": form, "wording": wording})


@editor_required
@require_http_methods(["GET", "POST"])
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the prompt's name and description; its wordings stay."""
    prompt = get_object_or_404(Prompt, pk=pk)
    form = PromptForm(request.POST or None, instance=prompt)
    if request.method == "POST" and form.is_valid():
        return redirect(form.save())
    return render(request, "prompts/describe.html", {"form": form, "prompt": get_object_or_404(Prompt, pk=pk)})


@editor_required
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide the prompt from menus and lists, or bring it back."""
    prompt = get_object_or_404(Prompt, pk=pk)
    steering.archive(request.user, prompt, "restore" not in request.POST)
    messages.success(request, f"“{prompt}” is {'archived.' if prompt.archived else 'back in the list.'}")
    return redirect(prompt)


@require_GET
def variant(request: HttpRequest, pk: int, variant_pk: int) -> HttpResponse:
    """One version: its texts, what it changed, and the versions before and after it."""
    shown = get_object_or_404(Variant.objects.select_related("prompt", "parent", "author"), prompt=pk, pk=variant_pk)
    versions = list(Variant.objects.filter(prompt=pk, name=shown.name).select_related("author"))
    context = {"variant": shown, "prompt": shown.prompt, "versions": versions, "is_latest": shown == versions[0]}
    if shown.parent:
        context["system_changes"] = word_changes(shown.parent.system, shown.system)
        context["template_changes"] = word_changes(shown.parent.template, shown.template)
    return render(request, "prompts/variant.html", context)


@editor_required
@require_http_methods(["GET", "POST"])
def edit_variant(request: HttpRequest, pk: int, variant_pk: int) -> HttpResponse:
    """Edit a wording; saving stores the next version of the same variant."""
    parent = get_object_or_404(Variant.objects.select_related("prompt"), prompt=pk, pk=variant_pk)
    return _edit(request, parent.prompt, parent, is_new=False)


@editor_required
@require_http_methods(["GET", "POST"])
def new_variant(request: HttpRequest, pk: int) -> HttpResponse:
    """A further variant, started from the wording `?origin=` or from an empty page."""
    prompt = get_object_or_404(Prompt, pk=pk)
    return _edit(request, prompt, OriginForm(request.GET, prompt).chosen(), is_new=True)


def _edit(request: HttpRequest, prompt: Prompt, parent: Variant | None, is_new: bool) -> HttpResponse:
    texts = {"system": parent.system, "template": parent.template} if parent else {"template": "{{ question }}"}
    initial = {**texts, "name": "" if is_new else parent.name}
    form = WordingForm(request.POST or None, prompt=prompt, is_new=is_new, initial=initial)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        saved = form.write(prompt, request.user, parent)
        if saved == parent:
            messages.info(request, "Nothing changed, so no new version was made.")
        return redirect("variant", prompt.pk, saved.pk)
    entered = request.POST if request.method == "POST" else initial
    context = {"prompt": prompt, "parent": parent, "form": form, "is_new": is_new}
    if not is_new:
        context["next_version"] = prompt.variants.filter(name=parent.name).aggregate(last=Max("version"))["last"] + 1
    return render(request, "prompts/edit_variant.html", context | _preview(entered, request.POST or request.GET, parent))


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The wording being typed, filled in for a real problem. Stores nothing."""
    parent = PreviewForm(request.POST).parent_chosen()
    return render(request, "prompts/_preview.html", _preview(request.POST, request.POST, parent))


def _preview(texts, choice, parent: Variant | None) -> dict:
    form = PreviewForm(choice)
    problem, number, n_problems = form.chosen()
    system, template = ((texts.get(part) or "").replace("\r\n", "\n") for part in ("system", "template"))
    context = {"problem": problem, "number": number, "n_problems": n_problems, "preview_form": form, "parent": parent}
    if parent:
        pairs = [(parent.system, system), (parent.template, template)]
        context["changes"] = [word_changes(before, after) for before, after in pairs if before != after]
    return context | (_filled(system, template, problem) if problem else {})


def _filled(system: str, template: str, problem: Problem) -> dict:
    try:
        filled = [("system", templating.render(system, problem.slots)), ("user", templating.render(template, problem.slots))]
    except TemplateError as error:
        return {"obstacle": str(error), "slots": problem.slots}
    return {"messages_to_send": [(role, text) for role, text in filled if text], "slots": problem.slots}
