"""Tags on things and notes on runs: editors write them, everyone reads them."""

import pytest

from experiments.models import Dataset, Note, Tag
from experiments.models.tags import LONGEST_TAG
from tests.factories import make_dataset, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run()


def test_each_kind_of_thing_takes_tags(editor, run):
    experiment = run.experiment
    things = {"run": run, "experiment": experiment, "dataset": experiment.dataset, "prompt": experiment.variants.get().prompt}
    for kind, thing in things.items():
        assert editor.post(f"/tags/{kind}/{thing.pk}/add/", {"name": "For  the Paper, draft,"}).url == thing.get_absolute_url()
        assert [tag.name for tag in thing.tags.all()] == ["draft", "for the paper"]
        assert ">draft</a>" in editor.get(thing.get_absolute_url()).content.decode()
    assert Tag.objects.count() == 2
    assert editor.post(f"/tags/model/{run.pk}/add/", {"name": "x"}).status_code == 404


def test_a_tag_that_nothing_carries_any_more_is_gone(editor, run):
    other = make_run()
    for each in (run, other):
        each.tag("draft")
    editor.post(f"/tags/run/{run.pk}/remove/", {"name": "draft"})
    assert Tag.objects.filter(name="draft").exists()
    editor.post(f"/tags/run/{other.pk}/remove/", {"name": "draft"})
    editor.post(f"/tags/run/{other.pk}/remove/", {"name": "never there"})
    assert not Tag.objects.exists()


def test_a_tag_that_is_too_long_says_so(editor, run):
    page = editor.post(f"/tags/run/{run.pk}/add/", {"name": "fine, " + "x" * (LONGEST_TAG + 1)}, follow=True).content.decode()
    assert f"is longer than {LONGEST_TAG} characters" in page
    assert not run.tags.exists()


def test_the_next_version_of_a_dataset_keeps_the_tags(db):
    make_dataset(3, "sums").tag("public")
    make_dataset(4, "sums")
    assert [tag.name for tag in Dataset.objects.get(name="sums", version=2).tags.all()] == ["public"]


def test_scripts_get_the_piece_of_the_page(editor, run):
    html = editor.post(f"/tags/run/{run.pk}/add/", {"name": "draft"}, headers={"HX-Request": "true"}).content.decode()
    assert html.startswith('<div class="tags"')
    assert "Take off the tag draft" in html


def test_a_note_tells_who_and_when(editor, viewer, run):
    assert editor.post(f"/runs/{run.pk}/notes/add/", {"text": "Slow.\nVery."}).url == f"/runs/{run.pk}/#notes"
    page = viewer.get(f"/runs/{run.pk}/").content.decode()
    assert "Slow.\nVery." in page
    assert "the editor, <time" in page
    editor.post(f"/runs/{run.pk}/notes/add/", {"text": "   "})
    assert Note.objects.count() == 1, "an empty note is none"


def test_notes_are_removed_by_their_author_or_an_administrator(editor, administrator, run):
    by_another = run.notes.create(author=make_user(), text="Mine.")
    own = run.notes.create(author=editor.user, text="Mine too.")
    assert editor.post(f"/runs/{run.pk}/notes/{by_another.pk}/remove/").status_code == 404
    editor.post(f"/runs/{run.pk}/notes/{own.pk}/remove/")
    assert list(run.notes.all()) == [by_another]
    administrator.post(f"/runs/{run.pk}/notes/{by_another.pk}/remove/")
    assert not run.notes.exists()
