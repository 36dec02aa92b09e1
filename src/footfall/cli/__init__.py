"""The `footfall` command: one file a family, and the table of them."""

import sys

import typer
from rich.markup import escape

from footfall import __version__
from footfall.cli import (
    alerts,
    demo,
    doctor,
    drift,
    export,
    generate,
    imports,
    keys,
    plan,
    projects,
    query,
    serve,
    tail,
    users,
    verify,
)
from footfall.cli.console import errors
from footfall.model.errors import FootfallError

app = typer.Typer(
    name="footfall",
    help="Self-hosted event and component analytics, ClickHouse inside.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("serve", epilog=serve.EXAMPLE)(serve.run)
app.command("demo", epilog=demo.EXAMPLE)(demo.run)
app.command("verify", epilog=verify.EXAMPLE)(verify.run)
app.command("tail", epilog=tail.EXAMPLE)(tail.run)
app.command("query", epilog=query.EXAMPLE)(query.run)
app.command("export", epilog=export.EXAMPLE)(export.run)
app.command("import", epilog=imports.EXAMPLE)(imports.run)
app.command("doctor", epilog=doctor.EXAMPLE)(doctor.run)
app.add_typer(keys.app, name="keys")
app.add_typer(users.app, name="users")
app.add_typer(projects.app, name="projects")
plan.app.command("codegen", epilog=generate.CODEGEN)(generate.codegen)
plan.app.command("coverage", epilog=generate.COVERAGE)(generate.coverage_)
plan.app.command("pull", epilog=drift.PULL)(drift.pull)
plan.app.command("drift", epilog=drift.DRIFT)(drift.drift)
plan.app.command("init", epilog=generate.INIT)(generate.init)
app.add_typer(plan.app, name="plan")
app.add_typer(alerts.app, name="alerts")


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    """Self-hosted event and component analytics, ClickHouse inside."""
    if version:
        typer.echo(f"footfall {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command; what we raise on purpose becomes a sentence and exit status 1."""
    try:
        app()
    except FootfallError as error:
        where = f" ({error.path})" if error.path else ""
        errors.print(f"[bold red]{escape(error.title)}.[/] {escape(error.detail + where)}", highlight=False)
        sys.exit(1)
