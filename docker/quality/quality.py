"""Judges a table by rules that are data: a suite of Great Expectations, a file of JSON.

Beside Great Expectations' own results it tells a rule that could not be judged from bad data, names the broken rows by
their key, and leaves nothing in Spark's memory. As a program, in a pod that knows the Connect server:

    python3 -m quality orders.json lake.shop.orders --key id

It prints its verdict as JSON, and ends with 0 where the table keeps all rules, 3 where it breaks some, and 4 where a
rule could not be judged.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.checkpoint import UpdateDataDocsAction
from great_expectations.data_context.types.base import ProgressBarsConfig

KEPT, BROKEN, ERROR = "kept", "broken", "error"
# Others are a program's that judged nothing.
EXIT_CODES = {KEPT: 0, BROKEN: 3, ERROR: 4}


class NotKept(Exception):
    """A table that does not keep its rules, or rules that could not be judged."""


def judge(
    frame: Any,
    suite: Mapping[str, Any],
    key: Sequence[str],
    *,
    name: str = "table",
    persist: bool = False,
    docs: str = "",
) -> dict[str, Any]:
    """Judge a Spark DataFrame called `name` by a suite; return the outcome of the whole and of each rule.

    `key` are the columns by which broken rows are named. With `persist`, the DataFrame is put into Spark's memory,
    where it stays. In the folder `docs`, if there is one, the verdict is written as pages.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for site in list(context.list_data_docs_sites()):
        context.delete_data_docs_site(site)
    if docs:
        backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": docs}
        pages = {"class_name": "SiteBuilder", "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"}}
        context.add_data_docs_site("pages", {**pages, "store_backend": backend})
    asset = context.data_sources.add_spark("spark", persist=persist).add_dataframe_asset(name)
    rules = gx.ExpectationSuite(name=suite["name"], expectations=[dict(each) for each in suite["expectations"]])
    validation = gx.ValidationDefinition(
        name=suite["name"],
        data=asset.add_batch_definition_whole_dataframe("whole"),
        suite=context.suites.add(rules),
    )
    checkpoint = gx.Checkpoint(
        name=suite["name"],
        validation_definitions=[context.validation_definitions.add(validation)],
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": list(key)},
        actions=[UpdateDataDocsAction(name="pages")] if docs else [],
    )
    (found,) = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame}).run_results.values()
    judged = sorted(
        (_rule(each.to_json_dict(), key) for each in found.results), key=lambda rule: (rule["rule"], rule["on"])
    )
    return {
        "table": name,
        "suite": suite["name"],
        "outcome": _worst(rule["outcome"] for rule in judged),
        "rules": judged,
    }


def must_keep(frame: Any, suite: Mapping[str, Any], key: Sequence[str], *, name: str = "table") -> dict[str, Any]:
    """Judge a Spark DataFrame as `judge` does; raises NotKept, with the broken rules and rows in a sentence."""
    verdict = judge(frame, suite, key, name=name)
    if verdict["outcome"] != KEPT:
        raise NotKept(sentence(verdict))
    return verdict


def sentence(verdict: Mapping[str, Any]) -> str:
    """Return what a verdict says, in words."""
    said = [_words(rule) for rule in verdict["rules"] if rule["outcome"] != KEPT]
    if not said:
        return f"{verdict['table']} keeps all {len(verdict['rules'])} rules of {verdict['suite']}."
    verb = "cannot be judged by all rules" if verdict["outcome"] == ERROR else "breaks rules"
    return f"{verdict['table']} {verb} of {verdict['suite']}: {'; '.join(said)}."


def _rule(result: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
    """Return the outcome of one rule; a success that is false is only bad data if nothing was raised."""
    config, found, error = result["expectation_config"], result["result"], _error(result["exception_info"])
    kwargs = config["kwargs"]
    pair = [kwargs[side] for side in ("column_A", "column_B") if side in kwargs]
    columns = [kwargs["column"]] if "column" in kwargs else pair or kwargs.get("column_list", [])
    rows = found.get("unexpected_index_list") or []
    return {
        "rule": config["type"],
        "on": ", ".join(columns),
        "outcome": ERROR if error else KEPT if result["success"] else BROKEN,
        "unexpected": found.get("unexpected_count"),
        "keys": sorted(({column: row[column] for column in key} for row in rows), key=str),
        "observed": found.get("observed_value"),
        "error": error,
    }


def _error(info: Mapping[str, Any]) -> str | None:
    """Return the message of what was raised: the whole is such a report, or each metric that failed has one."""
    reports = [info] if "raised_exception" in info else list(info.values())
    return next((str(each["exception_message"]) for each in reports if each.get("raised_exception")), None)


def _worst(outcomes: Iterable[str]) -> str:
    return max([KEPT, *outcomes], key=EXIT_CODES.__getitem__)


def _words(rule: Mapping[str, Any]) -> str:
    if rule["outcome"] == ERROR:
        return f"{rule['rule']} on {rule['on'] or 'the table'} raised {rule['error']}"
    seen = (
        f"observed {rule['observed']}" if rule["unexpected"] is None else f"{rule['unexpected']} rows, {rule['keys']}"
    )
    return f"{rule['rule']} on {rule['on'] or 'the table'} ({seen})"


def main() -> int:
    """Judge the table that the command line names."""
    from pyspark.sql import SparkSession

    parser = argparse.ArgumentParser(prog="quality", description="Judges a table by a suite of Great Expectations.")
    parser.add_argument("suite", type=Path, help="file of JSON with the rules")
    parser.add_argument("table", help="name of the table in Spark")
    parser.add_argument("--key", action="append", default=[], help="column that names rows; may be given again")
    parser.add_argument("--snapshot", type=int, help="judge the table as of this snapshot of Iceberg's")
    parser.add_argument("--docs", default="", help="folder for the report's pages, which need no internet")
    parser.add_argument("--tag", default="", help="tag of the work in Spark's own interface")
    parser.add_argument("--persist", action="store_true", help="put the table into Spark's memory, where it stays")
    asked = parser.parse_args()
    spark = SparkSession.builder.getOrCreate()
    try:
        if asked.tag:
            spark.addTag(asked.tag)
        as_of = "" if asked.snapshot is None else f" VERSION AS OF {asked.snapshot}"
        with redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
            frame, suite = spark.sql(f"SELECT * FROM {asked.table}{as_of}"), json.loads(asked.suite.read_text())
            verdict = judge(frame, suite, asked.key, name=asked.table, persist=asked.persist, docs=asked.docs)
            if asked.docs:
                import offline_pages

                offline_pages.rewrite(Path(asked.docs))
    finally:
        spark.stop()
    print(json.dumps(verdict, indent=2))
    print(sentence(verdict), file=sys.stderr)
    return EXIT_CODES[verdict["outcome"]]


if __name__ == "__main__":
    sys.exit(main())
