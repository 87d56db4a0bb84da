"""``ecopattern surroundings``: distance bands around zones, what lies in them, and the fence."""

from __future__ import annotations

from pathlib import Path

import click

from spatial.cli.main import Session
from spatial.cli.output import deliver, echo_tables
from spatial.cli.places import date_of, workspace_of
from spatial.errors import InputError
from spatial.settings import setting


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("surroundings", help=session.say("help_surroundings"), epilog=session.say("help_around_examples"))
    @click.argument("role")
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @click.option("--distances", default="100,500,1000", show_default=True, help=session.say("help_around_distances"))
    @click.option("--sources", multiple=True, help=session.say("help_around_sources"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_around_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def surroundings(
        *,
        role: str,
        workspace: str | None,
        distances: str,
        sources: tuple[str, ...],
        date: str | None,
        out: Path | None,
        as_json: bool,
    ) -> int:
        from spatial.report.surroundings_folder import surroundings_notice, to_json, write_surroundings_folder
        from spatial.surroundings.run import run_surroundings
        from spatial.tables.surroundings import surroundings_tables

        result = run_surroundings(workspace_of(workspace), date_of(date), role.upper(), _metres(distances), sources)

        def show() -> None:
            click.echo(surroundings_notice(result, session.lang))
            echo_tables(session, surroundings_tables(result, session.lang))

        return deliver(
            session,
            result.findings,
            write=None if out is None else lambda: write_surroundings_folder(result, out, session.report_lang),
            content=(lambda: to_json(result)) if as_json else None,
            show=show,
        )

    return surroundings


def _metres(text: str) -> list[float]:
    try:
        return [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError as error:
        raise InputError("bands_order", distances=text, most=f"{setting('around_most_m'):g}") from error
