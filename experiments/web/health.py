"""`/healthz` and `/readyz` for whatever keeps this process running. They never wait for a database that is away."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ..inference.redaction import redact
from ..runner.readiness import Check, questions, told
from .monitoring import administers, knows_token

PATIENCE_SECONDS = 1.5


@login_not_required
@never_cache
@require_safe
async def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive; nothing else is looked at."""
    return HttpResponse("ok\n", content_type="text/plain")


class Questions:
    """Each is asked in a thread of its own, and not again while the last answer to it is still awaited."""

    def __init__(self):
        self._asked: dict[str, Future] = {}

    async def ask(self, name: str, question: Callable[[], Check]) -> Check:
        answer = self._asked.get(name)
        if answer is None or answer.done():
            answer = self._asked[name] = Future()
            # A daemon, so that a question that hangs does not keep the process from ending.
            threading.Thread(target=_answer, args=(answer, question), daemon=True, name=f"is the {name} ready").start()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.shield(asyncio.wrap_future(answer))
        except TimeoutError:
            return Check(name, False, f"It did not answer within {PATIENCE_SECONDS:g} s.")


def readiness() -> Callable:
    """The view of /readyz: 200 or 503, and JSON with one line a check. What to do is told to those who may see the inside."""
    asked = Questions()

    @login_not_required
    @never_cache
    @require_safe
    async def readyz(request: HttpRequest) -> HttpResponse:
        found = told(await asyncio.gather(*(asked.ask(name, each) for name, each in questions().items())))
        has_database = any(check.name == "database" and check.is_ok for check in found)
        sees_inside = knows_token(request) or (has_database and administers(await request.auser()))
        is_ready = all(check.is_ok for check in found)
        lines = ",\n".join(json.dumps(_line(check, sees_inside), ensure_ascii=False) for check in found)
        body = f'{{"ready": {json.dumps(is_ready)}, "checks": [\n{lines}\n]}}\n'
        return HttpResponse(body, status=200 if is_ready else 503, content_type="application/json")

    return readyz


def _answer(answer: Future, question: Callable[[], Check]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:
        answer.set_exception(error)


def _line(check: Check, sees_inside: bool) -> dict:
    line = {"check": check.name, "ok": check.is_ok}
    if sees_inside:
        line |= {"says": redact(check.says)} | ({"do": check.do} if check.do else {})
    return line
