"""Deliberate faults of the boundaries of a team: its namespace, its network, and what accounts may do."""

# Longer than 300 lines: one row for each sabotage.

from tests.support.sabotages import Sabotage

_TEAM = "sparkproof/tenancy/team.py"
_PODS = "examples/pods/"
_POLICIES = "examples/policies/"
_NETWORK = "sparkproof/tenancy/network.py"
_CHART = "charts/spark-common/templates/"
_DRIVER = f"{_CHART}_driver.tpl"
_WORKPLACE = "examples/platforms/restricted-workplace.yaml"
_PROTECTED = "network-policy"

# Titles of the criteria.
RESTRICTED = "The platform and its executors run in a restricted namespace"
ASKS = "A pod that {} is refused"
SPECIAL = "A pod that asks for nothing special is admitted"
DENIES = "A policy that denies all ingress cuts off other teams"
ALLOWS = "A client pod that a policy allows still reaches the service"
NAMES_ONLY = "A team that may only resolve names reaches nothing else"
DELETED = "A deleted policy cuts nobody off"
MANAGES = "The driver may manage its executors"
NOTHING_ELSE = "The driver may do nothing but manage pods"
EXECUTOR = "An executor may do nothing"
NO_MORE = "No account may do more than its component needs"
CARRIES = "Each pod has the account and the Secrets of its component, and a token only if it uses one"
STRANGER = "A stranger does not reach the {} of a platform with the restricted preset"
LETS_IN = "The {} of a platform with the restricted preset lets in {} and no stranger"
OPEN = "Without the restricted preset a stranger reaches the {}"

# What each pod asks for that the standard forbids, and the field without which it asks for nothing special.
_FORBIDDEN = {
    "is privileged": ("is-privileged", "privileged: true", "privileged: false"),
    "runs as root": (
        "runs-as-root",
        r"runAsUser: 0\n    runAsNonRoot: false",
        "runAsUser: 1000\n    runAsNonRoot: true",
    ),
    "uses the node's files": ("uses-the-nodes-files", r"hostPath:\n +path: /", "emptyDir: {}"),
    "uses the node's network": ("uses-the-nodes-network", "hostNetwork: true", "hostNetwork: false"),
}
_INSIDE = ("Connect server", "object store", "database", "tracking server")
_USERS = ("Airflow", "JupyterLab", "Connect server", "tracking server")
_DOORS = (
    "Connect server",
    "object store",
    "database",
    "Hive Metastore",
    "History Server",
    "driver's interface",
    "tracking server",
    "Airflow",
    "JupyterLab",
)

OF_BOUNDARIES = [
    Sabotage(
        "what is audited is taken for what is enforced",
        "sparkproof/tenancy/pod_security.py",
        r"\{POD_SECURITY\}/enforce",
        "{POD_SECURITY}/audit",
        RESTRICTED,
        "enforces nothing, not restricted",
    ),
    Sabotage(
        "containers may get more rights than their program began with",
        f"{_CHART}_security.tpl",
        "allowPrivilegeEscalation: false",
        "allowPrivilegeEscalation: true",
        RESTRICTED,
        "violates PodSecurity",
    ),
    *[
        Sabotage(
            f"a team's namespace warns of a pod that {asks}, and admits it",
            _TEAM,
            r'in \("enforce", "warn"\)',
            'in ("audit", "warn")',
            ASKS.format(asks),
            "admitted",
        )
        for asks in _FORBIDDEN
    ],
    *[
        Sabotage(
            f"the pod that {asks} does not any more",
            f"{_PODS}{file}.yaml",
            pattern,
            replacement,
            ASKS.format(asks),
            "admitted" if asks != "is privileged" else "but not because of privileged",
        )
        for asks, (file, pattern, replacement) in _FORBIDDEN.items()
    ],
    Sabotage(
        "the pod that asks for nothing special asks for the node's network",
        f"{_PODS}asks-for-nothing-special.yaml",
        "automountServiceAccountToken: false",
        "hostNetwork: true",
        SPECIAL,
        "host namespaces",
    ),
    Sabotage(
        "the pod that asks for nothing special may be root",
        f"{_PODS}asks-for-nothing-special.yaml",
        "runAsNonRoot: true",
        "runAsNonRoot: false",
        SPECIAL,
        "runAsNonRoot",
    ),
    Sabotage(
        "the policy that denies all ingress is about nobody's pods",
        f"{_POLICIES}deny-all-ingress.yaml",
        r"podSelector: \{\}",
        "podSelector: {matchLabels: {app: nobody}}",
        DENIES,
        "being cut off from the service front",
        _PROTECTED,
    ),
    Sabotage(
        "the policy that denies all ingress lets everybody in",
        f"{_POLICIES}deny-all-ingress.yaml",
        r"policyTypes: \[Ingress\]",
        "policyTypes: [Ingress]\n  ingress: [{}]",
        DENIES,
        "being cut off from the service front",
        _PROTECTED,
    ),
    Sabotage(
        "the policy for the team lets in another's pods",
        f"{_POLICIES}allow-ingress-from-the-team.yaml",
        r"- podSelector: \{\}",
        "- podSelector: {matchLabels: {app: nobody}}",
        ALLOWS,
        "a connection from the pod",
        _PROTECTED,
    ),
    Sabotage(
        "the policy for the team lets in every team",
        f"{_POLICIES}allow-ingress-from-the-team.yaml",
        r"- podSelector: \{\}",
        "- namespaceSelector: {}",
        ALLOWS,
        "being cut off from the service front",
        _PROTECTED,
    ),
    Sabotage(
        "a team that may only resolve names may reach every port",
        f"{_POLICIES}allow-only-dns-egress.yaml",
        r"- \{protocol: TCP, port: 53\}",
        "- {protocol: TCP}",
        NAMES_ONLY,
        "being cut off from the service front",
        _PROTECTED,
    ),
    Sabotage(
        "a team that may only resolve names asks at another port",
        f"{_POLICIES}allow-only-dns-egress.yaml",
        r"- \{protocol: UDP, port: 53\}",
        "- {protocol: UDP, port: 54}",
        NAMES_ONLY,
        "the answer",
        _PROTECTED,
    ),
    Sabotage(
        "a policy that the team deletes stays",
        _TEAM,
        r'self\.kube\.delete\(kind, manifest\["metadata"\]\["name"\], self\.namespace\)',
        'self.kube.get(kind, manifest["metadata"]["name"], self.namespace)',
        DELETED,
        "a connection from the pod",
        _PROTECTED,
    ),
    Sabotage(
        "a policy that is deleted had cut nobody off",
        f"{_POLICIES}deny-all-ingress.yaml",
        r"policyTypes: \[Ingress\]",
        "policyTypes: [Egress]",
        DELETED,
        "cut off from the service front",
        _PROTECTED,
    ),
    Sabotage(
        "the driver may not end its executors",
        _DRIVER,
        "watch, delete, deletecollection",
        "watch, deletecollection",
        MANAGES,
        "may not delete pods",
    ),
    Sabotage(
        "another account than the driver's is asked about its executors",
        "sparkproof/tenancy/account.py",
        r'workloads\.pod\("connect"\) if role',
        'workloads.pod("client") if role',
        MANAGES,
        "may not create pods",
    ),
    Sabotage(
        "the driver may read Secrets as it may read pods",
        _DRIVER,
        r"resources: \[pods\]",
        "resources: [pods, secrets]",
        NOTHING_ELSE,
        "may get secrets, list secrets",
    ),
    Sabotage(
        "the driver may run commands in pods",
        _DRIVER,
        r"resources: \[pods\]",
        "resources: [pods, pods/exec]",
        NOTHING_ELSE,
        "may create pods/exec",
    ),
    Sabotage(
        "executors run as the account of the Connect server",
        f"{_CHART}_manager.tpl",
        r'(executor\.serviceAccountName: .*"component" )"executor"',
        r'\1"connect"',
        EXECUTOR,
        "may get pods, create pods, delete pods",
    ),
    Sabotage(
        "the driver is asked in place of the executor",
        "sparkproof/tenancy/account.py",
        'if role == "driver" else',
        "if role else",
        EXECUTOR,
        "may get pods, create pods, delete pods",
    ),
    Sabotage(
        "drivers may make Services",
        _DRIVER,
        r"resources: \[pods\]",
        "resources: [pods, services]",
        NO_MORE,
        "there are more rights",
    ),
    Sabotage(
        "drivers may not end many executors at once",
        _DRIVER,
        "delete, deletecollection",
        "delete",
        NO_MORE,
        "rights are missing",
    ),
    Sabotage(
        "every pod has the token of its account",
        f"{_CHART}_pod.tpl",
        '"automountServiceAccountToken" false',
        '"automountServiceAccountToken" true',
        CARRIES,
        "with its token",
    ),
    Sabotage(
        "the client's pod has the keys of the object store",
        f"{_CHART}_client.tpl",
        r"(    env:\n)",
        r'\1      {{- include "spark-common.objectStore.env" . | nindent 6 }}\n',
        CARRIES,
        "client runs as the account client with no token and object-store",
    ),
    *[
        Sabotage(
            f"whom nobody names may reach the {component}",
            f"{_CHART}_network.tpl",
            r"\{\{- with \$from \}\}\{\{ (\$ingress = append \$ingress \(dict \"from\" )\. (.*?) \}\}\{\{ end -\}\}",
            r"{{- \1$from \2 -}}",
            STRANGER.format(component),
            "being cut off from",
            _PROTECTED,
        )
        for component in _INSIDE
    ],
    *[
        Sabotage(
            f"the restricted preset lacks its policies around the {component}",
            "charts/spark-4.1/presets/restricted-values.yaml",
            r"networkPolicy:\n  enabled: true\n",
            "",
            STRANGER.format(component),
            "being cut off from",
            _PROTECTED,
        )
        for component in _INSIDE
    ],
    *[
        Sabotage(
            f"users of the {component} have another label than is said",
            _WORKPLACE,
            r"matchLabels: \{sparkproof\.dev/guest: user\}",
            "matchLabels: {sparkproof.dev/guest: owner}",
            LETS_IN.format(component, "one of its users"),
            "a connection from the pod",
            _PROTECTED,
        )
        for component in _USERS
    ],
    *[
        Sabotage(
            f"users of the {component} are everybody",
            _WORKPLACE,
            r"- podSelector: \{matchLabels: \{sparkproof\.dev/guest: user\}\}",
            "- namespaceSelector: {}",
            LETS_IN.format(component, "one of its users"),
            "being cut off from",
            _PROTECTED,
        )
        for component in _USERS
    ],
    *[
        Sabotage(
            f"policies hold strangers off the {component} without the preset",
            f"{_CHART}_network.tpl",
            r"if and \$policy\.enabled \(include",
            "if and true (include",
            OPEN.format(component),
            "a connection from the pod",
            _PROTECTED,
        )
        for component in _DOORS
    ],
    *[
        Sabotage(
            f"a stranger who looks for the {component} knocks at the next door",
            _NETWORK,
            r"socket\.create_connection\(\(host, port\)",
            "socket.create_connection((host, port + 1)",
            OPEN.format(component),
            "a connection from the pod",
            _PROTECTED,
        )
        for component in _DOORS
    ],
]
