"""``ecopattern change``: what two editions of a layer changed."""

from __future__ import annotations

import math
from pathlib import Path

import click

from spatial.cli.main import Session
from spatial.cli.output import deliver, echo_tables
from spatial.cli.places import workspace_of
from spatial.errors import InputError
from spatial.settings import setting


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("change", help=session.say("help_change"), epilog=session.say("help_change_examples"))
    @click.argument("role")
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @click.option("--from", "before", default="", help=session.say("help_change_from"))
    @click.option("--to", "after", default="", help=session.say("help_change_to"))
    @click.option(
        "--width",
        type=float,
        default=setting("change_sliver_m"),
        show_default=True,
        help=session.say("help_change_width"),
    )
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_change_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def change(
        *, role: str, workspace: str | None, before: str, after: str, width: float, out: Path | None, as_json: bool
    ) -> int:
        from spatial.change.run import run_change
        from spatial.report.change_folder import change_notice, to_json, write_change_folder
        from spatial.tables.change import change_tables

        if not 0 <= width < math.inf:
            raise InputError("usage_width", width=f"{width:g}")
        result = run_change(workspace_of(workspace), role.upper(), (before, after), width)

        def show() -> None:
            click.echo(change_notice(result, session.lang))
            echo_tables(session, change_tables(result, session.lang))

        return deliver(
            session,
            result.findings,
            write=None if out is None else lambda: write_change_folder(result, out, session.report_lang),
            content=(lambda: to_json(result)) if as_json else None,
            show=show,
        )

    return change
