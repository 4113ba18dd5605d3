{{- define "spark-common.connect.statefulSet" -}}
{{- $values := .root.Values.connect -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  replicas: 1
  serviceName: {{ include "spark-common.name" . }}-headless
  selector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "spark-common.podLabels" . | nindent 8 }}
      annotations:
        # A server with other settings is another server: Spark reads them once, at its start.
        checksum/configuration: {{ include "spark-common.connect.configMap" . | sha256sum }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "spark-common.podSettings" . | nindent 6 }}
      containers:
        - name: connect
          image: {{ include "spark-common.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [connect]
          {{- with $values.extraEnv }}
          env:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - name: connect
              containerPort: {{ $values.port }}
            - name: ui
              containerPort: 4040
            - name: driver
              containerPort: 7078
            - name: block-manager
              containerPort: 7079
          # Cheap while the JVM starts, which takes five seconds at least; what follows asks the server a question.
          startupProbe:
            tcpSocket:
              port: connect
            initialDelaySeconds: 5
            periodSeconds: 1
            failureThreshold: 180
          readinessProbe:
            exec:
              command: [/opt/sparkproof/connect_answers.py, {{ $values.port | quote }}]
            periodSeconds: 15
            timeoutSeconds: 10
          livenessProbe:
            exec:
              command: [/opt/sparkproof/connect_answers.py, {{ $values.port | quote }}]
            periodSeconds: 60
            timeoutSeconds: 30
            failureThreshold: 3
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "spark-common.securityContext" . | nindent 12 }}
          volumeMounts:
            - name: configuration
              mountPath: /opt/spark/conf
              readOnly: true
            {{- include "spark-common.scratchMounts" . | nindent 12 }}
            {{- if .root.Values.iceberg.enabled }}
            {{- include "spark-common.warehouseMount" . | nindent 12 }}
            {{- end }}
      volumes:
        - name: configuration
          configMap:
            name: {{ include "spark-common.name" . }}
        {{- include "spark-common.scratchVolumes" . | nindent 8 }}
        {{- if .root.Values.iceberg.enabled }}
        {{- include "spark-common.warehouseVolume" . | nindent 8 }}
        {{- end }}
{{- end -}}
