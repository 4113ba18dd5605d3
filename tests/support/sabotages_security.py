"""Deliberate faults of the search for secrets, and the criterion that must fail for each of them."""

from tests.support.sabotages import Sabotage

PLANTED = "The audit names a fault of each kind, and nothing that is right"
SHOWN = "A secret in {} is found"
FILLED_IN = SHOWN.format("an argument that is filled in at its start")
CAREFUL = "A program that gets a secret and shows it nowhere discloses none"
SCANNED, CARELESS = "sparkproof/tenancy/secret_scan.py", "sparkproof/tenancy/careless.py"
STRANGER = "A stranger does not reach the REST catalog of a platform with the restricted preset"
OWN_TABLES = "The team of a platform with the restricted preset works with its tables"
OPEN = "Without the restricted preset a stranger reaches the REST catalog"
_WRONG_PORT = (
    "charts/spark-common/templates/_network.tpl",
    r'"rest-catalog" 8181 \}\}',
    '"rest-catalog" 8182 }}',
)
_POLICIES = "network-policy"
HIVE = STRANGER.replace("REST catalog", "Hive Metastore")
_LETS_IN = "The {} of a platform with the restricted preset lets in {} and no stranger"
HISTORY = _LETS_IN.format("History Server", "one of its users")
INTERFACE = _LETS_IN.format("driver's interface", "its Prometheus")
ONE_DOOR = "Who is let in to one program is a stranger to the others"
_NETWORK, _WORKPLACE = _WRONG_PORT[0], "examples/platforms/restricted-workplace.yaml"
ADDED = "A debugging container that {} is refused by the house's rules"
LOOKS = "A debugging container that keeps the house's rules is let pass"
_RULES = "examples/admission/house-rules.yaml"

OF_SECURITY = [
    Sabotage(
        "the audit reads no option's next word",
        "sparkproof/tenancy/audit_pods.py",
        r"\(\?<!\\S\)--\?",
        r"(?<!\\S)---",
        PLANTED,
        "does not find [('secrets in arguments', 'Pod shows-a-secret-after-an-option')",
    ),
    Sabotage(
        "a URL has no password, and the audit is to name it",
        "examples/audit/faults.yaml",
        r'value: "jdbc://ada:correct-horse@db"',
        'value: "jdbc://db"',
        PLANTED,
        "does not find [('secrets in variables', 'Pod shows-a-password-in-the-url-of-a-variable')",
    ),
    Sabotage(
        "the audit's page shows the variable that it found",
        "sparkproof/tenancy/audit_pods.py",
        r'has its value"',
        'has its value {value}"',
        PLANTED,
        "shows planted secrets itself: number 1",
    ),
    Sabotage(
        "the audit's page shows the Secret that can be read elsewhere",
        "sparkproof/tenancy/audit.py",
        r"the value of Secret \{secret\} can be read there",
        "the value battery-staple-correct can be read there",
        PLANTED,
        "shows planted secrets itself: number 2",
    ),
    Sabotage(
        "the search asks no program for its arguments",
        SCANNED,
        r'return "running" in',
        'return "asleep" in',
        FILLED_IN,
        "found was nothing",
    ),
    Sabotage(
        "a program gets no secret as its argument",
        CARELESS,
        r"--store=\$\(STORE\)",
        "--store=ada",
        FILLED_IN,
        "found was nothing",
    ),
    Sabotage(
        "the search reads no log",
        SCANNED,
        r'yield f"the log of \{where\}", log\(\)',
        'yield f"the log of {where}", ""',
        SHOWN.format("a log"),
        "found was nothing",
    ),
    Sabotage(
        "a program logs something else",
        CARELESS,
        r'environ\.get\("LOGGED", "nobody"\)',
        'environ.get("USER", "nobody")',
        SHOWN.format("a log"),
        "found was nothing",
    ),
    Sabotage(
        "a program shows its argument in its log, too",
        CARELESS,
        r"import http\.server, os\n",
        "import http.server, os, sys\nprint(sys.argv)\n",
        SHOWN.format("an argument"),
        "in the log of careless/main",
    ),
    Sabotage(
        "the search passes over manifests",
        SCANNED,
        r"for kind in kube\.kinds\(\):",
        "for kind in [SECRET]:",
        SHOWN.format("a variable"),
        "found was nothing",
    ),
    Sabotage(
        "a careful program has its secret in a log",
        CARELESS,
        r'_Shown\(\(\), from_its_place=\["STORE"\]\)',
        '_Shown((), from_its_place=["LOGGED"])',
        CAREFUL,
        "can be read in other places",
    ),
    Sabotage(
        "a careful program gets its secret as an argument",
        CARELESS,
        r'_Shown\(\(\), from_its_place=\["STORE"\]\)',
        '_Shown((), arguments=["{}"])',
        CAREFUL,
        "can be read in other places",
    ),
    Sabotage(
        "the restricted preset lets strangers in",
        "charts/spark-4.1/presets/restricted-values.yaml",
        r"networkPolicy:\n  enabled: true\n",
        "",
        STRANGER,
        "being cut off from the service spark-rest-catalog",
        _POLICIES,
    ),
    Sabotage(
        "the restricted preset holds off the platform's own driver",
        *_WRONG_PORT,
        STRANGER,
        "a connection from the pod spark-connect-0",
        _POLICIES,
    ),
    Sabotage(
        "a team cannot work with its tables behind the policies",
        *_WRONG_PORT,
        OWN_TABLES,
        "CREATE NAMESPACE IF NOT EXISTS rest.",
        _POLICIES,
    ),
    Sabotage(
        "a team reads another fare than it has written",
        "features/security/strangers.feature",
        r"\| 1    \| 12\.5 \|\n\n",
        "| 1    | 13.5 |\n\n",
        OWN_TABLES,
        "not [(1, 13.5)]",
        _POLICIES,
    ),
    Sabotage(
        "a platform that is to be open has policies",
        "examples/platforms/lakehouse.yaml",
        r"presets: \[small, iceberg\]",
        "presets: [small, iceberg, restricted]",
        OPEN,
        "a connection from the pod client",
        _POLICIES,
    ),
    Sabotage(
        "a stranger knocks where nobody listens",
        "sparkproof/tenancy/network.py",
        r"create_connection\(\(host, port\)",
        "create_connection((host, port + 1)",
        OPEN,
        "a connection from the pod client",
        _POLICIES,
    ),
    Sabotage(
        "whoever is in a platform's namespace is taken for its driver",
        _NETWORK,
        r"- podSelector:\n    matchLabels:\n.*\n(\{\{- else -\}\})",
        r"- podSelector: {}\n\1",
        HIVE,
        "being cut off from the service spark-hive-metastore",
        _POLICIES,
    ),
    Sabotage(
        "the restricted preset keeps the driver from the Hive Metastore",
        _NETWORK,
        r'"hive-metastore" 9083',
        '"hive-metastore" 9084',
        HIVE,
        "a connection from the pod spark-connect-0",
        _POLICIES,
    ),
    Sabotage(
        "whoever is in a platform's namespace is one of its users",
        _WORKPLACE,
        r"podSelector: \{matchLabels: \{sparkproof\.dev/guest: user\}\}",
        "podSelector: {}",
        HISTORY,
        "being cut off from the service spark-history-server",
        _POLICIES,
    ),
    Sabotage(
        "the restricted preset keeps users from the History Server",
        _NETWORK,
        r"history-server: \{users: \[18080\], ",
        "history-server: {",
        HISTORY,
        "a connection from the pod client-",
        _POLICIES,
    ),
    Sabotage(
        "whoever is in a platform's namespace is its Prometheus",
        _WORKPLACE,
        r"podSelector: \{matchLabels: \{sparkproof\.dev/guest: prometheus\}\}",
        "podSelector: {}",
        INTERFACE,
        "being cut off from the port ui of the service spark-connect-headless",
        _POLICIES,
    ),
    Sabotage(
        "the restricted preset keeps Prometheus from the driver's interface",
        _NETWORK,
        r"(  users: \[\{\{ \$values\.connect\.port \}\}\]\n  executor: \[7078, 7079\]\n)  prometheus: \[4040\]\n",
        r"\1",
        INTERFACE,
        "a connection from the pod client-",
        _POLICIES,
    ),
    Sabotage(
        "users of a platform see the driver's interface",
        _NETWORK,
        r"(  users: \[\{\{ \$values\.connect\.port \}\})(\]\n  executor: )",
        r"\1, 4040\2",
        ONE_DOOR,
        "being cut off from the port ui of the service spark-connect-headless",
        _POLICIES,
    ),
    Sabotage(
        "a user of a platform looks for what users are let in to",
        "features/security/strangers.feature",
        r"(one of its users\n    When a stranger looks for the platform's )\"driver's interface\"(\n.*lets in cannot)",
        r'\1"History Server"\2',
        ONE_DOOR,
        "being cut off from the service spark-history-server",
        _POLICIES,
    ),
    Sabotage(
        "the house's rules do not see containers that are added to a pod",
        _RULES,
        r"\[pods, pods/ephemeralcontainers\]",
        "[pods]",
        ADDED.format("takes the latest image"),
        "would have admitted it",
    ),
    Sabotage(
        "the house's rules judge the images of a pod's first containers alone",
        _RULES,
        r"withDebugging\.all\(c, c\.image",
        "containers.all(c, c.image",
        ADDED.format("takes any image"),
        "would have admitted it",
    ),
    Sabotage(
        "the house's rules ask containers that are added for a limit of memory",
        _RULES,
        r"variables\.containers\.all\(c, c\.\?resources",
        "variables.withDebugging.all(c, c.?resources",
        LOOKS,
        "A container needs a limit of memory",
    ),
    Sabotage(
        "a debugging container asks for memory of its own",
        "sparkproof/tenancy/debugging.py",
        r'key != "resources"',
        'key != "nothing"',
        LOOKS,
        "cannot be set for an Ephemeral Container",
    ),
]
