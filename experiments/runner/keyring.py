"""Keys and consents that were entered on one machine reach the others through the database they share."""

from django.db import connection
from django.db.models.functions import Now

from ..inference import key_files
from ..models import KeyringFile


class Keyring:
    """`key_files.Sharing` over PostgreSQL. With SQLite there is one machine, and its files are all there is."""

    def fetch(self) -> None:
        if connection.vendor == "sqlite":
            return
        for entry in KeyringFile.objects.all():
            content = None if entry.content is None else bytes(entry.content)
            if key_files.read(entry.name) != content:
                key_files.put(entry.name, content)

    def publish(self, name: str, content: bytes | None) -> None:
        if connection.vendor == "sqlite":
            return
        KeyringFile.objects.update_or_create(name=name, defaults={"content": content, "changed_at": Now()})
