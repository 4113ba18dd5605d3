"""Deliberate faults in environments and their drift, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

UNCHANGED = "A platform that nobody changed is as its files say"
PRODUCTION = "Production that nobody changed is as its files say"
BY_HAND = "Each change that somebody made by hand is named, and nothing else"
SETTING = "A driver's setting that somebody changed by hand is named while the work still goes on"
ANOTHER = "What an environment lacks of another one's files is named"

OF_ENVIRONMENTS = [
    Sabotage(
        "what a controller notes on an object is taken for a change",
        "sparkproof/operations/drift.py",
        r'"volume\.beta\.kubernetes\.io/", ?',
        "",
        UNCHANGED,
        "The release is not as its files say: PersistentVolumeClaim spark-warehouse: annotations",
    ),
    Sabotage(
        "a label of the release that its files have no more",
        "sparkproof/platform/release.py",
        r"replace\(own, values=\{\*\*own\.values, \*\*\(values or \{\}\)\}\)",
        'replace(own, values={**own.values, "commonLabels": {"team": "b"}, **(values or {})})',
        UNCHANGED,
        "labels.team is missing, and b in its files",
    ),
    Sabotage(
        "the volume that a claim was given is taken for a change",
        "sparkproof/operations/drift.py",
        r'\{"spec\.volumeName"\}',
        "set()",
        PRODUCTION,
        "PersistentVolumeClaim spark-warehouse: spec.volumeName",
    ),
    Sabotage(
        "production is compared with the files of staging",
        "steps/environment_steps.py",
        r"release\.render\(\)",
        '(release.render((), examples.environment("staging")))',
        PRODUCTION,
        "spec.resources.requests.storage is 500Gi, and 10Gi in its files",
    ),
    Sabotage(
        "an object is compared with itself",
        "sparkproof/operations/drift.py",
        r"_differing\(_content\(twin\), _content\(live\)\)",
        "_differing(_content(live), _content(live))",
        BY_HAND,
        "and is PodDisruptionBudget spark-connect: it is not there; ConfigMap by-hand",
    ),
    Sabotage(
        "nobody looks for objects that are in no file",
        "sparkproof/operations/drift.py",
        r'labels=f"\{RELEASE\}=\{release\}"',
        'labels=f"{RELEASE}=another"',
        BY_HAND,
        "The drift was to be ServiceAccount spark-client",
    ),
    Sabotage(
        "a comparison makes what it is to ask about",
        "sparkproof/operations/drift.py",
        r"kube\.apply\(_twin\(wanted, namespace\), dry_run=True\)",
        "kube.apply(_twin(wanted, namespace))",
        BY_HAND,
        "ConfigMap drift-spark-connect is there, and in no file",
    ),
    Sabotage(
        "a comparison mends what it finds",
        "sparkproof/operations/drift.py",
        r"(        )yield \"it is not there\"\n",
        r'\1meta = {**wanted["metadata"], "namespace": namespace}\n'
        r'\1kube.apply({**wanted, "metadata": meta})\n\1yield "it is not there"\n',
        BY_HAND,
        "A comparison changes nothing; after it, gone is PodDisruptionBudget spark-connect: it is not there",
    ),
    Sabotage(
        "staging's network is open",
        "examples/environments/staging.yaml",
        r"networkPolicy:\n  enabled: true",
        "networkPolicy:\n  enabled: false",
        ANOTHER,
        "No difference is 'NetworkPolicy spark-connect: it is not there'",
    ),
    Sabotage(
        "staging sends in the clear",
        "examples/environments/staging.yaml",
        r"sparkConf:\n(?:  .*\n)+",
        "",
        ANOTHER,
        "No difference is 'ConfigMap spark-connect: data.spark-defaults.conf lacks the line spark.network.crypto",
    ),
    Sabotage(
        "a line that somebody changed is not named",
        "sparkproof/operations/drift.py",
        r"for line in wanted if line not in there\]",
        "for line in wanted if line not in wanted]",
        SETTING,
        "No difference is 'ConfigMap spark-connect: data.spark-defaults.conf lacks",
    ),
    Sabotage(
        "the driver whose setting is changed by hand has read it",
        "sparkproof/resilience/reconfigured.py",
        r'self\._write\(""\.join\(changed\)\)',
        'self._write("".join(changed))\n        self.workloads.restart(self.component, killed=True)',
        SETTING,
        "a write and a read of the data engineer that succeed",
    ),
]
