"""What can go wrong with one call, and what follows from it: another try, this sample lost, or the whole run stopped."""

import json
from dataclasses import dataclass
from typing import Any

from ..redaction import redact
from .limits import Ending

_LONGEST_NOTE = 300
_ADVICE = {
    401: "Check the key of this language model.",
    402: "The account has no credit left. Pay in, then resume the run.",
    403: "The key may not use this model or this address.",
    404: "Check the base URL and the model's name.",
}
_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance", "payment_required"}
_TOO_LONG_CODES = {"context_length_exceeded", "string_above_max_length"}
_FILTER_CODES = {"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"}


@dataclass(eq=False)
class Fault(Exception):
    """One call failed. `note` is for the user and holds no key.

    `again`: another try may help. `stops_all`: every request would fail like this one until a person acts.
    `may_cost`: the endpoint may have worked, and bill, although no answer arrived. `is_cut`: text had begun to arrive.
    Neither `again` nor `refused`: this sample is lost, others are not.
    """

    note: str
    ending: Ending
    again: bool = False
    refused: bool = False
    stops_all: bool = False
    may_cost: bool = False
    is_cut: bool = False
    status: int | None = None
    wait_seconds: float | None = None
    request_id: str = ""

    def __str__(self) -> str:
        return self.note


def broken(note: str, *, is_cut: bool = False) -> Fault:
    """The endpoint answered with something that is no answer, or that is no whole one."""
    return Fault(note, Ending.FAILED, again=True, may_cost=True, is_cut=is_cut)


def from_status(status: int, said: str, code: str = "", wait_seconds: float | None = None) -> Fault:
    """What an HTTP status says, or the same number inside a body. `said` is the endpoint's own message, redacted."""
    words = f": {said}" if said else ""
    if status in (402, 429) and code in _QUOTA_CODES:
        status = 402
    if status == 429:
        return Fault(f"it wants fewer calls (429){words}", Ending.TOO_OFTEN, again=True, status=429, wait_seconds=wait_seconds)
    if 300 <= status < 400:
        note = f"it redirects ({status}), which is not followed. Enter the address it should be asked at."
        return Fault(note, Ending.FINE, refused=True, stops_all=True, status=status)
    if status in _ADVICE:
        return Fault(f"{status}{words}. {_ADVICE[status]}", Ending.FINE, refused=True, stops_all=True, status=status)
    if code in _FILTER_CODES:
        return Fault(f"its content filter refused the prompt ({status}){words}", Ending.FINE, status=status)
    if code in _TOO_LONG_CODES or (status == 400 and "context length" in said):
        return Fault(f"the prompt and max tokens are more than it takes ({status}){words}", Ending.FINE, status=status)
    if status in (503, 529):
        note = f"it has more than it can do ({status}){words}"
        return Fault(note, Ending.OVERLOADED, again=True, status=status, wait_seconds=wait_seconds)
    if status in (408, 409, 425) or (status >= 500 and status not in (501, 505)):
        return Fault(f"it failed ({status}){words}", Ending.FAILED, again=True, status=status, wait_seconds=wait_seconds)
    return Fault(f"it refused the request ({status}){words}", Ending.FINE, refused=True, status=status)


def from_body(body: Any, secret: str) -> Fault:
    """A response that says 200 and carries an error all the same."""
    code = error_code(body)
    said = message_in(body, secret)
    if code.isdigit() and 400 <= int(code) < 600:
        return from_status(int(code), said)
    if code in _QUOTA_CODES:
        return from_status(402, said, code)
    if code in _FILTER_CODES:
        return from_status(200, said, code)
    if "rate_limit" in code:
        return from_status(429, said)
    return Fault(f"it sent an error instead of an answer: {said}", Ending.FAILED, again=True, may_cost=True, status=200)


def message_in(body: Any, secret: str) -> str:
    """The endpoint's own words, short and without the key."""
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return _short(body, secret)
    for field in ("error", "message", "detail"):
        if isinstance(body, dict) and body.get(field):
            body = body[field]
    return _short(body if isinstance(body, str) else json.dumps(body), secret)


def error_code(body: Any) -> str:
    """The error's code or type, as text; empty where there is none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return ""
    return str(error.get("code") or error.get("type") or "")


def _short(text: str, secret: str) -> str:
    words = " ".join(redact(text, secret).split())
    return words if len(words) <= _LONGEST_NOTE else f"{words[:_LONGEST_NOTE]}…"
