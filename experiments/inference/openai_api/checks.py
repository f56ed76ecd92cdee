"""The questions of the truth test, one function a feature. Each returns rows: what was asked, what was seen, the verdict.

Where it can, a question is put so that its answer does not depend on how clever the model is: a stop string is cut out
of what the model has just said, a system message shows in the number of prompt tokens.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from .asker import Asker, Said
from .faults import Fault
from .thinking import split_thoughts


class Verdict(StrEnum):
    """What became of a request for something. UNCLEAR where the answer shows neither."""

    HONOURS = "honours"
    IGNORES = "ignores"
    REFUSES = "refuses"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    feature: str
    asked: str
    seen: str
    verdict: Verdict


Check = Callable[[Asker], Awaitable[list[Row]]]

_LIMIT = 8
_LONG = "Write a long story about a lighthouse."
_COUNTING = [{"role": "user", "content": "Count from 1 to 6."}, {"role": "assistant", "content": "1, 2, 3,"}]
_SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["blue", "grey"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
_SYSTEM = "You are a careful assistant who answers in plain words and never uses more words than are needed for it."


async def length_limit(asker: Asker) -> list[Row]:
    rows = []
    for name in ("max_tokens", "max_completion_tokens"):
        came = await asker.stream(_LONG, enough=4 * _LIMIT, **{name: _LIMIT})
        if isinstance(came, Fault):
            verdict, seen = Verdict.REFUSES, came.note
        else:
            reading = came.reading
            count = reading.usage.completion_tokens if reading.usage else reading.n_deltas
            kept = count <= _LIMIT and came.is_complete
            verdict = Verdict.HONOURS if kept else Verdict.IGNORES
            seen = f"{count} tokens, ended with “{reading.reason}”" if kept else f"{count} tokens and more"
        rows.append(Row(name, f"at most {_LIMIT} tokens of a long story", seen, verdict))
    honoured = [row.feature for row in rows if row.verdict is Verdict.HONOURS]
    if honoured and asker.limit_field not in honoured:
        asker.limit_field = honoured[0]
    return rows


async def streaming(asker: Asker) -> list[Row]:
    came = await asker.stream(
        "Name three rivers.", enough=64, **{asker.limit_field: 16, "stream_options": {"include_usage": True}}
    )
    asked_usage = "usage at the end of a stream"
    if isinstance(came, Fault):
        return [
            Row("streaming", "an answer in pieces", came.note, Verdict.REFUSES),
            Row("usage in streams", asked_usage, came.note, Verdict.REFUSES),
        ]
    reading = came.reading
    pieces = Verdict.HONOURS if reading.n_deltas > 1 else Verdict.IGNORES
    told = f"{reading.usage.completion_tokens} completion tokens" if reading.usage else "no usage"
    return [
        Row("streaming", "an answer in pieces", f"{reading.n_deltas} pieces", pieces),
        Row("usage in streams", asked_usage, told, Verdict.HONOURS if reading.usage else Verdict.IGNORES),
    ]


async def several_choices(asker: Asker) -> list[Row]:
    said = await asker.say(_LONG, max_tokens=_LIMIT, n=2, temperature=1)
    usage_asked = "usage that counts both answers"
    if said.refused:
        return [_refused("n", "2 answers at once", said), Row("usage of n", usage_asked, "no n", Verdict.UNCLEAR)]
    n = len(said.choices)
    rows = [Row("n", "2 answers at once", f"{n} answer{'' if n == 1 else 's'}", Verdict.HONOURS if n == 2 else Verdict.IGNORES)]
    count = said.completion_tokens
    if n < 2 or count is None:
        return [*rows, Row("usage of n", usage_asked, "no n" if n < 2 else "no usage", Verdict.UNCLEAR)]
    verdict = Verdict.HONOURS if count > 1.5 * _LIMIT else Verdict.IGNORES
    return [*rows, Row("usage of n", usage_asked, f"{count} tokens for 2 answers of {_LIMIT}", verdict)]


async def seed(asker: Asker) -> list[Row]:
    name = "seed" if asker.api.seed_field == "none" else asker.api.seed_field
    said = [await asker.say(_LONG, temperature=1, **{name: number}) for number in (11, 11, 12)]
    asked = "the same text twice from one seed, another from another"
    if refused := next((each for each in said if each.refused), None):
        return [_refused("seed", asked, refused)]
    first, second, other = (each.text for each in said)
    if first != second:
        return [Row("seed", asked, "different texts from one seed", Verdict.IGNORES)]
    if first == other:
        return [Row("seed", asked, "the same text from every seed", Verdict.UNCLEAR)]
    return [Row("seed", asked, "as asked", Verdict.HONOURS)]


async def stop(asker: Asker) -> list[Row]:
    before = await asker.say("Name three rivers of Europe.")
    words = before.text.split()
    asked = "end before a word of the answer just given"
    if before.refused or len(words) < 4:
        return [Row("stop", asked, before.refused or "no answer to cut", Verdict.UNCLEAR)]
    word = words[2]
    after = await asker.say("Name three rivers of Europe.", stop=[word])
    if after.refused:
        return [_refused("stop", asked, after)]
    expected = before.text.partition(word)[0]
    if after.text.strip() == expected.strip():
        return [Row("stop", asked, f"ended before “{word}”", Verdict.HONOURS)]
    verdict = Verdict.IGNORES if word in after.text else Verdict.UNCLEAR
    return [Row("stop", asked, f"“{after.text[:40]}”", verdict)]


async def logprobs(asker: Asker) -> list[Row]:
    said = Said()
    for wanted in (20, 5, 1, None):
        said = await asker.say("Name three rivers.", max_tokens=_LIMIT, logprobs=True, top_logprobs=wanted)
        if not said.refused:
            break
    asked = "the logprob of every token, and of the likeliest others"
    if said.refused:
        return [_refused("logprobs", asked, said)]
    given = said.choices[0].get("logprobs") if said.choices else None
    entries = given.get("content") if isinstance(given, dict) else None
    if not entries:
        return [Row("logprobs", asked, "none", Verdict.IGNORES)]
    n_others = min(len(entry.get("top_logprobs") or ()) for entry in entries)
    of = f" of {said.completion_tokens}" if said.completion_tokens else ""
    return [Row("logprobs", asked, f"{len(entries)}{of} tokens, {n_others} likeliest for each", Verdict.HONOURS)]


async def prefix(asker: Asker) -> list[Row]:
    """The counting probe: an answer begun with "1, 2, 3," has to go on with 4."""
    ways = {
        "as it is": {},
        "with continue_final_message": {"add_generation_prompt": False, "continue_final_message": True},
    }
    asked = "go on from “1, 2, 3,” of an answer begun"
    seen = []
    refusals = 0
    for how, fields in ways.items():
        said = await asker.say(_COUNTING, max_tokens=12, **fields)
        if not said.refused and said.text.strip().startswith("4"):
            return [Row("prefix", asked, f"“{said.text.strip()[:20]}” ({how})", Verdict.HONOURS)]
        refusals += bool(said.refused)
        seen.append(f"{how}: {said.refused or '“' + said.text.strip()[:20] + '”'}")
    return [Row("prefix", asked, "; ".join(seen), Verdict.REFUSES if refusals == len(ways) else Verdict.IGNORES)]


async def json_schema(asker: Asker) -> list[Row]:
    form = {"type": "json_schema", "json_schema": {"name": "sea", "strict": True, "schema": _SCHEMA}}
    said = await asker.say("Tell me about the sea.", max_tokens=48, response_format=form)
    asked = "an answer in the form of a JSON schema"
    if said.refused:
        return [_refused("JSON schema", asked, said)]
    try:
        fits = json.loads(said.text) in ({"colour": "blue"}, {"colour": "grey"})
    except ValueError:
        fits = False
    return [Row("JSON schema", asked, f"“{said.text[:40]}”", Verdict.HONOURS if fits else Verdict.IGNORES)]


async def system_role(asker: Asker) -> list[Row]:
    turn = {"role": "user", "content": "Name a river."}
    without = await asker.say([turn], max_tokens=_LIMIT)
    with_it = await asker.say([{"role": "system", "content": _SYSTEM}, turn], max_tokens=_LIMIT)
    asked = "a system message counted among the prompt tokens"
    if with_it.refused:
        return [_refused("system role", asked, with_it)]
    before, after = (each.usage.get("prompt_tokens") for each in (without, with_it))
    if not isinstance(before, int) or not isinstance(after, int):
        return [Row("system role", asked, "no usage", Verdict.UNCLEAR)]
    # Some templates put a system message of their own where none is given, which is then replaced.
    verdict = Verdict.HONOURS if after != before else Verdict.IGNORES
    return [Row("system role", asked, f"{before} prompt tokens without, {after} with it", verdict)]


async def reasoning(asker: Asker) -> list[Row]:
    said = await asker.say("What is 17 + 26?", max_tokens=64)
    asked = "the reasoning apart from the answer"
    if said.refused:
        return [_refused("reasoning", asked, said)]
    details = said.usage.get("completion_tokens_details")
    n_tokens = details.get("reasoning_tokens") if isinstance(details, dict) else None
    fields = [name for name in ("reasoning_content", "reasoning") if said.message.get(name)]
    if fields:
        return [Row("reasoning", asked, f"in the field {fields[0]}", Verdict.HONOURS)]
    if split_thoughts(said.text) != ("", said.text):
        return [Row("reasoning", asked, "in <think> tags inside the answer", Verdict.HONOURS)]
    if n_tokens:
        return [Row("reasoning", asked, f"{n_tokens} tokens counted, none shown", Verdict.IGNORES)]
    return [Row("reasoning", asked, "none seen: perhaps no reasoning model", Verdict.UNCLEAR)]


async def usage(asker: Asker) -> list[Row]:
    said = await asker.say("Name a river.", max_tokens=_LIMIT)
    asked = "how many tokens were read and written"
    if said.refused:
        return [_refused("usage", asked, said)]
    read, written = said.usage.get("prompt_tokens"), said.completion_tokens
    if not read or not written:
        return [Row("usage", asked, "none", Verdict.IGNORES)]
    verdict = Verdict.HONOURS if written <= _LIMIT or said.reason != "length" else Verdict.UNCLEAR
    return [Row("usage", asked, f"{read} read, {written} written", verdict)]


# The limit on length comes first: all others rely on it.
CHECKS: tuple[Check, ...] = (
    length_limit,
    usage,
    streaming,
    seed,
    stop,
    logprobs,
    several_choices,
    prefix,
    json_schema,
    system_role,
    reasoning,
)


def _refused(feature: str, asked: str, said: Said) -> Row:
    return Row(feature, asked, said.refused, Verdict.REFUSES)
