"""All deliberate faults."""

from tests.support.sabotages import SABOTAGES
from tests.support.sabotages_airflow import ORCHESTRATION
from tests.support.sabotages_airflow_gpu import OF_GPU_RUNS
from tests.support.sabotages_alerts import OF_ALERTS
from tests.support.sabotages_boundaries import OF_BOUNDARIES
from tests.support.sabotages_careless import OF_CARELESSNESS
from tests.support.sabotages_control_plane import OF_THE_CONTROL_PLANE
from tests.support.sabotages_data import DATA
from tests.support.sabotages_drills import OF_DRILLS
from tests.support.sabotages_environments import OF_ENVIRONMENTS
from tests.support.sabotages_fresh import FRESH
from tests.support.sabotages_governance import GOVERNANCE
from tests.support.sabotages_keys import OF_KEYS
from tests.support.sabotages_landing import OF_LANDING
from tests.support.sabotages_locks import OF_LOCKS
from tests.support.sabotages_moves import OF_MOVES
from tests.support.sabotages_namespace import OF_NAMESPACES
from tests.support.sabotages_observability import OF_OBSERVABILITY
from tests.support.sabotages_promises import OF_PROMISES
from tests.support.sabotages_resilience import RESILIENCE
from tests.support.sabotages_scaling import OF_ADVICE, OF_COST, OF_QUOTAS
from tests.support.sabotages_security import OF_SECURITY
from tests.support.sabotages_spark_operator import OF_THE_SPARK_OPERATOR
from tests.support.sabotages_stewards import OF_STEWARDS
from tests.support.sabotages_workloads import OF_WORKLOADS
from tests.support.sabotages_writers import OF_WRITERS

EVERY = [
    *SABOTAGES,
    *ORCHESTRATION,
    *OF_GPU_RUNS,
    *DATA,
    *GOVERNANCE,
    *OF_LOCKS,
    *OF_OBSERVABILITY,
    *OF_ALERTS,
    *OF_KEYS,
    *OF_COST,
    *OF_QUOTAS,
    *OF_ADVICE,
    *OF_LANDING,
    *RESILIENCE,
    *OF_ENVIRONMENTS,
    *OF_NAMESPACES,
    *OF_MOVES,
    *OF_THE_CONTROL_PLANE,
    *OF_SECURITY,
    *OF_THE_SPARK_OPERATOR,
    *FRESH,
    *OF_PROMISES,
    *OF_CARELESSNESS,
    *OF_BOUNDARIES,
    *OF_DRILLS,
    *OF_STEWARDS,
    *OF_WRITERS,
    *OF_WORKLOADS,
]
