from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.domain.normal_forms import canonical, number, write


@pytest.mark.parametrize(
    ("written", "form"),
    [
        (" 13. ", "13"),
        ("x = 13", "13"),
        ("$13$", "13"),
        (r"\(13\)", "13"),
        (r"\boxed{\boxed{13}}", "13"),
        ("$13", "13"),
        (r"\$1,234.50", "1234.5"),
        (r"1{,}234\,567", "1234567"),
        ("\u22125", "-5"),
        ("- 5", "-5"),
        ("+5", "5"),
        ("-0", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("0.50", "0.5"),
        ("1/2", "0.5"),
        (r"\dfrac{2}{4}", "0.5"),
        (r"-\frac12", "-0.5"),
        ("2/6", "1/3"),
        ("1 1/2", "1.5"),
        ("1e3", "1000"),
        ("50 %", "50%"),
        (r"50\%", "50%"),
        ("13  Apples", "13 apples"),
        ("1,000 km", "1000 km"),
        ("Paris.", "paris"),
        ("**Paris**", "paris"),
        (r"\text{Yes}", "yes"),
        ("Hello ,World", "hello, world"),
        ("( 1/2,2 ]", "(0.5, 2]"),
        (r"\left( 1 , 2 \right)", "(1, 2)"),
        (r"\{2, 1\}", "{1, 2}"),
        ("{1,2}", "{1, 2}"),
        ("1/0", "1/0"),
        ("12/25/2020", "12/25/2020"),
        ("10:30", "10:30"),
        ("", ""),
        ("$$", ""),
    ],
)
def test_an_answer_has_one_normal_form(written, form):
    assert canonical(written) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [("5", "25"), ("5", "-5"), ("5", "5%"), ("13", "13 apples"), ("1,2", "12"), ("(1, 2)", "[1, 2]"), ("1.5", "15"), ("1", "i")],
)
def test_different_answers_stay_different(one, other):
    assert canonical(one) != canonical(other)


def test_case_is_kept_where_it_matters():
    assert canonical("Paris", case_sensitive=True) == "Paris"


ANSWERS = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            ["$", "\\", "{", "}", "(", "]", ",", ".", " ", "1", "23", "/", "frac", "boxed", "x", "=", "-", "%", '"', "*", "e5"]
        )
    ).map("".join),
)


@given(ANSWERS)
@example("1,23")
@example("1, 234")
@example(r"\left(1,2\right)")
@example(r"\,007")
@example(r"-\,007")
def test_a_normal_form_is_its_own_normal_form(answer):
    for case_sensitive in (False, True):
        form = canonical(answer, case_sensitive)
        assert canonical(form, case_sensitive) == form


@given(st.fractions(min_value=-(10**12), max_value=10**12, max_denominator=10**6))
def test_a_number_is_read_as_it_is_written(value):
    assert number(write(value)) == value


@given(st.integers(-(10**15), 10**15))
def test_thousands_separators_change_nothing(value):
    assert canonical(f"{value:,}") == str(value)


def test_numbers_too_long_to_compute_with_are_text():
    assert number("9" * 1000) is None
    assert canonical("1e999999999") == "1e999999999"
    assert number("1/0") is None
    assert number("13 apples") is None
    assert number("-$1,000.5") == Fraction("-1000.5")
