"""`manage.py add_model PATH`: put a GGUF file into the model library."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.inference.llama_cpp import library


class Command(BaseCommand):
    help = "Check a GGUF file, put it into the model library and show what it says about itself."

    def add_arguments(self, parser) -> None:
        parser.add_argument("path", type=Path, help="a file that ends in .gguf")

    def handle(self, *, path: Path, **options) -> None:
        try:
            added = library.add(path)
            lines = [f"{title}: {value}" for title, value in library.describe(added).items()]
        except AssayError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            "\n".join([*lines, f"“{added.name}” is in the library. Experiments can ask it once it is added under Models."])
        )
