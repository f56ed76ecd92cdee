"""The few kinds of trouble Assay tells apart; each answers "may we try again?".

Every message says what was wrong, with which value, and what to do about it, and may be shown to a user as it is.
"""


class AssayError(Exception):
    """Something a user can understand and act on. `str(error)` is the text to show."""


class InvalidInput(AssayError):
    """What was entered or uploaded cannot be used; nothing of it was applied."""


class InvalidOption(InvalidInput):
    """One option cannot be used; `option` is its name, so that a form can say so beside its field."""

    def __init__(self, option: str, message: str):
        super().__init__(message)
        self.option = option


class UnknownName(InvalidInput):
    """A plug-in, model or column was asked for by a name nobody registered."""

    def __init__(self, noun: str, name: str, known: list[str]):
        super().__init__(f"Unknown {noun} “{name}”. Known: {', '.join(sorted(known)) or 'none'}.")


class TemplateError(InvalidInput):
    """A prompt template cannot be read or filled. `line` and `column` count from 1, where they are known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None):
        super().__init__(message)
        self.line = line
        self.column = column


class SourceError(InvalidInput):
    """A file of problems cannot be read. `row` is the 1-based line or record, `column` the column's name."""

    def __init__(self, message: str, row: int | None = None, column: str | None = None):
        super().__init__(message)
        self.row = row
        self.column = column


class InferenceError(AssayError):
    """A model could not answer. Subclasses say whether asking again can help."""


class TransientInferenceError(InferenceError):
    """The same request may succeed later: the engine died, the endpoint was busy or out of reach."""


class PermanentInferenceError(InferenceError):
    """The same request will fail again, and so will every other to this model: no such file, a broken GGUF."""


class PromptRefused(PermanentInferenceError):
    """This one prompt can never be answered: it does not fit, or the chat template refuses it. Other prompts can."""
