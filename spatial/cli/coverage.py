"""``ecopattern coverage``: what share of what is covered by which zones, each place counted once."""

from __future__ import annotations

from pathlib import Path

import click

from spatial.cli.main import Session
from spatial.cli.output import deliver, echo_tables
from spatial.cli.places import date_of, workspace_of
from spatial.errors import InputError

_MOST_PARTITIONS = 3
#: Tables that the terminal shows; the workbook has all.
_SHOWN = (
    "coverage_totals",
    "coverage_units",
    "coverage_roles",
    "coverage_dated",
    "coverage_gaps",
    "coverage_partitions",
)


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("coverage", help=session.say("help_coverage"), epilog=session.say("help_coverage_examples"))
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @click.option("--by", multiple=True, help=session.say("help_coverage_by"))
    @click.option("--roles", default="", help=session.say("help_coverage_roles"))
    @click.option("--wanted", default="", help=session.say("help_coverage_wanted"))
    @click.option("--dated", default="", help=session.say("help_coverage_dated"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_coverage_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def coverage(
        *,
        workspace: str | None,
        by: tuple[str, ...],
        roles: str,
        wanted: str,
        dated: str,
        date: str | None,
        out: Path | None,
        as_json: bool,
    ) -> int:
        from pyproj import CRS

        from spatial.coverage.run import Asked, run_coverage
        from spatial.report.coverage_folder import coverage_notice, to_json, write_coverage_folder
        from spatial.tables.coverage import coverage_tables

        if len(by) > _MOST_PARTITIONS:
            raise InputError("usage_by_many", count=len(by), most=_MOST_PARTITIONS)
        place = workspace_of(workspace)
        result = run_coverage(place, date_of(date), Asked(_codes(roles), by, _codes(wanted), dated))

        def show() -> None:
            click.echo(coverage_notice(result, session.lang))
            echo_tables(session, [table for table in coverage_tables(result, session.lang) if table.key in _SHOWN])

        return deliver(
            session,
            result.findings,
            write=None
            if out is None
            else lambda: write_coverage_folder(result, CRS(place.analysis_crs), out, session.report_lang),
            content=(lambda: to_json(result)) if as_json else None,
            show=show,
        )

    return coverage


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip().upper() for part in text.replace("，", ",").split(",") if part.strip())
