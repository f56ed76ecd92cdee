"""`manage.py allow_endpoint URL [--key VARIABLE]`: an administrator's consent, given where Assay runs."""

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import InvalidInput
from experiments.inference.base_urls import normal_url
from experiments.runner import trust


class Command(BaseCommand):
    help = "Let a base URL in a private network be asked, and name the environment variable whose key may be sent there."

    def add_arguments(self, parser) -> None:
        parser.add_argument("url", help="the base URL, such as http://localhost:8080/v1")
        parser.add_argument("--key", default="", help="an environment variable, such as VLLM_API_KEY")
        parser.add_argument("--withdraw", action="store_true", help="take back everything allowed for this URL")

    def handle(self, *, url: str, key: str, withdraw: bool, **options) -> None:
        try:
            shown = normal_url(url)
        except InvalidInput as error:
            raise CommandError(str(error)) from None
        if withdraw:
            trust.withdraw_address(None, url)
            self.stdout.write(f"Nothing is allowed for {shown} any more.")
            return
        trust.allow_address(None, url, [key] if key else [])
        self.stdout.write(f"{shown} may be asked{f', with the key in {key}' if key else ''}.")
