#!/usr/bin/python3 -I
"""Asks the Spark Connect server of this pod for its version, as a client would; exits 0 when it answers with ours.

Speaks the protocol's bytes over gRPC itself: loading PySpark to ask this takes ten times as long as the question.
"""

import os
import sys

import grpc

SESSION = b"00000000-0000-4000-8000-000000000000"


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer message, for content shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


# AnalyzePlanRequest {session_id = 1, user_context = 2 {user_id = 1}, spark_version = 10 {}}, as in spark/connect/base.proto.
question = field(1, SESSION) + field(2, field(1, b"probe")) + field(10, b"")
metadata = []
if token := os.environ.get("SPARK_CONNECT_AUTHENTICATE_TOKEN"):
    metadata.append(("authorization", f"Bearer {token}"))

with grpc.insecure_channel(f"localhost:{os.environ['SPARK_CONNECT_PORT']}") as channel:
    ask = channel.unary_unary("/spark.connect.SparkConnectService/AnalyzePlan")
    try:
        answer = ask(question, metadata=metadata, timeout=float(os.environ.get("SPARK_CONNECT_PROBE_SECONDS", 5)))
    except grpc.RpcError as refused:
        sys.exit(f"Spark Connect does not answer: {refused.code().name}: {refused.details()}")
if os.environ["SPARK_VERSION"].encode() not in answer:
    sys.exit(f"Spark Connect answered with another version than {os.environ['SPARK_VERSION']}: {answer!r}")
