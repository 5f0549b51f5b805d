"""What is read once is read anew after a lock."""

from core.once import forget, once, reading_once


def test_a_thing_is_read_once_until_something_is_locked() -> None:
    read = iter(range(10))
    assert [once("key", lambda: next(read)) for _ in range(2)] == [0, 1]
    with reading_once():
        assert [once("key", lambda: next(read)) for _ in range(2)] == [2, 2]
        with reading_once():
            assert once("key", lambda: next(read)) == 2
            forget()
        assert once("key", lambda: next(read)) == 3
    assert once("key", lambda: next(read)) == 4
