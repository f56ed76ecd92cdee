"""How long a text is, in the two ways that do not depend on a tokenizer."""


def n_words(text: str) -> int:
    """Pieces between white space."""
    return len(text.split())


def n_steps(text: str) -> int:
    """Lines that are not blank; sentences, split on ". ", where there is but one line. Complexity-Based Prompting, 2022."""
    lines = sum(not line.isspace() for line in text.splitlines() if line)
    return lines if lines != 1 else sum(bool(part.strip()) for part in text.split(". "))
