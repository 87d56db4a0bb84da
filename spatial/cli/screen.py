"""``ecopattern screen``: projects against the control zones of a district."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli.main import DONE, FOUND, Session, file_options
from spatial.cli.output import echo_json
from spatial.cli.places import date_of, workspace_of
from spatial.io.stated import Stated

if TYPE_CHECKING:
    from spatial.screening.result import ScreeningResult


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("screen", help=session.say("help_screen"), epilog=session.say("help_screen_examples"))
    @click.argument("projects", nargs=-1, required=True, type=click.Path(path_type=Path))
    @click.option("-w", "--workspace", help=session.say("help_workspace"))
    @file_options(session, district=False)
    @click.option("--nature", default="", help=session.say("help_nature"))
    @click.option("--date", help=session.say("help_date"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_screen_out"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def screen(
        *,
        projects: tuple[Path, ...],
        workspace: str | None,
        stated: Stated,
        nature: str,
        date: str | None,
        out: Path | None,
        as_json: bool,
    ) -> int:
        result = screen_files(session, projects, workspace, stated=stated, nature=nature, date=date, out=out)
        if as_json:
            from spatial.screening.to_json import to_json

            echo_json(to_json(result, session.lang))
        else:
            from spatial.report.terminal import summary_text

            click.echo(summary_text(result, session.lang))
        prohibited = any(found.verdict.value == "X" for found in result.projects)
        return FOUND if prohibited else DONE

    return screen


def screen_files(
    session: Session,
    projects: tuple[Path, ...],
    workspace: str | None,
    *,
    stated: Stated | None = None,
    nature: str = "",
    date: str | None = None,
    out: Path | None = None,
) -> ScreeningResult:
    """Screen project files, write the outputs where asked, and return the result object."""
    from spatial.prepared.sources import Sources

    place, day = workspace_of(workspace), date_of(date)
    # Large files are summed while the libraries are loaded.
    sources = Sources(place, day)

    from spatial.loading import load_context
    from spatial.prepared.preparation import Preparation
    from spatial.screening.run import run_screening

    def preparing(file: Path) -> None:
        session.tell(session.say("progress_preparing", file=file))

    result, loaded = run_screening(
        projects,
        place,
        day,
        stated=stated,
        nature=nature,
        preparation=Preparation(place.root, sources, tell=preparing, whole=out is not None),
        progress=session.progress("progress_screening"),
    )
    for finding in result.findings:
        if finding.severity != "note":
            session.tell(finding.text(session.lang))
    if out is not None:
        from spatial.report.folder import write_folder

        layers = (*loaded.layers, *load_context(place, day))
        figures = session.progress("progress_figures")

        def tell(key: str) -> None:
            session.tell(session.say(key))

        files = write_folder(result, layers, out, session.report_lang, tell=tell, progress=figures)
        session.tell(session.say("written_to", files=", ".join(map(str, files))))
    return result
