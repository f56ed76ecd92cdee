import pytest

from experiments.domain.errors import SourceError
from experiments.domain.types import HIDDEN
from experiments.sources.columns import Mapping, Row, problems_from


def guess(*columns: str, **named: str) -> tuple[str, str, str, str]:
    mapping = Mapping(**named).complete(list(columns))
    return mapping.question, mapping.answer, mapping.choices, mapping.id


def only(cells: dict, **named: str):
    mapping = Mapping(**named).complete(list(cells))
    mapping.check(list(cells))
    (draft,) = problems_from([Row(2, cells)], mapping)
    return draft


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("question", "answer"), ("question", "answer", "", "")),
        (("problem", "solution"), ("problem", "solution", "", "")),
        (("problem", "solution", "answer", "unique_id"), ("problem", "answer", "", "unique_id")),
        (("input", "target"), ("input", "target", "", "")),
        (("prompt", "completion"), ("prompt", "completion", "", "")),
        (("id", "Question", "Choices", "Answer"), ("Question", "Answer", "Choices", "id")),
        (("question", "choices", "answerKey"), ("question", "answerKey", "choices", "")),
        (("question", "prompt", "answer", "target"), ("question", "answer", "", "")),
        (("a", "b"), ("", "", "", "")),
    ],
)
def test_columns_are_guessed_from_the_names_people_use(columns, expected):
    assert guess(*columns) == expected


def test_a_named_column_is_not_guessed_for_another_role():
    assert guess("question", "answer", "target", answer="target") == ("question", "target", "", "")
    assert guess("question", "text", "answer", answer="question") == ("text", "question", "", "")


def test_a_column_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(SourceError, match=r"no column “q”. Its columns: question, answer"):
        guess("question", "answer", question="q")


def test_a_file_without_a_likely_answer_says_which_columns_there_are():
    with pytest.raises(SourceError, match=r"No column looks like the answer. Choose one of: question, b") as caught:
        only({"question": "1+1", "b": "2"})
    assert caught.value.column == "answer"


def test_gsm8k_gives_its_final_answer_and_hides_the_rest():
    draft = only({"question": "1+1?", "answer": "1 and 1 is 2.\n#### 1,002"})
    assert draft.answers == ("1,002",)
    assert draft.metadata == {HIDDEN: {"worked_solution": "1 and 1 is 2.\n#### 1,002"}}


def test_a_worked_solution_gives_its_box():
    draft = only({"problem": "1+1?", "solution": r"We add: $\boxed{\frac{4}{2}}$."})
    assert draft.answers == (r"\frac{4}{2}",)


def test_other_columns_are_metadata_and_those_that_give_the_target_away_are_hidden():
    draft = only({"problem": "1+1?", "answer": "2", "solution": "add", "level": 3})
    assert draft.metadata == {"level": 3, HIDDEN: {"solution": "add"}}


@pytest.mark.parametrize(
    ("choices", "answer"),
    [
        ('["Rome", "Paris", "Oslo"]', "B"),
        ("Rome|Paris|Oslo", "b"),
        ("Rome\nParis\nOslo", "(B)"),
        (["Rome", "Paris", "Oslo"], "Paris"),
        (["Rome", "Paris", "Oslo"], 1),  # MMLU counts from 0
        ({"text": ["Rome", "Paris", "Oslo"], "label": ["A", "B", "C"]}, "B"),  # ARC
    ],
)
def test_choices_come_in_several_shapes_and_letter_and_words_are_both_right(choices, answer):
    draft = only({"question": "Capital of France?", "choices": choices, "answer": answer})
    assert draft.choices == ("Rome", "Paris", "Oslo")
    assert draft.answers == ("B", "Paris")


def test_a_number_that_is_itself_a_choice_is_that_choice():
    assert only({"question": "?", "choices": ["3", "1"], "answer": 1}).answers == ("B", "1")


def test_several_answers_may_be_right():
    assert only({"question": "?", "answers": ["UK", "United Kingdom"]}).answers == ("UK", "United Kingdom")
    assert only({"question": "?", "answers": '["UK", 1]'}).answers == ("UK", "1")
    assert only({"question": "?", "answer": "[1, 2)"}).answers == ("[1, 2)",)


@pytest.mark.parametrize(
    ("cells", "trouble"),
    [
        ({"question": " ", "answer": "2"}, "column “question” is empty"),
        ({"question": "1+1", "answer": ""}, "column “answer” is empty"),
        ({"question": None, "answer": "2"}, "column “question” is empty"),
        ({"question": ["a"], "answer": "2"}, "column “question” is a JSON list, but must be text"),
        ({"question": "?", "answer": []}, "column “answer” must list one answer or more"),
        ({"question": "?", "answer": "2 ####"}, "column “answer” has nothing after “####”"),
        ({"question": "?", "choices": "one", "answer": "A"}, "column “choices” must hold two choices or more"),
        ({"question": "?", "choices": "a|b|", "answer": "A"}, "column “choices” must hold two choices or more"),
        ({"question": "?", "choices": 5, "answer": "A"}, "column “choices” must be a JSON list"),
        ({"question": "?", "choices": "a|b", "answer": "C"}, "“C”.* neither a letter from A to B nor one of the choices"),
        ({"question": "?", "answer": "2", "id": "x" * 201}, "column “id” is 201 characters long"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named_by_line_and_column(cells, trouble):
    with pytest.raises(SourceError, match=f"^Line 2: .*{trouble}") as caught:
        only(cells)
    assert caught.value.row == 2
    assert caught.value.column in cells


def test_repeated_ids_name_both_lines():
    rows = [Row(2, {"id": "a", "question": "?", "answer": "1"}), Row(7, {"id": "a", "question": "!", "answer": "2"})]
    with pytest.raises(SourceError, match="Line 7: column “id” repeats the id “a” of line 2"):
        list(problems_from(rows, Mapping("question", "answer", "", "id")))


def test_made_ids_follow_the_content_so_they_survive_shuffling():
    rows = [Row(n, {"question": text, "answer": "1"}) for n, text in enumerate(("a", "b", "a"), start=2)]
    keys = {draft.key: draft.question for draft in problems_from(rows, Mapping("question", "answer"))}
    shuffled = {draft.key: draft.question for draft in problems_from(rows[::-1], Mapping("question", "answer"))}
    assert keys == shuffled
    assert len(keys) == 3
