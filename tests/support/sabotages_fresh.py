"""Deliberate faults of defaults, environments, databases and the suite's own questions, and the criteria for them."""

from tests.support.sabotages import Sabotage

SAFE, COUNTED = "Whoever says nothing gets what is safe", "An alert that counts has something to count"
ENCRYPTED = "Production encrypts what it sends and spills, and its users end no work of others"
DENIED = "Production's network denies what nobody needs, and its tables outlive it"
READY = "Production always has an executor, and up to forty"
STAGING = "Staging has the rules of production at a fraction of its size"
DEVELOPMENT = "Development is small, and lets idle executors go at once"
OWN, ANOTHERS = (
    "Whoever has the password of a database opens it",
    "Whoever has the password of one database opens no other",
)
WRONG = "Nobody opens a database with a wrong password"
_VALUES, _ALERTS = "charts/spark-4.1/values.yaml", "charts/spark-common/templates/_alerts.tpl"
_PROD, _STAGING, _DEV = (f"examples/environments/{name}.yaml" for name in ("prod", "staging", "dev"))
_SERVER, _ASKS = "docker/postgres/entrypoint.sh", "sparkproof/tenancy/databases.py"

OF_DEFAULTS = [
    Sabotage(
        "strangers may call where nobody says who may",
        _VALUES,
        r"  users: \[\]\n",
        "  users: [{namespaceSelector: {}}]\n",
        SAFE,
        "networkPolicy.users is [{'namespaceSelector': {}}] where nobody says otherwise, so strangers may call",
    ),
    Sabotage(
        "one backup is kept where nobody says how many",
        _VALUES,
        r"  keep: 28\n",
        "  keep: 1\n",
        SAFE,
        "backup.keep is 1 where nobody says otherwise, so what is noticed late is in no backup",
    ),
    Sabotage(
        "sessions have the time of Berlin where nobody says which",
        _VALUES,
        r"  timeZone: UTC\n",
        "  timeZone: Europe/Berlin\n",
        SAFE,
        "connect.timeZone is 'Europe/Berlin' where nobody says otherwise",
    ),
    Sabotage(
        "metrics are read every ten minutes, over which alerts count",
        _VALUES,
        r"interval: 30s\n",
        "interval: 10m\n",
        COUNTED,
        "counts over 600 s what is read every 600 s",
    ),
    Sabotage(
        "an alert counts over a minute what is read twice in it",
        _ALERTS,
        r"(eventLog_numDroppedEvents_Count\{\{ \$own \}\}\[)\{\{ \$window \}\}",
        r"\g<1>1m",
        COUNTED,
        "SparkEventsLost counts over 60 s what is read every 30 s",
    ),
    Sabotage(
        "a driver that is gone has no series that could be 0",
        _ALERTS,
        r'absent\(up\{job="connect", \{\{ \$release \}\}\} == 1\)',
        'up{job="connect", {{ $release }}} == 0',
        "A driver that does not come back is reported, until it does",
        "the alert SparkDriverDown did not come within",
        "prometheus",
    ),
    Sabotage(
        "production's drivers and executors know each other by nothing",
        _PROD,
        r'  spark\.authenticate: "true"\n',
        "",
        ENCRYPTED,
        "spark.authenticate is missing",
    ),
    Sabotage(
        "users of production may end the work of others",
        _PROD,
        r'killEnabled: "false"',
        'killEnabled: "true"',
        ENCRYPTED,
        "spark.ui.killEnabled is 'true'; expected 'false'",
    ),
    Sabotage(
        "production's network is open",
        _PROD,
        r"networkPolicy:\n  enabled: true",
        "networkPolicy:\n  enabled: false",
        DENIED,
        "network-policy has no NetworkPolicy",
    ),
    Sabotage(
        "production's tables go with it",
        _PROD,
        r"  keep: true\n",
        "",
        DENIED,
        "helm.sh/resource-policy is ''; expected",
    ),
    Sabotage(
        "production has a tenth of its executors",
        _PROD,
        r"maxExecutors: 40",
        "maxExecutors: 4",
        READY,
        "is '4'; expected",
    ),
    Sabotage(
        "the first query of production waits for an executor",
        _PROD,
        r"minExecutors: 1\n",
        "minExecutors: 0\n",
        READY,
        "minExecutors is '0'; expected '1'",
    ),
    Sabotage(
        "staging sends in the clear, and its criterion of the charts says so",
        _STAGING,
        r'crypto\.enabled: "true"',
        'crypto.enabled: "false"',
        STAGING,
        "spark.network.crypto.enabled is 'false'",
    ),
    Sabotage(
        "staging is as large as production",
        _STAGING,
        r"size: 10Gi",
        "size: 500Gi",
        STAGING,
        "is '500Gi'; expected '10Gi'",
    ),
    Sabotage(
        "idle executors of development stay", _DEV, r"  idleTimeout: 10s\n", "", DEVELOPMENT, "is '60s'; expected '10s'"
    ),
    Sabotage(
        "development takes ten times its room",
        _DEV,
        r"size: 1Gi",
        "size: 10Gi",
        DEVELOPMENT,
        "is '10Gi'; expected '1Gi'",
    ),
]

OF_DATABASES = [
    Sabotage(
        "each database is open to the users of all others",
        _SERVER,
        r'REVOKE ALL ON DATABASE :"name" FROM PUBLIC;\n',
        "",
        ANOTHERS,
        "was let in as jdbc, and had to be refused because of 'permission denied for database'",
    ),
    Sabotage(
        "another's database is opened as its own user",
        _ASKS,
        r'--username "\$\{2:-\$3\}"',
        '--username "$3"',
        ANOTHERS,
        "was refused, but not because of 'permission denied for database'",
    ),
    Sabotage(
        "no database asks for a password",
        _SERVER,
        r"host all all all scram-sha-256",
        "host all all all trust",
        WRONG,
        "was let in as jdbc, and had to be refused because of 'password authentication failed'",
    ),
    Sabotage(
        "the wrong password is the right one",
        _ASKS,
        r"PGPASSWORD=\$\{4:-wrong\}",
        "PGPASSWORD=$(< /etc/sparkproof/databases/jdbc)",
        WRONG,
        "was let in as jdbc, and had to be refused because of 'password authentication failed'",
    ),
    Sabotage(
        "the right password is a wrong one", _ASKS, r"\[\[ ! \$2 \]\]", "[[ $2 ]]", OWN, "was not let in as jdbc: psql"
    ),
    Sabotage(
        "a program opens another's database for its own",
        "features/security/databases.feature",
        r'"jdbc"( database with the password of "jdbc"\n)',
        r'"rest"\1',
        OWN,
        "was not let in as jdbc: psql",
    ),
]

OF_QUESTIONS = [
    Sabotage(
        "the right to run programs in pods is asked for as that to pods",
        "sparkproof/kube/client.py",
        r'"subresource": sub\}',
        '"subresource": ""}',
        "The driver may do nothing but manage pods",
        "may create pods/exec in",
    ),
    Sabotage(
        "the REST catalog writes its configuration into its log",
        "docker/rest-catalog/Dockerfile",
        r"iceberg\.rest=warn",
        "iceberg.rest=info",
        "The passwords of databases and the keys of the object store appear nowhere else",
        "in the log of spark-rest-catalog",
    ),
    Sabotage(
        "an executor that has to go is ended, and not asked to hand over",
        "docker/spark/decommission.py",
        r"signal\.SIGPWR",
        "signal.SIGTERM",
        "An executor that is evicted hands over, and the answer stays right",
        "handed nothing over",
    ),
    Sabotage(
        "backups have the tables of databases and not their rows",
        "docker/backup/backup.py",
        r'"--format=custom", ',
        '"--format=custom", "--schema-only", ',
        "A platform that loses its databases comes back from a backup that was taken while somebody wrote",
        "cannot be found",
        limit_s=2400,
    ),
]

FRESH = [*OF_DEFAULTS, *OF_DATABASES, *OF_QUESTIONS]
