"""Decoding that a model cannot honour, found before anything is loaded: ids of no token, grammars that are none."""

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from ...domain.errors import InvalidInput
from ...domain.types import Decoding
from . import library
from .json_schemas import rules_of
from .protocol import Refused

_PROJECT = Path(__file__).resolve().parents[3]
_SECONDS = 30.0


def check(decoding: Decoding, file: Path) -> None:
    """Raise InvalidInput if no text of the model in `file` can be written so."""
    if complaint := wrong_token_id([*decoding.stop_tokens, *decoding.logit_bias], library.info(file).n_vocab):
        raise InvalidInput(complaint)
    try:
        rules = rules_for(decoding.grammar, decoding.json_schema)
    except Refused as refused:
        raise InvalidInput(str(refused)) from None
    if rules and (complaint := _complaint(str(file), rules)):
        raise InvalidInput(complaint)


def wrong_token_id(ids: list[int], n_vocab: int) -> str:
    """A sentence about an id that is none of the model's, "" if there is none such."""
    if (highest := max(ids, default=0)) < n_vocab:
        return ""
    return (
        f"There is no token {highest:,}: this model's tokens are numbered from 0 to {n_vocab - 1:,}. "
        "Correct the stop tokens or the logit bias."
    )


def rules_for(grammar: tuple[str, ...] | list[str], json_schema: dict | None) -> str:
    """GBNF rules of what is asked for, "" for nothing. Raises Refused for both at once and for a schema with no such rules."""
    rules = "\n".join(grammar)
    if rules and json_schema is not None:
        raise Refused("A grammar and a JSON schema are given. Leave one of them out.")
    return rules if json_schema is None else rules_of(json_schema)


@lru_cache(maxsize=64)
def _complaint(file: str, rules: str) -> str:
    """What llama.cpp finds wrong with the rules, "" if nothing; asked in a process of its own."""
    command = [sys.executable, "-m", f"{__package__}.grammar_trial"]
    work = json.dumps({"file": file, "rules": rules})
    try:
        ended = subprocess.run(command, input=work, capture_output=True, text=True, cwd=_PROJECT, timeout=_SECONDS, check=True)
        return json.loads(ended.stdout)["complaint"]
    except (subprocess.SubprocessError, ValueError):
        return "The grammar cannot be used: llama.cpp breaks over it. Make the rules simpler."
