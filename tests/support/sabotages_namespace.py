"""Deliberate faults of a platform that comes back in another namespace."""

from tests.support.sabotages import Sabotage

MOVED = "A platform whose namespace was deleted comes back in another one from the volume of its backups"

OF_NAMESPACES = [
    Sabotage(
        "the volume of the backups goes with its namespace",
        "sparkproof/operations/kept_volume.py",
        r'kept\._on_release\("Retain"\)',
        'kept._on_release("Delete")',
        MOVED,
        "the release of the volume",
    ),
    Sabotage(
        "the platform comes back on an empty volume",
        "sparkproof/operations/kept_volume.py",
        r'"existingClaim": name',
        '"existingClaim": ""',
        MOVED,
        "There is no backup",
    ),
]
