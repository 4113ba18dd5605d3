"""Deliberate faults of what keeps a platform's work when it is disturbed, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

STATEMENTS, DISTURBANCE, SILENT, UNREPLACED, RECONFIGURED = (
    f"sparkproof/resilience/{module}.py"
    for module in ("statements", "disturbance", "silent", "unreplaced", "reconfigured")
)
REST, DATABASE, STORE = (
    f"The {component} is killed: the work recovers by itself"
    for component in ("REST catalog", "database", "object store")
)
HANGS = "The REST catalog hangs: the work recovers by itself"
CUT_OFF = "The REST catalog is cut off: the work waits"
NO_ROOM, NO_RIGHTS = (
    f"Every executor is killed and the {why}: the work waits, and its users are told"
    for why in ("quota has no room for another", "driver may start no other")
)
RIGHTS = "The Connect server loses its rights: the work goes on"
BY_HAND = "The Connect server has its catalog's address changed by hand: the work goes on"
STARTED = f"{BY_HAND.partition(':')[0]} and starts again: the work fails, and its users are told"
CATALOG_WITHOUT_ROOM = "The REST catalog is killed and the quota has no room for another: the work fails"
LOST_NOTEBOOKS, LOST_TRACKING, LOST_WORKERS = (
    f"What is lost while the quota has no room comes back when it has: {component}"
    for component in ("JupyterLab", "MLflow", "standalone workers")
)
LOST_WITH_ROOM = "A component that is lost while the quota has room comes back by itself"
LOST = "sparkproof/resilience/lost.py"
_CLAIM = r'persistentVolumeClaim:\n      claimName: \{\{ include "spark-common\.claim" \. \| quote \}\}'

RESILIENCE = [
    Sabotage(
        "the databases are on a volume that ends with its pod",
        "charts/spark-common/templates/_postgres.tpl",
        _CLAIM,
        "emptyDir: {}",
        DATABASE,
        "back never",
    ),
    Sabotage(
        "the objects are on a volume that ends with its pod",
        "charts/spark-common/templates/_object-store.tpl",
        _CLAIM,
        "emptyDir: {}",
        STORE,
        "back never",
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
    Sabotage(
        "nobody looks if the REST catalog still answers",
        "charts/spark-common/templates/_rest-catalog.tpl",
        r"    livenessProbe:\n.*\n",
        "",
        HANGS,
        "recovers by itself is what was expected",
    ),
    Sabotage(
        "nobody hangs",
        SILENT,
        r'self\._signal\("STOP"\)',
        'self._signal("URG")',
        HANGS,
        "the stop of spark-rest-catalog",
    ),
    Sabotage(
        "a policy chooses no pod",
        SILENT,
        r"COMPONENT: self\.component\}",
        'COMPONENT: "nobody"}',
        CUT_OFF,
        "being cut off from the service spark-rest-catalog",
        "network-policy",
    ),
    Sabotage(
        "nobody shows that a driver is refused its executors",
        "sparkproof/kube/diagnosis.py",
        r'"is forbidden" in line or ',
        "",
        NO_ROOM,
        "Nobody was told 'exceeded quota'",
    ),
    Sabotage(
        "the quota has room for others",
        UNREPLACED,
        r'\{"pods": "0"\}',
        '{"pods": "99"}',
        NO_ROOM,
        "Nobody was told 'exceeded quota'",
    ),
    Sabotage(
        "a driver keeps its rights",
        UNREPLACED,
        r"self\._bind\(\[\]\)",
        "self._bind(self._had)",
        NO_RIGHTS,
        "the end of the right of spark-connect to start pods",
    ),
    Sabotage(
        "a driver without rights keeps its executors",
        UNREPLACED,
        r"(self\._rights\.begin\(\)\n)        kill_all\(self\.workloads, self\.component\)\n",
        r"\1",
        NO_RIGHTS,
        "Nobody was told 'pods is forbidden'",
    ),
    Sabotage(
        "a driver that is to lose its rights keeps them",
        UNREPLACED,
        r"self\._bind\(\[\]\)",
        "self._bind(self._had)",
        RIGHTS,
        "the end of the right of spark-connect to start pods",
    ),
    Sabotage(
        "a driver loses its executors with its rights",
        UNREPLACED,
        r"(lambda may: not may,\n            within_s=timeouts\.POLICY,\n        \)\n)",
        r"\1        kill_all(self.workloads, EXECUTOR)\n",
        RIGHTS,
        "goes on is what was expected",
    ),
    Sabotage(
        "a driver starts again as soon as its settings are changed",
        RECONFIGURED,
        r'self\._write\(""\.join\(changed\)\)',
        'self._write("".join(changed))\n        self.workloads.restart(self.component, killed=True)',
        BY_HAND,
        "goes on is what was expected",
    ),
    Sabotage(
        "somebody changes nothing by hand",
        RECONFIGURED,
        r"if line\.startswith\(_ADDRESS\)",
        "if line == _ADDRESS",
        BY_HAND,
        "no address of a REST catalog to change",
    ),
    Sabotage(
        "a driver does not start again with what was changed by hand",
        RECONFIGURED,
        r"(super\(\)\.begin\(\)\n)        self\.workloads\.restart\(.*\n",
        r"\1",
        STARTED,
        "Nobody was told",
    ),
    Sabotage(
        "the address that is changed by hand is another one that leads to the catalog",
        RECONFIGURED,
        r"http://catalog\.invalid:8181",
        "http://spark-rest-catalog:8181/",
        STARTED,
        "Nobody was told",
    ),
    Sabotage(
        "nobody shows why a component does not come",
        "sparkproof/kube/diagnosis.py",
        r'_HARMLESS_EVENTS = \("Unhealthy", ',
        '_HARMLESS_EVENTS = ("FailedCreate", "Unhealthy", ',
        CATALOG_WITHOUT_ROOM,
        "Nothing showed 'exceeded quota'",
    ),
    Sabotage(
        "a component has room for another",
        UNREPLACED,
        r'\{"pods": "0"\}',
        '{"pods": "99"}',
        CATALOG_WITHOUT_ROOM,
        "the end of every rest-catalog",
    ),
    Sabotage(
        "nobody says why a component that is lost does not come",
        "sparkproof/kube/diagnosis.py",
        r'_HARMLESS_EVENTS = \("Unhealthy", ',
        '_HARMLESS_EVENTS = ("FailedCreate", "Unhealthy", ',
        LOST_NOTEBOOKS,
        "a cause with 'exceeded quota' for the absence of the JupyterLab",
    ),
    Sabotage(
        "the quota gets no room again",
        LOST,
        r"    def give_room\(self\) -> None:\n(.*\n)        self\._team\.lift_limit\(\)\n",
        r"    def give_room(self) -> None:\n\1",
        LOST_TRACKING,
        "the MLflow that follows the lost one",
    ),
    Sabotage(
        "workers take the driver with them",
        LOST,
        r"        kill_all\(self\.workloads, self\._component\)\n",
        '        kill_all(self.workloads, self._component)\n        kill_all(self.workloads, "connect")\n',
        LOST_WORKERS,
        "others ended or started again: spark-connect-0",
    ),
    Sabotage(
        "the quota that has room has none",
        LOST,
        r"\{\"pods\": str\(.*\}",
        '{"pods": "0"}',
        LOST_WITH_ROOM,
        "the JupyterLab that follows the lost one",
    ),
    Sabotage(
        "another component than JupyterLab is lost",
        LOST,
        r"        for pod in self\._pods:\n",
        '        for pod in self.workloads.pods_of("client"):\n',
        LOST_WITH_ROOM,
        "the JupyterLab that follows the lost one",
    ),
]
