"""The cost of applications by the platform's calculator, and what executors save that are taken back at any time."""

import json
import random
from dataclasses import dataclass

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import SPARK_APPLICATION
from sparkproof.kube.objects import POD
from sparkproof.kube.places import Place
from sparkproof.scaling import calculators
from sparkproof.spark.application import Application
from sparkproof.spark.history import APPLICATIONS, UI_PORT, lost_in
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import EXECUTORS

CALCULATOR = calculators.SCRIPTS / "cost_calculator.py"
PRICES = examples.FOLDER / "prices" / "example.json"
ON_DEMAND, SPOT = "on-demand", "spot"
# What the platform's documents claim that spot nodes save, in percent.
CLAIMED = (50, 70)
# Providers choose the node that they take back; the same executors are chosen in every run.
_SEED = 7


@dataclass(frozen=True)
class Cost:
    """The cost of an application's executors in the price list's `currency`, and their hours."""

    currency: str
    executors: float
    hours: float

    @classmethod
    def of(cls, platform: Platform, application: Application, *, node: str) -> "Cost":
        """Return what the calculator says of an ended application, all of whose pods were on nodes of this price.

        Raises SparkproofError with the calculator's sentence.
        """
        application.must_succeed()
        history = HistoryServer.of(platform)
        known = {
            "--application-file": history.summary_of(application.submitted_as),
            "--executors": history.executors_of(application.submitted_as),
        }
        nodes = ("--prices", PRICES, "--driver-node", node, "--executor-node", node)
        cost = calculators.ask(CALCULATOR, nodes, known)
        evidence.attach(f"cost of {application.submitted_as}", cost)
        found = json.loads(cost)
        return cls(found["currency"], found["executors"], found["hours"][node])


@dataclass(frozen=True)
class Interrupted:
    """An ended application, the pods of its executors that were taken back at work, and the number of lost tasks."""

    application: Application
    pods: tuple[str, ...]
    lost: int

    @classmethod
    def submit(cls, platform: Platform, name: str, what: str, *, executors: int) -> "Interrupted":
        """Submit an example in client mode; so many of its busy executors are taken back, one after another.

        It writes into a new table named after `what`.
        """
        table = platform.catalogs.unused_table(what)
        known_as = Application.new_name(name)
        running = aside(Application.submit, platform, name, "client", table, known_as=known_as)
        chance, taken = random.Random(_SEED), list[str]()
        while len(taken) < executors and not running.done():
            taken.append(chance.choice(_busy(platform, known_as, but=taken)))
            platform.workloads.evict(taken[-1], at_once=True)
        application = running.result()
        return cls(application, tuple(taken), lost_in(HistoryServer.of(platform).stages_of(known_as)))

    def must_have_been_made_good(self, executors: int) -> None:
        """Check that tasks were lost with so many executors, and that these were done again."""
        self.application.must_succeed()
        if len(self.pods) < executors or not self.lost:
            raise CheckFailed(f"{self.lost} tasks were lost with {len(self.pods)} executors: {', '.join(self.pods)}")
        evidence.prove(Level.EXECUTED, f"{self.lost} tasks, lost with {', '.join(self.pods)}, were done again")


def run_undisturbed(platform: Platform, name: str) -> Application:
    """Submit an example in client mode, which writes into a new table; raises CheckFailed if it fails."""
    stayed = Application.submit(platform, name, "client", platform.catalogs.unused_table("stayed"))
    stayed.must_succeed()
    return stayed


def must_save(platform: Platform, stayed: Application, taken_back: Application, *, percent: float) -> None:
    """Check that spot executors, some of which were taken back, cost so much less than on-demand ones that stayed."""
    dear, cheap = Cost.of(platform, stayed, node=ON_DEMAND), Cost.of(platform, taken_back, node=SPOT)
    for application, its in ((stayed, dear), (taken_back, cheap)):
        if not its.executors:
            raise CheckFailed(f"{application.submitted_as} had no executors, so there is no cost to compare.")
    saved = 100 * (1 - cheap.executors / dear.executors)
    low, high = CLAIMED
    seen = (
        f"Executors on spot nodes, some of which were taken back, saved {saved:.0f} % of {dear.executors:.6f} "
        f"{dear.currency}; {low} to {high} % are claimed"
    )
    if saved < percent:
        raise CheckFailed(f"{seen}, and at least {percent:g} % were to be saved.")
    evidence.measured("saved by executors on spot nodes", saved, "%", f"{low} to {high} % claimed")
    evidence.prove(Level.EXECUTED, seen, hours={ON_DEMAND: dear.hours, SPOT: cheap.hours})


def _busy(platform: Platform, known_as: str, *, but: list[str]) -> list[str]:
    """Wait until executors of a running application work, and return the names of their pods, without these."""
    own = platform.workloads
    driver = own.place("submit")

    def busy() -> list[str]:
        hosts = _hosts_at_work(driver, known_as)
        pods = own.kube.list(POD, own.namespace, labels=f"{EXECUTORS},{SPARK_APPLICATION}={known_as}")
        names = [pod["metadata"]["name"] for pod in pods if pod["status"].get("podIP") in hosts]
        return sorted(set(names) - set(but))

    return eventually(f"executors of {known_as} at work", busy, bool, within_s=timeouts.EXECUTORS)


def _hosts_at_work(driver: Place, known_as: str) -> set[str]:
    """Return the addresses of executors that have tasks now; none before the driver answers."""
    try:
        known = {each["name"]: each["id"] for each in driver.get(UI_PORT, APPLICATIONS)}
        own = driver.get(UI_PORT, f"{APPLICATIONS}/{known[known_as]}/executors") if known_as in known else []
    except (Refused, json.JSONDecodeError):
        # While the driver starts, nobody listens, and then words for people are the answer.
        return set()
    return {each["hostPort"].partition(":")[0] for each in own if each["activeTasks"] and each["id"] != "driver"}
