"""Lines that somebody adds or widens without a thought, and the criterion of the charts that must fail for each."""

from tests.support.sabotages import Sabotage, in_a_chart

BESIDE = "Presets and environments change what they are for"
NETWORK = "The network allows what components need"
NO_MORE = "A pod can do no more than its work needs"
METRICS = "Metrics are told under names that stay, and found"
SAFE = "Whoever says nothing gets what is safe"
CHEAP = "The cost-optimized preset keeps the driver on a node that stays"
_CONNECT = "charts/spark-4.1/dashboards/connect.json"


def by_default(name: str, pattern: str, replacement: str, cause: str) -> Sabotage:
    """Another value where nobody says which."""
    return Sabotage(name, "charts/spark-4.1/values.yaml", pattern, replacement, SAFE, cause)


def narrower(name: str, template: str, before: str, criterion: str, cause: str) -> Sabotage:
    """A selector that an expression narrows; its labels stand as they were."""
    expression = "    matchExpressions:\n      - {key: app.kubernetes.io/version, operator: DoesNotExist}\n"
    selected = r'(    matchLabels:\n      \{\{- include "spark-common\.selector" \. \| nindent 6 \}\}\n)'
    return in_a_chart(name, template, f"({before}){selected}", rf"\1\2{expression}", criterion, cause)


OF_CARELESSNESS = [
    Sabotage(
        "the restricted preset lets anybody call what users call",
        "charts/spark-4.1/presets/restricted-values.yaml",
        r"(networkPolicy:\n  enabled: true\n)",
        r"\1  users: [{namespaceSelector: {}}]\n",
        BESIDE,
        "the preset restricted sets networkPolicy.users to",
    ),
    Sabotage(
        "the monitoring preset opens to all what a Prometheus reads",
        "charts/spark-standalone/presets/monitoring-values.yaml",
        r"(monitoring:\n  enabled: true\n)",
        r"\1networkPolicy:\n  prometheus: [{namespaceSelector: {}}]\n",
        BESIDE,
        "the preset monitoring sets networkPolicy.prometheus to",
    ),
    Sabotage(
        "a drain ends the sessions of production",
        "examples/environments/prod.yaml",
        r"(networkPolicy:\n)",
        r"connect:\n  podDisruptionBudget:\n    enabled: false\n\1",
        BESIDE,
        "the environment prod sets connect.podDisruptionBudget.enabled to False",
    ),
    Sabotage(
        "what presets are for is looked up by nobody's name",
        "sparkproof/charts/promises/presets.py",
        r'removesuffix\("-values\.yaml"\)',
        'removesuffix("-values")',
        BESIDE,
        "which is not what it is for",
    ),
    in_a_chart(
        "a caller that is not there lets anybody call",
        "network",
        r"\{\{- with \$from \}\}(.*)\"from\" \. ",
        r'{{- with true }}\1"from" $from ',
        NETWORK,
        "may receive, with {}, at",
    ),
    in_a_chart(
        "who calls what is not there may call anybody",
        "network",
        r"\{\{- if and \$to \(hasKey \$callers \$component\) -\}\}",
        "{{- if hasKey $callers $component -}}",
        NETWORK,
        "may send, with {}, at",
    ),
    narrower(
        "the policies of components are about pods without a version",
        "network",
        r"spec:\n  podSelector:\n",
        NETWORK,
        "is about {'matchExpressions'",
    ),
    narrower(
        "a drain's budget is about pods without a version",
        "objects",
        r"unhealthyPodEvictionPolicy: AlwaysAllow\n  selector:\n",
        NO_MORE,
        "the disruption budget of connect selects {'matchExpressions'",
    ),
    narrower("monitors choose pods without a version", "monitoring", r"  selector:\n", METRICS, "so that it may find"),
    by_default(
        "executors stay whether there is work or not",
        r"(dynamicAllocation:\n(?:  #.*\n)*  enabled: )true",
        r"\1false",
        "dynamicAllocation.enabled is False where nobody says otherwise",
    ),
    by_default(
        "the work of clients that are gone goes on for hours",
        r"senderMaxStreamDuration: 10s",
        "senderMaxStreamDuration: 10h",
        "so the work of a client that is gone goes on",
    ),
    Sabotage(
        "nobody sees tasks that fail",
        _CONNECT,
        r"appStatus_tasks_failedTasks_Count",
        "appStatus_tasks_completedTasks_Count",
        METRICS,
        "the panel 'Tasks per second' of connect.json: failed is",
    ),
    Sabotage(
        "bytes of the heap are shown as a number",
        _CONNECT,
        r'("unit": )"bytes"((?:.*\n){1,40}?.*JVMHeapMemory)',
        r'\1"short"\2',
        METRICS,
        "the panel 'Heap in use' of connect.json: unit is 'short'",
    ),
    Sabotage(
        "executors on spot nodes accept each taint that there is",
        "charts/spark-4.1/presets/cost-optimized-values.yaml",
        r"(  tolerations:\n)",
        r"\1    - operator: Exists\n",
        CHEAP,
        "does not accept karpenter.sh/capacity-type=spot:NoSchedule alone",
    ),
]
