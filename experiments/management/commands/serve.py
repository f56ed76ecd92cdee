"""`manage.py serve`: web server and worker under one supervisor. `make run` calls it."""

import os
import signal
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from experiments.management.local_servers import ServersMissing
from experiments.management.own_servers import own_servers, run_until_stopped
from experiments.management.starting import wait_until_ready
from experiments.management.supervisor import Child, Supervisor, local_names, port_problem
from experiments.models import LoginLink, Run, User
from experiments.runner import placing

_MANAGE = str(Path(settings.BASE_DIR) / "manage.py")

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
        parser.add_argument("--workers", type=int, help="worker processes, 1 if not said; 0 for pages only")
        parser.add_argument("--web", type=int, help="web processes, 1 if not said")
        parser.add_argument(
            "--grown", action="store_true", help="as several machines would: PostgreSQL, Redis, Celery, two of each process"
        )

    def handle(self, *, grown: bool, host: str, port: int, **options) -> None:
        if problem := port_problem(host, port):
            raise CommandError(problem)
        if grown:
            self._serve_grown(host, port, **options)
        else:
            self._serve(host, port, **options)

    def _serve_grown(self, host: str, port: int, *, demo: bool, workers: int | None, web: int | None, **options) -> None:
        """This very command again, in a process with the settings that name the servers."""
        each = {"--host": host, "--port": port, "--workers": _or(workers, 2), "--web": _or(web, 2)}
        words = [str(word) for pair in each.items() for word in pair] + (["--demo"] if demo else [])
        try:
            with own_servers(settings.ASSAY_DATA_DIR) as named:
                code = run_until_stopped([sys.executable, _MANAGE, "serve", *words], {**os.environ, **named})
        except ServersMissing as error:
            raise CommandError(str(error)) from error
        sys.exit(code)

    def _serve(self, host: str, port: int, *, demo: bool, workers: int | None, web: int | None, **options) -> None:
        n_workers, n_web = _or(workers, 1), _or(web, 1)
        wait_until_ready(migrates=True)
        call_command("migrate", verbosity=0, interactive=False)
        landing = self._demo_run() if demo else None
        secret = LoginLink.objects.issue(_owner())
        address = f"http://{_shown(host)}:{port}"
        link = f"{address}{reverse('login_link', args=[secret])}{f'?next={landing}' if landing else ''}"

        environment = {**os.environ, "ASSAY_ALLOWED_HOSTS": ",".join(_allowed_hosts(host))}
        supervisor = Supervisor(say=lambda line: self.stderr.write(line))
        address_and_manners = [
            "--host",
            host,
            "--port",
            str(port),
            "--no-access-log",
            "--log-level",
            "warning",
            "--lifespan",
            "off",
        ]
        several = ["--workers", str(n_web)] if n_web > 1 else []
        uvicorn = ["-m", "uvicorn", "webapp.asgi:application", *address_and_manners, *several]
        supervisor.add(Child("web server", [sys.executable, *uvicorn], environment))
        for number in range(n_workers):
            name = "worker" if n_workers == 1 else f"worker {number + 1}"
            supervisor.add(Child(name, [sys.executable, _MANAGE, "worker"], environment))
        if placing.is_on():
            beat = ["-m", "celery", "--app", "webapp.celery", "--quiet", "beat", "--loglevel", "WARNING"]
            supervisor.add(Child("beat", [sys.executable, *beat], environment))

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


def _or(said: int | None, usual: int) -> int:
    return usual if said is None else said


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
