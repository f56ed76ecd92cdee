"""`manage.py calibrate NAME`: measure how this machine computes a language model fastest, and remember it."""

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.inference.base import backends
from experiments.models import LanguageModel


class Command(BaseCommand):
    help = "Try ways of computing a local model for up to a minute. Nothing else should keep the machine busy meanwhile."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--although-busy", action="store_true", help="measure even while other work takes part of the machine"
        )
        parser.add_argument("name", help="a language model as it is called under Models, or a file of the model library")

    def handle(self, *, name: str, although_busy: bool, **options) -> None:
        entry = LanguageModel.objects.filter(name=name).first()
        try:
            backend = backends.build(entry.backend, entry.params) if entry else backends.build("llama_cpp", {"file": name})
            backend.calibrate(self.stderr.write, although_busy)
        except AssayError as error:
            raise CommandError(str(error)) from None
        for what, value in backend.measurements().items():
            self.stdout.write(f"{what}: {value}")
        self.stdout.write("Used from the next loading on wherever the options leave it open.")
