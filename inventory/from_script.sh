#!/bin/sh
# An inventory can be a program: it prints JSON for --list, and with `_meta` it is asked only once.
#
#     agent inventory -i inventory/from_script.sh --list
case "$1" in
--list)
  cat <<'JSON'
{
  "gpu": {"hosts": ["node-1", "node-2"], "vars": {"gpu_vendor": "nvidia"}},
  "storage": ["store-1"],
  "cluster": {"children": ["gpu", "storage"]},
  "_meta": {"hostvars": {"node-1": {"ansible_host": "192.0.2.1"}, "node-2": {"ansible_host": "192.0.2.2"}}}
}
JSON
  ;;
--host) echo '{}' ;;
*) echo "usage: $0 --list | --host NAME" >&2; exit 2 ;;
esac
