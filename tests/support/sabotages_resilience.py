"""Deliberate faults of what keeps a platform's work when it is disturbed, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

STATEMENTS, DISTURBANCE = "sparkproof/resilience/statements.py", "sparkproof/resilience/disturbance.py"
REST, DATABASE, STORE = (
    f"The {component} is killed: the work recovers by itself"
    for component in ("REST catalog", "database", "object store")
)
_CLAIM = r'persistentVolumeClaim:\n      claimName: \{\{ include "spark-common\.claim" \. \}\}'

RESILIENCE = [
    Sabotage(
        "the databases are on a volume that ends with its pod",
        "charts/spark-common/templates/_postgres.tpl",
        _CLAIM,
        "emptyDir: {}",
        DATABASE,
        "the work fails",
    ),
    Sabotage(
        "the objects are on a volume that ends with its pod",
        "charts/spark-common/templates/_object-store.tpl",
        _CLAIM,
        "emptyDir: {}",
        STORE,
        "the work fails",
    ),
    Sabotage(
        "nobody is killed",
        DISTURBANCE,
        r'        self\.workloads\.end\(found\[0\]\["metadata"\]\["name"\], killed=True\)\n',
        "",
        REST,
        "the end of spark-rest-catalog",
    ),
    Sabotage(
        "a write is acknowledged that was not done",
        STATEMENTS,
        r"rows = session\.sql\(json\.loads\(line\)\)\.collect\(\)",
        'rows = [] if "INSERT" in line else session.sql(json.loads(line)).collect()',
        REST,
        "writes that were acknowledged",
    ),
]
