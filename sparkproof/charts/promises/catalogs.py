"""Promises of tables and logs: catalogs that are apart, the object store they lie in, and event logs that are read."""

from collections.abc import Iterator

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.variables import database_url, store_address
from sparkproof.charts.promises.view import View, differences

_CATALOG = "org.apache.iceberg.spark.SparkCatalog"
_EXTENSION = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"


@promise("every driver has the catalogs that are switched on, each told where its own service is")
def _catalogs(view: View) -> Iterator[str]:
    catalogs = {kind: each for kind, each in view.values["iceberg"]["catalogs"].items() if each["enabled"]}
    for component, settings in view.of_drivers.items():
        of_iceberg = {name: value for name, value in settings.items() if name.startswith("spark.sql.catalog.")}
        wanted: dict[str, str] = {}
        for kind, catalog in catalogs.items():
            prefix = f"spark.sql.catalog.{catalog['name']}"
            wanted |= {prefix: _CATALOG, f"{prefix}.type": kind}
            wanted |= {f"{prefix}.{name}": value for name, value in _of_kind(view, kind).items()}
        own = view.values["sparkConf"]
        yield from differences(component, of_iceberg, wanted | {name: own[name] for name in own if name in wanted})
        for name in sorted(set(of_iceberg) - set(wanted) - set(own)):
            yield f"{component} has {name}, which no catalog that is switched on needs"
        if catalogs and _EXTENSION not in settings.get("spark.sql.extensions", "").split(","):
            yield f"{component}: spark.sql.extensions lacks Iceberg's, so that MERGE and CALL are no SQL"


def _of_kind(view: View, kind: str) -> dict[str, str]:
    catalog = view.values["iceberg"]["catalogs"][kind]
    # A session that keeps the tables it has seen never sees what others commit.
    common = {"cache-enabled": "false"}
    if kind == "hadoop":
        return {**common, "warehouse": "file:///warehouse"}
    addresses = {
        "hive": catalog.get("uri") or f"thrift://{view.address('hive-metastore')}",
        "rest": catalog.get("uri") or f"http://{view.address('rest-catalog')}",
        "jdbc": database_url(view, catalog["database"]) if kind == "jdbc" else "",
    }
    database = {
        "jdbc.user": catalog.get("database", ""),
        "jdbc.schema-version": "V1",
        "retryable_status_codes": "57P01,57P02,57P03",
    }
    files = {
        "warehouse": f"s3://{view.values['bucket']['name']}/{catalog['name']}",
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "s3.endpoint": store_address(view),
        "s3.path-style-access": str(view.store["pathStyle"]).lower(),
        "client.region": view.store["region"],
    }
    return {**common, "uri": addresses[kind], **files, **(database if kind == "jdbc" else {})}


@promise("no two catalogs share a folder")
def _apart(view: View) -> Iterator[str]:
    for component, settings in view.of_drivers.items():
        folders: dict[str, str] = {}
        for name, value in settings.items():
            if name.startswith("spark.sql.catalog.") and name.endswith(".warehouse"):
                if value in folders:
                    yield f"{component}: {name} and {folders[value]} are both {value}"
                folders[value] = name


@promise("every driver and the History Server reach the object store as values say")
def _store(view: View) -> Iterator[str]:
    wanted = {
        "endpoint": store_address(view),
        "endpoint.region": view.store["region"],
        "path.style.access": str(view.store["pathStyle"]).lower(),
        # Hadoop before 3.4 tries for minutes to delete folders that are not empty.
        "directory.marker.retention": "keep",
    }
    named = {f"spark.hadoop.fs.s3a.{name}": value for name, value in wanted.items()} if store_address(view) else {}
    for component in {*view.of_drivers, *({"history-server"} & set(view.settings))}:
        found = {name: value for name, value in view.settings[component].items() if name.startswith("spark.hadoop.")}
        yield from differences(component, found, named)
        if set(found) - set(named) - set(view.values["sparkConf"]):
            yield f"{component} has {sorted(set(found) - set(named))}"


@promise("every driver writes its event log to where the History Server reads")
def _event_logs(view: View) -> Iterator[str]:
    values = view.values["eventLog"]
    folder = f"s3a://{view.values['bucket']['name']}/{values['prefix']}"
    wanted = {"enabled": str(values["enabled"]).lower()}
    if values["enabled"]:
        wanted |= {
            "dir": folder,
            "rolling.enabled": str(values["rolling"]).lower(),
            "rolling.maxFileSize": values["maxFileSize"],
            "compress": str(values["compress"]).lower(),
            "compression.codec": "zstd",
        }
    for component, settings in view.of_drivers.items():
        yield from differences(component, settings, {f"spark.eventLog.{name}": text for name, text in wanted.items()})
    history = view.values["historyServer"]
    if history["enabled"]:
        reads = {
            "fs.logDirectory": folder,
            "fs.update.interval": history["updateInterval"],
            "fs.cleaner.enabled": "true",
            "fs.cleaner.maxAge": history["maxAge"],
            "ui.port": "18080",
        }
        named = {f"spark.history.{name}": value for name, value in reads.items()}
        yield from differences("history-server", view.settings.get("history-server", {}), named)
