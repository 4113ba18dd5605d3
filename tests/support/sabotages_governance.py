"""Deliberate faults of governance, audits, load and migration, and the criterion that must fail for each of them."""

from tests.support.sabotages import Sabotage

SCAN, ERASURE = "scripts/governance_scan.py", "sparkproof/governance/erasure.py"
POLICIES, ENGINEERS = "examples/admission/house-rules.yaml", "sparkproof/operations/engineers.py"
CONNECT = "charts/spark-common/templates/_connect.tpl"
# Titles of criteria.
UNOWNED = "A scan names a table without an owner"
GOVERNED = "A scan of a governed database of the rest catalog finds nothing"
ERASED = "An erased customer of a table of the rest catalog is in no file any more"
PLANTED = "The audit names a fault of each kind, and nothing that is right"
STARVES = "A team that floods the platform does not starve another"
MOVED = "Statements that will answer differently are named before the move"
MAKES = "A statement that makes a table {} is named before the move"
MOVE_CHECK = "scripts/migration_check.py"

GOVERNANCE = [
    Sabotage(
        "the scan asks for no owner",
        SCAN,
        r'if not properties\.get\("owner", ""\)\.strip\(\):',
        "if False:",
        UNOWNED,
        "had to find",
    ),
    Sabotage(
        "the scan ends at the first database",
        SCAN,
        r"            yield from tables\(spark, f\"\{catalog\}\.\{row\.namespace\}\"\)",
        "            return",
        UNOWNED.replace("names a table without an owner", "of a whole catalog comes to each table"),
        "did not find",
    ),
    Sabotage(
        "nobody owns the table",
        "sparkproof/governance/customers.py",
        r'    "governance\.owner": "rides",\n',
        "",
        GOVERNED,
        "no owner",
    ),
    Sabotage(
        "the scan looks at rows and not at files",
        SCAN,
        r"    if files:",
        "    if files and rows:",
        "A scan names a table whose expired rows were deleted and are still in its files",
        "had to find",
    ),
    Sabotage(
        "a retention in days counts as hours",
        SCAN,
        r"INTERVAL \{retention\.split\(\)\[0\]\} DAYS",
        "INTERVAL {retention.split()[0]} HOURS",
        "Rows that are not over their retention are not named",
        "expired rows",
    ),
    Sabotage(
        "manifests are left as they are",
        ERASURE,
        r"    maintenance\.rewrite_manifests\(table\)\.must_succeed\(\)\n",
        "",
        ERASED,
        "is still in",
    ),
    Sabotage(
        "the erasure forgets branches",
        ERASURE,
        r'if forget != "the branches":',
        "if False:",
        ERASED,
        "is still in",
    ),
    Sabotage(
        "an erasure takes everybody along",
        ERASURE,
        r"DELETE FROM \{table\.name\} WHERE \{condition\}",
        "DELETE FROM {table.name} WHERE true",
        ERASED,
        "gave []",
    ),
    Sabotage(
        "the bucket's files are not read",
        "sparkproof/iceberg/in_store.py",
        r"any\(wanted in part for part in unpacked\(_read\(store, path\)\)\)",
        "False",
        "A deleted customer is still in the object store",
        "none of the data files",
    ),
    Sabotage(
        "a DELETE that erases at once would be seen",
        "steps/governance_steps.py",
        r"(def a_data_engineer_deletes_that_customer\(context: Context\) -> None:\n)    context\.customers\.delete\(\)",
        r"\1    erasure.erase(context.trips, context.customers.condition, ObjectStore.of(context.platform))",
        "A deleted customer is still in the object store",
        "none of the data files",
    ),
    Sabotage(
        "the audit passes over capabilities",
        "sparkproof/tenancy/audit.py",
        r"    audit_pods\.capabilities,\n",
        "",
        PLANTED,
        "does not find [('capabilities'",
    ),
    Sabotage(
        "a fault is mended, and the audit is to name it",
        "examples/audit/faults.yaml",
        r"capabilities: \{add: \[NET_RAW\]\}",
        "capabilities: {drop: [ALL]}",
        PLANTED,
        "does not find [('capabilities'",
    ),
    Sabotage(
        "a platform's network denies nothing",
        "examples/values/denies-what-it-does-not-need.yaml",
        r"enabled: true",
        "enabled: false",
        "The audit of a restricted platform has no findings",
        "no policy limits its ingress",
    ),
    Sabotage(
        "a platform's image is the latest",
        "sparkproof/tenancy/audit_pods.py",
        r'tag in \("", "latest"\)',
        'tag != "latest"',
        "The audit of a restricted platform has no findings",
        "neither a digest nor a tag",
    ),
    Sabotage(
        "the house's rules only warn",
        POLICIES,
        r"(policyName: house-rules-for-pods\n  validationActions: )\[Deny\]",
        r"\1[Warn]",
        "A pod that takes any image is refused by the house's rules",
        "An image needs a digest",
    ),
    Sabotage(
        "the house's rules take any tag",
        POLICIES,
        r" && !c\.image\.endsWith\(':latest'\)",
        "",
        "A pod that takes the latest image is refused by the house's rules",
        "An image needs a digest",
    ),
    Sabotage(
        "the house's rules refuse every Service",
        POLICIES,
        r"in \['NodePort', 'LoadBalancer'\]",
        "in ['NodePort', 'LoadBalancer', 'ClusterIP']",
        "A Service that is open within the cluster is let pass",
        "must not be open",
    ),
    Sabotage(
        "who asked first is served first",
        CONNECT,
        r"spark\.scheduler\.mode: FAIR",
        "spark.scheduler.mode: FIFO",
        STARVES,
        "waited",
    ),
    Sabotage(
        "the pool serves who asked first", CONNECT, r"<schedulingMode>FAIR<", "<schedulingMode>FIFO<", STARVES, "waited"
    ),
    Sabotage(
        "data engineers get wrong answers",
        ENGINEERS,
        r"session\.sql\(sql\)\.first\(\)\[0\]",
        "session.sql(sql).first()[0] + 1",
        "Eight data engineers at once are all answered rightly",
        "answers are wrong",
    ),
    Sabotage(
        "a load goes on whatever it takes",
        "sparkproof/operations/load.py",
        r"step\.p95_s > limit_s",
        "step.p95_s > limit_s * 1e9",
        "The load stops at the first step that is too slow",
        "had to stop",
    ),
    Sabotage(
        "sessions stay open",
        ENGINEERS,
        r"if close:",
        "if close and number < 0:",
        "Sessions that are closed leave nothing in the driver's memory",
        "so the driver's memory grows",
    ),
    Sabotage(
        "objects are counted before garbage is collected",
        "sparkproof/operations/sessions.py",
        r"int\(_TOTAL\.findall\(count\)\[-1\]\)",
        "int(_TOTAL.findall(log)[0])",
        "Sessions that stay open take memory",
        "the measure sees none",
    ),
    Sabotage(
        "a job is checked by new rules alone",
        MOVE_CHECK,
        r"old, new = open_session\(\{name: value for name, \(value, _\) in RULES\.items\(\)\}\)",
        "old, new = open_session({})",
        MOVED,
        "it named nothing",
    ),
    Sabotage(
        "the types of a table that a query makes are not compared",
        MOVE_CHECK,
        r"asked\.schema\.simpleString\(\)",
        "len(asked.schema.fields)",
        MAKES.format("with other types"),
        "it named nothing",
    ),
    Sabotage(
        "CREATE TABLE ... AS WITH is no query",
        MOVE_CHECK,
        r"makes = _MAKES\.match\(statement\) or ",
        "makes = ",
        MAKES.format("of dates of Spark 2"),
        "it named line 1: not compared",
    ),
    Sabotage(
        "a table is made by a query only after AS",
        MOVE_CHECK,
        r"or _MAKES_WITHOUT_AS\.match\(statement\)",
        "or None",
        MAKES.format("of divisions by zero"),
        "it named line 1: not compared",
    ),
    Sabotage(
        "the cast of a table that a query makes is mended",
        "features/spark/migration.feature",
        r"(made AS SELECT )CAST\(f AS double\)",
        r"\1try_cast(f AS double)",
        MAKES.format("of impossible casts"),
        "it named nothing",
    ),
    Sabotage(
        "one error by both rules is the same answer",
        MOVE_CHECK,
        r'if before\.startswith\("error "\):',
        "if False:",
        "What cannot be compared is named, and not passed over",
        "it named line 1: not compared; line 2: not compared.",
    ),
    Sabotage(
        "a platform still follows the old rules",
        CONNECT,
        r"spark\.scheduler\.mode: FAIR",
        'spark.scheduler.mode: FAIR\nspark.sql.ansi.enabled: "false"',
        MOVED,
        "the server, which still follows the old rules: spark.sql.ansi.enabled",
    ),
]
