"""Sample files of lm-evaluation-harness: samples_<task>_<time>.jsonl, a line for each document and filter.

A line names neither model nor task: the file's name tells the task, and the model must be told.
"""

import re
from typing import Any

from ...domain.errors import InvalidInput
from .base import Log, Record, mapping, parsed, texts, unit, words

TOOL = "lm_eval"
_QUESTIONS = ("question", "problem", "query", "input", "prompt", "text", "sentence")
_METRICS = ("exact_match", "acc", "acc_norm", "em", "pass@1", "f1")
_FILE = re.compile(r"samples_(.+?)(?:_\d{4}-\d\d-\d\dT[\d.:-]+)?\.jsonl", re.IGNORECASE)


def is_lm_eval(value: Any) -> bool:
    return isinstance(value, dict) and {"doc_id", "doc", "resps"} <= value.keys()


def read_lines(lines: list[str], file_name: str) -> Log:
    """The log of one task. Raises InvalidInput naming the line that cannot be used."""
    found = _FILE.fullmatch(file_name)
    task = found[1] if found else file_name.rpartition(".")[0] or "lm_eval"
    records = tuple(_record(line, number, task) for number, line in enumerate(lines, start=1) if line.strip())
    return Log(TOOL, task, records)


def _record(line: str, number: int, task: str) -> Record:
    value = parsed(line, f"Line {number:,}")
    if not is_lm_eval(value):
        raise InvalidInput(f"Line {number:,} lacks “doc_id”, “doc” or “resps”. Nothing was imported.")
    document = mapping(value["doc"])
    asked = _asked(value)
    context = words(asked[0][0]) if asked and asked[0] else ""
    options = texts(document.get("choices")) if isinstance(document.get("choices"), list) else ()
    is_ranking = len(asked) > 1
    if is_ranking and not options:
        options = tuple(words(each[1]).strip() for each in asked if len(each) > 1)
    name = words(value.get("filter"))
    score = _score(value)
    return Record(
        model="",
        prompt=task if name in ("", "none") else f"{task}, {name}",
        problem=words(value["doc_id"]),
        question=next((document[each] for each in _QUESTIONS if isinstance(document.get(each), str)), context),
        targets=_targets(value.get("target"), options),
        choices=options,
        metadata={key: each for key, each in document.items() if key != "choices" and isinstance(each, str | int | float | bool)},
        text=_likeliest(value, options) if is_ranking else _first(value["resps"]),
        is_right=None if score is None else score == 1,
        score=score,
        extracted=None if is_ranking else _first(value.get("filtered_resps")),
    )


def _asked(value: dict[str, Any]) -> list[list[Any]]:
    """The arguments of each request: a list of lists, or numbered objects in newer files."""
    given = value.get("arguments")
    if isinstance(given, list):
        return [each for each in given if isinstance(each, list)]
    numbered = mapping(given) or mapping(value.get("gen_args"))
    return [list(mapping(each).values()) for _, each in sorted(numbered.items(), key=lambda item: (len(item[0]), item[0]))]


def _targets(target: Any, options: tuple[str, ...]) -> tuple[str, ...]:
    """A target may be the place of the right choice."""
    place = words(target)
    if options and place.isdecimal() and place not in options and int(place) < len(options):
        return (options[int(place)],)
    return texts(target)


def _first(responses: Any) -> str:
    while isinstance(responses, list) and responses:
        responses = responses[0]
    return "" if responses == [] else words(responses)


def _likeliest(value: dict[str, Any], options: tuple[str, ...]) -> str:
    """The choice with the highest log-likelihood, as the metric “acc” picks it."""
    scores = []
    for each in value.get("filtered_resps") or value["resps"]:
        try:
            scores.append(float(_first(each)))
        except ValueError:
            return ""
    best = scores.index(max(scores)) if scores else len(options)
    return options[best] if best < len(options) else ""


def _score(value: dict[str, Any]) -> float | None:
    """By the first metric that the line names, or else by the first known one."""
    names = [*(each for each in value.get("metrics") or () if isinstance(each, str)), *_METRICS]
    return next((score for each in names if (score := unit(value.get(each))) is not None), None)
