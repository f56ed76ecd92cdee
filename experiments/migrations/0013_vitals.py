from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0012_teams"),
    ]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="vitals",
            field=models.JSONField(db_default={}, default=dict, help_text="What it told of itself with its last heartbeat"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=models.Q(("state", "pending")), fields=["condition"], name="attempt_waiting"),
        ),
    ]
