"""Who gets the next batch."""

from collections import Counter

from experiments.runner.dealing import Hand, deal


def hand(run: int, user: int | None = 1, most: int = 100, n: int = 0, priority: int = 1, served_at: float = 0.0) -> Hand:
    return Hand(run, "model", user, priority, n, most, served_at)


def by_user(dealt: list[Hand]) -> Counter:
    return Counter(each.user_id for each in dealt)


def test_users_share_equally_however_many_runs_each_has():
    hands = [*(hand(run, user=1) for run in range(10)), hand(20, user=2)]
    assert by_user(deal(8, hands)) == {1: 4, 2: 4}


def test_what_one_user_has_no_use_for_goes_to_the_others():
    hands = [hand(1, user=1), hand(2, user=2, most=1), hand(3, user=3)]
    assert by_user(deal(9, hands)) == {1: 4, 2: 1, 3: 4}


def test_those_under_way_count():
    hands = [hand(1, user=1, n=6), hand(2, user=2)]
    assert by_user(deal(8, hands)) == {2: 2}


def test_nobody_gets_more_than_there_are_places():
    assert deal(4, [hand(1, n=5), hand(2, user=2)]) == []


def test_runs_of_a_user_share_by_priority():
    hands = [hand(1, priority=2), hand(2, priority=1), hand(3, priority=1)]
    assert Counter(each.run_id for each in deal(12, hands)) == {1: 8, 2: 2, 3: 2}


def test_a_low_priority_does_not_make_others_wait_for_its_user():
    hands = [hand(1, user=1, priority=0), hand(2, user=2, priority=2)]
    assert by_user(deal(6, hands)) == {1: 3, 2: 3}


def test_where_there_is_one_place_users_take_turns():
    """The one who was served last waits, whichever run it was."""
    hands = [hand(1, user=1, served_at=50.0), hand(2, user=1), hand(3, user=2, served_at=40.0)]
    assert [each.run_id for each in deal(1, hands)] == [3]


def test_runs_of_one_user_take_turns_too():
    assert [each.run_id for each in deal(1, [hand(1, served_at=50.0), hand(2, served_at=40.0)])] == [2]


def test_runs_that_nobody_started_count_as_one_user():
    assert by_user(deal(4, [hand(1, user=None), hand(2, user=None), hand(3, user=7)])) == {None: 2, 7: 2}
