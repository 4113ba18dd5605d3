"""Deliberate faults in the ingest of landed objects, and the criterion that must fail for each."""

from tests.support.sabotages import PODS, Sabotage, in_a_chart

STARTS = "Objects that land start the ingest"
EMPTY = "An empty folder starts nothing"
KILLED = "An ingest that is killed after its commit loads nothing twice"
NOBODY_COUNTS = "Without the counter nothing begins, and KEDA says so"
TOLD = "Who has the key is told how many objects there are"
REFUSED = "Who asks without a key is told nothing"
WRONG_KEY = "Who asks with another key is told nothing"
MID_COMMIT = "An ingest that is killed while Spark commits loads nothing twice"
WITH_SPARK = "An ingest that is killed together with Spark in mid-commit loses nothing"
ONE_BY_ONE = "However many objects land, one ingest is at work at a time"
NO_STORE = "With a counter that cannot reach the object store, nothing begins, and KEDA says so"
NO_JSON = "With a counter that answers with what is no JSON, nothing begins, and KEDA says so"
NO_NUMBER = "With a counter that answers with words and no number, nothing begins, and KEDA says so"
KILLER = "sparkproof/operations/killed_ingest.py"
BREAKER = "sparkproof/operations/broken_counter.py"


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
        "did not load the rows: [PATH_NOT_FOUND]",
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
    in_the_program(
        "nobody looks if a killed ingest has committed",
        r"if each\.source not in \{row\[0\] for row in known\}\]",
        "if each.source]",
        MID_COMMIT,
        "'SELECT order_id, amount FROM lake.landing.orders' gave",
    ),
    Sabotage(
        "the ingest that is to be killed in mid-commit lives",
        KILLER,
        r'killer\(own\.place_of\(pod\)\)\.write_line\("kill"\)',
        "killer(own.place_of(pod))",
        MID_COMMIT,
        "which was killed",
    ),
    in_the_program(
        "what a killed ingest left is read twice",
        r"json\(\[each\.url for each in new\]\)",
        "json([each.url for each in new] * 2)",
        WITH_SPARK,
        "'SELECT order_id, amount FROM lake.landing.orders' gave",
    ),
    Sabotage(
        "Spark goes on though it was to be killed with the ingest",
        KILLER,
        r"\(watch\.kill if with_spark else watch\.let_go\)\(\)",
        "watch.let_go()",
        WITH_SPARK,
        "the restart of the connect",
    ),
    in_a_chart(
        "two ingests may be at work at once",
        "ingest",
        r"maxReplicaCount: 1\n",
        "maxReplicaCount: 2\n",
        ONE_BY_ONE,
        "An ingest began at",
    ),
    Sabotage(
        "KEDA looks too seldom to begin a second ingest",
        "examples/platforms/landing-lakehouse.yaml",
        r"pollingSeconds: 5\n",
        "pollingSeconds: 120\n",
        ONE_BY_ONE,
        "No ingest was at work for more than",
    ),
    in_the_program(
        "a store that does not say is an empty folder",
        r"            return 503, \{\"reason\": str\(reason\)\}\n",
        '            return 200, {"objects": 0, "asked": self.asked}\n',
        NO_STORE,
        "the word of KEDA that it cannot count objects",
    ),
    Sabotage(
        "the counter reaches the object store, and looks into another folder",
        BREAKER,
        r'_STORE = "AWS_ENDPOINT_URL_S3"',
        '_STORE = "LANDING"',
        NO_STORE,
        "the word of KEDA that it cannot count objects",
    ),
    Sabotage(
        "another program in the counter's place tells a number",
        BREAKER,
        r'"<html>2 objects</html>"',
        "'{\"objects\": 1}'",
        NO_JSON,
        "the word of KEDA that it cannot count objects",
    ),
    in_a_chart(
        "KEDA reads no answer of the counter",
        "ingest",
        r"valueLocation: objects\n",
        "valueLocation: objects\n        format: prometheus\n",
        NO_JSON,
        "the end of the ingest",
    ),
    Sabotage(
        "the words of another program are a number",
        BREAKER,
        r'\{"objects": "many"\}',
        '{"objects": "7"}',
        NO_NUMBER,
        "the word of KEDA that it cannot count objects",
    ),
    in_a_chart(
        "an ingest is at work whatever the counter says",
        "ingest",
        r"  maxReplicaCount: 1\n",
        "  minReplicaCount: 1\n  maxReplicaCount: 1\n",
        NO_NUMBER,
        "1 objects waited, and there are the jobs",
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
