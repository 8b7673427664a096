#!/usr/bin/env python3
"""Runs commands at a terminal of their own and draws what a person would have seen, as an SVG.

    docs/record.py OUTPUT.svg 'build/bin/agent check play.yml' 'build/bin/agent run play.yml'
"""
import fcntl
import html
import os
import pty
import re
import struct
import sys
import termios

COLUMNS, LINE, CHARACTER, MARGIN = 130, 18, 8.4, 14
COLOURS = {30: "#6b7280", 31: "#f87171", 32: "#4ade80", 33: "#facc15", 34: "#60a5fa", 35: "#c084fc", 36: "#22d3ee", 37: "#e5e7eb",
           90: "#9ca3af", 91: "#fca5a5", 92: "#86efac", 93: "#fde047", 94: "#93c5fd", 95: "#d8b4fe", 96: "#67e8f9", 97: "#ffffff"}


def run(command):
    """The bytes that `command` writes to a terminal, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LANG="C.UTF-8")
        os.execvp("sh", ["sh", "-c", command])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    text = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    return text.decode(errors="replace"), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Screen:
    """As much of a terminal as a report needs: lines that are written over, and colours."""

    def __init__(self):
        self.lines, self.column, self.style = [[]], 0, (None, False)

    def feed(self, text):
        for control, plain in re.findall(r"(\x1b\[[0-9;?]*[A-Za-z]|[\r\n\b]|\x1b.)|([^\x1b\r\n\b]+)", text):
            if plain:
                for letter in plain:
                    self.put(letter)
            elif control == "\n":
                self.lines.append([])
                self.column = 0
            elif control == "\r":
                self.column = 0
            elif control.endswith("A"):  # lines up: what stands below is wiped away next
                del self.lines[len(self.lines) - int(control[2:-1] or 1):]
            elif control.endswith("J"):
                del self.lines[-1][self.column:]
            elif control.endswith("K"):
                del self.lines[-1][self.column if control in ("\x1b[K", "\x1b[0K") else 0:]
            elif control.endswith("m"):
                self.colour(control[2:-1])

    def put(self, letter):
        if self.column == COLUMNS:
            self.lines.append([])
            self.column = 0
        line = self.lines[-1]
        while len(line) <= self.column:
            line.append((" ", (None, False)))
        line[self.column] = (letter, self.style)
        self.column += 1

    def colour(self, codes):
        fill, bold = self.style
        for code in (int(word or 0) for word in codes.split(";")):
            if code == 0:
                fill, bold = None, False
            elif code == 1:
                bold = True
            elif code in COLOURS:
                fill = COLOURS[code]
            elif code == 39:
                fill = None
        self.style = (fill, bold)


def draw(lines):
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-family="ui-monospace, Menlo, Consolas, '
           f'DejaVu Sans Mono, monospace" font-size="14" fill="#e5e7eb">', f'<rect width="100%" height="100%" rx="8" fill="#111827"/>']
    for number, line in enumerate(lines):
        spans, run_style, text = [], None, ""
        for letter, style in [*line, ("", "end")]:
            if style != run_style:
                if text:
                    fill, bold = run_style
                    look = (f' fill="{fill}"' if fill else "") + (' font-weight="bold"' if bold else "")
                    spans.append(f"<tspan{look}>{html.escape(text)}</tspan>")
                run_style, text = style, ""
            text += letter
        if spans:
            out.append(f'<text x="{MARGIN}" y="{MARGIN + LINE * (number + 0.8):.0f}" xml:space="preserve">{"".join(spans)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main():
    target, *commands = sys.argv[1:]
    screen = Screen()
    for command in commands:
        shown, _, hidden = command.partition(" #as ")  # 'what is shown #as what is run'
        screen.feed(f"\x1b[1;32m$\x1b[0m \x1b[1m{shown}\x1b[0m\r\n")
        text, _ = run(hidden or shown)
        screen.feed(text)
        screen.feed("\r\n")
    lines = screen.lines
    while lines and not lines[-1]:
        lines.pop()
    with open(target, "w") as file:
        file.write(draw(lines))


if __name__ == "__main__":
    main()
