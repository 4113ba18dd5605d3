"""The nouns that steps keep on behave's context, each with its type."""

# Longer than 300 lines: one for each noun, and one for its import.
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sparkproof.airflow.at_work import RunAtWork
from sparkproof.airflow.counted import Counted
from sparkproof.airflow.published import Publication
from sparkproof.airflow.runs import AirflowReply, DagRun
from sparkproof.airflow.spark_work import SparkWork
from sparkproof.airflow.submission import Submission
from sparkproof.airflow.two_versions import AskedTwo
from sparkproof.airflow.waiting import WaitingRun
from sparkproof.charts.changes import Changes
from sparkproof.charts.coverage import Coverage
from sparkproof.charts.own_tests import OwnTests
from sparkproof.charts.renderings import Chart, Renderings
from sparkproof.governance.customers import Customers
from sparkproof.governance.scan import CatalogScan
from sparkproof.governance.trail import Trail
from sparkproof.gpu.by_airflow import AskedByRun, PlannedByRun
from sparkproof.gpu.discovery import Discovery
from sparkproof.gpu.planned import RapidsPlan
from sparkproof.gpu.settings import RapidsSettings
from sparkproof.gpu.speed import Speed
from sparkproof.gpu.work import GpuWork
from sparkproof.iceberg import Snapshot, Table
from sparkproof.iceberg.kept import KeptTables
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.lock import HeldLock, LockedWrite
from sparkproof.iceberg.race import Race
from sparkproof.iceberg.reader import Reader
from sparkproof.iceberg.storage_overhead import StorageOverhead
from sparkproof.jupyter.notebook import CellRun
from sparkproof.jupyter.whole import NotebookRun
from sparkproof.kube.dry_run import DryRun
from sparkproof.mlflow.runs import ProjectRun, RunsAtOnce
from sparkproof.mlflow.tracking import StartedRun, TrackingReply
from sparkproof.observability.alerts import Alerts
from sparkproof.observability.dashboards import Dashboards
from sparkproof.observability.drivers import DriverSeries
from sparkproof.observability.metrics import Metrics
from sparkproof.observability.targets import Targets
from sparkproof.operations.backup import BackupRun
from sparkproof.operations.broken_counter import BrokenCounter
from sparkproof.operations.control_plane import ControlPlane, Restored
from sparkproof.operations.counter import CounterReply
from sparkproof.operations.drift import Drift
from sparkproof.operations.drill import Drill
from sparkproof.operations.dropped import DroppedTable
from sparkproof.operations.files_lost import FilesLost
from sparkproof.operations.fingerprint import Fingerprint
from sparkproof.operations.kept_volume import KeptVolume
from sparkproof.operations.killed_ingest import KilledIngest, KilledMidCommit
from sparkproof.operations.landing import Landing
from sparkproof.operations.load import Load, Teams
from sparkproof.operations.recovery import Recovery
from sparkproof.operations.retention import KeptBackups
from sparkproof.operations.sessions import DriverMemory
from sparkproof.operations.steady_user import SteadyUser
from sparkproof.operations.team_objects import TeamObjects
from sparkproof.platform.helm_test import HelmTest
from sparkproof.platform.renewal import Renewal
from sparkproof.quality.page import Page
from sparkproof.quality.verdict import Verdict
from sparkproof.resilience.disturbance import WithoutWorkers
from sparkproof.resilience.lost import LostComponent
from sparkproof.resilience.lost_secret import LostSecret
from sparkproof.resilience.trial import Trial
from sparkproof.resilience.work import EngineerAtWork
from sparkproof.scaling.cost import Interrupted
from sparkproof.scaling.node_pools import NodePool
from sparkproof.scaling.nodes import SimulatedNodes
from sparkproof.scaling.rightsizing import Advice
from sparkproof.scaling.size_advice import SizeAdvice
from sparkproof.scaling.workers import ElasticWorkers
from sparkproof.spark.application import Application
from sparkproof.spark.at_work import ApplicationAtWork, DriverLoss
from sparkproof.spark.eviction import Eviction
from sparkproof.spark.migration import JobCheck
from sparkproof.spark.operated import DriverStart, OperatedApplication, UnservedApplication
from sparkproof.spark.platform import Platform
from sparkproof.spark.query import Query
from sparkproof.spark.recipe import Followed
from sparkproof.spark.session import Answer, Session
from sparkproof.spark.trips import Generated
from sparkproof.spark.work import ExecutorLoss, FairSharing, Work
from sparkproof.suite.suite import Suite
from sparkproof.tenancy.account import Account, Accounts
from sparkproof.tenancy.admission import Admission
from sparkproof.tenancy.audit import NamespaceAudit
from sparkproof.tenancy.databases import DatabaseEntry
from sparkproof.tenancy.debugging import RunningPod
from sparkproof.tenancy.network import ClientPod, Service
from sparkproof.tenancy.queued_work import QueuedWork
from sparkproof.tenancy.quotas import TeamQueue
from sparkproof.tenancy.reclaimed_work import ReclaimedWork
from sparkproof.tenancy.secret_scan import SecretScan
from sparkproof.tenancy.team import Team


class Given:
    """The nouns that a scenario works with."""

    suite: Suite
    team: Team
    platform: Platform
    second: Platform
    session: Session
    colleague: Session
    nodes: SimulatedNodes
    trips: Table
    generated: Generated
    snapshot: Snapshot
    charts: Sequence[Chart]
    metrics: Metrics
    advice: Advice
    submitted: ApplicationAtWork
    unserved: UnservedApplication
    kept_tables: KeptTables
    reader: Reader
    lock: HeldLock
    landing: Landing
    steady_user: SteadyUser
    team_objects: TeamObjects
    control_plane: ControlPlane


class GivenPods:
    """The pods beside a platform, and the service that they look for, that a scenario works with."""

    service: Service
    client_pod: ClientPod
    foreign_pod: ClientPod
    guest: ClientPod
    running_pod: RunningPod


class GivenQuotas:
    """The teams and their quotas that a scenario works with."""

    other_team: Team
    queue: TeamQueue
    other_queue: TeamQueue
    waiting_jobs: Sequence[str]


class GivenOutages:
    """What a scenario's platform lacks before anything happens."""

    without_workers: WithoutWorkers


class OfCharts:
    """What the charts rendered, for a Then to check."""

    renderings: Renderings
    changes: Changes
    own_tests: OwnTests
    coverage: Coverage


class OfTracking:
    """What MLflow answered and keeps, for a Then to check."""

    tracking_reply: TrackingReply
    project: ProjectRun
    runs_at_once: RunsAtOnce
    started_run: StartedRun
    followed: Followed


class OfOrchestration:
    """What Airflow answered and what became of its runs, for a Then to check."""

    dag_run: DagRun
    airflow_reply: AirflowReply
    spark_work: SparkWork
    submission: Submission
    counted: Counted
    publication: Publication
    run_at_work: RunAtWork
    waiting_run: WaitingRun
    asked_two: AskedTwo


class OfNotebooks:
    """What cells and whole notebooks brought."""

    cell: CellRun
    notebook_run: NotebookRun


class OfQuality:
    """The orders that are judged, what the verdict on them is, and its page."""

    orders: Table
    verdict: Verdict
    verdict_page: Page


class OfDrills:
    """What was lost in a drill, and what came back."""

    fingerprint: Fingerprint
    files_lost: FilesLost
    dropped: DroppedTable
    recovery: Recovery
    backup: BackupRun
    drill: Drill
    kept_volume: KeptVolume
    kept_backups: KeptBackups
    restored: Restored


class OfIngest:
    """What became of landed objects, and what was told of them."""

    killed_ingest: KilledIngest
    killed_mid_commit: KilledMidCommit
    counter_reply: CounterReply
    broken_counter: BrokenCounter


class OfObservability:
    """What a Prometheus reads and answers, for a Then to check."""

    targets: Targets
    driver_series: DriverSeries
    alerts: Alerts
    lost_secret: LostSecret
    dashboards: Dashboards


class OfGovernance:
    """The table of customers that is governed, and what was found out of it."""

    customers: Customers
    ungoverned: Customers
    catalog_scan: CatalogScan
    trail: Trail


class OfLoad:
    """What data engineers got who worked at the same time."""

    load: Load
    teams: Teams
    memory: DriverMemory


class OfResilience:
    """The data engineer who works while a component is disturbed, and what became of the work."""

    at_work: EngineerAtWork
    trial: Trial
    lost: LostComponent


class OfEnvironments:
    """What differs between an environment and its files."""

    drift: Drift


class OfMigration:
    """What a job was found to do differently."""

    job_check: JobCheck


class OfScaling:
    """Workers, nodes and executors that come when they are needed or may, and applications that are compared."""

    workers: ElasticWorkers
    pool: NodePool
    jobs: Sequence[str]
    queued: QueuedWork
    reclaimed: ReclaimedWork
    size_advice: SizeAdvice
    applications: Sequence[Application]
    stayed: Application
    interrupted: Interrupted


class OfGpus:
    """What GPUs did, or would do, and for whom they were found."""

    discovery: Discovery
    gpu_work: GpuWork
    speed: Speed
    plan: RapidsPlan
    planned_by_run: PlannedByRun
    asked_by_run: AskedByRun
    rapids_settings: RapidsSettings


class OfSecurity:
    """What was asked about rights and secrets, and what was found."""

    account: Account
    accounts: Accounts
    admission: Admission
    secret_scan: SecretScan
    entry: DatabaseEntry
    entries: Sequence[DatabaseEntry]
    renewal: Renewal
    audit: NamespaceAudit


class Brought(
    OfScaling,
    OfCharts,
    OfTracking,
    OfOrchestration,
    OfNotebooks,
    OfQuality,
    OfDrills,
    OfIngest,
    OfObservability,
    OfGovernance,
    OfLoad,
    OfEnvironments,
    OfMigration,
    OfResilience,
    OfGpus,
    OfSecurity,
):
    """What a When brought, for a Then to check."""

    answer: Answer
    dry_run: DryRun
    helm_test: HelmTest
    work: Work
    loss: ExecutorLoss
    sharing: FairSharing
    executors: Sequence[str]
    eviction: Eviction
    application: Application
    operated: OperatedApplication
    driver_start: DriverStart
    driver_loss: DriverLoss
    ended: str
    race: Race
    locked_write: LockedWrite
    commit: KilledCommit
    overhead: StorageOverhead
    stored_before: Any
    query: Query


class Context(Given, GivenPods, GivenQuotas, GivenOutages, Brought):
    """behave's context as steps see it: the step's own text and table, and the nouns that a Given or a When left.

    behave passes an object of its own; this class only says what is on it.
    """

    text: str
    table: Sequence[Mapping[str, str]]
    add_cleanup: Callable[..., None]
