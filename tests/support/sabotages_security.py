"""Deliberate faults of the search for secrets, and the criterion that must fail for each of them."""

from tests.support.sabotages import Sabotage

PLANTED = "The audit names a fault of each kind, and nothing that is right"
SHOWN = "A secret in {} is found"
FILLED_IN = SHOWN.format("an argument that is filled in at its start")
CAREFUL = "A program that gets a secret and shows it nowhere discloses none"
SCANNED, CARELESS = "sparkproof/tenancy/secret_scan.py", "sparkproof/tenancy/careless.py"

OF_SECURITY = [
    Sabotage(
        "the audit reads no option's next word",
        "sparkproof/tenancy/audit_pods.py",
        r"\(\?<!\\S\)--\?",
        r"(?<!\\S)---?",
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
        "the search asks no program for its arguments",
        SCANNED,
        r'if "running" in known',
        'if "asleep" in known',
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
]
