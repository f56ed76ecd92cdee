"""Somebody saves a newer version while a column is being typed into."""

import pytest

from experiments.models import Variant
from tests.factories import make_dataset, make_variant

pytestmark = pytest.mark.django_db


def test_the_column_keeps_the_name_that_its_fields_have(editor):
    dataset, shown = make_dataset(2), make_variant()
    Variant.objects.write(shown.prompt, shown.name, "", "Please: {{ question }}")
    typed = {
        "dataset": dataset.pk,
        "problem": 1,
        f"base-{shown.pk}": shown.pk,
        f"system-{shown.pk}": "",
        f"template-{shown.pk}": "Sum up {{ question }}",
    }
    html = editor.post(f"/prompts/{shown.prompt_id}/editor/{shown.pk}/typed/", typed).content.decode()
    assert "saving leads to a merge" in html
    assert f"/prompts/{shown.prompt_id}/editor/{shown.pk}/tokens/" in html
