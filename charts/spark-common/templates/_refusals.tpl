{{- /*
Settings that are the chart's: Services, policies, accounts and pods are made for their values, and another one in
sparkConf would be known to Spark alone.
*/ -}}
{{- define "spark-common.refusals.owned" -}}
{{- $instead := dict
  "spark.master" "the chart says who starts executors"
  "spark.driver.bindAddress" "executors and users find the driver at its pod's address"
  "spark.connect.grpc.binding.address" "users find the server at its pod's address"
  "spark.history.ui.port" "the History Server's Service offers 18080"
  "spark.driver.memory" "set connect.memory or driver.memory, by which pods get their size"
  "spark.executor.memory" "set executor.memory, by which pods get their size"
  "spark.driver.host" "executors find the driver by its Service"
  "spark.driver.port" "the driver's Service offers 7078"
  "spark.driver.blockManager.port" "the driver's Service offers 7079"
  "spark.blockManager.port" "network policies are made for it"
  "spark.ui.port" "the driver's Service offers 4040"
  "spark.connect.grpc.binding.port" "set connect.port"
  "spark.kubernetes.namespace" "executors run in the release's namespace"
  "spark.kubernetes.driver.pod.name" "executors are owned by the driver's pod"
  "spark.kubernetes.executor.podTemplateFile" "another template could ask for GPUs that Spark does not count, or leave out what makes pods restricted; set executor.nodeSelector, .tolerations, .podLabels, .podAnnotations or .extraEnv, and gpu.enabled"
  "spark.kubernetes.authenticate.executor.serviceAccountName" "executors have an account without rights" -}}
{{- range $name := keys (default dict .root.Values.sparkConf) | sortAlpha -}}
{{- if and (regexMatch `^spark\.kubernetes\.(driver|executor)\.volumes\.persistentVolumeClaim\..+\.options\.claimName$` $name) (eq "OnDemand" (get $.root.Values.sparkConf $name)) -}}
{{- fail (printf "sparkConf may not set %s to OnDemand: drivers have no right to make claims; name one that exists, or leave it out, and programs write to the node's disk." $name) -}}
{{- end -}}
{{- if hasKey $instead $name -}}
{{- fail (printf "sparkConf may not set %s: %s." $name (get $instead $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* NVIDIA's runtime gives a container the GPUs that this variable names, whether they were asked for or not. */ -}}
{{- define "spark-common.refusals.environment" -}}
{{- range . -}}
{{- if eq .name "NVIDIA_VISIBLE_DEVICES" -}}
{{- fail "NVIDIA_VISIBLE_DEVICES takes GPUs that Kubernetes and Spark do not count: set gpu.enabled, by which each executor gets one." -}}
{{- end -}}
{{- if and (hasKey . "value") (hasKey . "valueFrom") -}}
{{- fail (printf "The variable %s has both a value and valueFrom: leave one of them out." .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "spark-common.refusals.tolerations" -}}
{{- $component := .component -}}
{{- range .tolerations -}}
{{- if and (eq "Exists" (default "Equal" .operator)) .value -}}
{{- fail (printf "A toleration of %s has the operator Exists and the value %s: Kubernetes takes one of them only." $component .value) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* `containers` of one pod share its address, so that each of their ports can be only one's. */ -}}
{{- define "spark-common.refusals.ports" -}}
{{- $taken := dict -}}
{{- range $container := .containers -}}
{{- range $port := $container.ports -}}
{{- $number := $port.containerPort | toString -}}
{{- if hasKey $taken $number -}}
{{- fail (printf "Two of %s's ports are both %s (%s and %s): give one of them another." $.component $number (get $taken $number) $port.name) -}}
{{- end -}}
{{- $_ := set $taken $number $port.name -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Who has nothing to do without a Connect server. */ -}}
{{- define "spark-common.refusals.connect" -}}
{{- if not .Values.connect.enabled -}}
{{- range $name := list "airflow" "client" "jupyter" -}}
{{- if (get $.Values $name).enabled -}}
{{- fail (printf "%s.enabled is true and connect.enabled is not: %s works on the Connect server; switch both off, or none." $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Helm finds the values of a chart inside another one by its name, in which it takes a dot for a step into a map. */ -}}
{{- define "spark-common.refusals.name" -}}
{{- if contains "." .Release.Name -}}
{{- fail (printf "The release's name (%s) is part of Services' names, which may have no dot: take another, as %s." .Release.Name (replace "." "-" .Release.Name)) -}}
{{- end -}}
{{- if not .Values -}}
{{- fail (printf "Inside another chart, Helm gives no values to a chart whose name has a dot (%s): give the dependency another name, as \"alias: spark\"." .Chart.Name) -}}
{{- end -}}
{{- end -}}
