"""How many tokens a prompt has, counted by the model's own vocabulary and chat template without loading its weights."""

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from ...domain.errors import InvalidInput
from ...domain.types import Message

_PROJECT = Path(__file__).resolve().parents[3]
_SECONDS = 30.0


def n_tokens(file: Path, messages: tuple[Message, ...]) -> int:
    """Of the whole prompt, the template's own tokens included. Raises InvalidInput if the template refuses the messages."""
    answer = _counted(str(file), messages)
    if "n" not in answer:
        raise InvalidInput(answer["complaint"])
    return answer["n"]


@lru_cache(maxsize=256)
def _counted(file: str, messages: tuple[Message, ...]) -> dict:
    command = [sys.executable, "-m", f"{__package__}.counting_child"]
    work = json.dumps({"file": file, "messages": [{"role": each.role, "content": each.content} for each in messages]})
    try:
        ended = subprocess.run(command, input=work, capture_output=True, text=True, cwd=_PROJECT, timeout=_SECONDS, check=True)
        return json.loads(ended.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"complaint": "The tokens could not be counted: llama.cpp breaks over the model file."}
