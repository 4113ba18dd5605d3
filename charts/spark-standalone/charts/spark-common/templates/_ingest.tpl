{{- /*
Tells the number of objects that have landed to who has the key: KEDA has no scaler that asks an S3 store for it. What
lists a bucket answers in XML, which its trigger for other sources cannot read.
*/ -}}
{{- define "spark-common.ingest-counter.pod" -}}
{{- $probe := dict "httpGet" (dict "path" "/health" "port" "http") -}}
containers:
  - name: ingest-counter
    args: [/opt/sparkproof/landing.py, serve]
    env:
      {{- include "spark-common.ingest.env" . | nindent 6 }}
      - name: LANDING_KEY
        valueFrom:
          secretKeyRef:
            {{- include "spark-common.ingest.key" . | nindent 12 }}
    ports:
      - name: http
        containerPort: 8080
    startupProbe:
      {{- merge (dict "periodSeconds" 1 "failureThreshold" 60) $probe | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 10 "timeoutSeconds" 5) $probe | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 30 "timeoutSeconds" 10) $probe | toYaml | nindent 6 }}
{{- end -}}

{{- define "spark-common.ingest-counter.ports" -}}
- name: http
  port: 8080
  targetPort: http
  appProtocol: http
{{- end -}}

{{- /* Brings the rows of the objects that are there into the table, and moves the objects. */ -}}
{{- define "spark-common.ingest.pod" -}}
{{- $values := .root.Values -}}
{{- if not $values.connect.enabled -}}
{{- fail "ingest.enabled is true and connect.enabled is not: the ingest works on the Connect server; switch both off, or none." -}}
{{- end -}}
restartPolicy: Never
containers:
  - name: ingest
    args: [/opt/sparkproof/landing.py, ingest]
    env:
      {{- include "spark-common.ingest.env" . | nindent 6 }}
      - name: DONE
        value: {{ $values.ingest.donePrefix | quote }}
      - name: TABLE
        value: {{ $values.ingest.table | quote }}
      {{- include "spark-common.connect.remote" . | nindent 6 }}
{{- end -}}

{{- /* Where objects land, for who counts them and for who reads them. */ -}}
{{- define "spark-common.ingest.env" -}}
{{- $values := .root.Values -}}
{{- $ingest := $values.ingest -}}
{{- $_ := include "spark-common.objectStore.endpoint" . | required "The ingest reads objects of an object store: set objectStore.enabled, or name a store in objectStore.endpoint." -}}
{{- if or (hasPrefix (printf "%s/" $ingest.prefix) (printf "%s/" $ingest.donePrefix)) (hasPrefix (printf "%s/" $ingest.donePrefix) (printf "%s/" $ingest.prefix)) -}}
{{- fail (printf "ingest.prefix (%s) and ingest.donePrefix (%s) lie in each other: what was moved would land again; take folders beside each other." $ingest.prefix $ingest.donePrefix) -}}
{{- end -}}
{{- $taken := dict $values.eventLog.prefix "event logs" $values.mlflow.prefix "MLflow" -}}
{{- range $values.iceberg.catalogs }}{{ $_ := set $taken .name (printf "the catalog %s" .name) }}{{ end -}}
{{- range $folder := list $ingest.prefix $ingest.donePrefix -}}
{{- $first := splitList "/" $folder | first -}}
{{- if hasKey $taken $first -}}
{{- fail (printf "The folder %s of the ingest belongs to %s, whose files the ingest would take: choose another for ingest.prefix and ingest.donePrefix." $folder (get $taken $first)) -}}
{{- end -}}
{{- end -}}
- name: BUCKET
  value: {{ $values.bucket.name | quote }}
- name: LANDING
  value: {{ $ingest.prefix | quote }}
{{ include "spark-common.objectStore.env" . }}
{{- end -}}

{{- /* The key of who may ask for the number of objects. */ -}}
{{- define "spark-common.ingest.key" -}}
{{- $proof := .root.Values.ingest.authentication -}}
name: {{ $proof.existingSecret | required "Whoever reaches it could ask how many objects have landed: name in ingest.authentication.existingSecret a Secret with the key by which KEDA asks." | quote }}
key: {{ $proof.key | quote }}
{{- end -}}

{{- /*
A job as soon as there is an object, and never two: both would load what is there. A job has ended when its pod has, and
one that failed is followed by another at the next look.
*/ -}}
{{- define "spark-common.scaledJob" -}}
{{- if include "spark-common.enabled" . -}}
{{- $counter := include "spark-common.host" (dict "root" .root "component" "ingest-counter") -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledJob
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  pollingInterval: {{ .root.Values.ingest.pollingSeconds }}
  maxReplicaCount: 1
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTargetRef:
    backoffLimit: 0
    podReplacementPolicy: Failed
    template:
      {{- include "spark-common.podTemplate" . | nindent 6 }}
  triggers:
    - type: metrics-api
      metadata:
        url: http://{{ $counter }}:8080/
        valueLocation: objects
        targetValue: "1"
        authMode: bearer
      authenticationRef:
        name: {{ include "spark-common.name" . }}
{{- end -}}
{{- end -}}

{{- /* The key with which KEDA asks, from its Secret. */ -}}
{{- define "spark-common.triggerAuthentication" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  secretTargetRef:
    - parameter: token
      {{- include "spark-common.ingest.key" . | nindent 6 }}
{{- end -}}
{{- end -}}
