"""Prints file_mode_cases.inc: what ansible-core makes of file modes, for managed_file_test.cpp.

    python file_mode_cases.py > file_mode_cases.inc
"""
import os
import stat
import types

from ansible.module_utils.basic import AnsibleModule

OCTAL = ["0644", "644", "0", "7777", "4755", "0o600"]
SYMBOLS = ["u=rw,go=r", "u=rwX,go=rX", "a+x", "+x", "g-w", "u+s", "g+s", "+t", "o+t", "u+t", "a=", "u=g", "g=u", "o=u-w",
           "ug=rw,o=", "a-x,u+X", "go-rwx", "u=rw-x+X,g=r-x+X,o=r-x+X", "a+X", "-w", "=r", "u=s", "g=rs", "a=rwxst", "g+u",
           "o=g", "ugo+w", "u-rwx,u+r", "a=t", "u=rwx"]
CURRENT = [0o644, 0o755, 0o600, 0o4755, 0o2775, 0o1777, 0]


os.umask(0o022)
for text in OCTAL:
    print(f'ModeCase{{"{text}", 0600, false, 0{int(text, 8):o}}},')
for text in SYMBOLS:
    for mode in CURRENT:
        for directory in (False, True):
            kind = stat.S_IFDIR if directory else stat.S_IFREG
            result = AnsibleModule._symbolic_mode_to_octal(types.SimpleNamespace(st_mode=kind | mode), text)
            flag = "true" if directory else "false"
            print(f'ModeCase{{"{text}", 0{mode:o}, {flag}, 0{result:o}}},')
