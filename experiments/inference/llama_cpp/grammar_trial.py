"""Whether llama.cpp can use a grammar: `python -m experiments.inference.llama_cpp.grammar_trial`.

Reads {"file": model file, "rules": GBNF} and answers {"complaint": ""} or why not. A process of its own, as for all native
code; of the model only the vocabulary is loaded.
"""

import json
import os

import llama_cpp as native

from .beginnings import Pieces
from .child import take_over_pipes
from .grammars import Grammar
from .protocol import Refused


def main() -> None:
    commands, answers = take_over_pipes()
    with os.fdopen(commands, encoding="utf-8") as lines:
        work = json.load(lines)
    parameters = native.llama_model_default_params()
    parameters.vocab_only = True
    native.llama_backend_init()
    model = native.llama_model_load_from_file(work["file"].encode(), parameters)
    complaint = ""
    try:
        Grammar(native.llama_model_get_vocab(model), Pieces([]), work["rules"])
    except Refused as refused:
        complaint = str(refused)
    with os.fdopen(answers, "w", encoding="utf-8") as out:
        json.dump({"complaint": complaint}, out)


if __name__ == "__main__":
    main()
