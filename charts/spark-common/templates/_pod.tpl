{{- /*
The pod of a component, for whoever creates it. The component's own template ("spark-common.<component>.pod") says, as
YAML, what is special: containers and initContainers with their arguments, ports and probes, volumes, and any other
field of a pod's spec; a container may want other resources than the component's. What all pods have in common is added
here: account, placement, security, image, resources, environment, and the folders that programs write to, since the rest
of an image is read-only.
*/ -}}
{{- define "spark-common.podSpec" -}}
{{- $root := .root -}}
{{- $values := include "spark-common.values" . | fromYaml -}}
{{- $own := include (printf "spark-common.%s.pod" .component) . | fromYaml -}}
{{- with $own.Error }}{{ fail (printf "spark-common.%s.pod is no YAML: %s" $.component .) }}{{ end -}}
{{- $spec := dict
  "serviceAccountName" (include "spark-common.name" .)
  "automountServiceAccountToken" false
  "enableServiceLinks" false
  "securityContext" (include "spark-common.podSecurityContext" . | fromYaml) -}}
{{- include "spark-common.refusals.ports" (dict "component" .component "containers" $own.containers) -}}
{{- include "spark-common.refusals.environment" $values.extraEnv -}}
{{- include "spark-common.refusals.tolerations" (dict "component" .component "tolerations" $values.tolerations) -}}
{{- include "spark-common.refusals.resources" (dict "key" (include "spark-common.valuesKey" .) "values" $values) -}}
{{- with $root.Values.image.pullSecrets }}{{ $_ := set $spec "imagePullSecrets" . }}{{ end -}}
{{- with $values.nodeSelector }}{{ $_ := set $spec "nodeSelector" . }}{{ end -}}
{{- with $values.tolerations }}{{ $_ := set $spec "tolerations" . }}{{ end -}}
{{- $tmp := dict "name" "tmp" "mountPath" "/tmp" -}}
{{- $workDir := dict "name" "work-dir" "mountPath" "/opt/spark/work-dir" -}}
{{- $sparks := false -}}
{{- range $role := list "initContainers" "containers" -}}
{{- $containers := list -}}
{{- range $container := default list (get $own $role) -}}
{{- $common := dict "securityContext" (include "spark-common.securityContext" $ | fromYaml) -}}
{{- if not (has $.component (list "driver" "executor")) -}}
{{- $_ := set $common "image" (include "spark-common.image" (dict "root" $root "image" $container.image)) -}}
{{- $_ := set $common "imagePullPolicy" $root.Values.image.pullPolicy -}}
{{- $_ := set $common "resources" (mergeOverwrite (deepCopy $values.resources) (default dict $container.resources)) -}}
{{- end -}}
{{- with concat (default list $container.env) (default list $values.extraEnv) -}}
{{- $_ := set $common "env" (include "spark-common.environment" . | fromYamlArray) -}}
{{- end -}}
{{- $mounts := append (default list $container.volumeMounts) $tmp -}}
{{- if not (hasKey $container "image") -}}
{{- $sparks = true -}}
{{- $mounts = append $mounts $workDir -}}
{{- end -}}
{{- $_ := set $common "volumeMounts" $mounts -}}
{{- $containers = append $containers (merge $common (omit $container "image")) -}}
{{- end -}}
{{- with $containers }}{{ $_ := set $spec $role . }}{{ end -}}
{{- end -}}
{{- $folders := list (dict "name" "tmp" "emptyDir" dict) -}}
{{- if $sparks }}{{ $folders = append $folders (dict "name" "work-dir" "emptyDir" dict) }}{{ end -}}
{{- $_ := set $spec "volumes" (concat (default list $own.volumes) $folders) -}}
{{- mergeOverwrite $spec (omit $own "containers" "initContainers" "volumes") | toYaml -}}
{{- end -}}

{{- /* Environment variables, each name once: the last of a name holds, in the place of the first. */ -}}
{{- define "spark-common.environment" -}}
{{- $names := list -}}
{{- $variables := dict -}}
{{- range . -}}
{{- $names = append $names .name -}}
{{- $_ := set $variables .name . -}}
{{- end -}}
{{- range uniq $names }}
- {{ get $variables . | toYaml | nindent 2 | trim }}
{{- end }}
{{- end -}}

{{- /* The claim of a component's volume, its own or one that is there already. */ -}}
{{- define "spark-common.claim" -}}
{{- $values := include "spark-common.values" . | fromYaml -}}
{{ default (include "spark-common.name" .) (default $values $values.persistence).existingClaim }}
{{- end -}}

{{- /* With `configuration`, a pod is replaced when its ConfigMap changes: programs read their settings once. */ -}}
{{- define "spark-common.podTemplate" -}}
{{- $annotations := default dict (include "spark-common.values" . | fromYaml).podAnnotations -}}
{{- if has .component (list "client" "connect" "driver" "jupyter" "submit") -}}
{{- $annotations = merge $annotations (include "spark-common.undisturbed" . | fromYaml) -}}
{{- end -}}
{{- if .configuration -}}
{{- $sum := include (printf "spark-common.%s.configuration" .component) . | printf "%s\n" | fromYaml | toJson | sha256sum -}}
{{- $annotations = merge (dict "checksum/configuration" $sum) $annotations -}}
{{- end -}}
metadata:
  labels:
    {{- include "spark-common.podLabels" . | nindent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "spark-common.podSpec" . | nindent 2 }}
{{- end -}}

{{- /*
For pods in which users' programs run, which end with the pod and are nowhere else: Karpenter and the Cluster Autoscaler
take no such pod away in order to remove its node.
*/ -}}
{{- define "spark-common.undisturbed" -}}
karpenter.sh/do-not-disrupt: "true"
cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
{{- end -}}
