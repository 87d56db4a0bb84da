"""``ecopattern check``: what is wrong with a file, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli.main import BAD_INPUT, DONE, FOUND, Session, file_options
from spatial.cli.output import echo_json
from spatial.errors import InputError
from spatial.io.stated import Stated

if TYPE_CHECKING:
    from spatial.catalog import Workspace
    from spatial.check.file import Checked
    from spatial.check.reading import Asked
    from spatial.check.report import CheckReport
    from spatial.recognition.place import Place

#: Findings of one code that the terminal lists; the report folder and JSON have all.
_LISTED = 5

#: Layers that are grids and have no outlines to check.
_RASTERS = (".tif", ".tiff", ".img", ".asc")


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("check", help=session.say("help_check"), epilog=session.say("help_check_examples"))
    @click.argument("inputs", nargs=-1, type=click.Path(path_type=Path))
    @click.option("-w", "--workspace", help=session.say("help_check_workspace"))
    @file_options(session)
    @click.option("--repair", is_flag=True, help=session.say("help_check_repair"))
    @click.option("--out", type=click.Path(path_type=Path), help=session.say("help_check_out"))
    @click.option("--report", type=click.Path(path_type=Path), help=session.say("help_check_report"))
    @click.option("--tiles", is_flag=True, help=session.say("help_check_tiles"))
    @click.option("--json", "as_json", is_flag=True, help=session.say("help_json"))
    def check(
        *,
        inputs: tuple[Path, ...],
        workspace: str | None,
        stated: Stated,
        repair: bool,
        out: Path | None,
        report: Path | None,
        tiles: bool,
        as_json: bool,
    ) -> int:
        _require_usage(inputs, workspace, out, repair=repair)
        asked = _asked(session, inputs, workspace, stated, tiles=tiles)
        checked = _checked(session, asked, keep=report is not None or repair)
        reports = [one.report for one in checked]
        if as_json:
            from spatial.check.to_json import to_json

            echo_json(to_json(reports, session.lang))
        else:
            _echo(session, reports)
        if report is not None:
            from spatial.report.check_folder import write_check_folder

            files = write_check_folder(checked, report, session.report_lang)
            session.tell(session.say("check_written", files=", ".join(map(str, files))))
        if out is not None:
            _repair(session, checked, out)
        if not all(one.is_readable for one in reports):
            return BAD_INPUT
        return FOUND if any(one.severities["error"] for one in reports) else DONE

    return check


def _require_usage(inputs: tuple[Path, ...], workspace: str | None, out: Path | None, *, repair: bool) -> None:
    if not inputs and workspace is None:
        raise InputError("usage_check_what")
    if repair and (out is None or len(inputs) != 1):
        raise InputError("usage_repair_out")
    if out is not None and not repair:
        raise InputError("usage_out_repair")
    if out is not None and out.resolve() == inputs[0].resolve():
        raise InputError("usage_repair_same", file=out)


def _asked(
    session: Session, inputs: tuple[Path, ...], workspace: str | None, stated: Stated, *, tiles: bool
) -> list[tuple[Path, Asked]]:
    """Return the files to check and what is known of each: files named by the user, else a workspace's layers."""
    from spatial.check.file import files_in
    from spatial.check.reading import Asked
    from spatial.cli.places import workspace_of
    from spatial.io.vector import place_in
    from spatial.roles import roles

    place = place_in(stated.district) if stated.district is not None else None
    known = None if workspace is None else workspace_of(workspace)
    if place is None and known is not None:
        place = _outline(session, known)
    if inputs or known is None:
        folders = [files_in(path) for path in inputs]
        passed_over = [file.name for folder in folders for file in folder.passed_over]
        if passed_over:
            names = session.say("list_mark").join(passed_over)
            session.tell(session.say("check_passed_over", count=len(passed_over), names=names))
        return [(file, Asked(stated, place, tiles=tiles)) for folder in folders for file in folder.files]
    asked = []
    for layer in known.layers:
        if layer.path.suffix.lower() in _RASTERS:
            session.tell(session.say("check_raster", file=layer.path))
            continue
        here = None if layer.layer_id == known.outline_layer else place
        wants = tiles or roles()[layer.role].tiles
        asked.append((layer.path, Asked(layer.stated, here, layer.role, layer.fields, tiles=wants)))
    return asked


def _outline(session: Session, known: Workspace) -> Place | None:
    """Return the district of a workspace; where its outline cannot be read its own check says why."""
    from spatial.io.vector import place_from, read_vector

    for layer in known.layers:
        if layer.layer_id == known.outline_layer:
            try:
                return place_from(read_vector(layer.path, layer.stated))
            except InputError as error:
                session.tell(error.text(session.lang))
    return None


def _checked(session: Session, asked: list[tuple[Path, Asked]], *, keep: bool) -> list[Checked]:
    """Check all files; where nothing is to be drawn or repaired, no more than one of them is in memory."""
    from spatial.check.file import check_file

    progress = session.progress("progress_checking")
    checked = []
    for done, (file, known) in enumerate(asked, start=1):
        found = check_file(file, known)
        checked += found if keep else [one.without_features() for one in found]
        progress(done, len(asked))
    return checked


def _echo(session: Session, reports: list[CheckReport]) -> None:
    for report in reports:
        if not report.is_readable:
            click.echo(session.say("check_unread", file=report.file))
        else:
            kinds = session.say("list_mark").join(f"{kind} {count}" for kind, count in report.kinds.items())
            crs = report.crs or session.say("check_no_crs")
            counts = {"features": report.features, "vertices": report.vertices}
            click.echo(session.say("check_head", file=report.file, kinds=kinds, crs=crs, **counts))
        for severity, count in report.severities.items():
            if count:
                title = session.say(f"severity_{severity}")
                click.echo("  " + session.say("check_group", severity=title, count=count))
                _echo_severity(session, report, severity)
    total = {key: sum(report.severities[key] for report in reports) for key in ("error", "warning", "note")}
    unread = sum(not report.is_readable for report in reports)
    key = "check_verdict" if total["error"] or unread else "check_verdict_clean"
    counts = {"errors": total["error"], "warnings": total["warning"], "notes": total["note"]}
    click.echo(session.say(key, layers=len(reports), unread=unread, **counts))


def _echo_severity(session: Session, report: CheckReport, severity: str) -> None:
    """Print the findings of one severity by code: each with its place, and the mend once."""
    from spatial.check.report import is_repairable, mend_of, title_of
    from spatial.tables.cells import coordinate_text

    chosen = [finding for finding in report.findings if finding.severity == severity]
    for code in dict.fromkeys(finding.code for finding in chosen):
        group = [finding for finding in chosen if finding.code == code]
        title = title_of(group[0], session.lang)
        click.echo(f"    {title} [{code}] × {len(group)}")
        for finding in group[:_LISTED]:
            text = finding.text(session.lang)
            for start in (f"{finding.source}：", f"{finding.source}: "):
                text = text.removeprefix(start)
            place = ""
            if finding.location is not None:
                x, y = map(coordinate_text, finding.location)
                place = "  " + session.say("check_place", x=x, y=y)
            click.echo(f"      {text}{place}")
        if len(group) > _LISTED:
            click.echo("      " + session.say("check_more", count=len(group) - _LISTED))
        mend = mend_of(group[0], session.lang)
        if mend:
            suffix = session.say("check_repairable") if is_repairable(group[0]) else ""
            click.echo("      " + session.say("check_mend", mend=mend) + suffix)


def _repair(session: Session, checked: list[Checked], out: Path) -> None:
    from spatial.report.check_folder import write_repaired

    if len(checked) != 1:
        raise InputError("repair_several", file=checked[0].report.file)
    done = write_repaired(checked[0], out, session.report_lang)
    session.tell(
        session.say(
            "check_repaired",
            file=out,
            log=done.log_path,
            mended=done.mended,
            left=done.left,
            change=f"{sum(entry.change for entry in done.log):+.4f}",
            unit=done.unit.say(session.lang),
        )
    )
