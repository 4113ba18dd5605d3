"""What tasks need of Spark: a session on the platform's Connect server that ends with the task, however that ends."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowTaskTerminated
from pyspark.sql import SparkSession

# The variable that holds the server's address: SPARK_REMOTE would make spark-submit refuse to work.
_URL = "SPARK_CONNECT_URL"


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """Open a session whose jobs carry the run's id as a tag; it and its work end with the `with`.

    Airflow itself asks a task that is cancelled to end and then kills it, and the work would go on without it. In here
    the request ends the task as an error would, so that the work ends first.
    """

    def terminate(_signum: int, _frame: FrameType | None) -> None:
        raise AirflowTaskTerminated("Airflow asked the task to end.")

    before = signal.signal(signal.SIGTERM, terminate)
    spark = SparkSession.builder.remote(os.environ[_URL]).create()
    # A tag has no commas.
    spark.addTag(re.sub(r"[^\w.:+-]", "-", get_current_context()["run_id"]))
    try:
        yield spark
    finally:
        signal.signal(signal.SIGTERM, before)
        spark.interruptAll()
        spark.stop()
