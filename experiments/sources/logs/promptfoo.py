"""Results of promptfoo as JSON, version 3: a result for each test, prompt and provider."""

from typing import Any

from ...domain.errors import InvalidInput
from .base import Log, Record, amount, mapping, texts, unit, words

TOOL = "promptfoo"
_QUESTIONS = ("question", "problem", "query", "input", "prompt", "text", "topic")
_TARGETS = ("answer", "expected", "target", "solution")
_KINDS_OF_TARGET = ("equals", "contains", "icontains", "similar", "starts-with", "factuality")


def is_promptfoo(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(mapping(value.get("results")).get("results"), list)


def read_results(value: dict[str, Any]) -> Log:
    """The log in promptfoo's object. Raises InvalidInput for another version, or where there are no results."""
    found = value["results"]
    if found.get("version") != 3:
        raise InvalidInput(f"The promptfoo results have version {found.get('version')!r}; version 3 can be read.")
    if not found["results"]:
        raise InvalidInput("The promptfoo file holds no results.")
    prompts = found.get("prompts")
    keys: dict[str, str] = {}
    name = words(mapping(value.get("config")).get("description")) or "promptfoo"
    return Log(TOOL, name, tuple(_record(mapping(each), prompts, keys) for each in found["results"]))


def _record(result: dict[str, Any], prompts: Any, keys: dict[str, str]) -> Record:
    """`keys` names the problems by what they ask: with --repeat the same test stands under several numbers."""
    case, provider, prompt = mapping(result.get("testCase")), mapping(result.get("provider")), mapping(result.get("prompt"))
    if not isinstance(result.get("testIdx"), int) or not provider.get("id"):
        raise InvalidInput("A promptfoo result has no “testIdx” or no “provider.id”. Nothing was imported.")
    slots = mapping(result.get("vars")) or mapping(case.get("vars"))
    question = _question(slots, prompt)
    targets = _targets(slots, case)
    response, usage = mapping(result.get("response")), mapping(result.get("tokenUsage"))
    usage = mapping(response.get("tokenUsage")) or usage
    success, did_fail = result.get("success"), result.get("failureReason") == 2
    judged = isinstance(success, bool) and not did_fail
    return Record(
        model=words(provider.get("label")) or words(provider["id"]),
        prompt=words(prompt.get("label")) or "prompt",
        template=_template(prompts, result.get("promptIdx")) or "{{ question }}",
        problem=keys.setdefault(repr((question, targets, slots)), f"test{result['testIdx']}"),
        question=question,
        targets=targets,
        metadata={key: each for key, each in slots.items() if isinstance(each, str | int | float | bool)},
        text=words(response.get("output")),
        is_right=success if judged else None,
        score=unit(result.get("score")) if judged else None,
        explanation=words(mapping(result.get("gradingResult")).get("reason")),
        error=(words(result.get("error")) or "promptfoo tells of no reason.") if did_fail else "",
        is_cut_off=response.get("finishReason") == "length",
        prompt_tokens=int(amount(usage.get("prompt"))),
        completion_tokens=int(amount(usage.get("completion"))),
        seconds=amount(result.get("latencyMs")) / 1000,
        cost=amount(result.get("cost")),
    )


def _question(slots: dict[str, Any], prompt: dict[str, Any]) -> str:
    """The variable that is called so, or the only one, or the prompt as it was sent."""
    named = next((words(slots[each]) for each in _QUESTIONS if each in slots), "")
    return named or (words(next(iter(slots.values()))) if len(slots) == 1 else words(prompt.get("raw")))


def _targets(slots: dict[str, Any], case: dict[str, Any]) -> tuple[str, ...]:
    """The variable that is called so, or what the assertions compare with."""
    named = next((texts(slots[each]) for each in _TARGETS if each in slots), ())
    asserts = case.get("assert")
    compared = [each for each in map(mapping, asserts if isinstance(asserts, list) else []) if "value" in each]
    return named or tuple(words(each["value"]) for each in compared if each.get("type") in _KINDS_OF_TARGET)


def _template(prompts: Any, place: Any) -> str:
    known = isinstance(prompts, list) and isinstance(place, int) and 0 <= place < len(prompts)
    return words(mapping(prompts[place]).get("raw")) if known else ""
