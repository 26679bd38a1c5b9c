from __future__ import annotations

import pytest

from napari_squeakout.core.steps import Progress, passing_on, run


def count_to(total, closed=None):
    try:
        for done in range(1, total + 1):
            yield Progress(done, total, "pages")
    finally:
        if closed is not None:
            closed.append(True)
    return f"{total} counted"


def test_run_gives_what_the_steps_return():
    assert run(count_to(3)) == "3 counted"


def test_run_tells_every_step_in_order():
    told = []
    run(count_to(3), told.append)
    assert told == [Progress(1, 3, "pages"), Progress(2, 3, "pages"), Progress(3, 3, "pages")]


def test_work_without_steps_has_a_result_and_tells_nothing():
    told = []
    assert run(count_to(0), told.append) == "0 counted"
    assert told == []


def test_closing_the_steps_cancels_the_work():
    closed = []
    steps = count_to(3, closed)
    next(steps)
    steps.close()
    assert closed == [True]


def test_what_goes_wrong_in_a_step_reaches_the_caller():
    def broken():
        yield Progress(1, 2, "pages")
        msg = "no more disk"
        raise OSError(msg)

    with pytest.raises(OSError, match="no more disk"):
        run(broken())


@pytest.mark.parametrize(("done", "total", "fraction"), [(0, 4, 0), (1, 4, 0.25), (0, 0, 1)])
def test_progress_is_a_share_of_the_whole(done, total, fraction):
    assert Progress(done, total, "pages").fraction == fraction


def test_work_passed_on_is_told_otherwise_and_has_the_same_result():
    def odd(progress):
        return Progress(progress.done, 9, "files") if progress.done % 2 else None

    told = []
    assert run(passing_on(count_to(3), odd), told.append) == "3 counted"
    assert told == [Progress(1, 9, "files"), Progress(3, 9, "files")]


def test_work_passed_on_ends_with_whoever_hears_of_it():
    def refuse(_progress):
        raise ValueError("cancelled")

    closed = []
    with pytest.raises(ValueError, match="cancelled"):
        run(passing_on(count_to(3, closed), refuse))
    steps = passing_on(count_to(3, closed), lambda progress: progress)
    next(steps)
    steps.close()
    assert closed == [True, True]
