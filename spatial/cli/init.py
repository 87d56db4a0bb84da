"""``ecopattern init``: a new workspace, empty or from a folder of layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.cli.main import DONE, Session
from spatial.cli.output import echo_table

if TYPE_CHECKING:
    from spatial.workspaces import Guess


def command(session: Session) -> click.Command:
    """Return the command in the session's language."""

    @click.command("init", help=session.say("help_init"), epilog=session.say("help_init_examples"))
    @click.argument("folder", type=click.Path(path_type=Path))
    @click.option("--from", "source", type=click.Path(path_type=Path), help=session.say("help_init_from"))
    def init(*, folder: Path, source: Path | None) -> int:
        from spatial.roles import roles
        from spatial.workspaces import guess_layers, make_workspace, missing_roles

        guesses = guess_layers(source) if source is not None else []
        catalog = make_workspace(folder, guesses)
        rows = [
            (
                guess.path.name,
                f"{guess.role} {roles()[guess.role].name(session.lang)}" if guess.role else session.say("init_unknown"),
                _because(session, guess),
            )
            for guess in guesses
        ]
        if rows:
            echo_table([session.say(f"init_{title}") for title in ("file", "role", "evidence")], rows)
            missing = ", ".join(f"{role} {roles()[role].name(session.lang)}" for role in missing_roles(guesses))
            click.echo(session.say("init_missing", roles=missing))
        click.echo(session.say("init_done", file=catalog))
        return DONE

    return init


def _because(session: Session, guess: Guess) -> str:
    """Return why a file was taken for what, and what reading it had to assume."""
    return session.say("sentence_mark").join([_role_because(session, guess), *_assumed(session, guess)])


def _assumed(session: Session, guess: Guess) -> list[str]:
    return [finding.text(session.lang) for finding in guess.warnings]


def _role_because(session: Session, guess: Guess) -> str:
    if guess.problem is not None:
        return guess.problem.text(session.lang)
    if not guess.role:
        return session.say("init_no_alias")
    return session.say("init_because", word=guess.alias.word, confidence=guess.alias.confidence)
