"""All deliberate faults."""

from tests.support.sabotages import SABOTAGES
from tests.support.sabotages_data import DATA
from tests.support.sabotages_governance import GOVERNANCE
from tests.support.sabotages_observability import OF_OBSERVABILITY

EVERY = [*SABOTAGES, *DATA, *GOVERNANCE, *OF_OBSERVABILITY]
