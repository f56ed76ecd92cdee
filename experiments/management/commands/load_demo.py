"""`manage.py load_demo`: the demo's data set, prompt, language model and experiment."""

from django.core.management.base import BaseCommand

from experiments.runner.demo import load_demo


class Command(BaseCommand):
    help = "Load the demo experiment with all it needs; nothing is changed that is there already."

    def handle(self, **options) -> None:
        experiment = load_demo()
        self.stdout.write(f"The experiment “{experiment}” is ready: manage.py run_experiment {experiment} --wait")
