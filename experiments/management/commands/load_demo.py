"""`manage.py load_demo`: the demo's data set, prompt, language model and experiments."""

from django.core.management.base import BaseCommand

from experiments.runner.presets import load_preset, names


class Command(BaseCommand):
    help = "Load the demo and the other experiments that are ready to run; nothing is changed that is there already."

    def handle(self, **options) -> None:
        for name in names():
            experiment = load_preset(name)
            self.stdout.write(f"The experiment “{experiment}” is ready: manage.py run_experiment {experiment} --wait")
