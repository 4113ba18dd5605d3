{{- /* JupyterLab, from which users work as from the client; nobody without the token gets in. */ -}}
{{- define "spark-common.jupyter.pod" -}}
{{- $values := .root.Values.jupyter -}}
{{- $probe := dict "httpGet" (dict "path" "/api" "port" "jupyter") -}}
containers:
  - name: jupyter
    image: jupyter
    env:
      {{- include "spark-common.jupyter.token" . | nindent 6 }}
      {{- include "spark-common.connect.remote" . | nindent 6 }}
    ports:
      - name: jupyter
        containerPort: 8888
    startupProbe:
      {{- merge (dict "initialDelaySeconds" 1 "periodSeconds" 1 "failureThreshold" 120) $probe | toYaml | nindent 6 }}
    readinessProbe:
      {{- merge (dict "periodSeconds" 10 "timeoutSeconds" 5) $probe | toYaml | nindent 6 }}
    livenessProbe:
      {{- merge (dict "periodSeconds" 30 "timeoutSeconds" 10) $probe | toYaml | nindent 6 }}
    volumeMounts:
      - name: notebooks
        mountPath: /home/jupyter
volumes:
  - name: notebooks
    {{- if $values.persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ default (include "spark-common.name" .) $values.persistence.existingClaim | quote }}
    {{- else }}
    emptyDir: {}
    {{- end }}
{{- end -}}

{{- define "spark-common.jupyter.token" -}}
{{- $token := .root.Values.jupyter.authentication -}}
- name: JUPYTER_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ $token.existingSecret | required "Whoever reaches JupyterLab could run programs: name in jupyter.authentication.existingSecret a Secret with the token that users have to give." | quote }}
      key: {{ $token.key | quote }}
{{- end -}}

{{- define "spark-common.jupyter.ports" -}}
- name: jupyter
  port: 8888
  targetPort: jupyter
  appProtocol: http
{{- end -}}

{{- define "spark-common.jupyter.tests" -}}
{{- $api := printf "http://%s:8888/api/contents" (include "spark-common.host" .) -}}
uses:
  containers:
    - name: user
      env:
        {{- include "spark-common.jupyter.token" . | nindent 8 }}
      args:
        - python3
        - -c
        - |
          import json, os, sys
          from urllib.request import Request, urlopen

          asked = Request("{{ $api }}", headers={"Authorization": f"token {os.environ['JUPYTER_TOKEN']}"})
          found = json.load(urlopen(asked, timeout=20))
          print(found)
          sys.exit(None if found["type"] == "directory" else "That is no folder of notebooks.")
denied:
  {{- include "spark-common.test.http" (dict "url" $api "statuses" (list 401 403) "words" "") | nindent 2 }}
{{- end -}}
