"""Prints the gate's last line: what pytest and behave counted, added up. Exits 1 when either left no count."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main(pytest_xml: Path, verdict_json: Path) -> int:
    missing = [str(path) for path in (pytest_xml, verdict_json) if not path.is_file()]
    if missing:
        print(f"No results in {', '.join(missing)}: that part did not run.")
    passed = failed = skipped = 0
    if pytest_xml.is_file():
        for suite in ElementTree.parse(pytest_xml).getroot().iter("testsuite"):
            total, bad, left = (int(suite.get(key, "0")) for key in ("tests", "failures", "skipped"))
            bad += int(suite.get("errors", "0"))
            passed, failed, skipped = passed + total - bad - left, failed + bad, skipped + left
    if verdict_json.is_file():
        counts = json.loads(verdict_json.read_text())["outcomes"]
        passed += counts.get("passed", 0)
        failed += counts.get("failed", 0) + counts.get("broken", 0)
        skipped += counts.get("skipped", 0) + counts.get("unsupported", 0)
    print(f"{passed} passed, {failed + len(missing)} failed, {skipped} skipped")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
