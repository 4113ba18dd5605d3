"""Deliberate faults in the ingest of landed objects, and the criterion that must fail for each."""

from tests.support.sabotages import PODS, Sabotage, in_a_chart

STARTS = "Objects that land start the ingest"
EMPTY = "An empty folder starts nothing"
KILLED = "An ingest that is killed after its commit loads nothing twice"
NOBODY_COUNTS = "Without the counter nothing begins, and KEDA says so"
TOLD = "Who has the key is told how many objects there are"
REFUSED = "Who asks without a key is told nothing"
WRONG_KEY = "Who asks with another key is told nothing"


def in_the_program(name: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of the program that counts objects and loads their rows."""
    return Sabotage(name, "docker/spark/landing.py", pattern, replacement, title, cause)


OF_LANDING = [
    in_the_program(
        "what was loaded is not moved",
        r"    store\.move\(found\.path, to\)\n",
        "    store.copy_file(found.path, to)\n",
        STARTS,
        "2 objects and the jobs",
    ),
    in_the_program(
        "each object is read twice",
        r"json\(\[each\.url for each in new\]\)",
        "json([each.url for each in new] * 2)",
        STARTS,
        "'SELECT order_id, amount FROM lake.landing.orders' gave",
    ),
    in_a_chart(
        "the network keeps KEDA from the counter",
        "network",
        r"ingest-counter: \{keda: \[8080\]\}\n",
        "",
        STARTS,
        "the end of the ingest",
    ),
    in_the_program(
        "an object that is not there is counted",
        r'"objects": self\._count\(\)',
        '"objects": self._count() + 1',
        EMPTY,
        "Nothing landed, and the ingest began",
    ),
    in_a_chart(
        "KEDA asks for nothing",
        "ingest",
        r"parameter: token",
        "parameter: other",
        EMPTY,
        "3 questions of KEDA to the counter",
    ),
    in_the_program(
        "nobody looks what the table has already",
        r"if each\.source not in \{row\[0\] for row in known\}\]",
        "if each.source]",
        KILLED,
        "'SELECT order_id, amount FROM lake.landing.orders' gave",
    ),
    in_the_program(
        "objects are moved before their rows are committed",
        r"    new = load\(objects\)\n(    stay = .*\n)",
        r"\1    new = load(objects)\n",
        KILLED,
        "'SELECT order_id, amount FROM lake.landing.orders' gave",
    ),
    in_a_chart(
        "one job of the ingest is always at work",
        "ingest",
        r"  maxReplicaCount: 1\n",
        "  minReplicaCount: 1\n  maxReplicaCount: 1\n",
        NOBODY_COUNTS,
        "1 objects waited, and there are the jobs",
    ),
    Sabotage(
        "the counter is not stopped",
        "sparkproof/operations/counter.py",
        r"        scale\(self\.workloads, _NAME, 0\)\n        for pod in pods:\n",
        "        scale(self.workloads, _NAME, 1)\n        for pod in pods[:0]:\n",
        NOBODY_COUNTS,
        "the word of KEDA that it cannot count objects",
    ),
    in_the_program(
        "objects are counted by another ending",
        r"\\\.json\"\)",
        r'\\.ndjson")',
        TOLD,
        "was not told 5 objects, but got 200",
    ),
    in_the_program(
        "who has the key is refused",
        r"or not hmac\.compare_digest",
        "or hmac.compare_digest",
        TOLD,
        "was not told 5 objects, but got 401",
    ),
    in_the_program(
        "whoever comes is told the number",
        r"        if not key:\n            return 401, .*\n",
        "        if not key:\n            return 200, {'objects': self._count()}\n",
        REFUSED,
        "Who asked without a key had to be refused, and got 200",
    ),
    in_the_program(
        "nobody is told what is missing",
        r"        if not key:\n",
        "        if key is None:\n",
        REFUSED,
        "but not because of 'The number is for who brings the key'",
    ),
    in_the_program(
        "any key will do",
        r"or not hmac\.compare_digest\(.*\):\n",
        "or not key:\n",
        WRONG_KEY,
        "Who asked with another key had to be refused, and got 200",
    ),
    in_a_chart(
        "two jobs load the same objects",
        "ingest",
        r"maxReplicaCount: 1\n",
        "maxReplicaCount: 2\n",
        PODS,
        "objects that land start a job, and never a second one beside it",
    ),
    in_a_chart(
        "KEDA brings its key to another counter",
        "ingest",
        r'"component" "ingest-counter"\)',
        '"component" "connect")',
        PODS,
        "KEDA asks the ingest's own counter, with the key that the counter has",
    ),
]
