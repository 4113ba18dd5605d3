{{- /*
Takes a backup of each database, and of the bucket where there is a store. To check or to restore one, a Job is made of
the same CronJob with other arguments.
*/ -}}
{{- define "spark-common.backup.pod" -}}
{{- $values := .root.Values -}}
{{- $host := include "spark-common.postgres.host" . | required "Backups are of the catalogs' databases: set postgres.enabled, or name a server in postgres.host." -}}
restartPolicy: Never
containers:
  - name: backup
    image: backup
    args: [make]
    env:
      - name: PGHOST
        value: {{ $host | quote }}
      - name: PGPORT
        value: {{ include "spark-common.postgres.port" . | quote }}
      - name: KEEP
        value: {{ $values.backup.keep | quote }}
      - name: MAX_AGE_HOURS
        value: {{ $values.backup.maxAgeHours | quote }}
      {{- if include "spark-common.objectStore.endpoint" . }}
      - name: BUCKET
        value: {{ $values.bucket.name | quote }}
      - name: ADDRESSING
        value: {{ ternary "path" "virtual" $values.objectStore.pathStyle | quote }}
      {{- include "spark-common.objectStore.env" . | nindent 6 }}
      {{- end }}
    volumeMounts:
      - name: data
        mountPath: /backups
      - name: databases
        mountPath: /etc/sparkproof/databases
        readOnly: true
volumes:
  - name: data
    persistentVolumeClaim:
      claimName: {{ include "spark-common.claim" . | quote }}
  - name: databases
    secret:
      secretName: {{ include "spark-common.postgres.secret" . | quote }}
      defaultMode: 0440
{{- end -}}
