"""The prompt editor: many variants of one prompt side by side. All of the page is one form, so that nothing typed is lost."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ..domain import templating
from ..domain.errors import TemplateError
from ..domain.wording import word_changes
from ..models import Prompt, PromptDraft, Variant
from ..models.prompts import WrittenMeanwhile
from .access import editor_required
from .editor_columns import Column, column_of, entered_column, newest_of
from .editor_forms import LAYOUTS, BenchForm, ExamplesForm, NameForm, ShownForm
from .editor_trials import begin

_TYPED = ("system-", "template-", "base-", "name-")


@require_http_methods(["GET", "POST"])
def editor(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, and without scripts everything that is done on it: what was typed is kept first, whatever was pressed."""
    prompt = get_object_or_404(Prompt, pk=pk)
    if request.method == "POST":
        return _act(request, prompt)
    bench, examples = BenchForm(request.GET or None), ExamplesForm(request.GET)
    problem, number, n_problems = bench.chosen()
    columns = [column_of(variant, request.user, request.GET) for variant in ShownForm(request.GET, prompt).chosen()]
    for column in columns:
        column.try_on(problem)
    found = [(each, examples.written(each)) for each in examples.found(problem.dataset)] if problem else []
    context = {"prompt": prompt, "columns": columns, "bench": bench, "examples": examples, "found": found, "layouts": LAYOUTS}
    context |= {"variants": prompt.variants.latest_versions().order_by("pk"), "problem": problem}
    context |= {"number": number, "n_problems": n_problems, "graders": bench.fields["grader"].choices}
    return render(request, "prompts/editor.html", context)


@require_POST
def typed(request: HttpRequest, pk: int, variant_pk: int) -> HttpResponse:
    """What was typed into one column: kept as the person's draft, checked, compared and filled in."""
    newest = newest_of(get_object_or_404(Variant.objects.select_related("prompt"), prompt=pk, pk=variant_pk))
    column = entered_column(newest, variant_pk, request)
    if request.user.can_edit:
        column.draft = PromptDraft.objects.keep(column.base, request.user, column.system, column.template)
    problem, *_ = BenchForm(request.POST).chosen()
    column.try_on(problem)
    return render(request, "prompts/_editor_about.html", {"column": column, "problem": problem, "prompt": newest.prompt})


@editor_required
def _act(request: HttpRequest, prompt: Prompt) -> HttpResponse:
    columns: dict[str, Column] = {}
    for field in request.POST.getlist("column"):
        if field.isdigit() and (shown := prompt.variants.filter(pk=field).first()):
            columns[field] = entered_column(newest_of(shown), shown.pk, request)
            PromptDraft.objects.keep(columns[field].base, request.user, columns[field].system, columns[field].template)
    verb, _, field = request.POST.get("do", "").partition("-")
    chosen = request.POST.copy()
    action = _ACTIONS.get(verb)
    if action is None or (verb not in ("add", "problem", "restore") and field not in columns):
        return _back(prompt, chosen)
    return action(request, prompt, columns.get(field), field, chosen) or _back(prompt, chosen)


def _save(request, prompt, column, field, chosen) -> HttpResponse | None:
    try:
        for text in (column.system, column.template):
            templating.slots_of(text)
        if not column.template.strip():
            messages.error(request, f"“{column.newest.name}” has no user template. Nothing was saved; the draft is kept.")
            return None
        saved = Variant.objects.write_over(column.base, column.system, column.template, request.user)
    except TemplateError as error:
        messages.error(request, f"“{column.newest.name}” was not saved; the draft is kept. {error}")
        return None
    except WrittenMeanwhile:
        return _merge(request, prompt, column)
    PromptDraft.objects.discard(saved, request.user)
    if saved == column.base:
        messages.info(request, "Nothing changed, so no new version was made.")
    else:
        messages.success(request, f"Saved {saved.name} v{saved.version}.")
    return None


def _merge(request, prompt: Prompt, column: Column) -> HttpResponse:
    """Somebody saved meanwhile: the three texts, what each side changed, and one's own to go on from."""
    theirs = newest_of(column.newest)
    parts = []
    for part in ("system", "template"):
        old, new, own = (getattr(each, part) for each in (column.base, theirs, column))
        parts.append(
            {
                "name": part,
                "base": old,
                "own": own,
                "theirs": word_changes(old, new),
                "yours": word_changes(old, own),
                "apart": word_changes(new, own),
            }
        )
    context = {"prompt": prompt, "column": column, "theirs": theirs, "parts": parts}
    return render(request, "prompts/editor_merge.html", context, status=409)


def _discard(request, prompt, column, field, chosen) -> None:
    PromptDraft.objects.discard(column.base, request.user)
    messages.info(request, f"Discarded what was not saved of “{column.newest.name}”.")


def _restore(request, prompt, column, field, chosen) -> None:
    """`restore-12`: the text of that version once more, as the newest."""
    old = get_object_or_404(Variant, prompt=prompt, pk=field if field.isdigit() else 0)
    saved = Variant.objects.write(prompt, old.name, old.system, old.template, author=request.user)
    PromptDraft.objects.discard(saved, request.user)
    messages.success(request, f"{saved.name} v{saved.version} has the texts of v{old.version}.")


def _add(request, prompt, column, field, chosen) -> None:
    """A further variant; a column's button starts it from the texts that stand there."""
    proposed = request.POST.get("new_name", "") if column is None else request.POST.get(f"name-{field}", "")
    name, wrong = NameForm(proposed, prompt).checked()
    if wrong:
        messages.error(request, wrong)
        return
    texts = (column.system, column.template) if column else ("", "{{ question }}")
    made = Variant.objects.write(prompt, name, *texts, parent=column.newest if column else None, author=request.user)
    chosen.appendlist("shown", str(made.pk))
    messages.success(request, f"Added the variant “{made.name}”.")


def _rename(request, prompt, column, field, chosen) -> None:
    name, wrong = NameForm(request.POST.get(f"name-{field}", ""), prompt).checked()
    if wrong:
        messages.error(request, wrong)
        return
    prompt.variants.filter(name=column.newest.name).update(name=name)
    messages.success(request, f"“{column.newest.name}” is called “{name}” now; past runs keep the old name.")


def _try(request, prompt, column, field, chosen) -> None:
    trial, wrong = begin(request, column)
    if trial:
        chosen[f"trial-{column.newest.name}"] = str(trial.pk)
    else:
        messages.error(request, wrong)


def _insert(request, prompt, column, field, chosen) -> None:
    """Without scripts there is no cursor: the chosen problems are put before the template."""
    bench, examples = BenchForm(request.POST), ExamplesForm(request.POST)
    problem, *_ = bench.chosen()
    keys = request.POST.getlist("example")
    picked = problem.dataset.problems.filter(key__in=keys) if problem else []
    text = "".join(examples.written(each) for each in picked)
    PromptDraft.objects.keep(column.base, request.user, column.system, text + column.template)


def _problem(request, prompt, column, field, chosen) -> None:
    chosen["problem"] = field


_ACTIONS = {
    "save": _save, "discard": _discard, "restore": _restore, "add": _add, "duplicate": _add, "rename": _rename,
    "try": _try, "insert": _insert, "problem": _problem,
}  # fmt: skip


def _back(prompt: Prompt, chosen: QueryDict) -> HttpResponse:
    """To the page with the same choices; what was typed is in the drafts."""
    left_out = ("csrfmiddlewaretoken", "do", "column", "new_name", "example", "accepts_cost")
    kept = [(name, value) for name, values in chosen.lists() for value in values if value and name not in left_out]
    kept = [(name, value) for name, value in kept if not name.startswith(_TYPED)]
    return redirect(f"{reverse('prompt_editor', args=[prompt.pk])}?{urlencode(kept)}")
