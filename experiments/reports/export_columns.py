"""The columns of an export: the one place that names them, orders them and says what they mean.

The CSV header, the keys of JSONL lines, the API's samples and the page about exports are all made from `COLUMNS`.
The list never depends on the data; a new column goes to the end of its group and is mentioned in the changelog.
"""

from typing import Literal, NamedTuple


class Column(NamedTuple):
    """`kind` is the type of its values; a "json" cell is JSON text in CSV, and the value itself in JSONL and in the API.

    `optional` ones may be without a value: an empty cell in CSV, null in JSON.
    """

    name: str
    kind: Literal["integer", "number", "text", "time", "json"]
    meaning: str
    optional: bool = False


COLUMNS = (
    Column("run", "integer", "Number of the run"),
    Column("experiment", "text", "Name of the experiment that was run"),
    Column("condition", "text", "Key of the condition: one cell of the run's design"),
    Column("language_model", "text", "Name of the language model that was asked"),
    Column("variant", "text", "Prompt, variant and version of the wording"),
    Column("strategy", "text", "Name of the strategy that asked for the sample"),
    Column("strategy_params", "json", "The strategy's options"),
    Column("treatment", "json", "What was done to the rendered prompt: the plug-in's name and options", optional=True),
    Column("decoding", "json", "How text was drawn: temperature, limits, stop strings"),
    Column("problem", "text", "Key of the problem inside its dataset"),
    Column("question", "text", "The problem's question"),
    Column("target", "json", "List of the answers that count as right"),
    Column("repeat", "integer", "Which repeat of problem and condition, from 0"),
    Column("attempt", "integer", "Number of the attempt: one problem, one condition, one repeat"),
    Column("sample", "integer", "Number of the sample; rows are in its order, the order in which they were stored"),
    Column("index", "integer", "Place inside the attempt, in the order asked, from 0"),
    Column("purpose", "text", "answer, step (part of an answer), rollout, feedback, or judge (read by a verifier only)"),
    Column("verifier", "text", "The verifier that a judge's text was asked for by, with its options; empty for other texts"),
    Column("chosen", "integer", "1 for the answer that the strategy handed in, else 0"),
    Column("parent", "integer", "Number of the sample that this one goes on from", optional=True),
    Column("reused_from", "integer", "Number of the sample of an earlier run that this is a copy of", optional=True),
    Column("seed", "integer", "Seed of this draw; what a local model drew the text with"),
    Column("seed_sent", "integer", "Seed that a remote endpoint was told; samples of one call share it", optional=True),
    Column("choice", "integer", "Place among the answers of its call, from 0; more than 0 only where samples shared a call"),
    Column("verdict", "text", "correct, wrong, unparsed, truncated, timed_out or failed; none while not graded", optional=True),
    Column("score", "number", "Grader's score from 0 to 1; none where the verdict is no judgement", optional=True),
    Column("extracted", "text", "What the grader took to be the answer, as it stands in the text", optional=True),
    Column("canonical", "text", "Normal form of the extracted answer; equal ones vote together", optional=True),
    Column("explanation", "text", "Why the grader decided so", optional=True),
    Column("grader", "text", "The run's grader with its version and options", optional=True),
    Column("finish_reason", "text", "stop, length (cut off) or failed"),
    Column("endpoint_finish_reason", "text", "Why the text ended in the endpoint's own word; empty for local models"),
    Column("stop_string", "text", "The stop string that ended the text; empty where there was none or it is not known"),
    Column("error", "text", "Why the sample failed, empty if it did not"),
    Column("prompt_tokens", "integer", "Tokens of the prompt; of a shared call the first sample counts them, the others have 0"),
    Column("cached_tokens", "integer", "Those of them that did not have to be computed again"),
    Column("completion_tokens", "integer", "Tokens written, reasoning included"),
    Column("reasoning_tokens", "integer", "Those of them written as hidden reasoning"),
    Column(
        "usage_is_estimated", "integer", "1 where the endpoint did not tell this sample's tokens and Assay estimated them, else 0"
    ),
    Column("n_calls", "integer", "Calls that left for the sample, failed ones included; of a shared call the first counts them"),
    Column("cost", "number", "Of those calls, in the currency of the model's prices"),
    Column("request_id", "text", "The endpoint's own name for the call that was answered; empty for local models"),
    Column("mean_logprob", "number", "Mean natural logarithm of the chosen tokens' probabilities", optional=True),
    Column("measures", "json", "Object of further numbers about the text by name, such as its mean entropy in nats"),
    Column("verifier_scores", "json", "Object of scores by verifier; null where one could not score"),
    Column("seconds", "number", "Wall time from submission to the last token"),
    Column("seconds_to_first_token", "number", "Wall time from submission to the first token"),
    Column("created_at", "time", "When the sample was stored, ISO 8601, UTC"),
    Column("prefix", "text", "How the answer began before the text went on from it"),
    Column("text", "text", "What the model wrote"),
    Column("reasoning", "text", "What it thought before that, where the endpoint shows it"),
    Column("refusal", "text", "Its words where it declined through the endpoint's own channel"),
)

NAMES = tuple(column.name for column in COLUMNS)
