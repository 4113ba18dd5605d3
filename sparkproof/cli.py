"""The `sparkproof` command: the embedded cluster's life, what a cluster offers, and reports."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sparkproof.errors import SparkproofError

app = typer.Typer(
    name="sparkproof",
    help="Prove, on a real cluster, that a Spark platform on Kubernetes meets its acceptance criteria.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command(
    name="sweep",
    help="Remove what killed or kept runs left on a cluster. Example: sparkproof sweep --cluster context:staging",
)
def sweep_leftovers(
    cluster: Annotated[str, typer.Option(help="embedded, or context:NAME of your kubeconfig")] = "embedded",
    kubeconfig: Annotated[Path | None, typer.Option(help="kubeconfig that context:NAME is looked up in")] = None,
) -> None:
    """Delete everything on the cluster that carries Sparkproof's labels and say what it was."""
    from sparkproof import settings, sweep, target

    given = {"cluster": cluster, **({"kubeconfig": str(kubeconfig)} if kubeconfig else {})}
    found = target.reach_running(settings.read(given))
    gone = sweep.sweep(found.kube) if found else []
    print("\n".join(f"removed {name}" for name in gone) or "Nothing was left behind.")


def main() -> None:
    """Run the command line; an error that the user can mend is one sentence on standard error and exit code 2."""
    try:
        app()
    except SparkproofError as wrong:
        print(f"sparkproof: {wrong}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(
            "sparkproof: stopped by Ctrl-C; the next `sparkproof up` or `sparkproof down` repairs what is half done.",
            file=sys.stderr,
        )
        sys.exit(130)
