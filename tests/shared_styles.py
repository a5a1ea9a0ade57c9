"""Styles that all apps of a test run share: CSS is parsed and matched once, not for each app.

Textual does both for every app, a third of the time that an app takes to start.
"""

from itertools import compress

from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

REPLACED = ("_parse_rules", "apply", "replace_rules", "_process_component_classes")
OF_TEXTUAL = {name: vars(Stylesheet)[name] for name in REPLACED}
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
        self.flags = {
            "_has_hover_style": "hover" in pseudo,
            "_has_focus_within": "focus-within" in pseudo,
            "_has_order_style": not pseudo.isdisjoint(
                {"first-of-type", "last-of-type", "first-child", "last-child", "empty"}
            ),
            "_has_odd_or_even": not pseudo.isdisjoint({"odd", "even"}),
        }
        self.styles = {}
        self._selectors = [
            s for rule in rules for set_ in rule.selector_set for s in set_.selectors
        ]
        self._answers = {}

    def path(self, node):
        """The answers of a node and its ancestors to all that the selectors may ask."""
        path = []
        for step in node.css_path_nodes:
            key = type(step), step._id, step.classes
            if (known := self._answers.get(key)) is None:
                known = self._answers[key] = self._ask(step)
            matches, states = known
            path.append(matches)
            path += [is_in_state(step) for is_in_state in states]
        return tuple(path)

    def _ask(self, node):
        """Which selectors match it but for its state (`:hover`), and what they ask of that."""
        matches = tuple(selector._check(node) for selector in self._selectors)
        states = set().union(*(s.pseudo_classes for s in compress(self._selectors, matches)))
        known = node._PSEUDO_CLASSES
        return matches, [known[name] for name in sorted(states) if name in known]


class _ComponentStyles(dict):
    """The styles of a node's component classes, matched when they are used, which most are not."""

    def __init__(self, stylesheet, node):
        self._stylesheet, self._node = stylesheet, node
        self._names = node._get_component_classes()

    def __contains__(self, name):
        return name in self._names

    def __missing__(self, name):
        virtual_node = DOMNode(classes=name)
        virtual_node._attach(self._node)
        self._stylesheet.apply(virtual_node, animate=False)
        self[name] = virtual_node.styles
        return self[name]


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
    _change(node, styles, animate)
    self._process_component_classes(node)


def _change(node, rules, animate):
    """Sets the rules that differ from those of the node; Textual sets all of them."""
    if animate and rules.get("transitions"):
        _replace(node, rules, animate=True)
        return
    base, old = node.styles.base, dict(node.styles.base._rules)
    changed = [name for name in old.keys() | rules.keys() if old.get(name) != rules.get(name)]
    for name in changed:
        setattr(base, name, rules.get(name))
    if changed or not animate:
        node.notify_style_update()


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


def process_component_classes(self, node):
    """Replaces the method of Stylesheet."""
    old, node._component_styles = node._component_styles, _ComponentStyles(self, node)
    if any(styles != node._component_styles[name] for name, styles in old.items()):
        node.refresh()


Stylesheet._parse_rules = parse_rules
Stylesheet._process_component_classes = process_component_classes
Stylesheet.apply = apply
Stylesheet.replace_rules = replace_rules
