"""The reference: ansible-core's own template engine, called for one case at a time."""
import os
from collections.abc import Mapping

os.environ.update(ANSIBLE_DEPRECATION_WARNINGS="false", ANSIBLE_JINJA2_EXTENSIONS="jinja2.ext.do,jinja2.ext.loopcontrols", TZ="UTC")

import jinja2
from ansible._internal._templating._engine import TemplateEngine, TemplateOptions
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import trust_as_template
from ansible.utils.display import Display

init_plugin_loader([])
Display.warning = Display.deprecated = Display.error_as_warning = lambda *_, **__: None


def plain(value):
    """What JSON can hold, without what ansible-core ties to its values."""
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else str(value)


class Reference:
    def __init__(self):
        self.files = {}
        self.engine = TemplateEngine(loader=DataLoader(), variables={})
        self.engine.environment.loader = jinja2.FunctionLoader(lambda name: self.files.get(name))

    def evaluate(self, case):
        """The value, or raises whatever the reference raises."""
        self.files = case.get("files", {})
        if self.files:
            self.engine.environment.cache.clear()
        self.engine.available_variables = case["data"]
        text = trust_as_template(case["template"])
        if case["kind"] == "render":
            return plain(self.engine.template(text))
        # Text literals as in files and in blocks: with Python's escapes.
        result = self.engine.template(text, options=TemplateOptions(escape_backslashes=False))
        if case["kind"] != "file":
            return plain(result)
        # As the template module writes it: nothing is no text, and what is no text is printed.
        return "" if result is None else str(plain(result))
