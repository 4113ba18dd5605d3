{{- define "spark-common.connect.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "spark-common.selector" . | nindent 4 }}
  ports:
    - name: connect
      port: {{ .root.Values.connect.port }}
      targetPort: connect
      appProtocol: kubernetes.io/h2c
{{- end -}}

{{- /* Gives the driver the name by which its executors call it, also before it is ready: it waits for them. */ -}}
{{- define "spark-common.connect.headlessService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "spark-common.name" . }}-headless
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "spark-common.labels" . | nindent 4 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "spark-common.selector" . | nindent 4 }}
  ports:
    - name: driver
      port: 7078
    - name: block-manager
      port: 7079
    - name: ui
      port: 4040
{{- end -}}
