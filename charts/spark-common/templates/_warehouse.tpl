{{- /* The folder of the tables' files of a hadoop catalog, which driver and executors share. */ -}}
{{- define "spark-common.warehouse.mounts" -}}
{{- if include "spark-common.enabled" (dict "root" .root "component" "warehouse") -}}
- name: warehouse
  mountPath: /warehouse
{{- end -}}
{{- end -}}

{{- define "spark-common.warehouse.volumes" -}}
{{- $warehouse := dict "root" .root "component" "warehouse" -}}
{{- if include "spark-common.enabled" $warehouse -}}
- name: warehouse
  persistentVolumeClaim:
    claimName: {{ default (include "spark-common.name" $warehouse) .root.Values.warehouse.existingClaim }}
{{- end -}}
{{- end -}}
