"""Deliberate faults in how a control plane is restored from a snapshot, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

BACK = "A control plane that lost its data comes back from a snapshot, and Spark goes on meanwhile"
_REFUSED = "A snapshot of the control plane that {} is refused before anything is stopped"
FLIPPED, CUT, OLD = (_REFUSED.format(harm) for harm in ("lost one bit", "was cut off", "is more than a day old"))
DATA, DRILL = "sparkproof/embedded/etcd.py", "sparkproof/operations/control_plane.py"

OF_THE_CONTROL_PLANE = [
    Sabotage(
        "restored data goes on with revisions that were given out before",
        DATA,
        r", \*member, \*_HIGHER_REVISIONS\)",
        ", *member)",
        BACK,
        "is not told to read all anew",
    ),
    Sabotage(
        "the snapshot is taken when the later objects are there",
        DRILL,
        r"(        self\.data\.lose\(\))",
        r"        self.save()\n\1",
        BACK,
        "came later, and should be gone",
    ),
    Sabotage(
        "nothing is made after the snapshot",
        "features/recovery/control_plane.feature",
        r"(    And the platform operator took a snapshot of the control plane\n)(    And somebody made.*\n)",
        r"\2\1",
        BACK,
        "all three have to happen, or nothing is tested",
    ),
    Sabotage(
        "nothing is unpacked of the snapshot",
        DATA,
        r'_run\(etcdutl, "snapshot", "restore", .*\)',
        '(self._restored / "member").mkdir(parents=True)',
        BACK,
        "The control plane was not restored",
    ),
    Sabotage(
        "somebody who asks all the time expects another sum",
        "sparkproof/operations/steady_user.py",
        r"sum\(range\(trips\.first, trips\.last\)\)",
        "sum(range(trips.first, trips.last)) + 1",
        BACK,
        "were not answered rightly",
    ),
    Sabotage(
        "no bit of a snapshot changes",
        DRILL,
        r"\^= 1",
        "^= 0",
        FLIPPED,
        "had to be refused because of 'does not have the SHA-256', and was restored",
    ),
    Sabotage(
        "a control plane is stopped before its snapshot is looked at",
        DATA,
        r"(        self\._unpack\(snapshot\)\n        with)",
        r"        self._stop()\n        self._start()\n\1",
        FLIPPED,
        "was stopped for a snapshot that was refused",
    ),
    Sabotage(
        "the whole of a snapshot is left when it is cut off",
        DRILL,
        r"content\[: len\(content\) // 2\]",
        "content",
        CUT,
        "had to be refused because of 'was cut off', and was restored",
    ),
    Sabotage(
        "the hash of a snapshot that was cut off is not asked for",
        DATA,
        r'"snapshot missing hash": "it was cut off, and does not end with its SHA-256"',
        '"snapshot missing hash": "it cannot be read"',
        CUT,
        "was refused, but not because of 'was cut off'",
    ),
    Sabotage(
        "a snapshot may be two days old",
        DATA,
        r"_MAX_AGE_H = 24\.0",
        "_MAX_AGE_H = 48.0",
        OLD,
        "had to be refused because of 'hours old', and was restored",
    ),
    Sabotage(
        "a snapshot is an hour older only",
        DRILL,
        r"timedelta\(hours=25\)",
        "timedelta(hours=1)",
        OLD,
        "had to be refused because of 'hours old', and was restored",
    ),
]
