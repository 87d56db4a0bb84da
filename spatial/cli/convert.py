"""``ecopattern convert``: a layer from one format and plane into another."""

from __future__ import annotations

from pathlib import Path

import click

from spatial.cli.main import DONE, Session, file_options
from spatial.io.stated import Stated


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("convert", help=session.say("help_convert"), epilog=session.say("help_convert_examples"))
    @click.argument("source", type=click.Path(path_type=Path))
    @click.argument("target", type=click.Path(path_type=Path))
    @file_options(session)
    @click.option("--to-crs", default="", help=session.say("help_to_crs"))
    def convert(*, source: Path, target: Path, stated: Stated, to_crs: str) -> int:
        from spatial.crs import known_crs
        from spatial.io.moving import moved_to
        from spatial.io.vector import crs_name, read_vector
        from spatial.io.writers import write_vector

        file = read_vector(source, stated)
        for finding in file.findings:
            session.tell(finding.text(session.lang))
        features, found = moved_to(file, known_crs(to_crs)) if to_crs else (file.features, [])
        for finding in [*found, *write_vector({target.stem: features}, target)]:
            session.tell(finding.text(session.lang))
        click.echo(
            session.say("converted", file=target, count=len(features), crs=crs_name(known_crs(features.crs.srs)))
        )
        return DONE

    return convert
