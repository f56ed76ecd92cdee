"""One variant in the prompt editor: the texts as typed, what is wrong with them, and what they look like on a problem."""

from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import F, Value
from django.http import HttpRequest, QueryDict

from ..domain import templating
from ..domain.errors import TemplateError
from ..domain.wording import Change, word_changes
from ..models import Dataset, Problem, PromptDraft, Trial, Variant

_PARTS = ("system", "template")


@dataclass
class Column:
    """`base` is the version that the texts were typed over; `newest` differs where somebody saved another one meanwhile."""

    newest: Variant
    base: Variant
    system: str
    template: str
    draft: PromptDraft | None = None
    against: Variant | None = None
    trial: Trial | None = None
    obstacles: list[str] = field(default_factory=list)
    shown_problems: list[str] = field(default_factory=list)
    messages_to_send: list[tuple[str, str]] = field(default_factory=list)
    shown_as: int | None = None

    @property
    def pk(self) -> int:
        """The column's name in the form's fields: the version that was newest when the page was made."""
        return self.shown_as or self.newest.pk

    @property
    def versions(self):
        return Variant.objects.filter(prompt=self.newest.prompt_id, name=self.newest.name).select_related("author")

    @property
    def is_changed(self) -> bool:
        return (self.system, self.template) != (self.newest.system, self.newest.template)

    @property
    def is_overtaken(self) -> bool:
        return self.base != self.newest

    @property
    def changes(self) -> list[list[Change]]:
        """Word by word against the version that was chosen, for each text that differs."""
        if self.against is None:
            return []
        pairs = [(getattr(self.against, part), getattr(self, part)) for part in _PARTS]
        return [word_changes(before, after) for before, after in pairs if before != after]

    def try_on(self, problem: Problem | None) -> None:
        """Check the slots against the problem's dataset and fill them in."""
        if problem is None:
            return
        dataset = problem.dataset
        self.obstacles = [found for part in _PARTS if (found := _obstacle(part, getattr(self, part), dataset))]
        self.shown_problems = problems_in(f"{self.system}\n{self.template}", dataset)
        try:
            filled = [(role, templating.render(text, problem.slots)) for role, text in self._turns()]
        except TemplateError as error:
            self.obstacles = self.obstacles or [str(error)]
        else:
            self.messages_to_send = [(role, text) for role, text in filled if text]

    def _turns(self) -> list[tuple[str, str]]:
        return [("system", self.system), ("user", self.template)]


def column_of(newest: Variant, user, chosen: QueryDict) -> Column:
    """A variant with the person's unsaved texts, if there are any."""
    draft = PromptDraft.objects.over(newest.prompt, user).filter(base__name=newest.name).first()
    texts = draft or newest
    column = Column(newest, draft.base if draft else newest, texts.system, texts.template, draft)
    column.against = _against(newest, chosen.get(f"against-{newest.name}", ""))
    trial = chosen.get(f"trial-{newest.name}", "")
    column.trial = Trial.objects.filter(pk=trial, requested_by=user).first() if trial.isdigit() else None
    return column


def entered_column(newest: Variant, field: int, request: HttpRequest) -> Column:
    """A column as it stands in the posted form, whose fields are named after the version that was shown."""
    base = request.POST.get(f"base-{field}", "")
    versions = Variant.objects.filter(prompt=newest.prompt_id, name=newest.name).select_related("prompt")
    known = versions.filter(pk=base).first() if base.isdigit() else None
    system, template = (request.POST.get(f"{part}-{field}", "").replace("\r\n", "\n") for part in ("system", "template"))
    column = Column(newest, known or newest, system, template, shown_as=field)
    column.against = _against(newest, request.POST.get(f"against-{newest.name}", ""))
    return column


def _against(newest: Variant, chosen: str) -> Variant | None:
    """What the diff compares with: any version of the prompt's variants, or at first the version that is edited."""
    found = Variant.objects.filter(prompt=newest.prompt_id, pk=chosen).first() if chosen.isdigit() else None
    return found or newest


def newest_of(variant: Variant) -> Variant:
    return Variant.objects.filter(prompt=variant.prompt_id, name=variant.name).select_related("prompt").first()


def _obstacle(part: str, text: str, dataset: Dataset) -> str:
    """What is wrong with a text's slots, as a sentence; empty if every problem of the dataset can fill them."""
    lacking = _lacking(dataset.pk, dataset.content_hash)
    try:
        templating.check(text, lacking)
    except TemplateError as error:
        return f"{'System text' if part == 'system' else 'User template'}: {error}"
    missing = [(name, lacking[name]) for name in templating.slots_of(text) if lacking[name]]
    return " ".join(f"Problem {keys[0]} has no “{name}” ({len(keys):,} of the dataset lack it)." for name, keys in missing)


@lru_cache(maxsize=16)
def _lacking(dataset_pk: int, content_hash: str) -> dict[str, tuple[str, ...]]:
    """The dataset's slots, each with the keys of the problems that lack it. Remembered: a dataset never changes."""
    slots = {problem.key: set(problem.slots) for problem in Problem.objects.filter(dataset=dataset_pk)}
    names = dict.fromkeys(name for each in slots.values() for name in sorted(each))
    return {name: tuple(key for key, each in slots.items() if name not in each) for name in names}


def problems_in(text: str, dataset: Dataset) -> list[str]:
    """Keys of the dataset's problems whose question stands in the template text as words of its own."""
    text = text.replace(r"\{{", "{{")
    found = dataset.problems.annotate(wording=Value(text)).filter(wording__contains=F("question")).values_list("key", "question")
    return [key for key, question in found if question.strip() and _stands_in(question.strip(), text)]


def _stands_in(question: str, text: str) -> bool:
    at = text.find(question)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(question) : at + len(question) + 1]
        if not (before.isalnum() and question[0].isalnum()) and not (after.isalnum() and question[-1].isalnum()):
            return True
        at = text.find(question, at + 1)
    return False
