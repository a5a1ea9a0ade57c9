"""Styles that all apps of a test run share: CSS is parsed and matched once, not for each app.

Textual does both for every app, a third of the time that an app takes to start.
"""

from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_apply = Stylesheet.apply
_replace = Stylesheet.replace_rules

_parsed = {}  # sources of CSS and their variables: rules; they live as long as the tests
_selections = {}  # the ids of rules: the nodes and their _Candidates
_candidates = {}  # the ids of rules: _Candidates


class _Candidates:
    """The rules that may match a node, and the styles of the nodes that were matched already."""

    def __init__(self, rules):
        pseudo = set().union(*(rule.pseudo_classes for rule in rules))
        self.pseudo_classes = sorted(pseudo)
        self.flags = {
            "_has_hover_style": "hover" in pseudo,
            "_has_focus_within": "focus-within" in pseudo,
            "_has_order_style": not pseudo.isdisjoint(
                {"first-of-type", "last-of-type", "first-child", "last-child", "empty"}
            ),
            "_has_odd_or_even": not pseudo.isdisjoint({"odd", "even"}),
        }
        self.styles = {}

    def path(self, node):
        """All that selectors of the candidates can ask of a node and its ancestors."""
        return tuple(
            (
                type(node),
                node._id,
                node.classes,
                *(
                    name in node._PSEUDO_CLASSES and node._PSEUDO_CLASSES[name](node)
                    for name in self.pseudo_classes
                ),
            )
            for node in node.css_path_nodes
        )


def parse_rules(self, css, read_from, is_default_rules=False, tie_breaker=0, scope=""):
    """Replaces the method of Stylesheet."""
    source = css, read_from, is_default_rules, tie_breaker, scope
    key = *source, *self._variables.items()
    if (rules := _parsed.get(key)) is None:
        rules = _parsed[key] = _parse(self, *source)
    return rules


def apply(self, node, *, animate=False, cache=None):
    """Replaces the method of Stylesheet. It needs no cache from its caller."""
    candidates = _candidates_for(self, node)
    path = candidates.path(node)
    if (styles := candidates.styles.get(path)) is None:
        self._matched = candidates.styles, path
        _apply(self, node, animate=animate)
        return
    vars(node).update(candidates.flags)
    _replace(node, styles, animate=animate)
    self._process_component_classes(node)


def replace_rules(self, node, rules, animate=False):
    """Replaces the method of Stylesheet: notes the result of a match."""
    styles, path = self._matched
    styles[path] = rules
    _replace(node, rules, animate=animate)


def _candidates_for(self, node):
    rules = self.rules
    if getattr(self, "_selected_from", None) is not rules:
        self._selected_from = rules
        self._selection = _selections.setdefault(tuple(map(id, rules)), {})
    key = type(node), node._id, node.classes
    if (found := self._selection.get(key)) is None:
        names = node._selector_names
        chosen = [rule for rule in rules if not names.isdisjoint(rule.selector_names)]
        found = _candidates.setdefault(tuple(map(id, chosen)), _Candidates(chosen))
        self._selection[key] = found
    return found


Stylesheet._parse_rules = parse_rules
Stylesheet.apply = apply
Stylesheet.replace_rules = replace_rules
