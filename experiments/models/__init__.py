"""Fields, constraints, one-row verbs and chainable querysets. What happens to many rows at once is a queryset verb."""

from .access import LoginLink, User
from .attempts import Attempt, Condition
from .audit import AuditEntry
from .batches import Batch
from .calls import Call, Spending
from .datasets import Dataset, Problem
from .experiments import Experiment
from .keyring import KeyringFile
from .language_models import LanguageModel
from .measurements import Measurement
from .notes import Note
from .problem_marks import ProblemMark
from .prompt_drafts import PromptDraft
from .prompts import Prompt, Variant
from .regradings import Regrading
from .results import Draft, Finding, Grade, Sample, VerifierScore, WorkerDraft
from .retention import RetentionRule, TextRemoval
from .reviews import HumanVerdict, ReviewFile, ReviewItem, ReviewSet
from .runs import Run
from .saved_views import SavedView
from .scorings import Scoring
from .tags import Tag
from .teams import Membership, Team
from .trials import Trial
from .truth_tests import TruthTest
from .workers import Worker

__all__ = [
    "Attempt",
    "AuditEntry",
    "Batch",
    "Call",
    "Condition",
    "Dataset",
    "Draft",
    "Experiment",
    "Finding",
    "Grade",
    "HumanVerdict",
    "KeyringFile",
    "LanguageModel",
    "LoginLink",
    "Measurement",
    "Membership",
    "Note",
    "Problem",
    "ProblemMark",
    "Prompt",
    "PromptDraft",
    "Regrading",
    "RetentionRule",
    "ReviewFile",
    "ReviewItem",
    "ReviewSet",
    "Run",
    "Sample",
    "SavedView",
    "Scoring",
    "Spending",
    "Tag",
    "Team",
    "TextRemoval",
    "Trial",
    "TruthTest",
    "User",
    "Variant",
    "VerifierScore",
    "Worker",
    "WorkerDraft",
]
