{{- /*
Settings that mean something else in Spark 4 than in 3.5, from Spark's own migration guides (docs/migration.md names
them). `default` is what a setting has come to be unless it is set; `of` matches the user's settings that it bears upon, and
those that it does not matter to are not told of it. A `refused` setting would be ignored without a word.
*/ -}}
{{- define "spark-common.migration" -}}
- since: 4.0.0
  setting: spark.sql.ansi.enabled
  default: "true"
  of: ^spark\.sql\.
  changed: what overflows, cannot be cast or divides by zero is an error, and no longer NULL or a wrapped number
- since: 4.0.0
  setting: spark.sql.maxSinglePartitionBytes
  default: 128m
  of: ^spark\.sql\.(shuffle|adaptive)\.
  changed: larger partitions are shuffled instead of joined as they are
- since: 4.0.0
  setting: spark.sql.files.ignoreCorruptFiles
  default: "false"
  of: ^spark\.files\.ignoreCorruptFiles$
  changed: reads of tables obey this setting, and no longer spark.files.ignoreCorruptFiles
- since: 4.0.0
  setting: spark.sql.files.ignoreMissingFiles
  default: "false"
  of: ^spark\.files\.ignoreMissingFiles$
  changed: reads of tables obey this setting, and no longer spark.files.ignoreMissingFiles
- since: 4.0.0
  setting: spark.eventLog.rolling.enabled
  default: "true"
  of: ^spark\.eventLog\.
  changed: an event log is a folder of files that follow each other, and no longer one file
- since: 4.0.0
  setting: spark.eventLog.compress
  default: "true"
  of: ^spark\.eventLog\.
  changed: event logs are compressed
- since: 4.0.0
  setting: spark.speculation.multiplier
  default: "3"
  of: ^spark\.speculation($|\.)
  changed: a task is run twice only when it is three times as slow as the others, and no longer at one and a half times
- since: 4.0.0
  setting: spark.speculation.quantile
  default: "0.9"
  of: ^spark\.speculation($|\.)
  changed: tasks are run twice only after nine tenths of a stage, and no longer after three quarters
- since: 4.0.0
  setting: spark.kubernetes.allocation.batch.size
  default: "10"
  of: ^spark\.kubernetes\.allocation\.
  changed: executors are asked for ten at a time, and no longer five
- since: 4.0.0
  setting: spark.kubernetes.legacy.useReadWriteOnceAccessMode
  default: "false"
  of: ^spark\.kubernetes\.(driver|executor)\.volumes\.persistentVolumeClaim\.
  changed: claims that Spark makes are ReadWriteOncePod, which some storage does not have
- since: 4.0.0
  setting: spark.worker.cleanup.enabled
  default: "true"
  of: ^spark\.worker\.
  changed: workers remove the folders of applications that ended
- since: 4.0.0
  setting: spark.shuffle.service.db.backend
  default: ROCKSDB
  of: ^spark\.shuffle\.service\.
  changed: a shuffle service does not find what it kept in LevelDB
- since: 4.0.0
  setting: spark.shuffle.service.removeShuffle
  default: "true"
  of: ^spark\.shuffle\.service\.
  changed: the shuffle service deletes what no executor needs any more
- since: 4.0.0
  setting: spark.shuffle.localDisk.file.output.buffer
  default: 32k
  of: ^spark\.shuffle\.unsafe\.file\.output\.buffer$
  changed: this is the new name; the old one still works
- since: 4.0.0
  setting: spark.jars.ivy
  default: ~/.ivy2.5.2
  of: ^spark\.jars\.(packages|ivy|repositories)
  changed: packages are kept in another folder, so that what an image has in ~/.ivy2 is not found
- since: 4.0.0
  setting: spark.log.legacyTaskNameMdc.enabled
  default: "false"
  of: ^spark\.log\.
  changed: logs name tasks by task_name, and no longer by mdc.taskName
- since: 4.1.0
  setting: spark.hadoop.fs.s3a.committer.magic.enabled
  default: "true"
  of: ^spark\.hadoop\.(fs\.s3a|mapreduce\.outputcommitter)\.
  changed: files are committed to S3 by the magic committer, which writes under __magic until a job ends
- since: 4.1.0
  setting: spark.master.rest.enabled
  default: "true"
  of: ^spark\.master\.
  changed: a standalone master takes applications by REST without asking from whom; our chart keeps it off
- since: 4.1.0
  setting: spark.checkpoint.compress
  default: "true"
  of: ^spark\.checkpoint\.
  changed: checkpoints are compressed
- since: 4.1.0
  setting: spark.io.compression.lzf.parallel.enabled
  default: "true"
  of: ^spark\.io\.compression\.
  changed: LZF compresses in several threads
- since: 4.1.0
  setting: spark.sql.legacy.parquet.returnNullStructIfAllFieldsMissing
  default: "false"
  of: ^spark\.sql\.parquet\.
  changed: a struct none of whose wanted fields is in a Parquet file is NULL only where the file says so
- since: 4.1.0
  refused: ^spark\..*blacklist
  changed: Spark ignores it; its name has excludeOnFailure in place of blacklist since Spark 3.1
- since: 4.0.0
  refused: ^spark\.mesos\.
  changed: Spark no longer runs on Mesos
- since: 4.0.0
  refused: ^spark\.sql\.parquet\.compression\.codec=lz4raw$
  changed: the codec's name is lz4_raw
{{- end -}}

{{- /* What of sparkConf means something else since 3.5, a line for each setting; nothing before Spark 4. */ -}}
{{- define "spark-common.migration.notes" -}}
{{- $conf := default dict .Values.sparkConf -}}
{{- $version := include "spark-common.sparkVersion" . -}}
{{- $lines := list -}}
{{- range include "spark-common.migration" . | fromYamlArray -}}
{{- if and .setting (semverCompare (printf ">=%s" .since) $version) (not (hasKey $conf .setting)) -}}
{{- $entry := . -}}
{{- $of := list -}}
{{- range $name := keys $conf | sortAlpha -}}
{{- if regexMatch $entry.of $name }}{{ $of = append $of $name }}{{ end -}}
{{- end -}}
{{- if $of -}}
{{- $lines = append $lines (printf "  %s is %s since Spark %s: %s (it bears upon %s)." .setting .default .since .changed (join ", " $of)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n" $lines -}}
{{- end -}}

{{- define "spark-common.refusals.migration" -}}
{{- $version := include "spark-common.sparkVersion" .root -}}
{{- $conf := default dict .root.Values.sparkConf -}}
{{- range include "spark-common.migration" . | fromYamlArray -}}
{{- if and .refused (semverCompare (printf ">=%s" .since) $version) -}}
{{- $changed := . -}}
{{- range $name, $value := $conf -}}
{{- if or (regexMatch $changed.refused $name) (regexMatch $changed.refused (printf "%s=%s" $name $value)) -}}
{{- fail (printf "sparkConf's %s means nothing since Spark %s: %s." $name $changed.since $changed.changed) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
