"""Entry point: global options, language, exit codes; each command's module is imported when it is used."""

from __future__ import annotations

import functools
import importlib
import io
import locale
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from spatial import __version__
from spatial.errors import InputError
from spatial.io.stated import Stated
from spatial.runtime.compiling import when_compiling
from spatial.words import LANGS, Lang, say

#: Exit codes: done; done but a project is prohibited or a check failed; bad input or usage.
DONE, FOUND, BAD_INPUT = 0, 1, 2

#: Signs in a progress bar.
_BAR = 40

_COMMANDS = (
    "demo",
    "init",
    "check",
    "convert",
    "area",
    "rules",
    "screen",
    "coverage",
    "change",
    "surroundings",
    "slope",
    "flow",
    "erosion",
    "publish",
)


class Session:
    """What every command is given: language and whether to be quiet."""

    def __init__(self, lang: Lang, report_lang: Lang, *, quiet: bool) -> None:
        self.lang = lang
        self.report_lang = report_lang
        self.quiet = quiet

    def say(self, key: str, **values: object) -> str:
        """Return a label in the session's language."""
        return say(self.lang, key, **values)

    def tell(self, text: str) -> None:
        """Print progress or a warning to stderr, unless quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def progress(self, key: str) -> Callable[[int, int], None]:
        """Return what draws a bar on a terminal; into a file, or when quiet, it says nothing.

        Parameters
        ----------
        key
            Label of what is going on.
        """
        if self.quiet or not sys.stderr.isatty():
            return lambda _done, _total: None

        def draw(done: int, total: int) -> None:
            filled = _BAR * done // total
            end = done == total
            if end or filled > _BAR * (done - 1) // total:
                bar = "#" * filled + "-" * (_BAR - filled)
                click.echo(f"\r{self.say(key)} [{bar}] {done}/{total}", err=True, nl=end)

        return draw


def file_options(session: Session, *, district: bool = True) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return the options that say of a file what it may not tell itself: its system, layer, encoding, place.

    Parameters
    ----------
    session
        For the language of the help.
    district
        Whether the command lets the user name the outline that the data lie in; a workspace has its own.
    """

    def add(callback: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(callback)
        def with_stated(**options: Any) -> int:
            given = {name: options.pop(name) for name in names}
            stated = Stated(**{name: value for name, value in given.items() if value is not None})
            return callback(stated=stated, **options)

        path = click.Path(path_type=Path)
        kinds: dict[str, Any] = {"crs": None, "layer": None, "encoding": None}
        kinds |= {"district": path} if district else {}
        kinds |= {"parameters": path, "unshift": click.Choice(["gcj02", "bd09"])}
        names = list(kinds)
        command: Callable[..., int] = with_stated
        for name, kind in reversed(kinds.items()):
            command = click.option(f"--{name}", type=kind, help=session.say(f"help_{name}"))(command)
        return command

    return add


class _Commands(click.Group):
    """Commands whose modules are imported only when they are run or asked for help."""

    def __init__(self, session: Session) -> None:
        super().__init__("ecopattern", help=session.say("help_main"), epilog=session.say("help_main_examples"))
        self.session = session
        self.params = [
            click.Option(["--lang"], type=click.Choice(LANGS), help=session.say("help_lang"), expose_value=False),
            click.Option(["--quiet"], is_flag=True, help=session.say("help_quiet"), expose_value=False),
            _version(session),
        ]

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"spatial.cli.{cmd_name}")
        command: click.Command = module.command(self.session)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # One line each from the table: importing the commands to ask them would make --help slow.
        del ctx
        with formatter.section(self.session.say("help_commands")):
            formatter.write_dl([(name, self.session.say(f"help_{name}_short")) for name in _COMMANDS])


def _version(session: Session) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's callback
        if value:
            click.echo(f"ecopattern {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help=session.say("help_version")
    )


def language(chosen: str | None, environ: Mapping[str, str]) -> Lang:
    """Return the language asked for, else the one of the locale.

    Examples
    --------
    >>> language(None, {"LANG": "zh_CN.UTF-8"})
    'zh'
    >>> language("en", {"LANG": "zh_CN.UTF-8"})
    'en'
    """
    if chosen in LANGS:
        return "zh" if chosen == "zh" else "en"
    stated = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if not stated and sys.platform == "win32":
        stated = locale.getlocale()[0] or ""
    return "zh" if stated.lower().startswith(("zh", "chinese")) else "en"


def _without_globals(args: Sequence[str]) -> tuple[list[str], str | None, bool]:
    """Take --lang and --quiet out of the arguments, wherever they stand."""
    kept: list[str] = []
    lang: str | None = None
    quiet = False
    rest = iter(args)
    for arg in rest:
        if arg == "--quiet":
            quiet = True
        elif arg == "--lang":
            lang = next(rest, "")
        elif arg.startswith("--lang="):
            lang = arg.removeprefix("--lang=")
        else:
            kept.append(arg)
    return kept, lang, quiet


def _require_language(lang: str | None) -> None:
    if lang is not None and lang not in LANGS:
        raise InputError("usage_lang", value=lang)


def main(args: Sequence[str]) -> int:
    """Run the command and return its exit code.

    Parameters
    ----------
    args
        Arguments without the program's name.
    """
    kept, lang, quiet = _without_globals(args)
    # Reports are for Chinese offices: they follow only an explicit wish, not the locale.
    session = Session(language(lang, os.environ), language(lang, {"LANG": "zh"}), quiet=quiet)
    when_compiling(lambda: session.tell(session.say("compiling")))
    try:
        _require_language(lang)
        code = _Commands(session).main(kept, prog_name="ecopattern", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (BrokenPipeError, SystemExit):
        # Whoever reads the output has read enough (`ecopattern rules list | head`); click exits by itself then.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 -- stays open to the end
        return DONE
    except (Exception, click.Abort) as error:  # noqa: BLE001 -- the last resort: a sentence instead of a traceback
        sentence = _sentence(session, error).text(session.lang)
        click.echo(f"{session.say('error_prefix')} {' '.join(sentence.split())}", err=True)
        return BAD_INPUT
    return code if isinstance(code, int) else DONE


def _sentence(session: Session, error: BaseException) -> InputError:
    """Return what went wrong as a message with a mend."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, click.Abort):
        return InputError("interrupted")
    if isinstance(error, OSError):
        # The user's disk, not the program: writing is atomic, so nothing is half-written.
        fault = error.strerror or str(error)
        return InputError("os_error", file=error.filename or session.say("error_output"), fault=fault)
    return InputError("program_fault", kind=type(error).__name__, fault=str(error)[:200])


def run() -> None:
    """Run the command as a program."""
    for stream in (sys.stdout, sys.stderr):
        # A console in code page 936 lacks some characters: print a mark instead of crashing.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
