"""A session whose answers are right, wrong or refusals."""

import os
import re
from typing import Any

from pyspark.errors import PySparkException

_RIGHT = (
    (r"version\(\)", "4.1.1"),
    (r"sum\(id\) FROM range\(0, 100", 4950),
    (r"sum\(id\)", 3),
    (r"getLocalHost", "spark-exec-1-worker-1-exec-1"),
    (r"SHOW NAMESPACES", "default"),
    (r"^(CREATE|DROP)", None),
)


class SparkSession:
    """Both the session and whatever is asked of it."""

    builder: "SparkSession"

    def __init__(self, statement: str = "") -> None:
        self.statement = statement
        self.words = os.environ["STANDIN_WORDS"]

    def remote(self, _url: str) -> "SparkSession":
        return self

    def getOrCreate(self) -> "SparkSession":
        return self

    def range(self, _end: int) -> "SparkSession":
        return self

    def repartition(self, _count: int) -> "SparkSession":
        return self

    def count(self) -> int:
        if self.words == "no-token":
            raise PySparkException("an authentication token is missing")
        if self.words == "failed":
            raise PySparkException("the server is down")
        return 100 if self.words == "right" else 99

    def sql(self, statement: str) -> "SparkSession":
        return SparkSession(statement)

    def first(self) -> Any:
        if self.words == "failed":
            raise PySparkException("the server is down")
        if self.words == "wrong":
            return ["wrong"]
        if "nowhere" in self.statement:
            raise PySparkException("TABLE_OR_VIEW_NOT_FOUND")
        (value,) = [right for pattern, right in _RIGHT if re.search(pattern, self.statement)][:1]
        return None if value is None else [value]


SparkSession.builder = SparkSession()
