#!/bin/sh
# Without `_meta`: every host is asked for.
case "$1" in
--list) echo '{"web": ["w1", "w2"], "db": {"hosts": ["d1"], "vars": {"x": "yes"}, "children": ["sub"]}, "sub": {"hosts": ["s1"]}}' ;;
--host) echo "{\"name_of\": \"$2\"}" ;;
esac
