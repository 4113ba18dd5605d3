{{- /* What drivers write down of their work, for the History Server; the same for every Spark version, whose defaults differ. */ -}}
{{- define "spark-common.settings.eventLog" -}}
{{- $eventLog := .root.Values.eventLog -}}
spark.eventLog.enabled: {{ $eventLog.enabled | quote }}
{{- if $eventLog.enabled }}
spark.eventLog.dir: {{ include "spark-common.eventLog.folder" . | quote }}
spark.eventLog.rolling.enabled: {{ $eventLog.rolling | quote }}
spark.eventLog.rolling.maxFileSize: {{ $eventLog.maxFileSize | quote }}
spark.eventLog.compress: {{ $eventLog.compress | quote }}
spark.eventLog.compression.codec: zstd
{{- end }}
{{- end -}}

{{- define "spark-common.eventLog.folder" -}}
{{- $_ := include "spark-common.objectStore.endpoint" . | required "Event logs are kept in an object store: set objectStore.enabled, or name one in objectStore.endpoint." -}}
s3a://{{ .root.Values.bucket.name }}/{{ .root.Values.eventLog.prefix }}
{{- end -}}

{{- /* Lets a program start when the folder of event logs is there, since programs that do not find it end. */ -}}
{{- define "spark-common.eventLog.await" -}}
- name: await-event-log
  args: [bucket, --await, {{ .root.Values.bucket.name }}/{{ .root.Values.eventLog.prefix }}]
  env:
    {{- include "spark-common.objectStore.env" . | nindent 4 }}
{{- end -}}
