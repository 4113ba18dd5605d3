"""The rules of the house on size and on rooms, as functions on a module's text or on a graph of imports."""

import ast
import tokenize
from collections.abc import Iterator
from io import StringIO

from grimp import ImportGraph

CLASS_LINES = 250
CLASS_MEMBERS = 25
MODULE_LINES = 300
ROOMS = 30
ARROWS = 130
# The first comment of a module that may be longer opens with these words and goes on with the reason.
EXCUSE = "# Longer than"

Arrow = tuple[str, str]


def long_classes(text: str) -> list[str]:
    """A sentence for each class of the module that has too many lines."""
    sizes = {each.name: (each.end_lineno or each.lineno) - each.lineno + 1 for each in _classes(text)}
    return [
        f"class {name} has {lines} lines; at most {CLASS_LINES}" for name, lines in sizes.items() if lines > CLASS_LINES
    ]


def wide_classes(text: str) -> list[str]:
    """A sentence for each class of the module that has too many public methods, properties and fields."""
    counts = {each.name: len(public_members(each)) for each in _classes(text)}
    return [
        f"class {name} has {count} public members; at most {CLASS_MEMBERS}"
        for name, count in counts.items()
        if count > CLASS_MEMBERS
    ]


def long_module(text: str) -> list[str]:
    """A sentence if the module has too many lines and its first comment gives no reason."""
    lines = len(text.splitlines())
    if lines <= MODULE_LINES or _first_comment(text).startswith(EXCUSE):
        return []
    return [f"{lines} lines; at most {MODULE_LINES}, unless the first comment says why ({EXCUSE} ...)"]


def public_members(of: ast.ClassDef) -> set[str]:
    """The names of the class's methods, properties, and fields, of those that `self` is given as well."""
    names: set[str] = set()
    for node in of.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names |= {node.name, *_given_to_self(node)}
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            names |= {target.id for target in _targets(node) if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def rooms(graph: ImportGraph, package: str = "sparkproof") -> set[str]:
    """The rooms of the package: its children, packages and modules alike."""
    return {child.removeprefix(f"{package}.") for child in graph.find_children(package)}


def arrows(graph: ImportGraph, package: str = "sparkproof") -> set[Arrow]:
    """The pairs of rooms of which the first imports something of the second."""
    pairs = {
        (importer.split(".")[1], imported.split(".")[1])
        for importer in graph.modules - {package}
        for imported in graph.find_modules_directly_imported_by(importer) - {package}
    }
    return {(importer, imported) for importer, imported in pairs if importer != imported}


def circles(graph: ImportGraph) -> list[list[str]]:
    """The groups of modules that import each other, directly or not."""
    found: dict[frozenset[str], None] = {}
    for module in sorted(graph.modules):
        around = graph.find_downstream_modules(module) & graph.find_upstream_modules(module)
        if around:
            found[frozenset({module, *around})] = None
    return [sorted(each) for each in found]


def _classes(text: str) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))


def _given_to_self(method: ast.AST) -> set[str]:
    assigned = [target for node in ast.walk(method) for target in _targets(node)]
    return {
        target.attr
        for target in assigned
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    }


def _targets(node: ast.AST) -> list[ast.expr]:
    """What an assignment assigns to, tuples taken apart; nothing for any other node."""
    if isinstance(node, ast.AnnAssign):
        return [node.target]
    if not isinstance(node, ast.Assign):
        return []
    return [each for target in node.targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])]


def _first_comment(text: str) -> str:
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    return next((token.string for token in tokens if token.type == tokenize.COMMENT), "")
