"""Rules over all code: regexes have a name and an example, modules have one job, tests run, nothing is left undone."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest
from project import PACKAGES, ROOT, files, label, modules, parse, written_files

CODE = modules(*PACKAGES)
TESTS = modules("tests")

LONGEST_MODULE = 500

# Needs a program that only root can install: skipped, with a loud reason, where it is not there.
MAY_SKIP = {"tests/conftest.py", "tests/storage/conftest.py"}

# "HEADING_LABEL", "_SPACES"
CONSTANT_NAME = re.compile(r"_?[A-Z][A-Z0-9_]*")

REGEX_FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}

# put together from pieces, so that this file does not contain them
FOREIGN = [
    "".join(pieces)
    for pieces in (
        ("pypi", ".org"),
        ("files.python", "hosted"),
        ("npm", "js.org"),
        ("index", "-url"),
        ("find-", "links"),
        ("/simp", "le/"),
        ("/wo", "rk/"),
        ("/fa", "rm/"),
        ("/ro", "ot/"),
        ("/tm", "p/"),
        (".libr", "ary/"),
        ("sha", "red/"),
    )
]
UNDONE = ["".join(pieces) for pieces in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("NotImpl", "emented"))]


def comment_lines(path: Path) -> set[int]:
    """The numbers of the lines that hold a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT and token.string.strip("# ")}


def regex_calls(tree: ast.AST) -> list[tuple[ast.Call, str]]:
    """The calls of ``re`` whose pattern is written out in the call, with the name of the function."""
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        is_regex = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        pattern = node.args[0]
        is_written_out = isinstance(pattern, ast.Constant | ast.JoinedStr | ast.BinOp)
        if is_regex and node.func.attr in REGEX_FUNCTIONS and is_written_out:
            found.append((node, node.func.attr))
    return found


def regex_faults(path: Path) -> list[str]:
    """What is wrong with the regexes of a module: no constant of the module, or no example beside it.

    One comment may stand above a run of constants. A pattern that is put together from an argument may be compiled
    in a function whose docstring explains it; one that comes from a table is a variable and may be compiled anywhere.
    """
    tree, comments = parse(path), comment_lines(path)
    faults = []
    named: set[ast.Call] = set()
    explained_to = -1
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if not all(isinstance(each, ast.Name) and CONSTANT_NAME.fullmatch(each.id) for each in targets):
            continue
        calls = [call for call, function in regex_calls(statement) if function == "compile"]
        if not calls:
            continue
        named.update(calls)
        end = statement.end_lineno or statement.lineno
        lines = range(statement.lineno - 1, end + 1)
        if explained_to == statement.lineno - 1 or comments & set(lines) or all(map(has_inner_comment, calls)):
            explained_to = end
        else:
            faults.append(f"line {statement.lineno}: a regex without an example beside it")
    for function_tree in ast.walk(tree):
        if isinstance(function_tree, ast.FunctionDef) and ast.get_docstring(function_tree):
            named.update(call for call, _ in regex_calls(function_tree) if has_variable(call.args[0]))
    faults += [
        f"line {call.lineno}: re.{function} of a pattern that is no constant of the module"
        for call, function in regex_calls(tree)
        if call not in named
    ]
    return faults


def has_variable(pattern: ast.expr) -> bool:
    """Whether a pattern is put together from something that is no constant."""
    return any(isinstance(node, ast.Name) and not CONSTANT_NAME.fullmatch(node.id) for node in ast.walk(pattern))


def has_inner_comment(call: ast.Call) -> bool:
    """Whether a verbose pattern explains itself."""
    strings = [node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)]
    return "VERBOSE" in ast.dump(call) and any("#" in str(value) for value in strings)


@pytest.mark.parametrize("path", CODE, ids=label)
def test_regexes_have_a_name_and_an_example(path: Path) -> None:
    assert regex_faults(path) == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ('# "12件"\nCOUNT = re.compile(r"\\d+件")\n', 0),
        ('COUNT = re.compile(r"\\d+件")  # "12件"\n', 0),
        ('COUNTS = {\n    # "12件"\n    "件": re.compile(r"\\d+件"),\n}\n', 0),
        ('COUNT = re.compile(r"""\\d+件  # as in 12件\n""", re.VERBOSE)\n', 0),
        ("def load(row):\n    return re.compile(row.pattern)\n", 0),
        ('# "12件" "3%"\nCOUNT = re.compile(r"\\d+件")\nRATE = re.compile(r"\\d+%")\n', 0),
        ('def load(unit):\n    """Compile "12件"."""\n    return re.compile(rf"\\d+{unit}")\n', 0),
        ('def load(unit):\n    return re.compile(rf"\\d+{unit}")\n', 1),
        ('COUNT = re.compile(r"\\d+件")\n', 1),
        ('# "12件"\nCOUNT = re.compile(r"\\d+件")\n\nRATE = re.compile(r"\\d+%")\n', 1),
        ('# "12件"\ncount = re.compile(r"\\d+件")\n', 1),
        ('def count(text):\n    return re.findall(r"\\d+件", text)\n', 1),
        ('def count(text):\n    # "12件"\n    return re.compile(r"\\d+件").findall(text)\n', 1),
    ],
)
def test_the_rule_of_regexes(tmp_path: Path, source: str, faults: int) -> None:
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert len(regex_faults(path)) == faults


def test_modules_have_one_job() -> None:
    lengths = {label(path): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE + TESTS}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


@pytest.mark.parametrize("path", [path for path in TESTS if label(path) not in MAY_SKIP], ids=label)
def test_no_test_is_skipped(path: Path) -> None:
    names = {node.attr for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute)}
    assert names & {"skip", "skipif", "xfail", "importorskip"} == set()


def test_test_modules_have_names_of_their_own() -> None:
    names = [path.name for path in TESTS if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))


def words_found(words: list[str], suffixes: set[str] | None = None) -> list[str]:
    """Where any of the words stands in a written text file: path, line number, word."""
    found = []
    for path in written_files():
        if suffixes is not None and path.suffix not in suffixes:
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [
            f"{label(path)}:{number}: {word}"
            for number, line in enumerate(text.split("\n"), 1)
            for word in words
            if word in line
        ]
    return found


def test_nothing_names_a_registry_or_a_path_of_one_machine() -> None:
    assert words_found(FOREIGN) == []


def test_nothing_is_left_undone() -> None:
    assert words_found(UNDONE, {".py", ".sql", ".yml", ".yaml", ".md", ".toml"}) == []


def test_files_are_small_enough_to_clone() -> None:
    assert [label(path) for path in written_files() if path.stat().st_size > 1_500_000] == []


def test_the_project_is_seen() -> None:
    assert {"pyproject.toml", "Makefile"} <= {path.name for path in written_files() if path.parent == ROOT}
    assert files(".sql")
