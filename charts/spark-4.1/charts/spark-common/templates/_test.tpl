{{- /* The pods of `helm test` that "spark-common.<component>.tests" has. */ -}}
{{- define "spark-common.tests" -}}
{{- if include "spark-common.enabled" . -}}
{{- $asks := "SPARK_REMOTE" }}
{{- range $does, $pod := include (printf "spark-common.%s.tests" .component) . | fromYaml }}
{{- if or $.root.Values.connect.enabled (not (contains $asks (toJson $pod))) }}
---
{{ include "spark-common.test" (merge (dict "does" $does) $) }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /*
A pod of `helm test`: `does` is "uses" (it works with a component and sees the right answer) or "denied" (it asks for
what nobody may have, and is refused), as "spark-common.<component>.tests" has it.
*/ -}}
{{- define "spark-common.test" -}}
{{- $values := .root.Values.test -}}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- $about := dict "moreLabels" $values.podLabels "annotations" (merge $hook (default dict $values.podAnnotations)) -}}
{{- $named := dict "root" .root "component" "test" "suffix" (printf "%s-%s" .component .does) -}}
apiVersion: v1
kind: Pod
metadata:
  {{- include "spark-common.metadata" (merge $about $named) | nindent 2 }}
spec:
  {{- include "spark-common.podSpec" (dict "root" .root "component" "test" "tested" .component "does" .does) | nindent 2 }}
{{- end -}}

{{- define "spark-common.test.pod" -}}
{{- $tests := include (printf "spark-common.%s.tests" .tested) (dict "root" .root "component" .tested) | fromYaml -}}
{{- with $tests.Error }}{{ fail (printf "spark-common.%s.tests is no YAML: %s" $.tested .) }}{{ end -}}
{{- merge (dict "restartPolicy" "Never") (get $tests .does) | toYaml -}}
{{- end -}}

{{- /* A pod that runs `python`, which asks Spark by `sql(statement)`, as the first value, or the words of a refusal. */ -}}
{{- define "spark-common.test.sql" -}}
containers:
  - name: user
    env:
      {{- include "spark-common.connect.remote" . | nindent 6 }}
    args:
      - python3
      - -c
      - |
        import sys
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.getOrCreate()

        def sql(statement):
            try:
                row = spark.sql(statement).first()
            except PySparkException as refused:
                return str(refused)
            return row and row[0]

        def must(statement, right):
            answer = sql(statement)
            print(f"{statement} gave {answer!r}", flush=True)
            right(answer) or sys.exit("That is wrong.")

        {{- .python | nindent 8 }}
{{- end -}}

{{- /* A pod that asks for the namespace's Secrets by the component's own account, and must be refused. */ -}}
{{- define "spark-common.test.account" -}}
serviceAccountName: {{ include "spark-common.name" . }}
automountServiceAccountToken: true
containers:
  - name: account
    args:
      - python3
      - -c
      - |
        import ssl, sys
        from pathlib import Path
        from urllib.error import HTTPError
        from urllib.request import Request, urlopen

        account = Path("/var/run/secrets/kubernetes.io/serviceaccount")
        secrets = "https://kubernetes.default.svc/api/v1/namespaces/{{ .root.Release.Namespace }}/secrets"
        asked = Request(secrets, headers={"Authorization": f"Bearer {(account / 'token').read_text()}"})
        try:
            urlopen(asked, context=ssl.create_default_context(cafile=account / "ca.crt"), timeout=20)
        except HTTPError as refused:
            words = refused.read().decode()
            print(words)
            if "system:serviceaccount:{{ .root.Release.Namespace }}:{{ include "spark-common.name" . }}" not in words:
                sys.exit("Somebody else was refused.")
            sys.exit(None if refused.code == 403 else f"It was refused, but by {refused.code}.")
        sys.exit("It may read the namespace's Secrets.")
{{- end -}}

{{- /* A pod that asks for `url`, as somebody who brings nothing, or calls the server `host`, and must be answered by one of `statuses`, with these `words`. */ -}}
{{- define "spark-common.test.http" -}}
containers:
  - name: caller
    args:
      - python3
      - -c
      - |
        import sys
        from urllib.error import HTTPError
        from urllib.request import {{ ternary "Request, " "" (hasKey . "host") }}urlopen

        try:
            {{- if .host }}
            answer = urlopen(Request("{{ .url }}", headers={"Host": "{{ .host }}"}), timeout=20)
            {{- else }}
            answer = urlopen("{{ .url }}", timeout=20)
            {{- end }}
        except HTTPError as refused:
            answer = refused
        words = answer.read(2000).decode(errors="replace")
        print(answer.status, words)
        right = answer.status in {{ .statuses | toJson }} and "{{ .words }}" in words
        sys.exit(None if right else "That is the wrong answer.")
{{- end -}}
