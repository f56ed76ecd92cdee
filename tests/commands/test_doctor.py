"""The doctor sees what is wrong, says what to do, mends what is safe, and ends with 1 where something is at fault."""

import json
import os
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from experiments.inference import consents, keys
from experiments.management import doctoring  # noqa: F401  (registers the checks)
from experiments.management.doctoring.registry import names
from experiments.models import Attempt, AuditEntry, Batch, Call, LanguageModel, Run, Tag, Worker, clock
from tests.factories import make_language_model, make_run, make_sample
from tests.runner.working import work_until_idle
from tests.servers.misbehaving import status
from tests.servers.threads import served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]  # those of a test run are more
    return tmp_path


def examined(*flags: str) -> dict[str, list[dict]]:
    """What the command says as JSON, by check; and that its exit code fits."""
    out = StringIO()
    try:
        call_command("doctor", "--json", *flags, stdout=out)
        code = 0
    except CommandError as error:
        code = error.returncode
    found: dict[str, list[dict]] = {}
    for each in json.loads(out.getvalue())["checks"]:
        assert set(each) == {"name", "state", "seen", "todo"}
        assert each["state"] in ("ok", "warning", "fault")
        assert bool(each["todo"]) == (each["state"] != "ok") or "--fix" in flags
        found.setdefault(each["name"], []).append(each)
    assert code == any(each["state"] == "fault" for results in found.values() for each in results)
    return found


def seen(name: str, *flags: str) -> tuple[str, str]:
    """State and words of the check's only result."""
    (only,) = examined(*flags)[name]
    return only["state"], only["seen"]


def test_an_installation_that_has_worked_is_well():
    run = make_run(problems=2)
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    AuditEntry.objects.record(None, "backed_up", "last.zip")
    found = examined()
    other = {"sqlite": "PostgreSQL", "postgresql": "SQLite"}[connection.vendor]
    assert set(found) >= {name for name in names() if not name.startswith(other)} - {
        *("queues", "model files", "endpoints", "rows that point nowhere")
    }
    unwell = [each for results in found.values() for each in results if each["state"] != "ok"]
    assert not [each for each in unwell if each["name"] != "disk"]


def test_counters_that_disagree_are_a_fault_and_counted_again():
    run = make_run(problems=2)
    work_until_idle()
    run.refresh_from_db()
    right = (run.n_samples, run.n_correct)
    Run.objects.update(n_samples=run.n_samples + 3, n_correct=0)
    state, words = seen("counters of runs")
    assert state == "fault"
    assert f"n_samples is {right[0] + 3} instead of {right[0]}" in words
    assert seen("counters of runs", "--fix")[0] == "ok"
    run.refresh_from_db()
    assert (run.n_samples, run.n_correct) == right
    assert seen("counters of runs") == ("ok", "They say what the rows say.")


def test_what_stopped_workers_hold_is_given_back():
    run = make_run(problems=2)
    worker = Worker.objects.create(host="gone", pid=1, process_started=0, stopped_at=clock.now())
    held = run.attempts.first()
    Attempt.objects.filter(pk=held.pk).update(state="running", worker=worker)
    call = {"run": run, "attempt": held, "occurrence": 0, "try_number": 1, "state": "sent", "sent_at": clock.now()}
    Call.objects.create(key="a", worker=worker, most_cost=0.5, **call)
    Call.objects.create(key="b", worker=None, most_cost=0.25, **call)
    assert seen("work of stopped workers")[0] == "warning"
    assert "1 attempts and 2 calls" in seen("work of stopped workers", "--fix")[1]
    assert seen("work of stopped workers") == ("ok", "None.")
    assert set(Call.objects.values_list("state", flat=True)) == {"lost"}
    run.refresh_from_db()
    assert run.cost == 0.75
    assert not Attempt.objects.filter(state="running").exists()


def test_leftover_files_go_and_young_ones_stay(data_dir):
    old, young, upload = data_dir / "old.part", data_dir / "young.part", data_dir / "uploads" / "token"
    folder = data_dir / "backups" / ".assay-backup-x"
    for path in (old, young, upload, folder / "database.sqlite3"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    long_ago = time.time() - 2 * 24 * 3600
    for path in (old, upload, folder):
        os.utime(path, (long_ago, long_ago))
    state, words = seen("leftover files")
    assert state == "warning"
    assert words.startswith("3 files and folders")
    assert seen("leftover files", "--fix")[0] == "ok"
    assert [path.exists() for path in (old, young, upload, folder)] == [False, True, False, False]


def test_tags_on_nothing_go():
    Tag.objects.create(name="lonely")
    make_run(problems=1).tag("useful")
    assert seen("tags") == ("warning", "1 are on nothing.")
    seen("tags", "--fix")
    assert list(Tag.objects.values_list("name", flat=True)) == ["useful"]


def test_secret_files_that_others_can_read_are_closed(data_dir):
    keys.store("lab", "sk-1", "https://api.example.com/v1")
    (data_dir / "keys" / "lab.key").chmod(0o644)
    assert seen("permissions of secret files")[0] == "fault"
    seen("permissions of secret files", "--fix")
    assert (data_dir / "keys" / "lab.key").stat().st_mode & 0o777 == 0o600


def test_settings_that_are_not_for_a_lab(settings):
    keys.store("lab", "sk-1", "https://api.example.com/v1")
    settings.DEBUG, settings.ALLOWED_HOSTS, settings.SECRET_KEY = True, ["*"], "short"
    words = " ".join(each["seen"] for each in examined()["settings"])
    assert all(word in words for word in ("ASSAY_DEBUG", "ASSAY_ALLOWED_HOSTS", "5 characters", "lab cannot be opened"))


def test_a_schema_that_does_not_fit_is_a_fault():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('experiments', '9999_later', %s)", [clock.now()]
        )
    try:
        state, words = seen("migrations")
        assert state == "fault"
        assert "experiments.9999_later" in words
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")


def test_model_files_that_are_gone_or_changed_are_told():
    LanguageModel.objects.create(name="gone", backend="llama_cpp", params={"file": "gone.gguf"})
    LanguageModel.objects.create(name="small", backend="llama_cpp", params={})
    run = make_run(problems=1)
    frozen = {"name": "small", "fingerprint": {"file": "SmolLM2-135M-Instruct.Q4_1.gguf", "sha256": "0" * 64}}
    Run.objects.filter(pk=run.pk).update(config={**run.config, "language_models": [frozen]})
    found = {each["seen"].split(":")[0]: each["state"] for each in examined()["model files"]}
    assert found == {"gone": "fault", "small": "warning"}


def test_endpoints_are_only_asked_when_told_and_only_for_their_list():
    with served(status(200, {"data": [{"id": "small"}, {"id": "large"}]})) as server:
        consents.allow_private(server.base_url)
        params = {"base_url": server.base_url, "model": "small", "key_env": ""}
        for name in ("one", "another on the same server"):
            LanguageModel.objects.create(name=name, backend="openai_api", params=params)
        assert "--online" in seen("endpoints")[1]
        assert not server.requests
        assert seen("endpoints", "--online") == ("ok", "another on the same server: it answers and lists 2 models.")
        assert [request.path for request in server.requests] == ["/v1/models"]
    assert seen("endpoints", "--online")[0] == "fault"


def test_runs_that_wait_for_nobody_and_workers_that_fell_silent():
    make_run(problems=1)
    quiet = Worker.objects.create(host="quiet", pid=1, process_started=0)
    Worker.objects.filter(pk=quiet.pk).update(heartbeat_at=Now() - timedelta(hours=1))
    told = examined()["workers"]
    assert [each["state"] for each in told] == ["warning", "warning"]
    assert "1 runs wait" in told[0]["seen"]
    assert f"worker {quiet.pk} on quiet" in told[1]["seen"]


def test_a_machine_with_other_code_or_a_wrong_clock_is_named():
    Worker.objects.create(host="far", pid=1, process_started=0, clock_offset=3600.0, vitals={"version": "0.0.9 abcdef"})
    assert seen("versions")[0] == "warning"
    assert "3,600 s ahead of that of worker" in seen("clocks")[1]


def test_work_that_no_machine_takes_is_told(settings):
    settings.ASSAY_BROKER_URL = "redis://127.0.0.1:1/0"
    batch = Batch.objects.create(run=make_run(problems=1), language_model="m", queue="local.big.gguf", files=["big.gguf"])
    Batch.objects.filter(pk=batch.pk).update(placed_at=Now() - timedelta(hours=1))
    found = examined()
    assert found["broker"][0]["state"] == "fault"
    assert "local.big.gguf" in found["queues"][0]["seen"]


def test_a_missing_or_old_backup_is_told():
    make_sample(make_run(problems=1, language_models=[make_language_model()]).attempts.first())
    assert seen("backups") == ("warning", "None was ever taken.")
    AuditEntry.objects.bulk_create(
        [AuditEntry(who="cron", action="backed_up", about_label="old.zip", at=clock.now() - timedelta(days=30))]
    )
    assert "old.zip" in seen("backups")[1]
    AuditEntry.objects.record(None, "backed_up", "new.zip")
    assert seen("backups")[0] == "ok"


def test_the_text_names_state_check_and_what_to_do():
    Tag.objects.create(name="lonely")
    out = StringIO()
    call_command("doctor", stdout=out)
    assert "warning tags: 1 are on nothing.\n        Run: manage.py doctor --fix\n" in out.getvalue()
