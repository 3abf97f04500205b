"""``modelenv completion``: print the script that completes this command in a shell."""

from __future__ import annotations

import click

from ..shared.terminal import echo


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes this command in a shell.

    It completes commands, options, choices, paths and errors. Evaluate it where your shell starts;
    bash has to be 4.4 or newer, and zsh needs `compinit` before.

    \b
    Examples:
      modelenv completion bash >> ~/.bash_completion
      eval "$(modelenv completion zsh)"              in ~/.zshrc
      modelenv completion fish > ~/.config/fish/completions/modelenv.fish
    """
    from click.shell_completion import get_completion_class

    of_shell = get_completion_class(shell)
    assert of_shell is not None
    echo(of_shell(ctx.find_root().command, {}, "modelenv", "_MODELENV_COMPLETE").source())
