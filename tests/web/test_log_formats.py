"""What a log line tells, in both formats, and that no key comes through either."""

import asyncio
import io
import json
import logging
import subprocess
import sys

import pytest

from experiments.domain.log_context import working_for
from tests.site import ROOT
from webapp.logs import JsonFormatter, LineFormatter

SECRET = "plainwords77d1c0"
URL_SECRET = "pass77d1c0word"


@pytest.fixture(params=[LineFormatter, JsonFormatter])
def written(request, monkeypatch):
    """(logger, function that returns what was written so far)."""
    monkeypatch.setenv("SOME_ENDPOINTS_API_KEY", SECRET)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param(["secret-of-the-settings"]))
    logger = logging.Logger("planted")
    logger.addHandler(handler)
    return logger, stream.getvalue


@pytest.fixture
def as_json():
    """Format one record and read it back."""

    def read(**fields) -> dict:
        line = JsonFormatter().format(logging.makeLogRecord({"name": "a.logger", "levelname": "INFO", **fields}))
        assert "\n" not in line
        return json.loads(line)

    return read


def test_no_key_comes_through_in_messages_arguments_exceptions_or_addresses(written):
    logger, text = written
    logger.warning("key %s and %r", SECRET, {"authorization": f"Bearer {SECRET}"})
    logger.warning(f"postgres://assay:{URL_SECRET}@db:5432/assay and redis://:{URL_SECRET}@broker/0")
    logger.warning("GET /login/%s/ 200 sk-planted-77d1c0 secret-of-the-settings", "77d1c0" * 6)
    logger.warning("two places for one argument: %s %s", SECRET)
    try:
        try:
            raise ValueError(f"rejected {SECRET}", {"url": f"https://host/?key={SECRET}"})
        except ValueError as error:
            raise RuntimeError(f"postgres://assay:{URL_SECRET}@db is away") from error
    except RuntimeError:
        logger.exception("It broke")
    assert "77d1c0" not in text()
    assert "secret-of-the-settings" not in text()
    assert text().count("[key]") >= 9
    assert "postgres://assay:[key]@db:5432/assay" in text()
    assert "RuntimeError" in text()


def test_json_lines_stay_one_readable_object_whatever_is_in_them(as_json):
    message = 'Bearer abc"def\\ and "quotes"\nand another line \u2028 \x00'
    entry = as_json(msg=message)
    assert entry["message"] == 'Bearer [key]"def\\ and "quotes"\nand another line \u2028 \x00'
    assert list(entry) == ["time", "level", "logger", "message"]
    assert (entry["level"], entry["logger"]) == ("INFO", "a.logger")


def test_lines_tell_whom_the_code_works_for_also_in_tasks_begun_there(as_json):
    async def inside() -> dict:
        return as_json(msg="text")

    async def work() -> dict:
        with working_for(worker=2), working_for(run=3, attempt=17):
            task = asyncio.create_task(inside())
        return await task

    entry = asyncio.run(work())
    assert {name: entry[name] for name in ("run", "attempt", "worker")} == {"run": 3, "attempt": 17, "worker": 2}
    assert "run" not in as_json(msg="text"), "it ends with the work"
    assert as_json(msg="text", run=5)["run"] == 5
    with working_for(run=3, attempt=17, request_id="a1"):
        line = LineFormatter().format(logging.makeLogRecord({"msg": "text", "levelname": "INFO", "name": "n"}))
    assert line.endswith("INFO n: text [run 3, attempt 17, request id a1]")


def test_lines_of_the_web_server_and_of_libraries_are_objects_too(tmp_path):
    environment = {"ASSAY_DATA_DIR": str(tmp_path), "ASSAY_LOG_FORMAT": "json", "PATH": ""}
    script = (
        "import logging, uvicorn, celery; from celery.utils.log import get_task_logger;"
        "uvicorn.Config('webapp.asgi:application').load();"
        "logging.getLogger('uvicorn.error').warning('from uvicorn');"
        "get_task_logger('tasks').warning('from celery');"
        "logging.getLogger('asyncio').warning('from a library');"
        "logging.getLogger('experiments.runner').info('from us')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    told = [line["message"] for line in lines if line["message"].startswith("from")]
    assert told == ["from uvicorn", "from celery", "from a library", "from us"]


def test_an_unknown_format_is_refused_at_start(tmp_path):
    environment = {"ASSAY_DATA_DIR": str(tmp_path), "ASSAY_LOG_FORMAT": "xml", "PATH": ""}
    done = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "ASSAY_LOG_FORMAT must be one of line, json, not 'xml'." in done.stderr


def test_every_answer_carries_its_request_id_and_keeps_a_proxys(client):
    assert len(client.get("/login/")["X-Request-ID"]) == 32
    assert client.get("/login/", headers={"X-Request-ID": "from-the-proxy.1"})["X-Request-ID"] == "from-the-proxy.1"
    assert len(client.get("/login/", headers={"X-Request-ID": "two\x0blines"})["X-Request-ID"]) == 32
