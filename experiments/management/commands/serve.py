"""`manage.py serve`: web server and worker under one supervisor. `make run` calls it."""

import os
import signal
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from experiments.management.supervisor import Child, Supervisor, local_names, port_problem
from experiments.models import LoginLink, Run, User

BANNER = """
  Assay is running at {address}

  Sign in with this link (works once, for an hour):

    {link}

  Data: {data}
  Stop with Ctrl-C; a run goes on where it was when you start again.
"""


class Command(BaseCommand):
    help = "Serve the pages and work on runs until Ctrl-C."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8311)
        parser.add_argument("--demo", action="store_true", help="load the demo data and start its experiment, once")
        parser.add_argument("--workers", type=int, default=1, help="worker processes; 0 for pages only")

    def handle(self, *, host: str, port: int, demo: bool, workers: int, **options) -> None:
        if problem := port_problem(host, port):
            raise CommandError(problem)
        call_command("migrate", verbosity=0, interactive=False)
        landing = self._demo_run() if demo else None
        secret = LoginLink.objects.issue(_owner())
        address = f"http://{_shown(host)}:{port}"
        link = f"{address}{reverse('login_link', args=[secret])}{f'?next={landing}' if landing else ''}"

        environment = {**os.environ, "ASSAY_ALLOWED_HOSTS": ",".join(_allowed_hosts(host))}
        supervisor = Supervisor(say=lambda line: self.stderr.write(line))
        web = ["-m", "uvicorn", "webapp.asgi:application", "--host", host, "--port", str(port)]
        supervisor.add(
            Child(
                "web server",
                [sys.executable, *web, "--no-access-log", "--log-level", "warning", "--lifespan", "off"],
                environment,
            )
        )
        for number in range(workers):
            name = "worker" if workers == 1 else f"worker {number + 1}"
            supervisor.add(Child(name, [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "worker"], environment))

        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, lambda *_: supervisor.stop())
        supervisor.start()
        if supervisor.wait_for_port(host, port):
            self.stdout.write(BANNER.format(address=address, link=link, data=settings.ASSAY_DATA_DIR))
            self.stdout.flush()
        supervisor.run()
        self.stdout.write("Stopped.")

    def _demo_run(self) -> str:
        """The address of the demo's newest run, started now if there never was one. The other presets stand beside it."""
        from experiments.runner import presets
        from experiments.runner.planning import create_run

        experiment, *_ = [presets.load_preset(name) for name in presets.names()]
        run = Run.objects.filter(experiment=experiment).first() or create_run(experiment, user=None)
        return run.get_absolute_url()


def _owner() -> User:
    """The administrator of this installation, made at the first start; without a password, so only links let in."""
    owner = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True).order_by("pk").first()
    if owner is None:
        owner = User.objects.create_user("admin", role=User.Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    return owner


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host


def _allowed_hosts(host: str) -> list[str]:
    """The names this server answers to: the configured ones, and its own when it listens beyond loopback."""
    own = local_names() if host in ("0.0.0.0", "::") else [host]
    return [*settings.ALLOWED_HOSTS, *own]
