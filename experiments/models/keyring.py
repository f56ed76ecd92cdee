"""Keys and consents for all machines of a lab."""

from django.db import models
from django.db.models.functions import Now


class KeyringFile(models.Model):
    """One file of the keys' folder as it was last changed on any machine. Keys in it are encrypted with the secret key."""

    name = models.CharField(max_length=100, primary_key=True)
    content = models.BinaryField(null=True, help_text="Empty where the file was removed")
    changed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
