"""Assay's vocabulary: one word per idea, the same in code, database, API, CSV and screen."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from .perturbing.edits import Edit
from .registry import Options


@dataclass(frozen=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


#: A text with which an answer may begin, or the ids of its tokens.
Continuation = str | tuple[int, ...]


class Decoding(Options):
    """How text is drawn from a language model. OpenAI's names where it has one."""

    temperature: float = Field(0.8, ge=0, le=5, title="Temperature", description="0 always takes the likeliest token")
    top_p: float = Field(1.0, gt=0, le=1, title="Top-p", description="Keep the likeliest tokens up to this probability")
    top_k: int = Field(0, ge=0, title="Top-k", description="Keep this many likeliest tokens; 0 keeps all")
    min_p: float = Field(0.0, ge=0, le=1, title="Min-p", description="Drop tokens below this share of the likeliest")
    max_tokens: int = Field(128, ge=1, le=32768, title="Max tokens", description="A longer answer is cut off")
    stop: tuple[str, ...] = Field((), title="Stop strings", description="Generation ends before the first of these")
    stop_tokens: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (), title="Stop tokens", description="Ids of tokens that end a text like the model's own end token"
    )
    presence_penalty: float = Field(
        0.0, ge=-2, le=2, title="Presence penalty", description="Taken off the logit of each token already written"
    )
    frequency_penalty: float = Field(
        0.0, ge=-2, le=2, title="Frequency penalty", description="Taken off a token's logit for each time it was written"
    )
    repeat_penalty: float = Field(
        1.0, gt=0, le=10, title="Repeat penalty", description="Divides the odds of tokens already written; 1 changes nothing"
    )
    logit_bias: dict[Annotated[int, Field(ge=0)], Annotated[float, Field(ge=-100, le=100)]] = Field(
        {}, title="Logit bias", description="Added to the logits of tokens, by token id; -100 forbids one"
    )
    grammar: tuple[str, ...] = Field(
        (),
        title="Grammar",
        description="GBNF rules, one a line, that the whole answer must obey; the first rule to apply is root",
    )
    json_schema: dict[str, Any] | None = Field(
        None, title="JSON schema", description="The whole answer must be JSON that satisfies it; instead of a grammar"
    )


class FinishReason(StrEnum):
    """Why a text ended."""

    STOP = "stop"
    LENGTH = "length"
    FAILED = "failed"


class Purpose(StrEnum):
    """What a text was asked for. Every text is paid for; only an ANSWER is one as soon as it is written."""

    ANSWER = "answer"
    STEP = "step"  # part of an answer, going on from a prefix
    ROLLOUT = "rollout"  # written to see where a step leads, then set aside
    FEEDBACK = "feedback"  # said about an answer, to be read by the next one
    JUDGE = "judge"  # read by a verifier only


class Verdict(StrEnum):
    """What a grader made of a sample. Only CORRECT and WRONG are judgements; the others are outcomes of their own."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSED = "unparsed"  # finished, but no answer found in it
    TRUNCATED = "truncated"  # cut off before an answer
    TIMED_OUT = "timed_out"  # the grader hit its time limit
    FAILED = "failed"  # the sample itself failed, there is no text


@dataclass(frozen=True)
class Usage:
    """Tokens of one generation. `cached_tokens` are the prompt tokens that did not have to be computed again."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0


# Metadata under this name belongs to the target: graders see it, prompts and strategies do not.
HIDDEN = "hidden"


@dataclass(frozen=True)
class Demonstration:
    """A problem that is shown with its answer; it is not among those that a run asks."""

    key: str
    slots: dict[str, str]
    choices: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A problem as a strategy may see it: without its target.

    `slots` are what prompt templates may use of it. `labels` are what the choices are called in this wording, in their order;
    none stands for A, B, C. `demonstrations` are there where the condition's treatment asks for them. `alternatives` are other
    prompts for the same problem: treatments are given those of the run's other variants, strategies what a treatment made.
    `edits` are what a treatment changed inside of its text, and `distractors` what it put beside it that does not help.
    `companions` are other problems of the run, asked before it in the same prompt; None where it is asked alone as ever.
    """

    key: str
    messages: tuple[Message, ...]
    choices: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    demonstrations: tuple[Demonstration, ...] = ()
    alternatives: tuple[tuple[Message, ...], ...] = ()
    edits: tuple[Edit, ...] = ()
    distractors: tuple[str, ...] = ()
    companions: tuple["Question", ...] | None = None


@dataclass(frozen=True)
class Target:
    """What a grader compares with. Any of `answers` counts as right; `metadata` is the problem's own.

    `companions` are the targets of the question's companions, in their order.
    """

    answers: tuple[str, ...]
    choices: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    companions: tuple["Target", ...] = ()


@dataclass(frozen=True)
class ProblemDraft:
    """A problem that is not stored yet. `key` is unique inside its dataset and survives shuffling."""

    key: str
    question: str
    answers: tuple[str, ...]
    choices: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def whole_text(prefix: str, text: str, inserted: str = "") -> str:
    """What a model wrote, `text` going on from `prefix`, without what was inserted between its words."""
    return (prefix + text).replace(inserted, "") if inserted else prefix + text


@dataclass(frozen=True)
class Sample:
    """One generated text inside an attempt, as strategies and verifiers see it.

    `key` is (request hash, occurrence), unique inside the attempt. `token_logprobs` are natural logs of the chosen
    tokens' probabilities under the unfiltered distribution, one per completion token, or None where the model gives none.
    `prefix` is how the answer began before `text` went on from it. `stop_string` is the stop string that ended the text, ""
    where the model ended it or the endpoint does not tell. `measures` are further numbers about the text by name, such as
    "entropy" and "self_certainty" (means over its tokens, in nats), where the run's verifiers need them.
    `prefix_logprobs` are those of the texts that the prefix was put together from, None where it was not. `inserted` is what
    the strategy itself wrote into the prefix, wherever it stands there. `tokens` are the ids of the text's tokens, without the
    one that ends it, None where the model does not tell them.
    """

    key: tuple[str, int]
    index: int
    text: str
    finish_reason: FinishReason
    seed: int
    usage: Usage
    token_logprobs: tuple[float, ...] | None = None
    error: str = ""
    purpose: Purpose = Purpose.ANSWER
    prefix: str = ""
    stop_string: str = ""
    measures: dict[str, float] = field(default_factory=dict)
    prefix_logprobs: tuple[float, ...] | None = ()
    inserted: str = ""
    tokens: tuple[int, ...] | None = None

    @property
    def whole_text(self) -> str:
        """The answer as it stands: what it began with and what was written."""
        return whole_text(self.prefix, self.text, self.inserted)

    @property
    def whole_logprobs(self) -> tuple[float, ...] | None:
        """One for each token that was written, from the beginning of the answer; strings that ended a part are left out."""
        parts = (self.prefix_logprobs, self.token_logprobs)
        return None if None in parts else parts[0] + parts[1]

    @property
    def mean_logprob(self) -> float | None:
        return sum(self.token_logprobs) / len(self.token_logprobs) if self.token_logprobs else None


@dataclass(frozen=True)
class Outcome:
    """What a strategy ends with.

    `chosen` is the sample it would hand in, or None where the choice is left to the selectors or nothing came of it.
    `trace` is what it did, as plain JSON for reading: effective sample sizes, why it stopped, what it saved.
    """

    chosen: Sample | None = None
    trace: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Spent:
    """What an attempt has used so far, judges and discarded texts included. Calls that served several are counted once."""

    samples: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class Plugin:
    """A plug-in by name with its options as plain JSON: how runs remember what they used."""

    name: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ConditionSpec:
    """One cell of a design: model x variant x treatment x decoding x strategy, by name. `key` is unique and stable inside a run.

    `offered` are options that the strategy takes where it has some of that name and its own do not set them; of names joined
    by "|" the first that it has. In the label "{strategy}" stands for what the strategy calls itself.
    """

    key: str
    label: str
    language_model: str
    variant: str
    decoding: Decoding
    strategy: Plugin
    treatment: Plugin | None = None
    offered: dict[str, Any] = field(default_factory=dict)
