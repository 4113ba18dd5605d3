{{- /* Sizes as numbers, to be compared: memory in bytes (640m of the JVM, 1536Mi of Kubernetes), CPU in cores (500m, 2). */ -}}
{{- define "spark-common.bytes" -}}
{{- $units := dict "" 1 "k" 1024 "m" 1048576 "g" 1073741824 "t" 1099511627776 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "M" 1000000 "G" 1000000000 "T" 1000000000000 -}}
{{- $text := toString . -}}
{{- mulf (regexFind "^[0-9.]+" $text | float64) (get $units (regexFind "[A-Za-z]*$" $text)) | int64 -}}
{{- end -}}

{{- define "spark-common.cores" -}}
{{- $text := toString . -}}
{{- divf (regexFind "^[0-9.]+" $text | float64) (ternary 1000 1 (hasSuffix "m" $text)) -}}
{{- end -}}

{{- /* `resources` of a component with room for its heaps: `memory` and `daemonMemory`, where it has them. */ -}}
{{- define "spark-common.refusals.resources" -}}
{{- $values := .values -}}
{{- $resources := default dict $values.resources -}}
{{- range $kind, $size := dict "memory" "spark-common.bytes" "cpu" "spark-common.cores" -}}
{{- $request := dig "requests" $kind "" $resources -}}
{{- $limit := dig "limits" $kind "" $resources -}}
{{- if and $request $limit (gt (include $size $request | float64) (include $size $limit | float64)) -}}
{{- fail (printf "%s.resources requests more %s (%v) than its limit (%v): no cluster takes such a pod." $.key $kind $request $limit) -}}
{{- end -}}
{{- end -}}
{{- $limit := dig "limits" "memory" "" $resources -}}
{{- $heap := 0 -}}
{{- range $name := list "memory" "daemonMemory" -}}
{{- with get $values $name }}{{ $heap = add $heap (include "spark-common.bytes" . | int64) }}{{ end -}}
{{- end -}}
{{- if and $limit (gt $heap (include "spark-common.bytes" $limit | int64)) -}}
{{- fail (printf "%s has a limit of %v, in which its heap (%v) has no room: its pod would be killed; raise %s.resources.limits.memory." .key $limit (list (get $values "memory") (get $values "daemonMemory") | compact | join " and ") .key) -}}
{{- end -}}
{{- end -}}

{{- /* Pods of Spark's own, whose sizes are settings: an executor's and a submitted driver's. */ -}}
{{- define "spark-common.refusals.sizes" -}}
{{- $values := .Values -}}
{{- range $key := list "connect" "driver" "executor" -}}
{{- with (get $values $key).memory -}}
{{- if lt (include "spark-common.bytes" . | int64) 471859200 -}}
{{- fail (printf "%s.memory is %s: Spark starts with no less than 450m." $key .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key := list "driver" "executor" -}}
{{- $own := get $values $key -}}
{{- if and $own.cpuRequest $own.cpuLimit (gt (include "spark-common.cores" $own.cpuRequest | float64) (include "spark-common.cores" $own.cpuLimit | float64)) -}}
{{- fail (printf "%s.cpuRequest (%v) is more than %s.cpuLimit (%v): no cluster takes such a pod." $key $own.cpuRequest $key $own.cpuLimit) -}}
{{- end -}}
{{- end -}}
{{- with $values.worker -}}
{{- if gt ($values.executor.cores | int) (.cores | int) -}}
{{- fail (printf "executor.cores (%v) is more than a worker has (worker.cores: %v): an application would wait for ever." $values.executor.cores .cores) -}}
{{- end -}}
{{- if gt (include "spark-common.bytes" $values.executor.memory | int64) (include "spark-common.bytes" .memory | int64) -}}
{{- fail (printf "executor.memory (%s) is more than a worker has (worker.memory: %s): an application would wait for ever." $values.executor.memory .memory) -}}
{{- end -}}
{{- end -}}
{{- end -}}
