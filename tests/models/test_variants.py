"""A variant's wordings never change: an edit is a new version."""

import pytest

from experiments.models import Prompt, Variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def prompt():
    return Prompt.objects.create(name="Sums")


def test_an_edit_is_a_new_version_with_its_parent(prompt):
    first = Variant.objects.write(prompt, "plain", "", "{{ question }}")
    second = Variant.objects.write(prompt, "plain", "Be brief.", "{{ question }}")
    assert (first.version, second.version, second.parent) == (1, 2, first)
    assert list(Variant.objects.latest_versions()) == [second]


def test_saving_the_same_wording_again_changes_nothing(prompt):
    first = Variant.objects.write(prompt, "plain", "", "{{ question }}")
    assert Variant.objects.write(prompt, "plain", "", "{{ question }}") == first
    assert Variant.objects.count() == 1


def test_system_and_template_do_not_run_together_in_the_hash(prompt):
    one = Variant.objects.write(prompt, "a", "x", "yz")
    other = Variant.objects.write(prompt, "b", "xy", "z")
    assert one.content_hash != other.content_hash
