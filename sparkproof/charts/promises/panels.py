"""What the panels of the dashboards show: their unit, and their queries by legend, without what these select."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sparkproof.charts.promises.view import differences

_DRIVER = "metrics_spark_driver_"
_ALLOCATION = f"{_DRIVER}ExecutorAllocationManager_executors_"
_BLOCKS, _SCHEDULER = f"{_DRIVER}BlockManager_memory_", f"{_DRIVER}DAGScheduler_"
_STATUS, _QUEUES = f"{_DRIVER}appStatus_", f"{_DRIVER}LiveListenerBus_queue_"
_EACH = "{{pod}}"


def _rate(metric: str) -> str:
    return f"rate({metric}[$__rate_interval])"


def _by_executor(metric: str) -> str:
    return f"sum by (executor_id) ({_rate(metric)})"


_GC, _TIME = (_by_executor(f"metrics_executor_total{what}_seconds_total") for what in ("GCTime", "Duration"))
Panels = Mapping[str, tuple[str, Mapping[str, str]]]
_PANELS: Mapping[str, Panels] = {
    "connect.json": {
        "Connect servers that answer": ("short", {"{{pod}} {{metrics_path}}": "up"}),
        "Executors": (
            "short",
            {
                f"wanted by {_EACH}": f"{_ALLOCATION}numberTargetExecutors_Value",
                f"there of {_EACH}": f"{_ALLOCATION}numberAllExecutors_Value",
            },
        ),
        "Stages": (
            "short",
            {
                "running": f"{_SCHEDULER}stage_runningStages_Value",
                "waiting": f"{_SCHEDULER}stage_waitingStages_Value",
            },
        ),
        "Jobs that run": ("short", {_EACH: f"{_SCHEDULER}job_activeJobs_Value"}),
        "Tasks per second": (
            "short",
            {
                "completed": _rate(f"{_STATUS}tasks_completedTasks_Count"),
                "failed": _rate(f"{_STATUS}tasks_failedTasks_Count"),
            },
        ),
        "Stages that ended": (
            "short",
            {"completed": f"{_STATUS}stages_completedStages_Count", "failed": f"{_STATUS}stages_failedStages_Count"},
        ),
        "Share of garbage collection in tasks' time": (
            "percentunit",
            {"{{executor_id}}": f"{_GC} / clamp_min({_TIME}, 0.001)"},
        ),
        "Heap in use": ("bytes", {"{{executor_id}}": "metrics_executor_JVMHeapMemory_bytes"}),
        "Memory of blocks": (
            "decmbytes",
            {"used": f"{_BLOCKS}memUsed_MB_Value", "there": f"{_BLOCKS}maxMem_MB_Value"},
        ),
        "Disk that blocks use": ("bytes", {"{{executor_id}}": "metrics_executor_diskUsed_bytes"}),
        "Shuffle": (
            "Bps",
            {
                "written": f"sum({_rate('metrics_executor_totalShuffleWrite_bytes_total')})",
                "read": f"sum({_rate('metrics_executor_totalShuffleRead_bytes_total')})",
            },
        ),
        "Events that wait for their listeners": (
            "short",
            {
                "interface": f"{_QUEUES}appStatus_size_Value",
                "executors": f"{_QUEUES}executorManagement_size_Value",
            },
        ),
    },
    "master.json": {
        "Masters that answer": ("short", {"{{pod}} {{metrics_path}}": "up"}),
        "Workers": ("short", {"alive": "metrics_master_aliveWorkers_Value", "known": "metrics_master_workers_Value"}),
        "Applications": (
            "short",
            {"known": "metrics_master_apps_Value", "waiting": "metrics_master_waitingApps_Value"},
        ),
        "Executors of workers": ("short", {_EACH: "metrics_worker_executors_Value"}),
        "Cores of workers": (
            "short",
            {
                f"used of {_EACH}": "metrics_worker_coresUsed_Value",
                f"free of {_EACH}": "metrics_worker_coresFree_Value",
            },
        ),
        "Memory of workers": (
            "decmbytes",
            {
                f"used of {_EACH}": "metrics_worker_memUsed_MB_Value",
                f"free of {_EACH}": "metrics_worker_memFree_MB_Value",
            },
        ),
    },
}


def shown_otherwise(name: str, panels: list[Any]) -> Iterator[str]:
    """Yield what is wrong with what the panels of a dashboard show, under which legend and in which unit."""
    wanted = _PANELS.get(name, {})
    titles = [str(panel["title"]) for panel in panels]
    if sorted(titles) != sorted(wanted):
        yield f"{name} has the panels {titles}; expected {list(wanted)}"
    for panel in panels:
        unit, queries = wanted.get(panel["title"], ("", {}))
        where = f"the panel {panel['title']!r} of {name}"
        found = {each.get("legendFormat", ""): re.sub(r"\{[^}]*\}", "", each["expr"]) for each in panel["targets"]}
        yield from differences(where, {**found, "unit": _unit(panel)}, {**queries, "unit": unit})
        if beside := sorted(set(found) - set(queries)):
            yield f"{where} shows {beside} as well"


def _unit(panel: Any) -> str:
    return str(panel.get("fieldConfig", {}).get("defaults", {}).get("unit", ""))
