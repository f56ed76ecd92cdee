"""Processes of their own for native code that the engine's benchmark compares with: `llama_cpp.baselines`."""

import json
import os
import subprocess
import sys

from experiments.inference.llama_cpp.environment import CHILD_ENVIRONMENT


class Baselines:
    """One process with one model file. `as_the_engine` gives it the engine's way of waiting, else it has llama.cpp's own."""

    def __init__(self, settings: dict, as_the_engine: bool):
        command = [sys.executable, "-m", "experiments.inference.llama_cpp.baselines"]
        environment = {**(CHILD_ENVIRONMENT if as_the_engine else {}), **os.environ}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=environment)
        self._tell(settings)

    def ask(self, do: str, **arguments) -> dict:
        self._tell({"do": do, **arguments})
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()

    def _tell(self, message: dict) -> None:
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
