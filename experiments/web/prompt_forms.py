"""Forms of prompts and their variants; what they refuse is refused by the templates' own rules."""

from django import forms

from ..domain import templating
from ..domain.errors import TemplateError
from ..models import Dataset, Problem, Prompt, Variant


class PromptForm(forms.ModelForm):
    class Meta:
        model = Prompt
        fields = ["name", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}


def _template_area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "mono", "spellcheck": "false"})


class WordingForm(forms.Form):
    """A variant's texts. Whether its slots exist depends on the problems, so only their spelling is checked here."""

    name = forms.CharField(label="Variant", max_length=100, help_text="A short name, such as plain or step by step")
    system = forms.CharField(
        label="System text", required=False, strip=False, widget=_template_area(4), help_text="Empty sends none"
    )
    template = forms.CharField(
        label="User template",
        strip=False,
        widget=_template_area(10),
        help_text="{{ question }} is replaced by the problem's question",
    )

    def __init__(self, *args, prompt: Prompt | None = None, is_new: bool = True, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.prompt = prompt
        self.is_new = is_new
        if not is_new:
            self.fields["name"].disabled = True

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if self.is_new and self.prompt and self.prompt.variants.filter(name=name).exists():
            raise forms.ValidationError(f"“{self.prompt}” has a variant “{name}” already. Edit that one, or choose another name.")
        return name

    def clean_system(self) -> str:
        return self._checked("system")

    def clean_template(self) -> str:
        return self._checked("template")

    def _checked(self, field: str) -> str:
        text = self.cleaned_data[field].replace("\r\n", "\n")
        try:
            templating.slots_of(text)
        except TemplateError as error:
            raise forms.ValidationError(str(error)) from None
        return text

    def write(self, prompt: Prompt, author, parent: Variant | None = None) -> Variant:
        texts = self.cleaned_data
        return Variant.objects.write(prompt, texts["name"], texts["system"], texts["template"], parent=parent, author=author)


class OriginForm(forms.Form):
    """Where a new variant starts from: `?origin=` names a version of the same prompt."""

    def __init__(self, data, prompt: Prompt):
        super().__init__(data)
        self.fields["origin"] = forms.ModelChoiceField(queryset=prompt.variants.all(), required=False)

    def chosen(self) -> Variant | None:
        return self.cleaned_data["origin"] if self.is_valid() else None


class PreviewForm(forms.Form):
    """Which problem a wording is tried on, counted from 1; past the end it is the last one.

    `preview` is the value of the button that was pressed: the problem to go to, or nothing to stay.
    """

    dataset = forms.ModelChoiceField(queryset=Dataset.objects.none(), required=False, empty_label=None)
    problem = forms.IntegerField(min_value=1, required=False)
    preview = forms.IntegerField(min_value=1, required=False)
    parent = forms.ModelChoiceField(queryset=Variant.objects.all(), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dataset"].queryset = Dataset.objects.latest_versions().filter(archived=False).order_by("-pk")

    def parent_chosen(self) -> Variant | None:
        """The version that the wording is compared with."""
        return self.cleaned_data.get("parent") if self.is_valid() else None

    def chosen(self) -> tuple[Problem | None, int, int]:
        """(the problem, its number, how many there are); the newest dataset's first one where nothing was chosen."""
        wanted = self.cleaned_data if self.is_valid() else {}
        dataset = wanted.get("dataset") or self.fields["dataset"].queryset.first()
        if dataset is None:
            return None, 0, 0
        number = min(wanted.get("preview") or wanted.get("problem") or 1, dataset.n_problems)
        problem = dataset.problems.select_related("dataset").get(position=number - 1)
        return problem, number, dataset.n_problems
