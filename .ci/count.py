"""Prints the gate's last line: what behave and the pytest runs counted, added up. Exits 1 when one left no count."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def of_behave(verdict: Path) -> Counter[str]:
    """Scenarios: broken ones count as failed, unsupported ones as skipped."""
    found = Counter(json.loads(verdict.read_text())["outcomes"])
    return Counter(
        passed=found["passed"],
        failed=found["failed"] + found["broken"],
        skipped=found["skipped"] + found["unsupported"],
    )


def of_pytest(junit: Path) -> Counter[str]:
    """Tests, from pytest's JUnit file."""
    found: Counter[str] = Counter()
    for suite in ElementTree.parse(junit).getroot().iter("testsuite"):
        total, errors, failures, skipped = (
            int(suite.get(key, "0")) for key in ("tests", "errors", "failures", "skipped")
        )
        found.update(passed=total - errors - failures - skipped, failed=errors + failures, skipped=skipped)
    return found


def main(paths: list[Path]) -> int:
    """Print the sum; a part that left no results counts as failed."""
    counted: Counter[str] = Counter()
    missing = [path for path in paths if not path.is_file()]
    for path in paths:
        if path in missing:
            print(f"There are no results in {path}: that part did not run to its end.")
        else:
            counted.update(of_behave(path) if path.suffix == ".json" else of_pytest(path))
    print(f"{counted['passed']} passed, {counted['failed'] + len(missing)} failed, {counted['skipped']} skipped")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
