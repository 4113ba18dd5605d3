"""Deliberate faults in how data is judged and notebooks are run, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

KEPT = "A table that keeps its rules passes"
STATUS = "One broken row is counted and named: its status"
ERROR = "A rule on a column that is missing is an error, and not bad data"
EACH_RULE = "One verdict names what breaks each of seven rules"
NO_ROWS = "A table without rows breaks the rules on its size and on its mean"
SNAPSHOT = "Rules judge an earlier snapshot as it was"
NOTHING_LEFT = "A verdict leaves nothing in Spark's memory"
PERSISTED = "A verdict that has Spark persist the table leaves it in memory"
PAGE = "The page of a verdict shows what broke, without internet"
TOKEN = "The page of a verdict is not shown to everybody"
VERSIONS = "The same rules judge the same data alike on Spark 4.1.1"
QUALITY_RECIPE = "A data engineer judges a table"
ASKS = "A cell asks Spark and shows the right value"
WHOLE = "Whoever reads while a writer is killed sees whole commits and no half of one"
HALF = "Whoever reads the table's files sees trips that the killed writer has not committed"
READER = "sparkproof/iceberg/reader.py"
TRAVELS = "A notebook that travels in time runs from top to bottom"
OTHERS = "Other parameters give other answers"
BREAKS = "A cell that breaks fails the run and is shown"
NOTEBOOK_RECIPE = "A data engineer runs a notebook with other parameters"


def in_rules(name: str, pattern: str, replacement: str, title: str, cause: str, suite: str = "orders") -> Sabotage:
    """A change of an example's rules."""
    return Sabotage(name, f"examples/quality/{suite}.json", pattern, replacement, title, cause)


def in_a_verdict(name: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of how a data engineer judges a table."""
    return Sabotage(name, "sparkproof/quality/workbench.py", pattern, replacement, title, cause)


def in_a_page(name: str, pattern: str, replacement: str, cause: str) -> Sabotage:
    """A change of the page on its way to the browser."""
    return Sabotage(name, "sparkproof/quality/user.py", pattern, replacement, PAGE, cause)


def in_a_notebook(name: str, notebook: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of an example notebook."""
    return Sabotage(name, f"examples/notebooks/{notebook}.ipynb", pattern, replacement, title, cause)


def in_a_recipe(name: str, recipe: str, pattern: str, replacement: str, title: str) -> Sabotage:
    """A change of a recipe's page."""
    return Sabotage(name, f"docs/recipes/{recipe}.md", pattern, replacement, title, f"The recipe {recipe} has")


_STATUSES = r'"paid", "sent"\]'
_LOST_TOO = '"paid", "sent", "lost"]'
_ANSWER = r'return \{"status": answer\.status, "text": text\}'
_SNAPSHOT = r'\[\] if snapshot is None else \["--snapshot", str\(snapshot\)\]'

DATA = [
    in_rules("a rule that is too strict", r'"max_value": 10000\}', '"max_value": 100}', KEPT, "on amount is broken by"),
    in_rules("a rule is lost", r".*values_to_be_unique.*\n", "", KEPT, "does not keep 12 rules, but 11"),
    in_a_verdict("a verdict whose work on Spark is not found", r', "--tag", tag\]', "]", KEPT, "of nobody"),
    in_rules("a rule allows what is wrong", _STATUSES, _LOST_TOO, STATUS, "does not break"),
    Sabotage(
        "another order is broken",
        "features/quality/rules.feature",
        r"order 1001 was added, with the <column>",
        "order 1002 was added, with the <column>",
        STATUS,
        "expected [1001]",
    ),
    in_rules(
        "a rule lets an order be sent before it was made",
        r'"column_A": "shipped_at", "column_B": "ordered_at"',
        '"column_A": "ordered_at", "column_B": "ordered_at"',
        EACH_RULE,
        "expected expect_column_pair_values_a_to_be_greater_than_b on shipped_at, ordered_at by 6",
    ),
    Sabotage(
        "an order less than the rules were broken by",
        "sparkproof/quality/orders.py",
        r"for row in rows\]",
        'for row in rows if row["order"] != "98"]',
        EACH_RULE,
        "breaks nothing more; expected expect_compound_columns_to_be_unique on customer, ordered_at by 1, 98",
    ),
    in_rules(
        "a rule lets a table be empty",
        r'"min_value": 1, "max_value": 10000000',
        '"min_value": 0, "max_value": 10000000',
        NO_ROWS,
        "expected expect_table_row_count_to_be_between",
    ),
    Sabotage(
        "a table that is to be empty has an order",
        "sparkproof/quality/orders.py",
        r"query\(1, count, planted\)",
        "query(1, count or 1, planted)",
        NO_ROWS,
        "breaks nothing more; expected expect_column_mean_to_be_between on amount by the whole",
    ),
    in_rules("the column is there", "amont", "amount", ERROR, "not the only one", "misspelt-column"),
    in_rules("bad data beside the error", "to_not_be_null", "to_be_null", ERROR, "not the only one", "misspelt-column"),
    in_a_verdict("a verdict on the table as it is now", _SNAPSHOT, "[]", SNAPSHOT, "does not keep 12 rules"),
    Sabotage(
        "a verdict on the last snapshot",
        "steps/quality_steps.py",
        r"snapshots\[0\]",
        "snapshots[-1]",
        SNAPSHOT,
        "does not keep 12 rules",
    ),
    in_a_verdict(
        "every verdict has Spark persist the table",
        r'\["--persist"\] if persist else \[\]',
        '["--persist"]',
        NOTHING_LEFT,
        "in memory after the verdict",
    ),
    Sabotage(
        "somebody else caches the table",
        "steps/quality_steps.py",
        r"(    context\.verdict\.must_leave_nothing)",
        r'    context.session.run(f"CACHE TABLE {context.orders.name}")\n\1',
        NOTHING_LEFT,
        "in memory after the verdict",
    ),
    in_a_verdict(
        "no verdict has Spark persist the table",
        r'\["--persist"\] if persist else \[\]',
        "[]",
        PERSISTED,
        "Spark keeps nothing",
    ),
    Sabotage(
        "what was persisted is taken from memory",
        "steps/quality_steps.py",
        r"(    context\.verdict\.must_leave_the_table)",
        r'    context.session.run(f"UNCACHE TABLE {context.orders.name}")\n\1',
        PERSISTED,
        "Spark keeps nothing",
    ),
    in_a_page(
        "the page asks another machine",
        _ANSWER,
        'text = text.replace("</head>", "<img src=\'https://example.org/logo.png\'></head>")\n'
        '    return {"status": answer.status, "text": text}',
        "asks other machines for 1 files",
    ),
    in_a_page(
        "the mark of what broke is not drawn",
        _ANSWER,
        'return {"status": answer.status, "text": text.replace("fa-times", "fa-gone")}',
        "shows no mark of what broke",
    ),
    in_a_page(
        "another page is shown",
        r"/files/\{written\.relative_to\(Path\.home\(\)\)\}",
        "/files/{Path(folder).name}/index.html",
        "does not show",
    ),
    Sabotage(
        "cells have a Spark of their own",
        "charts/spark-common/templates/_jupyter.tpl",
        r' +\{\{- include "spark-common\.connect\.remote" \. \| nindent 6 \}\}\n',
        "",
        ASKS,
        "of-the-cell",
    ),
    Sabotage(
        "a cell's value is not Spark's",
        "features/jupyter/notebooks.feature",
        r'spark\.sql\("SELECT sum\(id\) FROM range\(0, 100000, 1, 4\)"\)\.first\(\)\[0\]',
        "sum(range(100000))",
        ASKS,
        "of-the-cell",
    ),
    Sabotage(
        "JupyterLab asks nobody for the token",
        "charts/spark-common/templates/_jupyter.tpl",
        r"    image: jupyter\n",
        "    image: jupyter\n    args: [jupyter, lab, --IdentityProvider.token=]\n",
        TOKEN,
        "because of '/login?': status 200",
    ),
    Sabotage(
        "somebody without the token has it",
        "steps/quality_steps.py",
        r', token=""\)',
        ")",
        TOKEN,
        "did not refuse",
    ),
    in_rules("a rule judges otherwise", _STATUSES, _LOST_TOO, VERSIONS, "on status is kept"),
    in_rules("a rule on another type", "DoubleType", "LongType", VERSIONS, "on amount is broken"),
    in_a_recipe("no price is wrong", "data-quality", r"VALUES \(100, -1\)", "VALUES (100, 1)", QUALITY_RECIPE),
    in_a_recipe(
        "rules that are not there",
        "data-quality",
        r"prices\.json lake\.shop\.prices --key item --docs",
        "price.json lake.shop.prices --key item --docs",
        QUALITY_RECIPE,
    ),
    in_a_notebook(
        "a notebook that stays in the present",
        "time-travel",
        r" VERSION AS OF \{each\.snapshot_id\}",
        "",
        TRAVELS,
        "did not run to its end",
    ),
    in_a_notebook(
        "a notebook leaves its session",
        "time-travel",
        r"atexit\.register\(spark\.stop\)",
        "atexit",
        TRAVELS,
        "is still open on the server",
    ),
    in_a_notebook(
        "a cell for parameters that is not marked", "time-travel", r'"parameters"', '"inputs"', OTHERS, "printed"
    ),
    Sabotage(
        "parameters are not handed on",
        "sparkproof/jupyter/whole.py",
        r'\{\*\*parameters, "tag": tag\}',
        '{"table": parameters["table"], "tag": tag}',
        OTHERS,
        "printed",
    ),
    in_a_notebook("a notebook whose query is right", "wrong-column", r"amont", "id", BREAKS, "did not fail"),
    in_a_notebook(
        "a broken notebook leaves its session",
        "wrong-column",
        r"atexit\.register\(spark\.stop\)",
        "atexit",
        BREAKS,
        "is still open on the server",
    ),
    Sabotage(
        "a session keeps the tables that it has seen",
        "charts/spark-common/templates/_settings.tpl",
        r'cache-enabled: "false"',
        'cache-enabled: "true"',
        WHOLE,
        "The reader counted 2 trips at last, not",
    ),
    Sabotage(
        "a reader of the table reads its files",
        READER,
        r"if way == TABLE else",
        "if way == FILES else",
        WHOLE,
        "trips, and after whole commits there are",
    ),
    Sabotage(
        "a reader of files reads the table",
        READER,
        r"if way == TABLE else",
        "if way else",
        HALF,
        "are committed",
    ),
    Sabotage(
        "the reader of files is told of the table",
        "features/iceberg/readers.feature",
        r"counts the trips in its files",
        "counts the trips in the table",
        HALF,
        "are committed",
    ),
    in_a_recipe("a notebook with other rows", "notebooks", "rows 1000", "rows 100", NOTEBOOK_RECIPE),
    in_a_recipe(
        "a notebook that is not there",
        "notebooks",
        r"papermill sum\.ipynb with-1000",
        "papermill sums.ipynb with-1000",
        NOTEBOOK_RECIPE,
    ),
]
