"""Forms that end in a stored dataset."""

from collections.abc import Iterable

from django import forms

from ..domain.types import ProblemDraft
from ..models import Dataset, User
from ..sources.base import Source, sources
from ..sources.reasoning_gym_tasks import ReasoningGymTask
from .option_forms import OptionsForm
from .task_form import TaskForm


class NameForm(forms.Form):
    """What the dataset is called. A name that exists gets its next version."""

    name = forms.CharField(max_length=200, help_text="A name that exists already gets its next version")
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)

    def store(self, drafts: Iterable[ProblemDraft], source: str, params: dict, author: User) -> Dataset:
        """Raises SourceError or InvalidInput at the first problem that cannot be used; then nothing is stored."""
        texts = self.cleaned_data
        return Dataset.objects.store(
            texts["name"], drafts, source=source, source_params=params, description=texts["description"], author=author
        )


class FileForm(forms.Form):
    """The first step of an upload."""

    file = forms.FileField(help_text="A header line or a JSON object per line; question and answer are found by their names")
    source = forms.ChoiceField(label="Format", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        readers = [(source.name, source.label) for source in sources if source.needs_file]
        self.fields["source"].choices = [("", "by the file's name"), *readers]

    def clean(self) -> dict:
        cleaned = super().clean()
        file = cleaned.get("file")
        if file and not cleaned.get("source"):
            ending = file.name.rpartition(".")[2].lower()
            known = [name for name, _ in self.fields["source"].choices if name]
            if ending not in known:
                self.add_error("source", f"“.{ending}” does not tell how to read “{file.name}”. Choose the format.")
            cleaned["source"] = ending
        return cleaned


def source_form(source: type[Source], data=None) -> OptionsForm:
    """The form of a source's options; one that generates tasks asks for the chosen task's own options too."""
    kind = TaskForm if source is ReasoningGymTask else OptionsForm
    return kind(source, data, prefix=f"source-{source.name}")
