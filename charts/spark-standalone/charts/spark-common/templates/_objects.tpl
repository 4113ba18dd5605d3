{{- /*
All objects of a component, each by the template of its name below. Pods are replaced when the ConfigMap beside them
changes, since programs read their settings once.
*/ -}}
{{- define "spark-common.objects" -}}
{{- include "spark-common.refusals.name" .root -}}
{{- include "spark-common.refusals.sizes" .root -}}
{{- include "spark-common.refusals.connect" .root -}}
{{- $component := merge (dict "configuration" (has "configMap" .objects)) (omit . "objects") -}}
{{- range .objects }}
---
{{ include (printf "spark-common.%s" .) $component }}
{{- end }}
{{- end -}}

{{- /*
One template for each kind of object, the same for all components: nothing is rendered of a component that is switched
off, and what is special to one is in the file of its name.
*/ -}}
{{- define "spark-common.serviceAccount" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{- define "spark-common.deployment" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  replicas: {{ default 1 .replicas }}
  {{- with .strategy }}
  strategy:
    type: {{ . }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
  template:
    {{- include "spark-common.podTemplate" . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "spark-common.statefulSet" -}}
{{- if include "spark-common.enabled" . -}}
{{- $values := include "spark-common.values" . | fromYaml -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false $values) }}
  replicas: {{ default 1 $values.replicas }}
  {{- end }}
  {{- with .podManagementPolicy }}
  podManagementPolicy: {{ . }}
  {{- end }}
  serviceName: {{ include "spark-common.name" . }}-headless
  selector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
  template:
    {{- include "spark-common.podTemplate" . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- /* As many pods as keep the CPU that they request this busy; the cluster needs a metrics server. */ -}}
{{- define "spark-common.horizontalPodAutoscaler" -}}
{{- $autoscaling := (include "spark-common.values" . | fromYaml).autoscaling -}}
{{- if and (include "spark-common.enabled" .) $autoscaling.enabled (not (include "spark-common.worker.followsApplications" .root)) -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: StatefulSet
    name: {{ include "spark-common.name" . }}
  minReplicas: {{ $autoscaling.minReplicas }}
  maxReplicas: {{ $autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $autoscaling.targetCPUUtilizationPercentage }}
{{- end -}}
{{- end -}}

{{- /* Work that is done once for each state of what it does: the name has its hash, since a Job cannot be changed. */ -}}
{{- define "spark-common.job" -}}
{{- if include "spark-common.enabled" . -}}
{{- $pod := include "spark-common.podTemplate" . -}}
{{- $named := merge (dict "suffix" (sha256sum $pod | trunc 8)) . -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "spark-common.metadata" $named | nindent 2 }}
spec:
  backoffLimit: 20
  template:
    {{- $pod | nindent 4 }}
{{- end -}}
{{- end -}}

{{- /*
Work that is done again and again, one at a time. Another Job of it may be at work all the same, if a person made it: then
the program ends with 75, and is not tried again.
*/ -}}
{{- define "spark-common.cronJob" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  schedule: {{ (include "spark-common.values" . | fromYaml).schedule | quote }}
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  # One that could not begin at its time, since the cluster was down, begins within the hour or not at all.
  startingDeadlineSeconds: 3600
  jobTemplate:
    spec:
      backoffLimit: 2
      podFailurePolicy:
        rules:
          - action: FailJob
            onExitCodes:
              containerName: {{ .component }}
              operator: In
              values: [75]
      template:
        {{- include "spark-common.podTemplate" . | nindent 8 }}
{{- end -}}
{{- end -}}

{{- /* `ports` are the component's own, as "spark-common.<component>.ports" lists them. */ -}}
{{- define "spark-common.service" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "spark-common.selector" . | nindent 4 }}
  ports:
    {{- include (printf "spark-common.%s.ports" .component) . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- /* Gives each pod a name by which others call it, also before it is ready. */ -}}
{{- define "spark-common.headlessService" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "spark-common.metadata" (merge (dict "suffix" "headless") .) | nindent 2 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "spark-common.selector" . | nindent 4 }}
  ports:
    {{- include (printf "spark-common.%s.headlessPorts" .component) . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "spark-common.configMap" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
data:
  {{- include (printf "spark-common.%s.configuration" .component) . | nindent 2 }}
{{- end -}}
{{- end -}}

{{- /* A folder that outlives pods, and with `keep` the release. */ -}}
{{- define "spark-common.persistentVolumeClaim" -}}
{{- $values := include "spark-common.values" . | fromYaml -}}
{{- $volume := default $values $values.persistence -}}
{{- if and (include "spark-common.enabled" .) (dig "enabled" true $volume) (not $volume.existingClaim) -}}
{{- $annotations := ternary (dict "helm.sh/resource-policy" "keep") nil $volume.keep -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "spark-common.metadata" (merge (dict "annotations" $annotations) .) | nindent 2 }}
spec:
  accessModes:
    - {{ default "ReadWriteOnce" $volume.accessMode }}
  {{- with $volume.storageClass }}
  storageClassName: {{ . | quote }}
  {{- end }}
  resources:
    requests:
      storage: {{ $volume.size }}
{{- end -}}
{{- end -}}

{{- /* What the component does to objects of its namespace, as "spark-common.<component>.rules" lists it; nothing is no role. */ -}}
{{- define "spark-common.role" -}}
{{- $rules := include (printf "spark-common.%s.rules" .component) . -}}
{{- if and (include "spark-common.enabled" .) $rules -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
rules:
  {{- $rules | nindent 2 }}
{{- end -}}
{{- end -}}

{{- define "spark-common.roleBinding" -}}
{{- if and (include "spark-common.enabled" .) (include (printf "spark-common.%s.rules" .component) .) -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "spark-common.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "spark-common.name" . }}
    namespace: {{ .root.Release.Namespace | quote }}
{{- end -}}
{{- end -}}

{{- /*
How many of its pods a drain may take at once; none for the one pod whose work no other could go on with. A pod that is
not ready has nothing to lose, and blocks no drain.
*/ -}}
{{- define "spark-common.podDisruptionBudget" -}}
{{- $values := include "spark-common.values" . | fromYaml -}}
{{- if and (include "spark-common.enabled" .) (dig "podDisruptionBudget" "enabled" true $values) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
{{- end -}}
{{- end -}}
