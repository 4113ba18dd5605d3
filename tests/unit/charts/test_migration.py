"""What the charts say to a user who comes from Spark 3.5: in the notes, by a refusal, and on the page."""

import re
from typing import Any

import pytest
import yaml

from tests.support.rendering import CHARTS, Refused, template

ROOT = CHARTS.parent
DEFINED = (CHARTS / "spark-common/templates/_migration.tpl").read_text()
CHANGES: list[dict[str, Any]] = yaml.safe_load(
    DEFINED.partition('{{- define "spark-common.migration" -}}\n')[2].partition("{{- end -}}")[0]
)


def notes(conf: dict[str, str], **values: Any) -> str:
    """What helm tells the user after an installation with this sparkConf, and other values."""
    return template({"sparkConf": conf, **values}).notes


def test_a_setting_whose_meaning_changed_is_named_with_what_it_bears_upon() -> None:
    told = notes({"spark.eventLog.enabled": "true", "spark.hadoop.fs.s3a.endpoint": "s3.example"})
    assert "spark.eventLog.rolling.enabled is true since Spark 4.0.0" in told
    assert "spark.eventLog.compress is true since Spark 4.0.0" in told
    assert "(it bears upon spark.hadoop.fs.s3a.endpoint)" in told
    assert "spark.speculation" not in told


def test_who_has_decided_is_not_told() -> None:
    assert "spark.sql.ansi.enabled is true" in notes({"spark.sql.shuffle.partitions": "8"})
    assert "spark.sql.ansi.enabled" not in notes({"spark.sql.ansi.enabled": "false"})
    assert "mean something else" not in notes({"spark.ui.retainedJobs": "5"})


def test_a_forced_shim_is_called_forced() -> None:
    assert "forced by gpu.forcedShim (spark411)" in notes({}, gpu={"enabled": True, "forcedShim": "spark411"})
    assert "forced" not in notes({}, gpu={"enabled": True})


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("spark.blacklist.enabled", "true", "excludeOnFailure in place of blacklist"),
        ("spark.mesos.coarse", "true", "no longer runs on Mesos"),
        ("spark.sql.parquet.compression.codec", "lz4raw", "lz4_raw"),
    ],
)
def test_a_setting_that_spark_would_ignore_is_refused(setting: str, value: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        template({"sparkConf": {setting: value}})
    assert setting in str(refused.value)
    assert words in str(refused.value)


def test_the_page_names_every_setting_that_the_charts_know() -> None:
    named = set(re.findall(r"`(spark\.[A-Za-z0-9.]+)`", (ROOT / "docs/migration.md").read_text()))
    assert {change["setting"] for change in CHANGES if "setting" in change} - named == set()


def test_every_change_says_since_when_and_what() -> None:
    for change in CHANGES:
        assert change["since"] in ("4.0.0", "4.1.0")
        assert set(change) - {"since", "changed"} in ({"setting", "default", "of"}, {"refused"})


# The page says of these what obeys them, and of that one which name it has now.
OTHERWISE = ("spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles",
             "spark.shuffle.localDisk.file.output.buffer")  # fmt: skip


@pytest.mark.parametrize("change", [each for each in CHANGES if "default" in each], ids=lambda each: each["setting"])
def test_the_page_says_since_when_a_setting_has_which_value(change: dict[str, Any]) -> None:
    page = (ROOT / "docs/migration.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith("|") and f"`{change['setting']}`" in line)
    _, _, since, means, *_ = (cell.strip() for cell in row.split("|"))
    assert f"{since}.0" == change["since"]
    assert change["setting"] in OTHERWISE or f"`{change['default']}`" in means
