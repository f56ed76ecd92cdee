"""The questions of the truth test, one function a feature. Each returns rows: what was asked, what was seen, the verdict.

Where it can, a question is put so that its answer does not depend on how clever the model is: a stop string is cut out
of what the model has just said, a system message shows in the number of prompt tokens.
"""

import json
from collections.abc import Awaitable, Callable

from ...domain.types import Message
from .asker import Asker, Said
from .body import CONTINUE_FINAL_MESSAGE, logprobs_fields
from .faults import Fault
from .given_texts import FIELDS, logprobs_within
from .thinking import split_thoughts
from .truth import Row, Verdict

Check = Callable[[Asker], Awaitable[list[Row]]]

_LIMIT = 8
# Two answers drawn at random may begin alike, but not for so long.
_LONGER_LIMIT = 24
_LONG = "Write a long story about a lighthouse."
_LONG_BEGUN = "Once upon a time there was a lighthouse on a rock far out in the sea. One night"
_COUNTING = (Message("user", "Count from 1 to 6."), Message("assistant", "1, 2, 3,"))
_SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["blue", "grey"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
_SYSTEM = "You are a careful assistant who answers in plain words and never uses more words than are needed for it."


async def length_limit(asker: Asker) -> list[Row]:
    rows = []
    for name in ("max_tokens",) if asker.api.raw else ("max_tokens", "max_completion_tokens"):
        came = await asker.stream(_story(asker), enough=4 * _LIMIT, **{name: _LIMIT})
        if isinstance(came, Fault):
            verdict, seen = Verdict.REFUSES, came.note
        else:
            reading = came.reading
            count = reading.usage.completion_tokens if reading.usage else reading.n_deltas
            ended = reading.first.reason
            kept = count <= _LIMIT and came.is_complete
            verdict = Verdict.UNCLEAR if not count else Verdict.HONOURS if kept else Verdict.IGNORES
            seen = f"{count} tokens, ended with “{ended}”" if kept else f"{count} tokens and more"
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
    said = await asker.say(_story(asker), max_tokens=_LONGER_LIMIT, n=2, temperature=1)
    usage_asked = "usage that counts both answers"
    if said.refused:
        return [_refused("n", "2 answers at once", said), Row("usage of n", usage_asked, "no n", Verdict.UNCLEAR)]
    n, count = len(said.choices), said.completion_tokens
    seen = f"{n} answer{'' if n == 1 else 's'}"
    verdict = Verdict.HONOURS if n == 2 else Verdict.IGNORES
    if n == 2 and said.texts[0] == said.texts[1]:
        seen, verdict = "2 answers, the same word for word", Verdict.UNCLEAR
    rows = [Row("n", "2 answers at once", seen, verdict)]
    if n < 2 or count is None:
        return [*rows, Row("usage of n", usage_asked, "no n" if n < 2 else "no usage", Verdict.UNCLEAR)]
    verdict = Verdict.HONOURS if count > 1.5 * _LONGER_LIMIT else Verdict.IGNORES
    return [*rows, Row("usage of n", usage_asked, f"{count} tokens for 2 answers of {_LONGER_LIMIT}", verdict)]


async def several_choices_in_streams(asker: Asker) -> list[Row]:
    """Samples are streamed, so n has to work there too, and be counted."""
    asked_for = "2 answers in one stream, both counted"
    fields = {asker.limit_field: _LONGER_LIMIT, "stream_options": {"include_usage": True}, "temperature": 1}
    came = await asker.stream(_story(asker), enough=4 * _LONGER_LIMIT, n=2, **fields)
    if isinstance(came, Fault):
        return [Row("n in streams", asked_for, came.note, Verdict.REFUSES)]
    n, usage = len(came.reading.choices), came.reading.usage
    seen = f"{n} answer{'' if n == 1 else 's'}, {f'{usage.completion_tokens} tokens' if usage else 'no usage'}"
    is_counted = usage is not None and usage.completion_tokens > 1.5 * _LONGER_LIMIT
    return [Row("n in streams", asked_for, seen, Verdict.HONOURS if n == 2 and is_counted else Verdict.IGNORES)]


async def seed(asker: Asker) -> list[Row]:
    name = "seed" if asker.api.seed_field == "none" else asker.api.seed_field
    said = [await asker.say(_story(asker), temperature=1, **{name: number}) for number in (11, 11, 12)]
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
    for wanted in (20, 5, 1):
        said = await asker.say("Name three rivers.", max_tokens=_LIMIT, **logprobs_fields(asker.api, wanted))
        if not said.refused:
            break
    if said.refused and not asker.api.raw:
        said = await asker.say("Name three rivers.", max_tokens=_LIMIT, logprobs=True)
    asked_for = "the logprob of every token, and of the likeliest others"
    if said.refused:
        return [_refused("logprobs", asked_for, said)]
    if not said.tokens:
        return [Row("logprobs", asked_for, "none", Verdict.IGNORES)]
    n_others = min(len(token.likeliest) for token in said.tokens)
    of = f" of {said.completion_tokens}" if said.completion_tokens else ""
    seen = f"{len(said.tokens)}{of} tokens, {n_others} likeliest for each"
    return [Row("logprobs", asked_for, seen, Verdict.HONOURS, str(n_others))]


async def prefix(asker: Asker) -> list[Row]:
    """The counting probe: an answer begun with "1, 2, 3," has to go on with 4."""
    ways = {"as it is": {}}
    if not asker.api.raw:
        ways[CONTINUE_FINAL_MESSAGE] = {"add_generation_prompt": False, "continue_final_message": True}
    asked_for = "go on from “1, 2, 3,” of an answer begun"
    seen = []
    refusals = 0
    for way, fields in ways.items():
        said = await asker.say(_COUNTING, max_tokens=12, **fields)
        if not said.refused and said.text.strip().startswith("4"):
            return [Row("prefix", asked_for, f"“{said.text.strip()[:20]}” ({way})", Verdict.HONOURS, way)]
        refusals += bool(said.refused)
        seen.append(f"{way}: {said.refused or '“' + said.text.strip()[:20] + '”'}")
    return [Row("prefix", asked_for, "; ".join(seen), Verdict.REFUSES if refusals == len(ways) else Verdict.IGNORES)]


async def raw_completions(asker: Asker) -> list[Row]:
    """Whether there is a second door, and whether it gives a text back with the logprob of each token."""
    body = {"model": asker.api.model, "prompt": "1, 2, 3,", "temperature": 0, "max_tokens": 4}
    asked_for = "go on from the text “1, 2, 3,” without any chat"
    said = await asker.post("/completions", body)
    if said.refused:
        rows = [_refused("raw completions", asked_for, said)]
    else:
        verdict = Verdict.HONOURS if said.text.strip() else Verdict.IGNORES
        rows = [Row("raw completions", asked_for, f"“{said.text[:20]}”", verdict)]
    return [*rows, await _given_texts(asker)]


async def _given_texts(asker: Asker) -> Row:
    """Numbers have to come back, and of two texts the one that any model finds likelier has to be.

    llama-cpp-python's server reads each token's number one place too late, behind the token, which this shows.
    """
    asked_for = "the logprobs of a given text (echo)"
    before, texts = "1, 2, 3, 4, 5, 6, 7,", (" 8", " 3")
    totals = []
    for text in texts:
        body = {"model": asker.api.model, "prompt": before + text, **FIELDS}
        said = await asker.post("/completions", {name: value for name, value in body.items() if value is not None})
        if said.refused:
            return _refused("given texts", asked_for, said)
        logprobs = logprobs_within(said.tokens, before, text)
        if not logprobs:
            return Row("given texts", asked_for, "not given back" if said.tokens else "no logprobs", Verdict.IGNORES)
        totals.append(sum(logprobs))
    seen = f"“7,{texts[0]}” {totals[0]:.2f}, “7,{texts[1]}” {totals[1]:.2f}"
    if totals[0] <= totals[1]:
        return Row("given texts", asked_for, f"wrong numbers: {seen}", Verdict.IGNORES)
    return Row("given texts", asked_for, seen, Verdict.HONOURS)


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
    turn = Message("user", "Name a river.")
    without = await asker.say((turn,), max_tokens=_LIMIT)
    with_it = await asker.say((Message("system", _SYSTEM), turn), max_tokens=_LIMIT)
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
    several_choices_in_streams,
    prefix,
    raw_completions,
    json_schema,
    system_role,
    reasoning,
)


def _story(asker: Asker) -> str:
    """What a long text follows, also where texts are only gone on from."""
    return _LONG_BEGUN if asker.api.raw else _LONG


def _refused(feature: str, asked: str, said: Said) -> Row:
    return Row(feature, asked, said.refused, Verdict.REFUSES)
