"""What RAPIDS runs on: its vendor's limits are told apart from what is only missing here."""

import pytest

from sparkproof.core.errors import UsageError
from sparkproof.gpu import support


def test_a_version_without_a_jar_is_lacking_and_not_by_the_vendor() -> None:
    lack = support.lack_on("3.5.7")
    assert lack and not lack.by_vendor
    assert "no RAPIDS jar for Spark 3.5.7" in lack.reason


def test_a_version_without_a_shim_is_lacking_by_the_vendor() -> None:
    lack = support.lack_on("4.1.0")
    assert lack and lack.by_vendor
    assert "no shim for Spark 4.1.0 (source: the shims in its own jar)" in lack.reason


def test_a_version_with_a_jar_and_a_shim_lacks_nothing() -> None:
    assert support.lack_on("4.1.1") is None


def test_an_unknown_version_is_told() -> None:
    with pytest.raises(UsageError, match=r"Spark 3\.4\.0 is not in docker/versions\.toml; did you mean"):
        support.lack_on("3.4.0")
