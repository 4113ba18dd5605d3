"""The `sparkproof` command: it runs the embedded cluster, probes clusters, builds images and makes reports."""

# Longer than 300 lines: one function for each command.

import shlex
import signal
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from sparkproof.core.errors import SparkproofError, UsageError

if TYPE_CHECKING:
    from sparkproof.cluster.target import Target

# By exit code; typer turns Ctrl-C into 130 and prints nothing.
_STOPPED_BY: dict[object, str] = {130: "Ctrl-C", 128 + signal.SIGTERM: "SIGTERM", 128 + signal.SIGHUP: "SIGHUP"}
_TIMES = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]

app = typer.Typer(
    name="sparkproof",
    help="Prove, on a real cluster, that a Spark platform on Kubernetes meets its acceptance criteria.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command(help="Start the embedded cluster, or do nothing when it is up. Example: sparkproof up")
def up() -> None:
    """Print the command that sets KUBECONFIG to the administrator's kubeconfig."""
    from sparkproof.embedded import lifecycle

    print(f"export KUBECONFIG={shlex.quote(str(lifecycle.up()))}")


@app.command(help="Stop the embedded cluster and remove its state except images and logs. Example: sparkproof down")
def down() -> None:
    """End every process of the cluster; only files of it stay on the machine."""
    from sparkproof.embedded import lifecycle

    lifecycle.down()


@app.command(help="Show if the embedded cluster is up; exits 1 when it is not. Example: sparkproof status")
def status() -> None:
    """Print state, address, version, kubeconfig and memory, one line each."""
    from sparkproof.embedded import lifecycle

    found = lifecycle.status()
    print(f"state       {found.state}" + (f" ({found.reason})" if found.reason else ""))
    if found.server:
        print(f"kubernetes  {found.version}")
        print(f"api server  {found.server}")
        print(f"kubeconfig  {found.kubeconfig}")
    if found.memory_bytes:
        print(f"memory      {found.memory_bytes / 2**20:.0f} MiB")
    if found.room:
        print(f"room        {found.room}")
    raise typer.Exit(0 if found.state == "up" else 1)


@app.command(help="Show what this machine lacks for the embedded cluster. Example: sparkproof doctor")
def doctor() -> None:
    """Print one line for each finding; exits 1 when something is missing or wrong."""
    from sparkproof.embedded import doctor, layout

    findings = doctor.examine(layout.layout())
    print("\n".join(str(finding) for finding in findings))
    raise typer.Exit(1 if any(finding.wrong for finding in findings) else 0)


@app.command(help="Show what a cluster offers and what would enable the rest. Example: sparkproof detect")
def detect(
    cluster: Annotated[str, typer.Option(help="embedded, or context:NAME of your kubeconfig")] = "embedded",
    kubeconfig: Annotated[Path | None, typer.Option(help="kubeconfig that has context:NAME")] = None,
) -> None:
    """Print a table of the capabilities with their reasons; exits 2 when a probe breaks."""
    from rich.console import Console
    from rich.table import Table

    from sparkproof.cluster import target
    from sparkproof.cluster.capabilities import Capabilities

    table = Table("capability", "there", "reason")
    for name, support in Capabilities(target.reach(*_aim(cluster, kubeconfig)).kube).all().items():
        table.add_row(name, "yes" if support.enabled else "no", support.reason)
    Console().print(table)


@app.command(
    help="Audit the security of a namespace, whoever installed what is in it, and print one page in Markdown; exits 1 "
    "with findings. Example: sparkproof audit data-team --cluster context:staging"
)
def audit(
    namespace: Annotated[str, typer.Argument(help="the namespace that is audited")],
    cluster: Annotated[str, typer.Option(help="embedded, or context:NAME of your kubeconfig")] = "embedded",
    kubeconfig: Annotated[Path | None, typer.Option(help="kubeconfig that has context:NAME")] = None,
) -> None:
    """Print the findings by rule, the images with their digests, and what was not looked at."""
    from sparkproof.tenancy.audit import NamespaceAudit

    audited = NamespaceAudit.of(_running(cluster, kubeconfig).kube, namespace)
    print(audited.page)
    raise typer.Exit(1 if audited.findings else 0)


@app.command(
    name="sweep",
    help="Remove what killed runs left on a cluster and on this machine, or what runs kept. Examples: sparkproof sweep "
    "--cluster context:staging, sparkproof sweep --kept --dry-run, sparkproof sweep --cluster context:staging "
    "--namespace data --run 1a2b3c4d",
)
def sweep_leftovers(
    cluster: Annotated[str, typer.Option(help="embedded, or context:NAME of your kubeconfig")] = "embedded",
    kubeconfig: Annotated[Path | None, typer.Option(help="kubeconfig that has context:NAME")] = None,
    run: Annotated[str, typer.Option(help="only what the run of this id created, if it has ended, or kept")] = "",
    kept: Annotated[bool, typer.Option("--kept", help="what runs kept by -D keep, and nothing else")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be removed")] = False,
    namespace: Annotated[str, typer.Option(help="what runs left in the namespace that -D namespace gave them")] = "",
) -> None:
    """Print the names of what was removed, and of what was left because its run is alive.

    Only what carries Sparkproof's labels is looked at.
    """
    from sparkproof.cluster import target
    from sparkproof.core import run_folder
    from sparkproof.platform import sweep

    if namespace and kept:
        raise UsageError("--namespace and --kept name different things: nothing is kept in a namespace that is given.")
    found = target.reach_running(*_aim(cluster, kubeconfig))
    if found is None:
        swept = sweep.Swept()
    elif namespace:
        swept = sweep.sweep_in(found.kube, namespace, run=run, dry_run=dry_run)
    else:
        swept = sweep.sweep_leftovers(found.kube, run=run, kept=kept, dry_run=dry_run)
    folders = [] if run or kept or namespace else run_folder.left_over() if dry_run else run_folder.sweep()
    verb = "would remove" if dry_run else "removed"
    lines = [f"{verb} {name}" for name in (*swept.removed, *folders)]
    lines += [f"left {name}: {reason}" for name, reason in swept.left.items()]
    print("\n".join(lines) or "Nothing was left to remove.")


@app.command(
    help="Make the report of the last run, and the picture of where its time went. Examples: "
    "sparkproof report --reports reports, sparkproof report --slowest"
)
def report(
    reports: Annotated[Path, typer.Option(help="folder of the run's results")] = Path("reports"),
    slowest: Annotated[bool, typer.Option("--slowest", help="only print the slowest scenarios")] = False,
) -> None:
    """Print the URL of the acceptance statement, and those of the pages to which it leads."""
    from sparkproof.report import html, statement, timeline

    if slowest:
        timeline.print_slowest(reports)
        return
    print(f"Acceptance statement: {statement.write(reports).absolute().as_uri()}")
    print(f"Every criterion in detail: {html.generate(reports).absolute().as_uri()}")
    print(f"Timeline: {timeline.write(reports).absolute().as_uri()}")


@app.command(
    help="Print which parts were proved with which Spark version, at which level and when, as a table in Markdown. "
    "Example: sparkproof compatibility monday/reports reports"
)
def compatibility(reports: Annotated[list[Path], typer.Argument(help="folders of runs' results")]) -> None:
    """Print the table; where two runs have a criterion, the later one counts."""
    from sparkproof.report.compatibility import read

    print(read(reports).markdown())


@app.command(
    help="Compare what two runs of the same criteria proved, such as those of one environment and of the next; exits 1 "
    "when the later one proved less. Example: sparkproof compare dev/reports staging/reports"
)
def compare(
    before: Annotated[Path, typer.Argument(help="folder of the earlier run's results")],
    after: Annotated[Path, typer.Argument(help="folder of the later run's results")],
) -> None:
    """Print the criteria that were proved less, and other differences."""
    from sparkproof.report.promotion import read

    compared = read(before, after)
    print(compared.page)
    raise typer.Exit(1 if compared.less else 0)


@app.command(
    help="Name what is on a cluster other than a release's chart and values files say; changes nothing, and exits 1 "
    "when there is a difference. Example: sparkproof drift spark charts/spark-4.1 --namespace data "
    "--values examples/environments/prod.yaml --cluster context:prod"
)
def drift(
    release: Annotated[str, typer.Argument(help="name of the release")],
    chart: Annotated[Path, typer.Argument(help="folder of its chart")],
    namespace: Annotated[str, typer.Option(help="namespace of the release")],
    values: Annotated[list[Path] | None, typer.Option(help="values file, as helm gets it; may be repeated")] = None,
    cluster: Annotated[str, typer.Option(help="embedded, or context:NAME of your kubeconfig")] = "embedded",
    kubeconfig: Annotated[Path | None, typer.Option(help="kubeconfig that has context:NAME")] = None,
) -> None:
    """Print one line for each object that is missing, that is in no file, or that has another content."""
    from sparkproof.operations.drift import Drift, rendered

    manifests = rendered(release, chart, namespace, values or [])
    seen = Drift.of(_running(cluster, kubeconfig).kube, release, namespace, manifests)
    print(seen.page)
    raise typer.Exit(1 if seen.differences else 0)


@app.command(
    help="Build an image of the platform, or write its folders for another builder, or write its Spark for a machine "
    "without Kubernetes, or push it; list all images when none is named. Examples: sparkproof images 4.1.1 "
    "--context build, sparkproof images 4.1.1 --gpu --unpack /srv/spark, sparkproof images --push REGISTRY"
)
def images(
    name: Annotated[str | None, typer.Argument(help="an image's name, or a Spark version")] = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="the image with RAPIDS")] = False,
    context: Annotated[Path | None, typer.Option(help="new folder to write instead of building")] = None,
    unpack: Annotated[Path | None, typer.Option(help="new folder for its Spark, Java and Python packages")] = None,
    push: Annotated[str, typer.Option(help="registry to push the image to, or all images when none is named")] = "",
    load: Annotated[bool, typer.Option("--load", help="load the image into the embedded cluster's node, too")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="remove images of earlier states from cache and node")] = False,
    listed: Annotated[bool, typer.Option("--list", help="list all images, as without a name")] = False,
) -> None:
    """Print the image's reference and archive, or the commands that use what was written."""
    from sparkproof.build import images, unpacked
    from sparkproof.build.recipes import Recipe
    from sparkproof.embedded import lifecycle, outdated

    if prune:
        print("\n".join(f"removed {each}" for each in outdated.remove()) or "There are no images of earlier states.")
        return
    if push:
        for recipe in [images.recipe(f"{name}-gpu" if gpu else name)] if name else images.recipes().values():
            print(images.push(recipe, push.rstrip("/")))
        return
    if listed or name is None:
        for known, recipe in images.recipes().items():
            print(f"{known:<20}{recipe.reference:<60}{'built' if images.is_built(recipe) else 'not built'}")
        return
    wanted = images.recipe(f"{name}-gpu" if gpu else name)
    if unpack is not None:
        variables = " ".join(f"{name}={value}" for name, value in unpacked.write(wanted, unpack).items())
        print(f"{variables} behave --tags=@processes -D cluster=processes -D spark_home={unpack.absolute()}/spark")
        return
    if context is None:
        made = images.make(wanted)
        if load:
            lifecycle.load(made.archive, made.reference)
        print(f"{made.reference}\n{made.archive}")
        return
    for recipe in wanted.chain:
        folder = context / recipe.folder.name
        recipe.write(folder)
        base = {"BASE_IMAGE": recipe.base.reference} if isinstance(recipe.base, Recipe) else {}
        args = "".join(f" --build-arg {name}={value}" for name, value in {**base, **recipe.args}.items())
        print(f"docker build --tag {recipe.reference}{args} {folder}")


@app.command(help="Check the last run by rules, for CI; exits 1 when one is broken. Example: sparkproof gate reports")
def gate(
    reports: Annotated[Path, typer.Argument(help="folder of the run's results")] = Path("reports"),
    rules: Annotated[Path, typer.Option(help="YAML file of rules")] = Path("gate.yaml"),
    since: Annotated[
        datetime | None, typer.Option(help="refuse a run that began earlier", formats=_TIMES, show_default=False)
    ] = None,
    run: Annotated[str, typer.Option(help="refuse any run but the one of this id", show_default=False)] = "",
) -> None:
    """Print one sentence for each broken rule, and write it into the acceptance statement."""
    from sparkproof.report import statement
    from sparkproof.run import finished
    from sparkproof.run import gate as rule

    wanted = rule.read(rules)
    found = finished.read(reports)
    judged = rule.judge(
        found, wanted, rule.now(), named=str(rules), since=since.astimezone() if since else None, run=run
    )
    judged.write(reports)
    statement.write(reports)
    for sentence in (*judged.broken, *(f"note: {remark}" for remark in judged.remarks)):
        print(sentence)
    if judged.broken:
        raise typer.Exit(1)
    print(f"Every rule of {rules} is kept by run {judged.run}.")


@app.command(
    help="Find phrases for criteria, with what they take, what they need, and an example; all phrases without a word. "
    "Examples: sparkproof phrases snapshot, sparkproof phrases given quota"
)
def phrases(
    words: Annotated[
        list[str] | None, typer.Argument(help="words that a phrase or its concept has, all of them")
    ] = None,
) -> None:
    """Print the phrases that have all of the words; exit 2 when there is none."""
    from sparkproof.suite import phrase_book

    found = phrase_book.matching(words or ())
    if not found:
        raise UsageError(f"No phrase has the words {' '.join(words or ())}: try fewer, or see docs/phrases.md.")
    print("\n".join(found))


@app.command(help="Write the pages of docs/ that are made from the code. Example: sparkproof pages")
def pages(folder: Annotated[Path, typer.Option(help="folder of the pages")] = Path("docs")) -> None:
    """Print the pages that were out of date."""
    from sparkproof.suite import pages as made

    print("\n".join(f"wrote {path}" for path in made.write(folder)) or "Every page is up to date.")


@app.command(help="Write the files of charts/ that are made from shared parts. Example: sparkproof charts")
def charts() -> None:
    """Print the files that were out of date; exit 2 when a chart has changed and its version has not."""
    from sparkproof.charts import parts

    written = parts.write()
    print("\n".join(f"wrote {path}" for path in written) or "Every chart's files are up to date.")
    if unversioned := parts.unversioned():
        raise SparkproofError("\n".join(unversioned))


@app.command(help="Pin the Python packages of Spark versions that have no pins yet. Example: sparkproof lock")
def lock() -> None:
    """Print which files were written."""
    from sparkproof.build import lock as packages

    print("\n".join(f"wrote {path}" for path in packages.write_missing()) or "Every version's packages are pinned.")


@app.command(help="Show the parts of charts that no rendering uses. Example: sparkproof coverage --charts charts")
def coverage(
    folder: Annotated[Path, typer.Option("--charts", help="folder of the charts")] = Path("charts"),
) -> None:
    """Print the shares and the names of the templates, branches and values that no rendering uses."""
    from sparkproof.charts import renderings
    from sparkproof.charts.coverage import Coverage

    print(Coverage.of(renderings.in_folder(folder)))


def _aim(cluster: str, kubeconfig: Path | None) -> tuple[str, Path | None]:
    """Return the cluster and its kubeconfig, checked like a run's settings; raises UsageError."""
    from sparkproof.suite import settings

    given = settings.read({"cluster": cluster, **({"kubeconfig": str(kubeconfig)} if kubeconfig else {})})
    if given.cluster == settings.PROCESSES:
        raise UsageError("This needs a cluster: give --cluster context:NAME or --cluster embedded.")
    return given.cluster, given.kubeconfig


def _running(cluster: str, kubeconfig: Path | None) -> "Target":
    """Return a cluster that runs; raises UsageError for an embedded one that does not."""
    from sparkproof.cluster import target

    found = target.reach_running(*_aim(cluster, kubeconfig))
    if found is None:
        raise UsageError("The embedded cluster is not up: run `sparkproof up`, or give --cluster context:NAME.")
    return found


def main() -> None:
    """Run the command line; an error that the user can correct gives one sentence on standard error and exit code 2."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) == signal.SIG_DFL:
            signal.signal(each, _stop)
    try:
        app()
    except SparkproofError as wrong:
        print(f"sparkproof: {wrong}", file=sys.stderr)
        sys.exit(2)
    except OSError as refused:
        subject = refused.filename or "This machine"
        print(f"sparkproof: {subject}: {refused.strerror}; when that is mended, try again.", file=sys.stderr)
        sys.exit(2)
    except SystemExit as ended:
        if by := _STOPPED_BY.get(ended.code):
            print(
                f"sparkproof: stopped by {by}; the next `sparkproof up` or `down` repairs what is half done.",
                file=sys.stderr,
            )
        raise


def _stop(number: int, _frame: FrameType | None) -> None:
    """End the program as Ctrl-C does, with what it has started and its temporary files."""
    sys.exit(128 + number)
