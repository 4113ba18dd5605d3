"""Promises of the ingest: what starts its jobs, how many there are at once, and who is asked with which key."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import View, component_of, differences
from sparkproof.kube.objects import job_of

# A job that has failed stands for itself: the next look of KEDA starts another one, if its objects are still there.
_JOB = {"backoffLimit": 0, "podReplacementPolicy": "Failed"}


@promise("objects that land start a job, and never a second one beside it")
def _jobs(view: View) -> Iterator[str]:
    found = view.kind("ScaledJob")
    if [component_of(each) for each in found] != (["ingest"] if view.enabled("ingest") else []):
        yield f"there are jobs of {[component_of(each) for each in found]}, and ingest.enabled says otherwise"
    for spec in (each.get("spec", {}) for each in found):
        values = view.values["ingest"]
        wanted = {"pollingInterval": values["pollingSeconds"], "maxReplicaCount": 1}
        yield from differences("the ingest", spec, wanted)
        yield from differences("a job of the ingest", job_of(spec), _JOB)
        for which in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
            if not 1 <= spec.get(which, 100) <= 10:
                yield f"the ingest keeps {spec.get(which)} jobs that have ended: {which}"


@promise("KEDA asks the ingest's own counter, with the key that the counter has")
def _asked(view: View) -> Iterator[str]:
    name = f"{view.name}-ingest"
    for spec in (each.get("spec", {}) for each in view.kind("ScaledJob")):
        source: dict[str, Any] = {
            "url": f"http://{view.address('ingest-counter')}/",
            "valueLocation": "objects",
            "targetValue": "1",
            "authMode": "bearer",
        }
        wanted = [{"type": "metrics-api", "metadata": source, "authenticationRef": {"name": name}}]
        if spec.get("triggers") != wanted:
            yield f"the ingest is started by {spec.get('triggers')}; expected {wanted}"
    if len(view.kind("TriggerAuthentication")) != len(view.kind("ScaledJob")):
        yield f"there are {len(view.kind('TriggerAuthentication'))} keys by which KEDA asks"
    for each in view.kind("TriggerAuthentication"):
        proof = view.values["ingest"]["authentication"]
        key = [{"parameter": "token", "name": proof["existingSecret"], "key": proof["key"]}]
        if each.get("spec", {}).get("secretTargetRef") != key:
            yield f"KEDA asks with {each.get('spec', {}).get('secretTargetRef')}; expected {key}"
