"""As much of JSON Schema as docs/events.schema.json uses."""
import re

TYPES = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}


def is_of(value, name):
    if name in ("number", "integer"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def mistakes(value, schema, place="it"):
    """What is wrong with `value`, a sentence each."""
    if "oneOf" in schema:
        fitting = [one for one in schema["oneOf"] if value.get("event") == one["properties"]["event"]["const"]]
        return mistakes(value, fitting[0], f"{place} ({value['event']})") if len(fitting) == 1 else [f"{place} is of no known kind: {value}"]
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and not any(is_of(value, one) for one in types):
        return [f"{place} is {value!r} and no {types}"]
    if "const" in schema and value != schema["const"]:
        return [f"{place} is {value!r} and not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place} is {value!r} and none of {schema['enum']}"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{place} is {value!r}"]
    found = []
    if isinstance(value, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        found += [f"{place} lacks '{name}'" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in known:
                found += mistakes(member, known[name], f"{place}.{name}")
            elif more is False:
                found.append(f"{place} has '{name}', which is in no schema")
            elif isinstance(more, dict):
                found += mistakes(member, more, f"{place}.{name}")
    if isinstance(value, list):
        for index, member in enumerate(value):
            found += mistakes(member, schema.get("items", {}), f"{place}[{index}]")
    return found
