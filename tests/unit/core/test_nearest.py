"""The hint of an error about an unknown name."""

from sparkproof.core.nearest import hint, nearest


def test_the_nearest_names_come_first_and_case_does_not_matter() -> None:
    known = ["lakehouse", "GPU-lakehouse", "GPU", "standalone"]
    assert nearest("lakehous", known, count=3) == ["lakehouse", "GPU-lakehouse"]
    assert nearest("gpu", known) == ["GPU"]
    assert nearest("zzz", known) == []


def test_few_names_are_all_listed_and_many_only_when_none_is_near() -> None:
    assert hint("4.1.2", ["4.1.0", "4.1.1"]) == "did you mean 4.1.1? Known are 4.1.0, 4.1.1."
    assert hint("zzz", ["a", "b"], "@{}") == "known are a, b."
    many = [f"tag{number}" for number in range(20)]
    assert hint("tag1", many, "@{}") == "did you mean @tag1?"
    assert hint("zzz", many, "@{}").startswith("known are tag0, tag1,")
    assert hint("zzz", []) == "known are none."
