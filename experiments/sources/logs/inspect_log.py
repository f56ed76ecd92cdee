"""Logs of Inspect: one JSON object (.json), or a zip with a file per sample (.eval)."""

import io
import zipfile
import zlib
from typing import Any

from ...domain.errors import InvalidInput
from .base import LARGEST_LOG, Log, Record, amount, mapping, parsed, texts, unit, words

TOOL = "inspect"
_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}


def is_inspect(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("eval"), dict) and "model" in value["eval"]


def read_eval(content: bytes) -> Log:
    """The log in an .eval file. Raises InvalidInput for a damaged one, or a compression that this Python cannot read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _from_archive(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InvalidInput(f"The .eval file is damaged: {error}. Nothing was imported.") from None
    except (NotImplementedError, RuntimeError):
        raise InvalidInput(
            "The .eval file is encrypted or compressed in a way that cannot be read here. Turn it into JSON with "
            "“inspect log convert --to json” and send that."
        ) from None


def _from_archive(archive: zipfile.ZipFile) -> Log:
    names = archive.namelist()
    if "header.json" not in names:
        raise InvalidInput("The zip holds no header.json: it is no .eval file, or the evaluation has not finished.")
    wanted = sorted(name for name in names if name.startswith("samples/") and name.endswith(".json"))
    if sum(archive.getinfo(name).file_size for name in ["header.json", *wanted]) > 5 * LARGEST_LOG:
        raise InvalidInput(f"Unpacked the .eval file has more than {5 * LARGEST_LOG / 1e6:,.0f} MB. Split it.")
    header = parsed(archive.read("header.json"), "header.json")
    if not is_inspect(header):
        raise InvalidInput("header.json does not name the evaluation and its model: it is no log of Inspect.")
    return read_json({**header, "samples": [parsed(archive.read(name), name) for name in wanted]})


def read_json(value: dict[str, Any]) -> Log:
    """The log in the object of a .json file. Raises InvalidInput where it has no samples."""
    about = value["eval"]
    samples = value.get("samples")
    if not isinstance(samples, list) or not samples:
        raise InvalidInput("The Inspect log holds no samples: it was written without them, or the evaluation did not begin.")
    task = words(about.get("task")) or "inspect"
    ordered = sorted(map(mapping, samples), key=lambda sample: (str(sample.get("id")).zfill(20), amount(sample.get("epoch"))))
    return Log(TOOL, task, tuple(_record(sample, words(about["model"]), task) for sample in ordered))


def _record(sample: dict[str, Any], model: str, task: str) -> Record:
    if "id" not in sample or "input" not in sample:
        raise InvalidInput("A sample of the Inspect log has no “id” or no “input”. Nothing was imported.")
    kept = mapping(sample.get("attachments"))
    output = mapping(sample.get("output"))
    choices = output.get("choices")
    first = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    answer = _content(mapping(first.get("message")).get("content"), kept) or words(output.get("completion"))
    mark = next(map(mapping, mapping(sample.get("scores")).values()), {})
    value = mark.get("value")
    score = _GRADES.get(value) if isinstance(value, str) else unit(value)
    used = list(map(mapping, mapping(sample.get("model_usage")).values())) or [mapping(output.get("usage"))]
    return Record(
        model=model,
        prompt=task,
        problem=words(sample["id"]),
        question=_question(sample["input"], kept),
        targets=texts(sample.get("target")),
        choices=texts(sample.get("choices")),
        metadata=mapping(sample.get("metadata")),
        text=answer,
        is_right=None if score is None else score == 1,
        score=score,
        extracted=words(mark["answer"]) if mark.get("answer") is not None else None,
        explanation=words(mark.get("explanation")),
        error=words(mapping(sample.get("error")).get("message")),
        is_cut_off=first.get("stop_reason") in ("max_tokens", "model_length"),
        prompt_tokens=int(sum(amount(each.get("input_tokens")) for each in used)),
        completion_tokens=int(sum(amount(each.get("output_tokens")) for each in used)),
        seconds=amount(sample.get("total_time")),
    )


def _question(value: Any, kept: dict[str, Any]) -> str:
    """What the user said: an input is a text or a conversation."""
    if not isinstance(value, list):
        return _content(value, kept)
    said = [_content(mapping(each).get("content"), kept) for each in value if mapping(each).get("role") == "user"]
    return "\n\n".join(said)


def _content(value: Any, kept: dict[str, Any]) -> str:
    """A message's text; long ones stand aside in the sample's attachments."""
    if isinstance(value, list):
        return "\n".join(_content(each["text"], kept) for each in map(mapping, value) if each.get("type") == "text")
    text = words(value)
    return words(kept.get(text.removeprefix("attachment://"), text)) if text.startswith("attachment://") else text
