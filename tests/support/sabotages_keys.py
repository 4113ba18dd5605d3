"""Deliberate faults of keys that grow old and are renewed, and the criterion that must fail for each."""

from tests.support.sabotages import METRICS, Sabotage, in_a_chart

_OLD = "Secrets that are older than they may be are reported by their names"
_GONE = "A Secret that somebody deleted is reported before a pod needs it again, until it is there again"
_KEYS = "Keys of the object store are renewed, and those of before read no table"
_PASSWORDS = "Passwords of the databases are renewed, and those of before open none"
_ASKED = r"time\(\) - %s > %d or absent\(%s\)\" \$created \$seconds \$created"

OF_KEYS = [
    in_a_chart(
        "the alert of Secrets does not look at their age",
        "alerts",
        _ASKED,
        'absent(%s)" $created',
        METRICS,
        "SparkSecretOld does not fire when the Secret",
    ),
    in_a_chart(
        "the alert of Secrets is silent where nobody says how old they are",
        "alerts",
        _ASKED,
        'time() - %s > %d" $created $seconds',
        METRICS,
        "SparkSecretOld is silent where nobody says",
    ),
    in_a_chart(
        "the databases' passwords may grow old unseen",
        "alerts",
        r"\{\{- \$secrets = append \$secrets \$values\.postgres\.existingSecret -\}\}\n",
        "",
        METRICS,
        "SparkSecretOld does not fire when the Secret",
    ),
    Sabotage(
        "kube-state-metrics reads no Secrets",
        "sparkproof/embedded/kube_state_metrics.yaml",
        "cronjobs,jobs,secrets",
        "cronjobs,jobs",
        _OLD,
        "the end of the alert SparkSecretOld",
    ),
    Sabotage(
        "Secrets may be as old as before",
        "steps/observability_steps.py",
        r'\{"secretMaxAge": age\}',
        "{}",
        _OLD,
        "the alert SparkSecretOld",
    ),
    in_a_chart(
        "a Secret that is gone is no old one",
        "alerts",
        _ASKED,
        'time() - %s > %d" $created $seconds',
        _GONE,
        "the alert SparkSecretOld",
    ),
    Sabotage(
        "the Secret that is to be deleted stays",
        "sparkproof/resilience/lost_secret.py",
        r"        kube\.delete\(SECRET, .*\n",
        "",
        _GONE,
        "the alert SparkSecretOld",
    ),
    in_a_chart(
        "programs keep the object store's keys of before",
        "object-store",
        r'\{\{- default "" \$store\.existingSecret -\}\}',
        '{{- $store.existingSecret | default "" | trimSuffix "-renewed" -}}',
        _KEYS,
        "programs take their keys from",
    ),
    Sabotage(
        "the keys of before are not tried",
        "sparkproof/iceberg/kept.py",
        r"seen\.read_with\(access_key, secret\)",
        "with_settings(seen, {}).read()",
        _KEYS,
        "was not refused",
    ),
    Sabotage(
        "PostgreSQL keeps the passwords of before beside the new ones' Secret",
        "docker/postgres/entrypoint.sh",
        r"ALTER ROLE :\"name\" PASSWORD :'password';",
        "SELECT format('ALTER ROLE %I PASSWORD %L', :'name', :'password')\n"
        "  FROM pg_authid WHERE rolname = :'name' AND rolpassword IS NULL \\\\gexec",
        _PASSWORDS,
        "",
    ),
    in_a_chart(
        "programs keep the databases' passwords of before",
        "postgres",
        r"\{\{- \.root\.Values\.postgres\.existingSecret \| required",
        '{{- .root.Values.postgres.existingSecret | trimSuffix "-renewed" | required',
        _PASSWORDS,
        "programs take their keys from",
    ),
]
