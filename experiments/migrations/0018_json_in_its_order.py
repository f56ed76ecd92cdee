"""PostgreSQL keeps the keys of these in their order from here on. Nothing happens on SQLite, which always did."""

from django.db import migrations

COLUMNS = {
    "dataset": ["source_params"],
    "problem": ["answers", "choices", "metadata"],
    "languagemodel": ["params", "truth"],
    "experiment": ["study_params", "decoding", "grader_params", "verifiers"],
    "run": ["config"],
    "condition": ["decoding", "strategy_params"],
    "attempt": ["trace"],
    "call": ["occurrences"],
    "measurement": ["trials"],
    "sample": ["measures"],
    "verifierscore": ["details"],
    "grade": ["details"],
    "draft": ["texts"],
    "workerdraft": ["texts"],
    "finding": ["estimates", "figure", "details"],
    "regrading": ["params"],
    "reviewset": ["conditions", "choice", "rubric"],
    "reviewfile": ["counts"],
    "humanverdict": ["scores"],
    "scoring": ["config"],
    "trial": ["params", "messages", "decoding"],
    "truthtest": ["params", "rows"],
}


def keep_order(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in COLUMNS.items():
        changes = ", ".join(f"ALTER COLUMN {column} TYPE json USING {column}::json" for column in columns)
        schema_editor.execute(f"ALTER TABLE experiments_{table} {changes}")


# It rewrites whole tables on PostgreSQL, where the release before it did not run: there is no old code beside it.
keep_order.is_safe_beside_old_code = True


class Migration(migrations.Migration):
    dependencies = [("experiments", "0017_keyring")]

    operations = [migrations.RunPython(keep_order, migrations.RunPython.noop)]
