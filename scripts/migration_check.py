#!/usr/bin/env python3
"""Names the statements of a SQL file whose answers differ between the rules of Spark 3.5 and those of the server.

It runs where SPARK_REMOTE names a Connect server of Spark 4.1, which can still follow the old rules of RULES. Queries
are asked under both; of a statement that writes, only the query is, and nothing is written. Of one that makes a table,
the types of the columns are compared, too.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# The settings by which a server of 4.1 follows the rules of 3.5, and what helps instead of the setting. The source is
# Spark's guide "Migration Guide: SQL, Datasets and DataFrame", 3.5 to 4.0 and 4.0 to 4.1.
RULES: Mapping[str, tuple[str, str]] = {
    "spark.sql.ansi.enabled": ("false", "use try_cast, try_add, try_divide, try_element_at where NULL is meant"),
    "spark.sql.legacy.timeParserPolicy": ("EXCEPTION", "say the pattern of datetime functions as Spark 3 has it"),
    "spark.sql.legacy.bangEqualsNot": ("true", "write NOT in place of ! before IN, LIKE, BETWEEN, EXISTS and NULL"),
    "spark.sql.legacy.javaCharsets": ("true", "use one of the character sets that Spark documents"),
    "spark.sql.legacy.codingErrorAction": ("true", "remove characters that the character set does not have"),
    "spark.sql.legacy.ctePrecedencePolicy": ("EXCEPTION", "give each common table expression a name of its own"),
    "spark.sql.legacy.disableMapKeyNormalization": ("true", "do not use both 0.0 and -0.0 as keys of a map"),
}
NOT_COMPARED = "not compared"
_QUERIES = ("SELECT", "WITH", "VALUES", "FROM", "TABLE", "MAP", "REDUCE")
_PREPARATIONS = re.compile(r"(?is)^\s*(USE|SET|CREATE\s+(OR\s+REPLACE\s+)?(TEMP|TEMPORARY)\s)")
# Anything, as long as texts and names in quotes are whole: what they say is no SQL.
_ANYTHING = r"(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^'\"`])*?"
_QUERY = rf"((?:\(\s*)*(?:{'|'.join(_QUERIES)})\b.*)$"
_WRITES = re.compile(
    r"(?is)^\s*INSERT\s+(?:INTO|OVERWRITE)\s+(?:TABLE\s+)?\S+(?:\s+PARTITION\s*\([^)]*\))?(?:\s+IF\s+NOT\s+EXISTS)?"
    rf"(?:\s+BY\s+NAME|\s*\([^)]*\))?\s*(?<=[\s)]){_QUERY}"
)
_MAKES = re.compile(rf"(?is)^\s*(?:CREATE|REPLACE)\s{_ANYTHING}\sAS(?=[\s(])\s*{_QUERY}")
# AS may be left out.
_MAKES_WITHOUT_AS = re.compile(rf"(?is)^\s*(?:CREATE|REPLACE)\s{_ANYTHING}[\s)](SELECT\b.*)$")
_TOKENS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|;|[^;'\"`/-]+|.", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """A statement, by the line where it begins, and its outcomes; `rule` is the setting that explains them.

    Line 0 is about the server itself.
    """

    line: int
    statement: str
    before: str
    after: str
    rule: str
    advice: str


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the statements of a file without their comments, each with the line where it begins."""
    line, began, words = 1, 0, ""
    for token in _TOKENS.findall(text):
        if token == ";":
            if words.strip():
                yield began, words.strip()
            words = ""
        elif not token.startswith(("--", "/*")):
            if not words.strip() and token.strip():
                began = line + token[: len(token) - len(token.lstrip())].count("\n")
            words += token
        line += token.count("\n")
    if words.strip():
        yield began, words.strip()


def outcome(spark: Any, statement: str, *, typed: bool = False) -> str:
    """Return the rows of a query, sorted, or the name of its error; if `typed`, the types of its columns come first."""
    try:
        asked = spark.sql(statement)
        types = f"{asked.schema.simpleString()} " if typed else ""
        return types + "; ".join(sorted(str(list(row)) for row in asked.collect()))
    except Exception as refused:
        named = re.match(r"\[([A-Z0-9_.]+)\]", str(refused).strip().removeprefix("("))
        return f"error {named[1]}" if named else f"error {str(refused).strip().splitlines()[0][:200]}"


def check(open_session: Callable[[Mapping[str, str]], Any], text: str) -> Iterator[Finding]:
    """Yield the statements that differ, and those that cannot be compared; the sessions follow the settings given.

    A rule of 3.5 that the server itself still follows comes first: what it changes cannot be seen.
    """
    old, new = open_session({name: value for name, (value, _) in RULES.items()}), open_session({})
    for name, (value, _) in RULES.items():
        if str(new.conf.get(name)).upper() == value.upper():
            advice = f"the server itself still has {name}={value}: check again on one that has not"
            yield Finding(0, "", "", "", name, advice)
    prepared: list[str] = []
    alone: dict[str, Any] = {}

    def by_one_rule(name: str, query: str, typed: bool) -> str:
        """Return the outcome in a session that follows one old rule, in which all has been prepared so far."""
        if name not in alone:
            alone[name] = open_session({name: RULES[name][0]})
            for each in prepared:
                outcome(alone[name], each)
        return outcome(alone[name], query, typed=typed)

    for line, statement in statements(text):
        if _PREPARATIONS.match(statement):
            prepared.append(statement)
            for session in (old, new, *alone.values()):
                outcome(session, statement)
            continue
        makes = _MAKES.match(statement) or _MAKES_WITHOUT_AS.match(statement)
        written = makes or _WRITES.match(statement)
        query, typed = written[1] if written else statement, makes is not None
        if query.lstrip("( \n").split(maxsplit=1)[0].upper() not in _QUERIES:
            yield Finding(line, statement, "", "", NOT_COMPARED, "it is no query: look at it yourself")
            continue
        before, after = outcome(old, query, typed=typed), outcome(new, query, typed=typed)
        if before == after:
            if before.startswith("error "):
                advice = f"it ends with {before} by both rules: let what it reads be there, and check again"
                yield Finding(line, statement, before, after, NOT_COMPARED, advice)
            continue
        if outcome(old, query, typed=typed) != before:
            yield Finding(line, statement, before, after, NOT_COMPARED, "it gives something else each time")
            continue
        rules = [name for name in RULES if by_one_rule(name, query, typed) == before]
        advice = RULES[rules[0]][1] if rules else "several rules together make the difference"
        yield Finding(line, statement, before, after, ", ".join(rules) or "several", advice)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the findings; return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="a file of SQL statements; - reads standard input")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    given = parser.parse_args(arguments)
    text = sys.stdin.read() if str(given.file) == "-" else given.file.read_text()

    import logging
    import os

    from pyspark.sql import SparkSession

    # PySpark writes each error of a statement into the log, too.
    logging.disable()

    def open_session(settings: Mapping[str, str]) -> Any:
        session = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).create()
        for name, value in settings.items():
            session.conf.set(name, value)
        return session

    found = list(check(open_session, text))
    if given.output == "json":
        print(json.dumps([asdict(each) for each in found]))
        return 1 if found else 0
    for each in found:
        seen = "" if each.rule == NOT_COMPARED or not each.line else f"{each.before} becomes {each.after}; "
        print(f"{given.file}:{each.line}: {each.rule}: {seen}{each.advice}")
    if not found:
        print("No statement differs.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
