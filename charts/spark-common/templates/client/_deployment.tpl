{{- /* A pod from which a user speaks to the platform; it does nothing by itself. */ -}}
{{- define "spark-common.client.deployment" -}}
{{- $values := .root.Values.client -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  replicas: 1
  selector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "spark-common.podLabels" . | nindent 8 }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "spark-common.podSettings" . | nindent 6 }}
      containers:
        - name: client
          image: {{ include "spark-common.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [sleep, infinity]
          env:
            - name: SPARK_REMOTE
              value: sc://{{ include "spark-common.name" (dict "root" .root "component" "connect") }}:{{ .root.Values.connect.port }}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "spark-common.securityContext" . | nindent 12 }}
          volumeMounts:
            {{- include "spark-common.scratchMounts" . | nindent 12 }}
      volumes:
        {{- include "spark-common.scratchVolumes" . | nindent 8 }}
      terminationGracePeriodSeconds: 5
{{- end -}}
