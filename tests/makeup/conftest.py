"""What most tests of the make-up desk begin with."""

import pytest


@pytest.fixture
def world():
    """The make-up school, with somebody who receives the photographs."""
    from makeup.makeup_world import make_up_world, recipient  # once Django is set up

    made = make_up_world()
    recipient(made)
    return made
