"""Settings: typed, read once, and every wrong one named in a sentence."""

from pathlib import Path

import pytest

from sparkproof.core.errors import UsageError
from sparkproof.suite import settings


def test_the_defaults_aim_at_the_embedded_cluster_and_nothing_else() -> None:
    assert settings.read({}).cluster == "embedded"


def test_values_are_read_in_their_types() -> None:
    read = settings.read({"cluster": "context:staging", "reports": "out", "retry": "2", "features": "gpu, iceberg"})
    assert (read.cluster, read.reports, read.retry) == ("context:staging", Path("out"), 2)
    assert read.features == ("gpu", "iceberg")


def test_labels_and_annotations_of_namespaces_are_pairs() -> None:
    read = settings.read({"namespace_labels": "team=data, example.com/stage=", "namespace_annotations": "owner=Ada L."})
    assert read.namespace_labels == {"team": "data", "example.com/stage": ""}
    assert read.namespace_annotations == {"owner": "Ada L."}


@pytest.mark.parametrize(
    ("given", "kept"), [({}, ""), ({"keep": "true"}, "all"), ({"keep": "False"}, ""), ({"keep": "failed"}, "failed")]
)
def test_what_is_kept_is_nothing_or_shared_platforms_or_a_failed_scenarios_team(
    given: dict[str, str], kept: str
) -> None:
    assert settings.read(given).keep == kept


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cluter": "embedded"}, "did you mean -D cluster=...?"),
        ({"zzz": "1"}, "known are cluster, kubeconfig"),
        ({"cluster": "production"}, "-D cluster=production is not usable: embedded, or context:NAME"),
        ({"spark": "4.1.99"}, "(Spark 4.1.99 is not in docker/versions.toml; did you mean 4.1."),
        ({"retry": "often"}, "-D retry=often is not usable"),
        ({"keep": "faild"}, "-D keep=faild is not usable (write true, false or failed)"),
        ({"namespace_labels": "team"}, "-D namespace_labels=team is not usable ('team' is not NAME=VALUE)"),
        ({"namespace_labels": "sparkproof.dev/run=x"}, "(Sparkproof sets sparkproof.dev/run itself)"),
        ({"namespace_labels": "app.kubernetes.io/managed-by=me"}, "sets app.kubernetes.io/managed-by itself"),
        ({"namespace_labels": "team=data eng"}, "('data eng' cannot be the value of the label team)"),
        ({"require": "everything"}, "-D require=everything is not usable"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(given: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match="Setting -D") as raised:
        settings.read(given)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_platform_that_is_there_says_the_version_of_spark(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"{Path('examples/existing/analytics.yaml').read_text()}\nspark: 4.1.0\n")
    read = settings.read({"platform": str(file)})
    assert read.platform is not None
    assert (read.platform.name, read.spark) == ("analytics", "4.1.0")
    with pytest.raises(UsageError, match=r"-D spark=4\.1\.1 is not what analytics runs, 4\.1\.0: leave it out\."):
        settings.read({"platform": str(file), "spark": "4.1.1"})
    with pytest.raises(UsageError, match="-D cluster=processes has none: leave out one"):
        settings.read({"platform": str(file), "cluster": "processes"})


@pytest.mark.parametrize(
    "other",
    [{"keep": "true"}, {"keep": "failed"}, {"cluster": "processes"}, {"namespace_labels": "team=data"}],
)
def test_a_namespace_that_is_given_is_neither_made_nor_kept(other: dict[str, str]) -> None:
    assert settings.read({"namespace": "data-team"}).namespace == "data-team"
    with pytest.raises(UsageError, match=r"neither makes nor keeps, and -D .* does not go with that: leave out one"):
        settings.read({"namespace": "data-team", **other})
    with pytest.raises(UsageError, match="Setting -D namespace=Data_Team is not usable"):
        settings.read({"namespace": "Data_Team"})
