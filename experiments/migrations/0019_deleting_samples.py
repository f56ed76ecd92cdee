"""Indexes by which a database sees at once that nothing refers to a sample that goes. They are small: most refer to none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0018_json_in_its_order"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=models.Q(("chosen__isnull", False)), fields=["chosen"], name="attempt_by_chosen"),
        ),
        migrations.AddIndex(
            model_name="sample",
            index=models.Index(condition=models.Q(("parent__isnull", False)), fields=["parent"], name="sample_by_parent"),
        ),
        migrations.AddIndex(
            model_name="sample",
            index=models.Index(
                condition=models.Q(("reused_from__isnull", False)), fields=["reused_from"], name="sample_by_origin"
            ),
        ),
    ]
