from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0015_batches"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="claimed_at",
            field=models.DateTimeField(help_text="By the worker that had it last", null=True),
        ),
    ]
