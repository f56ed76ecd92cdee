"""Keys that work on every page. palette.js reads them from the help it shows, so this list is the only one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shortcut:
    """`keys` are pressed one after the other, or together where joined by +. `goes_to` is a page's name."""

    keys: tuple[str, ...]
    what: str
    goes_to: str = ""


EVERYWHERE = [
    Shortcut(("Ctrl+K",), "Open the command palette: pages, actions, search (⌘K on a Mac)"),
    Shortcut(("/",), "Go to the page's own search field, or open the palette where there is none"),
    Shortcut(("?",), "Show this help"),
    Shortcut(("Esc",), "Close what is open"),
]

#: First g, then the letter.
GO_TO = [
    Shortcut(("g", "h"), "Dashboard", "dashboard"),
    Shortcut(("g", "e"), "Experiments", "experiments"),
    Shortcut(("g", "r"), "Runs", "runs"),
    Shortcut(("g", "c"), "Compare", "compare"),
    Shortcut(("g", "b"), "Basket", "basket"),
    Shortcut(("g", "p"), "Prompts", "prompts"),
    Shortcut(("g", "d"), "Datasets", "datasets"),
    Shortcut(("g", "m"), "Models", "language_models"),
    Shortcut(("g", "s"), "Search", "search"),
    Shortcut(("g", "w"), "Glossary", "glossary"),
]

IN_THE_PALETTE = [
    Shortcut(("↑",), "The entry above"),
    Shortcut(("↓",), "The entry below"),
    Shortcut(("Enter",), "Go there, or do it"),
    Shortcut(("Ctrl+Enter",), "Search for the words on a page of their own"),
]

IN_THE_EDITOR = [
    Shortcut(("Ctrl+S",), "Save the variant under the cursor as a new version"),
    Shortcut(("Ctrl+Enter",), "Try it: one sample on the problem shown"),
    Shortcut(("Alt+→",), "The next variant; Alt+← the one before"),
    Shortcut(("Alt+↓",), "The next problem; Alt+↑ the one before"),
]

GROUPS = [
    ("On every page", EVERYWHERE),
    ("Go to", GO_TO),
    ("In the palette", IN_THE_PALETTE),
    ("In the prompt editor", IN_THE_EDITOR),
]
