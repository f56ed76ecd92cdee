"""What is compared of a label and of the beginning of an answer: exact prefix matching."""

_STRIPPED = " .,()\n-><"


def stripped(text: str) -> str:
    """Without blanks and punctuation around it."""
    return text.strip(_STRIPPED)


def comparable(text: str) -> str:
    """Stripped and in lower case."""
    return stripped(text).lower()


def starts_with(text: str, label: str) -> bool:
    """Whether the text is or begins with the label, and no letter or digit goes on from it; both are `comparable`."""
    return text.startswith(label) and not text[len(label) : len(label) + 1].isalnum()


def may_become(text: str, label: str) -> bool:
    """Whether an answer that was cut off after this text may have been on its way to the label, or past it to another word."""
    return comparable(label).startswith(text.lstrip(_STRIPPED).lower())
