"""Small logs in the shapes that the tools document, written by hand."""

import io
import json
import zipfile
from typing import Any

QUESTIONS = {"q1": ("1 + 2 =", "3"), "q2": ("2 + 2 =", "4"), "q3": ("3 + 3 =", "6")}


def inspect_sample(key: str, text: str, value: Any, epoch: int = 1, **fields) -> dict[str, Any]:
    question, target = QUESTIONS[key]
    message = {"role": "assistant", "content": text}
    return {
        "id": key,
        "epoch": epoch,
        "input": question,
        "target": target,
        "metadata": {"level": 1},
        "output": {"model": "mock", "choices": [{"message": message, "stop_reason": "stop"}]},
        "model_usage": {"mock": {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}},
        "scores": {"match": {"value": value, "answer": text, "explanation": "seen"}},
        "total_time": 0.5,
        **fields,
    }


def inspect_log(samples: list[dict] | None = None, model: str = "mock/a") -> dict[str, Any]:
    if samples is None:
        samples = [inspect_sample("q1", "3", "C"), inspect_sample("q2", "5", "I"), inspect_sample("q3", "6", "C")]
    return {"version": 2, "status": "success", "eval": {"task": "sums", "model": model}, "samples": samples}


def eval_file(log: dict[str, Any], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for sample in log["samples"]:
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps({key: value for key, value in log.items() if key != "samples"}))
    return file.getvalue()


def lm_eval_line(key: str, text: str, score: float, name: str = "strict-match", **fields) -> dict[str, Any]:
    question, target = QUESTIONS[key]
    return {
        "doc_id": int(key[1:]),
        "doc": {"question": question, "answer": f"so #### {target}"},
        "target": target,
        "arguments": {"gen_args_0": {"arg_0": f"Question: {question}\nAnswer:", "arg_1": {"until": ["\n"]}}},
        "resps": [[text]],
        "filtered_resps": [text.split()[-1]],
        "filter": name,
        "metrics": ["exact_match"],
        "exact_match": score,
        **fields,
    }


def promptfoo_result(key: str, prompt: int, text: str, success: bool, test: int | None = None, **fields) -> dict[str, Any]:
    question, target = QUESTIONS[key]
    return {
        "promptIdx": prompt,
        "testIdx": int(key[1:]) - 1 if test is None else test,
        "testCase": {"vars": {"question": question}, "assert": [{"type": "equals", "value": target}]},
        "provider": {"id": "openai:mini", "label": ""},
        "prompt": {"raw": f"P{prompt} {question}", "label": f"wording {prompt}"},
        "vars": {"question": question},
        "response": {"output": text, "tokenUsage": {"total": 12, "prompt": 8, "completion": 4}},
        "success": success,
        "score": float(success),
        "failureReason": int(not success),
        "latencyMs": 250,
        "cost": 0.001,
        **fields,
    }


def promptfoo_results(results: list[dict] | None = None) -> dict[str, Any]:
    if results is None:
        right = {(0, "q1"), (0, "q2"), (1, "q1"), (1, "q2"), (1, "q3")}
        results = [
            promptfoo_result(key, prompt, QUESTIONS[key][1] if (prompt, key) in right else "0", (prompt, key) in right)
            for key in QUESTIONS
            for prompt in range(2)
        ]
    prompts = [{"raw": f"P{place} {{{{question}}}}", "label": f"wording {place}"} for place in range(2)]
    found = {"version": 3, "prompts": prompts, "results": results}
    return {"evalId": "eval-1", "results": found, "config": {"description": "sums again"}}


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def as_lines(values: list[Any]) -> bytes:
    return b"\n".join(map(as_json, values)) + b"\n"
