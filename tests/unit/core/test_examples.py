"""Examples by their names: one that is not there is refused with the nearest."""

import pytest

from sparkproof.core import examples
from sparkproof.core.errors import UsageError


def test_a_project_that_is_not_there_is_refused_with_the_nearest() -> None:
    assert "sum" in examples.projects()
    with pytest.raises(UsageError, match="There is no 'summ' in examples/projects"):
        examples.project("summ")
