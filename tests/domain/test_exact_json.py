import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.exact_json import pack, unpack

KEYS = st.one_of(st.text(max_size=5), st.integers(), st.tuples(st.integers()), st.sampled_from(["__tuple__", "__items__"]))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner), max_leaves=10
)


@given(VALUES)
def test_what_was_packed_comes_back_through_json_with_its_types(value):
    returned = unpack(json.loads(json.dumps(pack(value))))
    assert returned == value
    assert repr(returned) == repr(value)


def test_a_value_without_an_exact_form_is_refused():
    with pytest.raises(TypeError, match="set has no exact form"):
        pack({"a": [{1, 2}]})
