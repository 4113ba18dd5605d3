"""The page that says what was broken, what noticed it, and what lived, with the reason."""

import re
from collections import Counter
from collections.abc import Sequence

from tests.mutants.judge import Verdict, share

# Why a mutant may live, by a pattern of its line: the first that fits is taken.
REASONS = (
    (r"Pod .*-test-[\w-]+: .*containers\.0\.name", "the name of a container of a test is for people"),
    (r"startupProbe\.initialDelaySeconds", "a server that is asked earlier is only asked more often"),
    (r"targetPort: dropped", "a Service without it leads to its own number, at which the program listens"),
    (r"postgres-(uses|denied).*(tuples|no-psqlrc|command\.[12])", "how psql shows its answer is for people"),
    (r"airflow: .*containers\.3\.startupProbe\.timeoutSeconds: dropped", "its exporter answers within a second"),
    (r"readinessProbe\.periodSeconds: dropped", "Kubernetes' own 10 s are as good"),
    (r"PrometheusRule .*(annotations\.summary|groups\.0\.name)", "these words are for people"),
    (r"hive-metastore-uses: .*args\.0: python3 -> python$", "both names are of one program"),
    (r"Pod .*args\.2: import", "the test's program passes and fails as before: the line prints, or waits"),
)


def reason(mutant: str) -> str:
    """Return why the mutant may live; "" is a criterion to write."""
    return next((words for pattern, words in REASONS if re.search(pattern, mutant)), "")


def written(verdicts: Sequence[Verdict], seed: int) -> str:
    """The page as Markdown."""
    lives = [each for each in verdicts if not each.by and not each.changes_nothing]
    same = sum(not each.by and each.changes_nothing for each in verdicts)
    noticed = Counter(each.by for each in verdicts if each.by)
    lines = [
        "# Mutants of the charts",
        "",
        "Written by `make mutants`. Each object and each line of what the charts render by default, with each preset",
        "and with all switches on is dropped, and each value is changed into another one. The promises of the charts",
        "(`features/charts/promises.feature`) and the schemas of Kubernetes have to notice it without a cluster; what",
        "lives is installed with `--cluster`, and the criteria that promise something about it have to turn red.",
        "",
        f"{len(verdicts)} mutants of seed {seed}: {share(verdicts):.1f} % noticed, {len(lives)} live. {same} more drop",
        "a field that has Kubernetes' own default, and so change nothing.",
        "",
        "## What noticed them",
        "| mutants | by |",
        "| --- | --- |",
        *(f"| {count} | {by} |" for by, count in sorted(noticed.items(), key=lambda each: (-each[1], each[0]))),
        "",
        "## What lives",
        "| mutant | reason, or what to write |",
        "| --- | --- |",
        *(f"| {_cell(each.mutant)} | {reason(each.mutant) or 'a criterion'} |" for each in lives),
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return f"`{text.replace('|', '/').replace('`', '')}`"
