"""What a worker process tells of itself with each heartbeat; its row keeps it for pages and for who watches."""

from pydantic import BaseModel, ConfigDict

from .calls import Call


class _Told(BaseModel):
    # Workers of another version tell more or less: what is missing is not known, what is unknown is not read.
    model_config = ConfigDict(frozen=True, extra="ignore")


class EndpointVitals(_Told):
    """One endpoint's model as one worker sees it. `breaker` is "closed", "open" or "half open"."""

    name: str
    breaker: str = "closed"
    seconds_until_asked: float = 0.0
    n_under_way: int = 0
    n_waiting: int = 0
    most_under_way: int = 0


class Counts(_Told):
    """Since the process began; a new process begins at nothing. `calls` counts by how they ended."""

    samples: int = 0
    samples_failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    grader_timeouts: int = 0
    attempts: dict[str, int] = {}
    calls: dict[str, int] = {}
    cost: float = 0.0
    groups: int = 0
    facts: int = 0
    delay_seconds: float = 0.0


class Vitals(_Told):
    """`loop_lag_seconds` and `longest_delay_seconds` are the worst of about the last half minute.

    A delay is the time from a fact's arrival at the writer to its commit; a group is what one transaction stores.
    """

    version: str = ""
    loop_lag_seconds: float = 0.0
    longest_delay_seconds: float = 0.0
    trouble: str = ""
    endpoints: list[EndpointVitals] = []
    counts: Counts = Counts()


def ending_of(call: Call) -> str:
    """How a call ended, in one of a few words: "answered", "abandoned", "cut off", "no answer", "429", "4xx" or "5xx"."""
    if call.state != Call.State.FAILED:
        return str(call.state)
    if call.is_cut:
        return "cut off"
    if call.status is None or call.status < 400:
        return "no answer"
    return "429" if call.status == 429 else f"{call.status // 100}xx"
