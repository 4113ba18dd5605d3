"""Promises of what is kept: claims, and whose they are."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import View, component_of

_KEEPERS = ("warehouse", "backup", "object-store", "postgres", "master", "jupyter")


@promise("data lies on claims of their own, as large and as lasting as values say")
def _claims(view: View) -> Iterator[str]:
    found = {component_of(each): each for each in view.kind("PersistentVolumeClaim")}
    wanted = {}
    for component in filter(view.enabled, _KEEPERS):
        values = view.of_component(component)
        volume = values.get("persistence", values)
        if volume.get("enabled", True) and not volume["existingClaim"]:
            wanted[component] = volume
    if set(found) != set(wanted):
        yield f"there are claims of {sorted(found)}; expected {sorted(wanted)}"
    for component, volume in wanted.items():
        claim = found.get(component, {})
        spec: dict[str, Any] = {
            "accessModes": [volume["accessMode"]],
            "resources": {"requests": {"storage": volume["size"]}},
        }
        if volume["storageClass"]:
            spec["storageClassName"] = volume["storageClass"]
        if claim.get("spec") != spec:
            yield f"the claim of {component} is {claim.get('spec')}; its values say {spec}"
        kept = claim.get("metadata", {}).get("annotations", {}).get("helm.sh/resource-policy")
        if kept != ("keep" if volume["keep"] else None):
            yield f"the claim of {component} has the policy {kept}, and keep is {volume['keep']}"
        if claim.get("metadata", {}).get("name") != f"{view.name}-{component}":
            yield f"the claim of {component} is named {claim.get('metadata', {}).get('name')}"
