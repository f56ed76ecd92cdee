"""An endpoint that answers the truth test as its flags say: behaviours for `Misbehaving` that read the request."""

import itertools
import json
from dataclasses import dataclass, field
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
    refuses: dict[str, str] = field(default_factory=dict)
    _numbers: itertools.count = field(default_factory=itertools.count)

    async def __call__(self, wire: Wire) -> None:
        body = wire.asked.body
        for name, why in self.refuses.items():
            if name in body:
                return await status(400, {"error": {"message": why}})(wire)
        limit = body.get("max_tokens", 60)
        words = self._text(body).split()[:limit]
        usage = {"prompt_tokens": self._prompt_tokens(body), "completion_tokens": len(words)}
        if body.get("stream"):
            deltas = [{"choices": [{"index": 0, "delta": {"content": f"{word} "}}]} for word in words]
            deltas += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}, {"choices": [], "usage": usage}]
            return await chunks(*(f"data: {json.dumps(each)}\n\n" for each in deltas), "data: [DONE]\n\n")(wire)
        n = body.get("n", 1) if self.honours_n else 1
        message = {"role": "assistant", "content": " ".join(words)}
        if self.shows_reasoning:
            message["reasoning_content"] = "Let me think."
        choices = [{"index": index, "message": message, "finish_reason": "length"} for index in range(n)]
        if self.counts_all_n:
            usage["completion_tokens"] *= n
        return await status(200, {"choices": choices, "usage": usage})(wire)

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
