"""``ecopattern erosion``: soil loss of a district by township, land cover and slope."""

from __future__ import annotations

from pathlib import Path

import click

from spatial.cli.main import DONE, Session
from spatial.cli.output import echo_json, echo_tables
from spatial.cli.places import date_of, workspace_of

#: Tables that the terminal shows; the workbook has all.
_SHOWN = ("erosion_zones", "erosion_grades", "erosion_sheet", "erosion_lost")


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("erosion", help=session.say("help_erosion"), epilog=session.say("help_erosion_examples"))
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @click.option("--rain", default="", help=session.say("help_erosion_rain"))
    @click.option("--soil", default="", help=session.say("help_erosion_soil"))
    @click.option("--land", type=click.Path(path_type=Path), help=session.say("help_erosion_land"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--workers", default="threads", show_default=True, help=session.say("help_workers"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_erosion_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def erosion(
        *,
        workspace: str | None,
        rain: str,
        soil: str,
        land: Path | None,
        date: str | None,
        workers: str,
        out: Path | None,
        as_json: bool,
    ) -> int:
        from spatial.erosion.result import Chosen, run_erosion
        from spatial.report.erosion_folder import erosion_notice, to_json, write_erosion_folder
        from spatial.tables.erosion import erosion_tables

        scratch = None if out is None else out / "loss"
        chosen = Chosen(rain, soil, land, workers, session.progress("progress_erosion"), scratch)
        result = run_erosion(workspace_of(workspace), date_of(date), chosen)
        for finding in result.findings:
            if finding.severity != "note":
                session.tell(finding.text(session.lang))
        # First the files: who pipes the tables into `head` wants them all the same.
        if out is not None:
            files = write_erosion_folder(result, out, session.report_lang)
            result.loss.discard()
            session.tell(session.say("written_to", files=", ".join(map(str, files))))
        if as_json:
            echo_json(to_json(result))
        else:
            click.echo(erosion_notice(result, session.lang))
            echo_tables(session, [table for table in erosion_tables(result, session.lang) if table.key in _SHOWN])
        return DONE

    return erosion
