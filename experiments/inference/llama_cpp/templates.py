"""Chat templates out of GGUF files: untrusted programs, so they run in a sandbox with limits on time, size and memory."""

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .protocol import Refused

_MAX_TEMPLATE_CHARS = 256_000
_MAX_PROMPT_CHARS = 4_000_000
_MAX_SECONDS = 2.0
_MAX_EXTRA_BYTES = 256_000_000


class _TooMuch(Exception):
    """The template went over a limit."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Refuses the operators that can build something huge in one uninterruptible step."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context, operator: str, left, right):
        small = all(isinstance(value, (int, float)) and abs(value) < 2**32 for value in (left, right))
        if operator == "**" or not small:
            raise _TooMuch(f"it uses “{operator}” on something other than small numbers")
        return super().call_binop(context, operator, left, right)


class ChatTemplate:
    """Turns messages into a prompt's text. Without a template the messages' contents are joined by empty lines."""

    def __init__(self, source: str | None, begin_text: str, end_text: str):
        self._source = source
        self._tokens = {"bos_token": begin_text, "eos_token": end_text}
        self._template: jinja2.Template | None = None

    def render(self, messages: list[dict[str, str]]) -> str:
        """The prompt's text. Raises Refused if the template fails, refuses these messages or goes over a limit."""
        if self._source is None:
            return "\n\n".join(message["content"] for message in messages)
        try:
            with _limits():
                if self._template is None:
                    self._template = self._compile()
                return _collect(self._template.generate(messages=messages, add_generation_prompt=True, **self._tokens))
        except _TooMuch as error:
            raise Refused(f"The model's chat template was stopped: {error}.") from None
        except (MemoryError, RecursionError):
            raise Refused("The model's chat template was stopped: it wants too much memory.") from None
        except Exception as error:  # whatever a foreign program can raise
            raise Refused(f"The model's chat template failed: {error}.") from None

    def _compile(self) -> jinja2.Template:
        if len(self._source) > _MAX_TEMPLATE_CHARS:
            raise _TooMuch(f"it has {len(self._source):,} characters")
        # The options that transformers sets, which templates are written for. There is no clock: prompts must repeat.
        environment = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationTag, jinja2.ext.loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _raise_exception
        return environment.from_string(self._source)


class _GenerationTag(jinja2.ext.Extension):
    """`{% generation %}` marks the assistant's part for training; here it changes nothing."""

    tags = {"generation"}

    def parse(self, parser):
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _collect(parts: Iterator[str]) -> str:
    collected, size = [], 0
    for part in parts:
        size += len(part)
        if size > _MAX_PROMPT_CHARS:
            raise _TooMuch(f"it writes more than {_MAX_PROMPT_CHARS:,} characters")
        collected.append(part)
    return "".join(collected)


def _to_json(value, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise_exception(message: str) -> None:
    raise jinja2.TemplateError(message)


@contextmanager
def _limits() -> Iterator[None]:
    """Bound time and memory of what runs inside. Main thread only, which is where the engine renders."""
    before = signal.signal(signal.SIGALRM, _time_is_up)
    signal.setitimer(signal.ITIMER_REAL, _MAX_SECONDS)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_data_bytes() + _MAX_EXTRA_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _time_is_up(signal_number, stack_frame) -> None:
    raise _TooMuch(f"it ran for more than {_MAX_SECONDS:g} seconds")


def _data_bytes() -> int:
    """Memory that counts against RLIMIT_DATA now; where the system does not tell, a size no engine needs besides weights."""
    try:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:"))
    except (OSError, StopIteration):
        return 64_000_000_000
