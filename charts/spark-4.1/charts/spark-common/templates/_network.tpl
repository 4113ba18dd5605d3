{{- /*
Who calls whom, and on which of its ports: each row is a component that is called, then its callers. A row is read in
both directions: the called may receive, and the caller may send. `users`, `prometheus` and `keda` are outside the
release; `test` are the pods of `helm test`. Components that a chart does not have, or that are switched off, call nobody.
*/ -}}
{{- define "spark-common.network" -}}
{{- $values := .root.Values -}}
{{- $api := $values.networkPolicy.apiServer.ports | toJson -}}
{{- $fromAirflow := ternary (printf ", airflow: %s" $api) "" $values.airflow.startsPods -}}
# Of programs that run side by side in one pod, each takes the next ports that are free.
{{- $any := "[1024-65535]" }}
{{- $kubernetes := eq "kubernetes" (include "spark-common.manager" .) }}
# Airflow's tasks, where they may submit applications, are drivers as the submitting pod is.
{{- $submits := include "spark-common.airflow.submits" . }}
jupyter:
  users: [8888]
  test: [8888]
mlflow:
  users: [5000]
  client: [5000]
  submit: [5000]
  test: [5000]
airflow:
  users: [8080]
  client: [8080]
  test: [8080]
  prometheus: [9102]
  {{- if and $submits $kubernetes }}
  executor: {{ $any }}
  {{- else if $submits }}
  master: {{ $any }}
  worker: {{ $any }}
  {{- end }}
ingest-counter: {keda: [8080]}
object-store:
  {{- if $submits }}
  airflow: [7070]
  {{- end }}
  ingest: [7070]
  ingest-counter: [7070]
  connect: [7070]
  driver: [7070]
  submit: [7070]
  test: [7070]
  executor: [7070]
  worker: [7070]
  bucket: [7070]
  backup: [7070]
  hive-metastore: [7070]
  rest-catalog: [7070]
  history-server: [7070]
  mlflow: [7070]
postgres:
  connect: [5432]
  driver: [5432]
  submit: [5432]
  test: [5432]
  worker: [5432]
  hive-metastore: [5432]
  hive-schema: [5432]
  rest-catalog: [5432]
  backup: [5432]
  mlflow: [5432]
  airflow: [5432]
{{- $catalogs := list "connect" "driver" "submit" "test" "worker" }}
{{- if $submits }}{{ $catalogs = append $catalogs "airflow" }}{{ end }}
{{- range $service, $port := dict "hive-metastore" 9083 "rest-catalog" 8181 }}
{{ $service }}:
  {{- range $catalogs }}
  {{ . }}: [{{ $port }}]
  {{- end }}
{{- end }}
history-server: {users: [18080], test: [18080]}
{{- $services := "bucket: [], backup: [], ingest: [], ingest-counter: [], hive-metastore: [], hive-schema: [], rest-catalog: [], history-server: [], mlflow: [], airflow: []" }}
{{- if $kubernetes }}
connect:
  client: [{{ $values.connect.port }}]
  airflow: [{{ $values.connect.port }}]
  ingest: [{{ $values.connect.port }}]
  jupyter: [{{ $values.connect.port }}]
  test: [{{ $values.connect.port }}]
  users: [{{ $values.connect.port }}]
  executor: [7078, 7079]
  prometheus: [4040]
# Drivers of submitted applications: in pods of their own, in the submitting pod, in a test.
driver:
  executor: [7078, 7079]
  prometheus: [4040]
submit:
  executor: {{ $any }}
test:
  executor: {{ $any }}
executor:
  {{- if $submits }}
  airflow: [7079]
  {{- end }}
  connect: [7079]
  driver: [7079]
  submit: [7079]
  test: [7079]
  executor: [7079]
# The cluster's own API server.
kubernetes: {connect: {{ $api }}, driver: {{ $api }}, submit: {{ $api }}, test: {{ $api }}{{ $fromAirflow }}}
# Who may call what networkPolicy.egress names, on the ports that it names: who runs users' own programs, and who may
# work on a store or a database that is not the release's.
elsewhere: {connect: [], driver: [], submit: [], test: [], executor: [], {{ $services }}}
{{- else }}
connect:
  client: [{{ $values.connect.port }}]
  airflow: [{{ $values.connect.port }}]
  jupyter: [{{ $values.connect.port }}]
  test: [{{ $values.connect.port }}]
  users: [{{ $values.connect.port }}]
  master: [7078]
  worker: [7078, 7079]
  prometheus: [4040]
submit:
  master: {{ $any }}
  worker: {{ $any }}
test:
  master: {{ $any }}
  worker: {{ $any }}
master:
  connect: [7077, 8080]
  submit: [7077]
  {{- if $submits }}
  airflow: [7077]
  {{- end }}
  worker: [7077, 8080]
  test: [7077, 8080]
  prometheus: [8080]
  {{- if include "spark-common.worker.followsApplications" .root }}
  keda: [8080]
  {{- end }}
worker:
  master: [7078]
  connect: {{ $any }}
  submit: {{ $any }}
  {{- if $submits }}
  airflow: {{ $any }}
  {{- end }}
  test: {{ $any }}
  worker: {{ $any }}
  prometheus: [8081]
kubernetes: {test: {{ $api }}{{ $fromAirflow }}}
elsewhere: {connect: [], submit: [], test: [], worker: [], {{ $services }}}
{{- end }}
{{- end -}}

{{- /* Denies every pod of the release all traffic; each component's own policy adds what it needs. */ -}}
{{- define "spark-common.networkPolicy.denyAll" -}}
{{- if include "spark-common.enabled" . -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- omit (include "spark-common.selector" . | fromYaml) "app.kubernetes.io/component" | toYaml | nindent 6 }}
  policyTypes:
    - Ingress
    - Egress
{{- end -}}
{{- end -}}

{{- /* What a component may receive and send, from its rows in "spark-common.network". */ -}}
{{- define "spark-common.networkPolicy" -}}
{{- $root := .root -}}
{{- $component := .component -}}
{{- $policy := $root.Values.networkPolicy -}}
{{- if and $policy.enabled (include "spark-common.enabled" .) -}}
{{- $network := include "spark-common.network" . | fromYaml -}}
{{- with $network.Error }}{{ fail (printf "spark-common.network is no YAML: %s" .) }}{{ end -}}
{{- $ingress := list -}}
{{- range $caller, $ports := dig $component dict $network -}}
{{- $from := include "spark-common.networkPeers" (dict "root" $root "component" $caller) | fromYamlArray -}}
{{- with $from }}{{ $ingress = append $ingress (dict "from" . "ports" (include "spark-common.networkPorts" $ports | fromYamlArray)) }}{{ end -}}
{{- end -}}
{{- $dns := list (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" $policy.dnsNamespace))) -}}
{{- range $policy.dnsCidrs }}{{ $dns = append $dns (dict "ipBlock" (dict "cidr" .)) }}{{ end -}}
{{- $questions := list -}}
{{- range $port := $policy.dnsPorts -}}
{{- range $protocol := list "UDP" "TCP" }}{{ $questions = append $questions (dict "protocol" $protocol "port" $port) }}{{ end -}}
{{- end -}}
{{- $egress := list (dict "to" $dns "ports" $questions) -}}
{{- range $called, $callers := $network -}}
{{- $to := include "spark-common.networkPeers" (dict "root" $root "component" $called) | fromYamlArray -}}
{{- if and $to (hasKey $callers $component) -}}
{{- $egress = append $egress (dict "to" $to "ports" (include "spark-common.networkPorts" (get $callers $component) | fromYamlArray)) -}}
{{- end -}}
{{- end -}}
{{- if hasKey $network.elsewhere $component }}{{ $egress = concat $egress (default list $policy.egress) }}{{ end -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "spark-common.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
  policyTypes:
    - Ingress
    - Egress
  {{- with $ingress }}
  ingress:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  egress:
    {{- toYaml $egress | nindent 4 }}
{{- end -}}
{{- end -}}

{{- /* Whom a row's name stands for, as a list of NetworkPolicyPeers; empty for a component that is not there. */ -}}
{{- define "spark-common.networkPeers" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if has .component (list "users" "prometheus") -}}
{{- default list (get $policy .component) | toYaml -}}
{{- else if eq .component "keda" }}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ (default (default dict .root.Values.worker).autoscaling .root.Values.ingest).kedaNamespace | quote }}
{{- else if eq .component "kubernetes" -}}
{{- range $policy.apiServer.cidrs }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- else if include "spark-common.enabled" . -}}
- podSelector:
    matchLabels:
      {{- include "spark-common.selector" . | nindent 6 }}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- /* Ports as numbers, or as a range: 1-65535. */ -}}
{{- define "spark-common.networkPorts" -}}
{{- range . }}
{{- $range := splitList "-" (toString .) }}
- protocol: TCP
  port: {{ first $range }}
  {{- with rest $range }}
  endPort: {{ first . }}
  {{- end }}
{{- end }}
{{- end -}}
