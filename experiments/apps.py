from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "experiments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .inference import key_files
        from .runner.keyring import Keyring

        key_files.sharing = Keyring()
