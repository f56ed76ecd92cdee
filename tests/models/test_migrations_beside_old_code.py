"""During an update old code works beside the new schema: no migration may break it. docs/updating.md explains the rule."""

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from tests.models.beside_old_code import Rules

#: The newest migration of the release that may still be running. Move it when a release is made.
LAST_RELEASED = ("experiments", "0009_prompt_drafts_and_trials")


def test_no_migration_since_the_last_release_breaks_the_code_of_that_release():
    loader = MigrationLoader(None)
    assert LAST_RELEASED in loader.graph.nodes, "Say in LAST_RELEASED which migration the last release ended with"
    (newest,) = loader.graph.leaf_nodes("experiments")
    plan = [node for node in loader.graph.forwards_plan(newest) if node not in loader.graph.forwards_plan(LAST_RELEASED)]
    rules = Rules(loader.project_state(LAST_RELEASED))
    broken = [words for node in plan if node[0] == "experiments" for words in rules.broken_by(loader.get_migration(*node))]
    assert not broken, "\n".join(["Old code cannot run beside these steps (docs/updating.md):", *broken])


def fix_up(apps, editor):
    pass


def fix_up_in_steps(apps, editor):
    pass


fix_up_in_steps.is_safe_beside_old_code = True

REQUIRED = models.IntegerField()
SAFE = [
    operations.AddField("thing", "note", models.TextField(null=True)),
    operations.AddField("thing", "n", models.IntegerField(db_default=0)),
    operations.AlterField("thing", "name", models.CharField(max_length=20, null=True, help_text="Longer, and may be empty")),
    operations.CreateModel("other", [("id", models.AutoField(primary_key=True)), ("n", REQUIRED)]),
    operations.AddIndex("thing", models.Index(fields=["name"], name="by_name")),
    operations.RunPython(fix_up_in_steps),
]
UNSAFE = [
    operations.AddField("thing", "n", REQUIRED),
    operations.AddField("thing", "n", models.IntegerField(default=0)),
    operations.AddField("thing", "n", models.IntegerField(db_default=0, unique=True)),
    operations.RemoveField("thing", "name"),
    operations.RenameField("thing", "name", "title"),
    operations.RenameModel("thing", "matter"),
    operations.DeleteModel("thing"),
    operations.AlterModelTable("thing", "things"),
    operations.AlterUniqueTogether("thing", {("name",)}),
    operations.AlterField("thing", "name", models.CharField(max_length=5)),
    operations.AlterField("thing", "name", models.CharField(max_length=10, unique=True)),
    operations.AlterField("thing", "name", models.IntegerField()),
    operations.AlterField("thing", "size", models.IntegerField()),
    operations.AlterField("thing", "colour", models.CharField(max_length=10, default="red")),
    operations.AddConstraint("thing", models.CheckConstraint(condition=models.Q(size__gt=0), name="has_size")),
    operations.AddConstraint("thing", models.UniqueConstraint(fields=["name"], name="name_once")),
    operations.RemoveConstraint("thing", "sized"),
    operations.RunPython(fix_up),
    operations.RunSQL("DELETE FROM thing"),
    operations.SeparateDatabaseAndState(database_operations=[operations.RunSQL("DROP TABLE thing")]),
]


def made_of(*steps, **marks) -> Migration:
    kind = type("Migration", (Migration,), {"operations": list(steps), **marks})
    return kind("0002_change", "shop")


def a_shop() -> ProjectState:
    state = ProjectState()
    fields = [
        ("id", models.AutoField(primary_key=True)),
        ("name", models.CharField(max_length=10)),
        ("size", models.IntegerField(null=True)),
        ("colour", models.CharField(max_length=10, db_default="red")),
    ]
    sized = models.CheckConstraint(condition=models.Q(size__gte=0), name="sized")
    operations.CreateModel("thing", fields, options={"constraints": [sized]}).state_forwards("shop", state)
    return state


@pytest.mark.parametrize("step", SAFE, ids=lambda step: step.describe())
def test_a_step_that_adds_is_fine(step):
    assert Rules(a_shop()).broken_by(made_of(step)) == []


@pytest.mark.parametrize("step", UNSAFE, ids=lambda step: step.describe())
def test_a_step_that_takes_away_or_forbids_is_named(step):
    (words,) = Rules(a_shop()).broken_by(made_of(step))
    assert words.startswith(f"0002_change: {step.describe()}: ")


def test_a_step_that_takes_away_is_fine_once_a_release_does_without():
    step = operations.RemoveField("thing", "name")
    assert Rules(a_shop()).broken_by(made_of(step, contract_since="0.0.9")) == []
    (words,) = Rules(a_shop()).broken_by(made_of(step, contract_since="99.0.0"))
    assert "not released yet" in words


def test_the_mark_of_a_contract_step_is_refused_where_nothing_is_taken_away():
    (words,) = Rules(a_shop()).broken_by(made_of(SAFE[0], contract_since="0.0.9"))
    assert "there is none" in words


def test_a_rule_about_columns_that_old_code_does_not_know_is_fine():
    new = operations.AddField("thing", "weight", models.IntegerField(db_default=1))
    rule = models.CheckConstraint(condition=models.Q(weight__gt=0) | models.Q(weight__lt=-1), name="has_weight")
    assert Rules(a_shop()).broken_by(made_of(new, operations.AddConstraint("thing", rule))) == []
