"""Finite-state grammars over letters: made at random, read out string by string, and held against a bag of letters."""

import random
from collections import Counter
from dataclasses import dataclass
from math import log

Edges = dict[int, dict[str, int]]


@dataclass(frozen=True)
class Automaton:
    """From state 0 on, `edges` say where a letter leads; a string is grammatical if it ends in one of `ends`."""

    edges: Edges
    ends: frozenset[int]

    def accepts(self, string: str) -> bool:
        state = 0
        for letter in string:
            if letter not in self.edges[state]:
                return False
            state = self.edges[state][letter]
        return state in self.ends

    def strings(self, shortest: int, longest: int) -> list[str]:
        """All grammatical ones of these lengths, the shorter ones first, then in alphabetical order."""
        found, begun = [], [("", 0)]
        for length in range(1, longest + 1):
            begun = [(text + letter, to) for text, at in begun for letter, to in sorted(self.edges[at].items())]
            if length >= shortest:
                found += sorted(text for text, at in begun if at in self.ends)
        return found


def random_automaton(letters: str, rng: random.Random) -> Automaton:
    """6 to 8 states, each with one to three letters that lead on, and two states to end in."""
    n_states = rng.randint(6, 8)
    edges = {
        state: {letter: rng.randrange(n_states) for letter in sorted(rng.sample(letters, rng.choice((1, 2, 2, 3))))}
        for state in range(n_states)
    }
    return Automaton(edges, frozenset(rng.sample(range(n_states), 2)))


def corrupted(string: str, letters: str, grammar: Automaton, rng: random.Random) -> str | None:
    """The string with two letters swapped, which keeps their numbers, or else one replaced, so that it is not grammatical.

    None where neither can be done.
    """
    places = [(i, j) for i in range(len(string)) for j in range(i + 1, len(string)) if string[i] != string[j]]
    swapped = [string[:i] + string[j] + string[i + 1 : j] + string[i] + string[j + 1 :] for i, j in places]
    used = sorted(set(letters) & {letter for way in grammar.edges.values() for letter in way})
    replaced = [string[:i] + letter + string[i + 1 :] for i in range(len(string)) for letter in used if letter != string[i]]
    for ways in (swapped, replaced):
        if wrong := [text for text in ways if not grammar.accepts(text)]:
            return rng.choice(wrong)
    return None


def bag_of_letters_accuracy(training: list[str], right: list[str], wrong: list[str]) -> float:
    """The best that can be done by how common a string's letters are among those of the training strings.

    The threshold is the one that happens to be best for these strings, so this is more than a reader could reach that way.
    """
    counts = Counter("".join(training))
    total = sum(counts.values())

    def score(text: str) -> float:
        return sum(log((counts[letter] + 0.5) / (total + 1)) for letter in text) / len(text)

    marked = sorted([(score(text), True) for text in right] + [(score(text), False) for text in wrong])
    best = below = 0
    n_right = len(right)
    for place, (value, is_right) in enumerate(marked):
        below += not is_right
        is_last_of_equals = place + 1 == len(marked) or marked[place + 1][0] != value
        if is_last_of_equals:
            n_right_below = place + 1 - below
            hits = below + n_right - n_right_below
            best = max(best, hits, len(marked) - hits)
    return max(best, n_right, len(wrong)) / len(marked)
