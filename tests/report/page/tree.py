"""A page as a browser's parser would see it, in few lines: for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "col", "input", "meta", "line", "path", "rect", "use"}


@dataclass
class Node:
    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, name: str | None = None, class_: str | None = None) -> list[Node]:
        """Descendants with this name and this class, in order."""
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                if name in (None, child.name) and (class_ is None or class_ in (child["class"] or "").split()):
                    found.append(child)
                found += child.all(name, class_)
        return found

    def one(self, name: str | None = None, class_: str | None = None) -> Node:
        (only,) = self.all(name, class_)
        return only

    def __getitem__(self, attribute: str) -> str | None:
        return self.attributes.get(attribute)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.path = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self.path[-1].children.append(node)
        if tag not in VOID or tag == "rect":
            self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.path[-1].children.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop().name == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.path[-1].children.append(data)


def parse(markup: str) -> Node:
    """The tree; fails if an element is not closed where it should be."""
    builder = _Builder()
    builder.feed(markup)
    builder.close()
    assert len(builder.path) == 1, f"not closed: {[node.name for node in builder.path[1:]]}"
    return builder.path[0]
