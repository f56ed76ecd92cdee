"""An endpoint that answers the truth test as its flags say: behaviours for `Misbehaving` that read the request."""

import itertools
import json
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .misbehaving import Wire, chunks, status

_SENTENCE = "Rhine Danube Volga Loire Elbe Oder Seine Rhone Thames Tagus Ebro Po "


@dataclass
class Liar:
    """By default it accepts every field and honours none but max_tokens."""

    honours_n: bool = False
    counts_all_n: bool = False
    honours_seed: bool = False
    honours_stop: bool = False
    continues: bool = False
    fills_schema: bool = False
    shows_reasoning: bool = False
    hears_system: bool = False
    streams_n: bool = False
    repeats_itself: bool = False
    has_raw: bool = False
    echoes: bool = False
    refuses: dict[str, str] = field(default_factory=dict)
    _numbers: itertools.count = field(default_factory=itertools.count)

    async def __call__(self, wire: Wire) -> None:
        body = wire.asked.body
        for name, why in self.refuses.items():
            if name in body:
                return await status(400, {"error": {"message": why}})(wire)
        if "prompt" in body:
            return await status(200, {"choices": [self._raw_choice(body)] if self.has_raw else []})(wire)
        limit = body.get("max_tokens", 60)
        n = body.get("n", 1) if self.honours_n and (self.streams_n or not body.get("stream")) else 1
        answers = [self._text(body).split()[:limit] for _ in range(n)]
        if self.repeats_itself:
            answers = answers[:1] * n
        usage = {"prompt_tokens": self._prompt_tokens(body), "completion_tokens": len(answers[0])}
        if self.counts_all_n:
            usage["completion_tokens"] = sum(map(len, answers))
        if body.get("stream"):
            deltas = [
                {"choices": [{"index": index, "delta": {"content": f"{word} "}}]}
                for words in zip(*answers, strict=True)
                for index, word in enumerate(words)
            ]
            deltas += [{"choices": [{"index": index, "delta": {}, "finish_reason": "length"}]} for index in range(n)]
            deltas.append({"choices": [], "usage": usage})
            return await chunks(*(f"data: {json.dumps(each)}\n\n" for each in deltas), "data: [DONE]\n\n")(wire)
        thoughts = {"reasoning_content": "Let me think."} if self.shows_reasoning else {}
        messages = [{"role": "assistant", "content": " ".join(words), **thoughts} for words in answers]
        choices = [{"index": index, "message": each, "finish_reason": "length"} for index, each in enumerate(messages)]
        return await status(200, {"choices": choices, "usage": usage})(wire)

    def _raw_choice(self, body: dict[str, Any]) -> dict[str, Any]:
        """Counts on. Where it echoes, a 3 after the 7 is far less likely than an 8."""
        written = " 8, 9,"
        if not (body.get("echo") and self.echoes):
            return {"index": 0, "text": written, "finish_reason": "length"}
        tokens = [*re.findall(r" ?[^ ]+", body["prompt"]), written]
        logprobs = [None, *(-9.0 if token == " 3" and before == " 7," else -0.5 for before, token in pairwise(tokens))]
        return {"index": 0, "text": "".join(tokens), "logprobs": {"tokens": tokens, "token_logprobs": logprobs}}

    def _text(self, body: dict[str, Any]) -> str:
        if body["messages"][-1]["role"] == "assistant":
            return "4, 5, 6" if self.continues else "1, 2, 3, 4, 5, 6"
        if "response_format" in body and self.fills_schema:
            return '{"colour":"blue"}'
        text = _SENTENCE * 10
        if body["temperature"] > 0:
            text = f"story {body['seed'] if self.honours_seed and 'seed' in body else next(self._numbers)} {text}"
        for word in body.get("stop", []) if self.honours_stop else []:
            text = text.partition(word)[0]
        return text

    def _prompt_tokens(self, body: dict[str, Any]) -> int:
        heard = [turn for turn in body["messages"] if turn["role"] != "system" or self.hears_system]
        return sum(len(turn["content"].split()) for turn in heard)
