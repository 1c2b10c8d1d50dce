"""Every stage of dvc.yaml names the code that it runs: else DVC calls stale results fresh."""

import ast
from pathlib import Path

import pytest
import yaml

# The command line, what an error says, and parameters: DVC compares the values in params.yaml instead.
NOT_DEPENDENCIES = {"pipeline/__init__.py", "pipeline/cli.py", "pipeline/errors.py", "pipeline/params.py"}


def imports(tree: ast.AST, root: Path) -> set[str]:
    """Files of the pipeline that a piece of code imports, wherever in it, but not only for type checkers."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipeline"):
            module = node.module.replace(".", "/")
            names = [f"{module}.py", *(f"{module}/{alias.name}.py" for alias in node.names)]
            found |= {name for name in names if (root / name).exists()}
    return found


def code_of(command: str, root: Path) -> set[str]:
    """All files of the pipeline behind a subcommand."""
    cli = ast.parse((root / "pipeline/cli.py").read_text())
    [function] = [n for n in cli.body if isinstance(n, ast.FunctionDef) and n.name == command]
    reached: set[str] = set()
    waiting = imports(function, root)
    while waiting:
        file = waiting.pop()
        reached.add(file)
        waiting |= imports(ast.parse((root / file).read_text()), root) - reached
    return reached - NOT_DEPENDENCIES


STAGES = yaml.safe_load((Path(__file__).parent.parent / "dvc.yaml").read_text())["stages"]


@pytest.mark.parametrize("name", list(STAGES))
def test_a_stage_names_the_code_that_it_runs_and_no_other(name: str, root: Path) -> None:
    stage = STAGES[name].get("do", STAGES[name])
    needed = code_of(stage["cmd"].split()[1], root)
    named = [dependency for dependency in stage["deps"] if dependency.startswith("pipeline/")]
    absent = {file for file in needed if not any(file == n or file.startswith(f"{n}/") for n in named)}
    assert not absent, f"add to the deps of {name} in dvc.yaml: {sorted(absent)}"
    idle = {n for n in named if not any(file == n or file.startswith(f"{n}/") for file in needed)}
    idle -= {n for n in named if "/templates" in n}
    assert not idle, f"take out of the deps of {name} in dvc.yaml: {sorted(idle)}"
