"""The `sparkproof` command: the embedded cluster's life, what a cluster offers, and reports."""

import sys

import typer

from sparkproof.errors import SparkproofError

app = typer.Typer(
    name="sparkproof",
    help="Prove, on a real cluster, that a Spark platform on Kubernetes meets its acceptance criteria.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


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
