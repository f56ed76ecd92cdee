"""The columns of an export: the one place that names them, orders them and says what they mean.

The CSV header, the keys of JSONL lines, the API's samples and the page about exports are all made from `COLUMNS`.
The list never depends on the data; a new column goes to the end of its group and is mentioned in the changelog.
"""

from typing import NamedTuple


class Column(NamedTuple):
    """`is_structured` cells hold a JSON value: JSON text in CSV, the value itself in JSONL and in the API."""

    name: str
    meaning: str
    is_structured: bool = False


COLUMNS = (
    Column("run", "Number of the run"),
    Column("experiment", "Name of the experiment that was run"),
    Column("condition", "Key of the condition: one cell of the run's design"),
    Column("language_model", "Name of the language model that was asked"),
    Column("variant", "Prompt, variant and version of the wording"),
    Column("strategy", "Name of the strategy that asked for the sample"),
    Column("strategy_params", "The strategy's options", is_structured=True),
    Column("decoding", "How text was drawn: temperature, limits, stop strings", is_structured=True),
    Column("problem", "Key of the problem inside its dataset"),
    Column("question", "The problem's question"),
    Column("target", "List of the answers that count as right", is_structured=True),
    Column("repeat", "Which repeat of problem and condition, from 0"),
    Column("attempt", "Number of the attempt: one problem, one condition, one repeat"),
    Column("sample", "Number of the sample; rows are ordered by it, that is, in the order they were stored"),
    Column("index", "Place inside the attempt, in the order asked, from 0"),
    Column("parent", "Number of the sample this one continues, empty if none"),
    Column("seed", "Seed the text was drawn with"),
    Column("verdict", "correct, wrong, unparsed, truncated, timed_out or failed; empty while not graded"),
    Column("score", "Grader's score from 0 to 1, empty where the verdict is no judgement"),
    Column("extracted", "What the grader took to be the answer, as it stands in the text"),
    Column("canonical", "Normal form of the extracted answer; equal ones vote together"),
    Column("explanation", "Why the grader decided so"),
    Column("grader", "The run's grader with its version and options"),
    Column("finish_reason", "stop, length (cut off) or failed"),
    Column("error", "Why the sample failed, empty if it did not"),
    Column("prompt_tokens", "Tokens of the prompt"),
    Column("cached_tokens", "Those of them that did not have to be computed again"),
    Column("completion_tokens", "Tokens written, reasoning included"),
    Column("reasoning_tokens", "Those of them written as hidden reasoning"),
    Column("mean_logprob", "Mean natural logarithm of the chosen tokens' probabilities, empty where the model gives none"),
    Column("verifier_scores", "Scores by verifier; null where one could not score", is_structured=True),
    Column("seconds", "Wall time from submission to the last token"),
    Column("seconds_to_first_token", "Wall time from submission to the first token"),
    Column("created_at", "When the sample was stored, ISO 8601, UTC"),
    Column("text", "What the model wrote"),
)

NAMES = tuple(column.name for column in COLUMNS)
