"""Deliberate faults in costs, quotas and advice on sizes, and the criterion that must fail for each."""

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
    Sabotage(
        "spot nodes cost nearly as much as others",
        "examples/prices/example.json",
        r"0\.1536",
        "0.3",
        SAVES,
        "at least 40 % were to be saved",
    ),
    Sabotage(
        "what was taken back is paid for as if it had stayed",
        "sparkproof/scaling/cost.py",
        r"taken_back, node=SPOT\)",
        "taken_back, node=ON_DEMAND)",
        SAVES,
        "at least 40 % were to be saved",
    ),
]

GATED = "Executors beyond a team's quota wait for it, and come when it is free"
RECLAIMED = "Executors on what another team lends give way to its jobs, and the answer stays right"
LENT = "A team borrows what another does not use, and gives it back when it is needed"
TOO_LARGE = "A job that asks for more than its team can ever have waits, and others do not wait for it"
FREE = "What names no queue waits for no quota"
DOWN = "While Kueue is down, only teams with a queue wait for it"

OF_QUOTAS = [
    Sabotage(
        "executors name no queue",
        "examples/values/queues-its-executors.yaml",
        r"  podLabels:\n    kueue\.x-k8s\.io/queue-name: team\n",
        "",
        GATED,
        "Kueue's word on executors that wait",
    ),
    Sabotage(
        "a job goes on though its quota is needed",
        "sparkproof/tenancy/queued_work.py",
        r"        queue\.end\(jobs\)\n",
        "",
        GATED,
        "2 executors at work for",
    ),
    Sabotage(
        "executors use no quota, so nobody takes them back",
        "examples/values/queues-its-executors.yaml",
        r"  podLabels:\n    kueue\.x-k8s\.io/queue-name: team\n",
        "",
        RECLAIMED,
        "Kueue ended 0 executors, and not 2",
    ),
    Sabotage(
        "executors stay on what their team borrowed",
        "examples/quotas/team.yaml",
        r"reclaimWithinCohort: Any",
        "reclaimWithinCohort: Never",
        RECLAIMED,
        "the start of job-0, job-1 in",
    ),
    Sabotage(
        "teams do not get back what they lent",
        "examples/quotas/team.yaml",
        r"reclaimWithinCohort: Any",
        "reclaimWithinCohort: Never",
        LENT,
        "the start of job-0, job-1 in",
    ),
    Sabotage(
        "teams lend nothing",
        "sparkproof/tenancy/quotas.py",
        r", cohort=self\.cohort\)",
        ")",
        LENT,
        "the start of job-0, job-1, job-2, job-3 in",
    ),
    Sabotage(
        "a quota is ten times as large",
        "sparkproof/tenancy/quotas.py",
        r"\{self\.count \* _MILLI\}m\"\n(            chosen)",
        r'{self.count * _MILLI}0m"\n\1',
        TOO_LARGE,
        "Kueue's word '(300m) > maximum capacity (200m)' on job-0",
    ),
    Sabotage(
        "a quota has no memory",
        "examples/quotas/team.yaml",
        r"nominalQuota: 64Gi",
        "nominalQuota: 1Mi",
        TOO_LARGE,
        "the start of job-1 in",
    ),
    Sabotage(
        "Kueue holds what names no queue",
        "sparkproof/embedded/kueue.yaml",
        r"(    webhook: \{port: 9443\}\n)",
        r"\1    manageJobsWithoutQueueName: true\n",
        FREE,
        "the start of job-2 in",
    ),
    Sabotage(
        "every job names the queue",
        "sparkproof/tenancy/quotas.py",
        r"\(job\[\"metadata\"\]\[\"labels\"\] if queued else \{\}\)",
        'job["metadata"]["labels"]',
        FREE,
        "the start of job-2 in",
    ),
    Sabotage(
        "nobody stops Kueue",
        "sparkproof/tenancy/kueue.py",
        r"_scale\(kube, 0\)",
        "_scale(kube, 1)",
        DOWN,
        "the end of Kueue",
    ),
    Sabotage(
        "Kueue's webhook reaches every team",
        "sparkproof/tenancy/team.py",
        r"own = \{\*\*OWNED, RUN: run\}",
        'own = {**OWNED, RUN: run, "kueue.x-k8s.io/managed-namespace": "true"}',
        DOWN,
        "failed calling webhook",
    ),
]

SERVER = "Advice for the Connect server follows what was measured, and restarts nothing"
WORKERS = "Advice for the workers follows what was measured, and restarts nothing"
BY_CALCULATOR = "Executors get advice of the calculator, since the recommender cannot see them"
IDLE = "What does not run gets no advice"

OF_ADVICE = [
    Sabotage(
        "the recommender's floor is higher than what a server uses",
        "sparkproof/embedded/vertical_pod_autoscaler.yaml",
        r"min-memory-mb=10",
        "min-memory-mb=6000",
        SERVER,
        "More than 40 % more memory is advised than was used: connect",
    ),
    Sabotage(
        "no advice on memory is asked for",
        "examples/sizes/connect.yaml",
        r"\[cpu, memory\]",
        "[cpu]",
        SERVER,
        "advice of no less memory than",
    ),
    Sabotage(
        "the server is restarted while it is measured",
        "sparkproof/scaling/size_advice.py",
        r"(        return running\.result\(\)\n)",
        r'        platform.workloads.restart("connect")\n\1',
        SERVER,
        "-connect-0 was changed or started again",
    ),
    Sabotage(
        "advice is switched off for all containers",
        "examples/sizes/connect.yaml",
        r"controlledResources: \[cpu, memory\]",
        'mode: "Off"',
        WORKERS,
        "advice of no less memory than",
    ),
    Sabotage(
        "the recommender advises twice of what it saw",
        "sparkproof/embedded/vertical_pod_autoscaler.yaml",
        r"(    - --memory-saver=true\n)",
        r"\1    - --recommendation-margin-fraction=1\n",
        WORKERS,
        "More than 40 % more memory is advised than was used: worker",
    ),
    Sabotage(
        "advice is asked for the driver in place of its executors",
        "sparkproof/scaling/size_advice.py",
        r"lambda: own\.executors,",
        'lambda: own.pods_of("connect"),',
        BY_CALCULATOR,
        "the recommender's word 'unhandled targetRef v1 / Pod' on advice",
    ),
    Sabotage(
        "the calculator takes no task for one that ended",
        "scripts/rightsizing_calculator.py",
        r'== "SUCCESS"',
        '== "COMPLETE"',
        BY_CALCULATOR,
        "The calculator advises nothing for the executors",
    ),
    Sabotage(
        "advice is asked for a workload that is not there",
        "sparkproof/scaling/size_advice.py",
        r'_reference\(workload, workload\["metadata"\]\["name"\]\)',
        '_reference(workload, "another")',
        IDLE,
        "the recommender's word 'No pods match this VPA object' on advice",
    ),
    Sabotage(
        "the recommender answers to another name",
        "sparkproof/embedded/vertical_pod_autoscaler.yaml",
        r"(    - --memory-saver=true\n)",
        r"\1    - --recommender-name=another\n",
        IDLE,
        "the recommender's word 'No pods match this VPA object' on advice",
    ),
]
