{{- /* What each kind of Iceberg catalog is told, as YAML from property to text. */ -}}
{{- define "spark-common.iceberg.hadoop" -}}
warehouse: file:///warehouse
{{- end -}}
