"""Counts a prompt's tokens: `python -m experiments.inference.llama_cpp.counting_child`.

Reads {"file": model file, "messages": [{"role", "content"}]} and answers {"n": ..} or {"complaint": why not}. A process of
its own, as for all native code; of the model only the vocabulary is loaded.
"""

import json
import os

import llama_cpp as native

from .child import take_over_pipes
from .native import Vocabulary
from .prompts import Prompts
from .protocol import Refused
from .templates import ChatTemplate


def main() -> None:
    commands, answers = take_over_pipes()
    with os.fdopen(commands, encoding="utf-8") as lines:
        work = json.load(lines)
    parameters = native.llama_model_default_params()
    parameters.vocab_only = True
    native.llama_backend_init()
    words = Vocabulary(native.llama_model_load_from_file(work["file"].encode(), parameters))
    prompts = Prompts(words, ChatTemplate(words.chat_template, words.begin_text, words.end_text))
    try:
        answer = {"n": len(prompts.tokens(work["messages"]))}
    except Refused as refused:
        answer = {"complaint": str(refused)}
    with os.fdopen(answers, "w", encoding="utf-8") as out:
        json.dump(answer, out)


if __name__ == "__main__":
    main()
