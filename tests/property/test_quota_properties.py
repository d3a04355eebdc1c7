"""Moving windows against the definition: no stretch of the window's length holds more than the limit, none is refused less."""

from hypothesis import given, settings
from hypothesis import strategies as some

from livetranslate.keys import Limit
from livetranslate.keys.limits import MovingWindow


@settings(max_examples=300)
@given(some.integers(0, 6), some.lists(some.tuples(some.integers(0, 40), some.integers(1, 3)), max_size=60))
def test_the_window_is_its_definition(amount: int, steps: list[tuple[int, int]]) -> None:
    now = 0
    window = MovingWindow(Limit(amount, 60.0), lambda: float(now))
    taken: list[tuple[int, int]] = []
    for pause, size in steps:
        now += pause
        used = sum(size for time, size in taken if time > now - 60)
        assert window.used == used
        fits = used + size <= amount
        wait = window.wait_for(size)
        assert (wait == 0.0) == fits
        if wait:
            at = now + wait
            assert sum(size for time, size in taken if time > at - 60) + size <= amount
            assert sum(size for time, size in taken if time > at - 61) + size > amount
        if fits:
            window.use(size)
            taken.append((now, size))


@settings(max_examples=100)
@given(some.lists(some.tuples(some.floats(0, 5), some.integers(1, 5000)), min_size=1, max_size=200))
def test_a_wide_limit_is_counted_in_steps(steps: list[tuple[float, int]]) -> None:
    now = 0.0
    limit = Limit(1_000_000, 60.0)
    window = MovingWindow(limit, lambda: now)
    taken: list[tuple[float, int]] = []
    grain = limit.seconds / 10_000
    for pause, size in steps:
        now += pause
        window.use(size)
        taken.append((now, size))
        exact = sum(size for time, size in taken if time > now - 60)
        late = sum(size for time, size in taken if time > now - 60 - 2 * grain)
        assert exact <= window.used <= late


def test_a_wide_limit_takes_bounded_memory() -> None:
    now = 0.0
    window = MovingWindow(Limit(10**9, 60.0), lambda: now)
    for _ in range(50_000):
        now += 0.001
        window.use(1)
    assert window.used == 50_000
    assert len(window._uses) <= 10_001
