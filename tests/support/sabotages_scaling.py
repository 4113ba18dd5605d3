"""Deliberate faults in the cost of applications, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

SAVES = "Executors on spot nodes save money, although some are taken back with their work"

OF_COST = [
    Sabotage(
        "executors that are taken back hand over their work",
        "sparkproof/scaling/cost.py",
        r"at_once=True",
        "at_once=False",
        SAVES,
        "0 tasks were lost with 2 executors",
    ),
    Sabotage(
        "spot nodes cost more than others",
        "examples/prices/example.json",
        r"0\.1536",
        "0.6",
        SAVES,
        "on spot nodes, some of which were taken back, saved -",
    ),
]
