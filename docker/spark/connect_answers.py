#!/usr/bin/python3 -I
"""Asks the Spark Connect server of this pod, at the port given, for its version; exits 0 when it answers with ours.

Presents the token that the server was given, if any. Speaks the protocol's bytes over gRPC itself: loading PySpark to
ask this takes ten times as long as the question.
"""

import os
import sys

import grpc

VERSION = os.environ["SPARK_VERSION"]
TOKEN = os.environ.get("SPARK_CONNECT_AUTHENTICATE_TOKEN")
SESSION = b"00000000-0000-4000-8000-000000000000"
PATIENCE_S = 8


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer message, for content shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


# AnalyzePlanRequest {session_id = 1, user_context = 2 {user_id = 1}, spark_version = 10 {}} of spark/connect/base.proto
QUESTION = field(1, SESSION) + field(2, field(1, b"probe")) + field(10, b"")


def main(port: str) -> None:
    """Ask once; leaves with a sentence when the server refuses, is silent for PATIENCE_S, or is another version."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            ask = channel.unary_unary("/spark.connect.SparkConnectService/AnalyzePlan")
            credentials = [("authorization", f"Bearer {TOKEN}")] if TOKEN else []
            answer = ask(QUESTION, timeout=PATIENCE_S, metadata=credentials)
        except grpc.RpcError as refused:
            sys.exit(f"Spark Connect does not answer: {refused.code().name}: {refused.details()}")
    if VERSION.encode() not in answer:
        sys.exit(f"Spark Connect is not {VERSION}: it answered {answer!r}")


if __name__ == "__main__":
    main(sys.argv[1])
