#!/bin/bash
# Starts the role that the first argument names, in the foreground; what follows is passed on to it.
# Any other argument is run as a command: a client's, or a program of one's own.
set -euo pipefail

# PostgreSQL's JDBC driver looks for passwords in its user's home; so that of the jdbc catalog is none of Spark's
# settings, which every session can read. A colon would end it too early.
if [[ -v POSTGRES_PASSWORD ]]; then
  escaped=${POSTGRES_PASSWORD//\\/\\\\}
  (umask 077 && printf '*:*:*:*:%s\n' "${escaped//:/\\:}" > "$HOME/.pgpass")
  unset POSTGRES_PASSWORD escaped
fi

case "${1:-}" in
  connect)
    exec "$SPARK_HOME/bin/spark-submit" --class org.apache.spark.sql.connect.service.SparkConnectServer "${@:2}" spark-internal
    ;;
  driver)
    exec "$SPARK_HOME/bin/spark-submit" --conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" \
      --deploy-mode client "${@:2}"
    ;;
  executor)
    # The driver numbers the JVM's options; their order matters, since the last of two that disagree wins.
    java_options=()
    for ((n = 0; ; n++)); do
      name="SPARK_JAVA_OPT_$n"
      [[ -v $name ]] || break
      java_options+=("${!name}")
    done
    exec "$JAVA_HOME/bin/java" "${java_options[@]}" "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
      -cp "${SPARK_CONF_DIR:-$SPARK_HOME/conf}:$SPARK_HOME/jars/*:${SPARK_CLASSPATH:-}" \
      org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
      --driver-url "$SPARK_DRIVER_URL" \
      --executor-id "$SPARK_EXECUTOR_ID" \
      --cores "$SPARK_EXECUTOR_CORES" \
      --app-id "$SPARK_APPLICATION_ID" \
      --hostname "$SPARK_EXECUTOR_POD_IP" \
      --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
      --podName "$SPARK_EXECUTOR_POD_NAME"
    ;;
  master)
    exec "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master "${@:2}"
    ;;
  worker)
    exec "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker "${@:2}"
    ;;
  history)
    exec "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.history.HistoryServer "${@:2}"
    ;;
  metastore)
    # Hive's metastore from Spark's own jars; hive-site.xml takes its settings from METASTORE_* and AWS_* variables.
    export SPARK_CONF_DIR=/opt/sparkproof/metastore SPARK_DRIVER_MEMORY=${SPARK_DRIVER_MEMORY:-512m}
    exec "$SPARK_HOME/bin/spark-class" org.apache.hadoop.hive.metastore.HiveMetaStore "${@:2}"
    ;;
  bucket)
    exec /opt/sparkproof/make_bucket.py "${@:2}"
    ;;
  "")
    echo "Name a role (connect, driver, executor, master, worker, history, metastore, bucket) or a command." >&2
    exit 64
    ;;
  *)
    exec "$@"
    ;;
esac
