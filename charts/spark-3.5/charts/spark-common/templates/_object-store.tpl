{{- /* An S3 store over a folder: a bucket is a folder on the volume. */ -}}
{{- define "spark-common.object-store.pod" -}}
{{- $values := .root.Values.objectStore -}}
{{- $probe := dict "httpGet" (dict "path" "/health" "port" "s3") -}}
containers:
  - name: object-store
    image: object-store
    env:
      - name: ROOT_ACCESS_KEY
        valueFrom:
          secretKeyRef:
            name: {{ include "spark-common.objectStore.secret" . | quote }}
            key: AWS_ACCESS_KEY_ID
      - name: ROOT_SECRET_KEY
        valueFrom:
          secretKeyRef:
            name: {{ include "spark-common.objectStore.secret" . | quote }}
            key: AWS_SECRET_ACCESS_KEY
      - name: VGW_REGION
        value: {{ .root.Values.objectStore.region | quote }}
    ports:
      - name: s3
        containerPort: 7070
    startupProbe:
      {{- merge (dict "periodSeconds" 1 "failureThreshold" 60) $probe | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 10 "timeoutSeconds" 5) $probe | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 30 "timeoutSeconds" 10) $probe | toYaml | nindent 6 }}
    volumeMounts:
      - name: data
        mountPath: /data
volumes:
  - name: data
    persistentVolumeClaim:
      claimName: {{ include "spark-common.claim" . | quote }}
{{- end -}}

{{- define "spark-common.object-store.ports" -}}
- name: s3
  port: 7070
  targetPort: s3
  appProtocol: http
{{- end -}}

{{- define "spark-common.object-store.headlessPorts" -}}
{{- include "spark-common.object-store.ports" . -}}
{{- end -}}

{{- /* The URL of the S3 endpoint that programs use, the release's own or another; nothing when there is none. */ -}}
{{- define "spark-common.objectStore.endpoint" -}}
{{- $store := .root.Values.objectStore -}}
{{- if and $store.enabled $store.endpoint -}}
{{- fail (printf "objectStore.enabled runs a store, and objectStore.endpoint names another (%s): leave one of them out." $store.endpoint) -}}
{{- end -}}
{{- if $store.enabled -}}
http://{{ include "spark-common.host" (dict "root" .root "component" "object-store") }}:7070
{{- else -}}
{{- default "" $store.endpoint -}}
{{- end -}}
{{- end -}}

{{- /* The Secret with the store's keys; another store may let its users in without one. */ -}}
{{- define "spark-common.objectStore.secret" -}}
{{- $store := .root.Values.objectStore -}}
{{- if and $store.enabled (not $store.existingSecret) -}}
{{- fail "The object store has no keys: name in objectStore.existingSecret a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY." -}}
{{- end -}}
{{- default "" $store.existingSecret -}}
{{- end -}}

{{- /* The environment of a program that uses the object store: driver, executors, services. */ -}}
{{- define "spark-common.objectStore.env" -}}
{{- $endpoint := include "spark-common.objectStore.endpoint" . -}}
{{- if $endpoint -}}
- name: AWS_ENDPOINT_URL_S3
  value: {{ $endpoint | quote }}
- name: AWS_REGION
  value: {{ .root.Values.objectStore.region | quote }}
{{- $secret := include "spark-common.objectStore.secret" . }}
{{- if $secret }}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $key }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret | quote }}
      key: {{ $key }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /* How Hadoop's file system reaches the store, for s3a:// in Spark. */ -}}
{{- define "spark-common.settings.objectStore" -}}
{{- with include "spark-common.objectStore.endpoint" . -}}
spark.hadoop.fs.s3a.endpoint: {{ . | quote }}
spark.hadoop.fs.s3a.endpoint.region: {{ $.root.Values.objectStore.region | quote }}
spark.hadoop.fs.s3a.path.style.access: {{ $.root.Values.objectStore.pathStyle | quote }}
# Hadoop before 3.4 deletes the markers of folders when a file comes into them, and where a store keeps folders that are
# not empty, as the release's own does, it tries for minutes.
spark.hadoop.fs.s3a.directory.marker.retention: keep
{{- end -}}
{{- end -}}

{{- /* The platform's bucket is there for who has the keys, and for nobody else. */ -}}
{{- define "spark-common.object-store.tests" -}}
{{- $bucket := .root.Values.bucket.name -}}
uses:
  containers:
    - name: user
      args: [bucket, --await, {{ $bucket | quote }}]
      env:
        {{- include "spark-common.objectStore.env" . | nindent 8 }}
denied:
  {{- $url := printf "http://%s:7070/%s" (include "spark-common.host" .) $bucket }}
  {{- include "spark-common.test.http" (dict "url" $url "statuses" (list 403) "words" "AccessDenied") | nindent 2 }}
{{- end -}}
