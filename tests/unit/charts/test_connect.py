"""Spark Connect's server: whom it lets in, how it shares its executors, and what differs by Spark version."""

import pytest

from tests.support.rendering import Refused, template

ASKS = {"connect": {"authentication": {"existingSecret": "users", "key": "password"}}}
REFERENCE = {"secretKeyRef": {"name": "users", "key": "password"}}


def test_a_token_comes_from_a_secret_only_and_users_present_it() -> None:
    rendering = template(ASKS)
    server = rendering.pods["connect"]["spec"]["containers"][0]["env"]
    assert {"name": "SPARK_CONNECT_AUTHENTICATE_TOKEN", "valueFrom": REFERENCE} in server
    client = rendering.pods["client"]["spec"]["containers"][0]["env"]
    assert client[:2] == [
        {"name": "SPARK_CONNECT_TOKEN", "valueFrom": REFERENCE},
        {"name": "SPARK_REMOTE", "value": "sc://spark-connect:15002/;authorization=Bearer%20$(SPARK_CONNECT_TOKEN)"},
    ]
    assert not [name for name in rendering.configuration if "authenticate" in name and "connect" in name]


def test_without_a_secret_nobody_is_asked() -> None:
    assert "TOKEN" not in template().text


@pytest.mark.parametrize("chart", ["spark-3.5", "spark-standalone"])
def test_spark_3_cannot_ask_for_a_token(chart: str) -> None:
    with pytest.raises(Refused) as refused:
        template({"sparkVersion": "3.5.8", **ASKS}, chart=chart)
    assert "connect.authentication needs Spark 4: Spark 3.5.8 lets in whoever reaches its port" in str(refused.value)


def test_sessions_share_the_executors() -> None:
    rendering = template()
    assert rendering.configuration["spark.scheduler.mode"] == "FAIR"
    pools = rendering.get("ConfigMap", "spark-connect")["data"]["fairscheduler.xml"]
    assert '<pool name="default">\n    <schedulingMode>FAIR</schedulingMode>' in pools


@pytest.mark.parametrize(("chart", "asked"), [("spark-3.5", False), ("spark-4.1", True)])
def test_executors_that_are_told_to_go_have_time_on_every_version(chart: str, asked: bool) -> None:
    rendering = template(chart=chart)
    assert rendering.pods["executor"]["spec"]["terminationGracePeriodSeconds"] == 60
    # Spark 4.1 puts its own 30 seconds over the template's.
    assert ("spark.kubernetes.executor.terminationGracePeriodSeconds" in rendering.configuration) is asked


@pytest.mark.parametrize("version", ["3.5.7", "3.5.8"])
def test_spark_3_5_has_the_same_components(version: str) -> None:
    old, new = template({"sparkVersion": version}, chart="spark-3.5"), template()
    assert [(each["kind"], each["metadata"]["name"]) for each in old.objects] == [
        (each["kind"], each["metadata"]["name"]) for each in new.objects
    ]
