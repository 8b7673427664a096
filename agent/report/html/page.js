"use strict";
// The report's data is one compact object (html_data.cpp says what its arrays hold); rows are made only while they are seen.
const data = JSON.parse(document.getElementById("data").textContent);
const STATUS = data.statuses, CHECK = data.mode === "check";
const WORDS = { would_change: "would change" };
const RANK = { failed: 0, unreachable: 1, unknown: 2, would_change: 3, changed: 4, rescued: 5, ignored: 6, ok: 7, skipped: 8 };
const DIFFERS = new Set(["failed", "unreachable", "unknown", "would_change", "changed", "ignored"]);
const PLAIN = /^[\x20-\x7e]*$/;

const by = id => document.getElementById(id);
const number = n => n.toLocaleString("en-US");
const plural = (n, one, many = one + "s") => `${number(n)} ${n === 1 ? one : many}`;
const word = status => WORDS[status] || status;
const compare = new Intl.Collator("en", { numeric: true }).compare;

/** An element: make("p", {class: "x", on: {click}}, "text", child, ...). Text is never read as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, action] of Object.entries(value)) element.addEventListener(event, action);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

function seconds(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
  const whole = Math.round(ms / 1000);
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

// ---- the data, as objects --------------------------------------------------------------------------------------------

const hosts = data.hosts, H = hosts.length;
const tasks = data.tasks.map(([play, name, module, place, handler], index) => ({ index, play: data.plays[play], name, module, place, handler }));
const outcomes = data.outcomes.map(([status, changes, reasons, notes, error, output, items]) =>
  ({ status: STATUS[status], changes, reasons, notes, error, output, items }));
// A result is a number: task * H + host. Of it, its outcome (-1: the host did not have the task) and its milliseconds.
const outcomeOf = new Int32Array(tasks.length * H).fill(-1), timeOf = new Float32Array(tasks.length * H);
const results = [];
for (let t = 0; t < tasks.length; t++) {
  const [who, what, when] = data.cells[t];
  for (let i = 0; i < what.length; i++) {
    const cell = t * H + (who ? who[i] : i);
    outcomeOf[cell] = what[i];
    timeOf[cell] = when[i];
    results.push(cell);
  }
}
const taskOf = cell => tasks[Math.floor(cell / H)], hostOf = cell => hosts[cell % H], statusOf = cell => outcomes[outcomeOf[cell]].status;

/** How often each status came, for the rows of one task or host. */
function tally(cells) {
  const counts = {};
  let time = 0, slowest = 0;
  for (const cell of cells) {
    const status = statusOf(cell);
    counts[status] = (counts[status] || 0) + 1;
    time += timeOf[cell];
    if (timeOf[cell] > slowest) slowest = timeOf[cell];
  }
  return { counts, time, slowest, total: cells.length };
}

// ---- pieces ----------------------------------------------------------------------------------------------------------

function bar(counts, order, label) {
  const present = order.filter(key => counts[key]);
  return make("div", { class: "bar", role: "img", "aria-label": label + ": " + present.map(key => `${counts[key]} ${word(key)}`).join(", ") },
    ...present.map(key => make("i", { "data-status": key, style: `flex:${counts[key]}` })));
}

function value(text, kind) {
  if (text === null) return make("span", { class: "none" }, "absent");
  return make("span", { class: kind }, text === "" ? "''" : text);
}

function diff(text) {
  const kinds = { "+": "add", "-": "del", "@": "at" };
  const lines = text.replace(/\n$/, "").split("\n").slice(2);  // the two lines that name the sides: the subject stands above
  return make("pre", { tabindex: "0", "aria-label": "difference" }, ...lines.map(line => make("span", { class: kinds[line[0]] }, line || " ")));
}

/** One change: [subject, before, after], [subject, summary, diff, 1] for a text, [subject, 0, 0, 2] for a secret. */
function change([subject, before, after, kind], open) {
  const name = make("span", { class: "subject" }, subject);
  if (kind === 2) return make("li", {}, name, " ", make("span", { class: "none" }, "changed (hidden)"));
  if (kind === 1) {
    if (!after) return make("li", {}, name, " ", make("span", { class: "none" }, before));
    return make("li", {}, make("details", { class: "diff", open }, make("summary", {}, name, " ", make("span", { class: "none" }, before)), diff(after)));
  }
  if (before === after) return make("li", {}, name);
  if (before === null && after === "") return make("li", {}, name, " ", make("span", { class: "none" }, "made"));
  return make("li", {}, name, " ", value(before, "from"), make("span", { class: "arrow" }, "→"), value(after, "to"));
}

function list(name, lines) {
  return lines && lines.length ? make("ul", { class: name }, ...lines.map(line => make("li", {}, line))) : null;
}

/** What an outcome says: changes, reasons, error, notes, output, and the same for each item of a loop. */
function story(outcome, open) {
  const parts = [];
  if (outcome.error) {
    parts.push(make("pre", { class: "plain" }, outcome.error[0]));
    parts.push(list("why", outcome.error[1]));
  }
  if (outcome.changes.length) parts.push(make("ul", { class: "changes" }, ...outcome.changes.map(one => change(one, open))));
  parts.push(list("why", outcome.reasons), list("why", outcome.notes));
  if (outcome.output) parts.push(make("pre", { class: "plain", tabindex: "0", "aria-label": "output" }, outcome.output));
  for (const [label, status, ...rest] of outcome.items || []) {
    if (STATUS[status] === "ok" && !open) continue;
    const [changes, reasons, notes, error, output] = rest;
    parts.push(make("div", { class: "item" }, make("p", {}, make("span", { class: "status", "data-status": STATUS[status] }, word(STATUS[status])),
      " ", make("span", { class: "subject" }, label)), ...story({ changes, reasons, notes, error, output }, open)));
  }
  return parts.filter(Boolean);
}

function hostList(cells, most) {
  const box = make("div", { class: "hosts" });
  const fill = limit => {
    box.replaceChildren(...cells.slice(0, limit).map(cell => make("span", {}, hostOf(cell))));
    if (cells.length > limit) box.append(make("button", { type: "button", on: { click: () => fill(cells.length) } }, `${number(cells.length - limit)} more`));
  };
  fill(most);
  return box;
}

// ---- the answer ------------------------------------------------------------------------------------------------------

const VERDICTS = ["failed", "unreachable", "drift", "converged", "compliant"];
const AS_STATUS = { drift: "would_change", compliant: "ok", converged: "ok" };

function showAnswer() {
  const counts = {};
  for (const verdict of data.verdicts) counts[VERDICTS[verdict]] = (counts[VERDICTS[verdict]] || 0) + 1;
  const present = VERDICTS.filter(verdict => counts[verdict]);
  by("hostbar").hidden = by("legend").hidden = H === 1;
  by("hostbar").setAttribute("aria-label", "Hosts: " + present.map(v => `${counts[v]} ${v}`).join(", "));
  by("hostbar").append(...[...present].reverse().map(v => make("i", { "data-verdict": v, style: `flex:${counts[v]}` })));
  by("legend").append(...present.map(verdict => make("li", {}, make("button", { type: "button", class: "dot", "data-verdict": verdict,
    on: { click: () => { filters.verdict = verdict; view("hosts"); by("results").scrollIntoView(); } } }, make("b", {}, number(counts[verdict])), " " + verdict))));
  const fact = (name, text, title) => text ? [make("div", {}, make("dt", {}, name), make("dd", { title: title || text }, text))] : [];
  const when = text => text ? text.slice(0, 19).replace("T", " ") + " UTC" : "";
  by("facts").append(
    ...fact("Began", when(data.started)), ...fact("Took", seconds(data.duration * 1000)), ...fact("Hosts", number(H)),
    ...fact("Tasks", number(tasks.length)), ...(CHECK ? fact("Wall", data.wall, "what kept the check from changing the machine") : []),
    ...fact("Agent", data.version), ...fact("Playbook", data.playbookHash.replace("sha256:", "").slice(0, 12), data.playbookHash),
    ...data.gaps.map(gap => make("div", { class: "gap" }, "not held back by the wall: " + gap)),
    ...data.warnings.map(text => make("div", { class: "gap" }, "warning: " + text)));
  by("colophon").append([data.run && "run " + data.run, data.playbookHash && "playbook " + data.playbookHash,
    data.inventoryHash && "inventory " + data.inventoryHash].filter(Boolean).join(" · "));
}

// ---- equal differences -----------------------------------------------------------------------------------------------

function showDifferences() {
  const groups = new Map();
  for (const cell of results) {
    if (!DIFFERS.has(statusOf(cell))) continue;
    const key = Math.floor(cell / H) * outcomes.length + outcomeOf[cell];
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(cell);
  }
  const sorted = [...groups.values()].sort((a, b) => RANK[statusOf(a[0])] - RANK[statusOf(b[0])] || b.length - a.length || a[0] - b[0]);
  if (!sorted.length) return;
  by("differences").hidden = false;
  by("differences-title").textContent = CHECK ? `What differs (${number(sorted.length)})` : `What happened (${number(sorted.length)})`;
  const open = sorted.length <= 4;
  let shown = 0;
  const more = () => {
    for (const cells of sorted.slice(shown, shown + 30)) by("groups").append(group(cells, open));
    shown += 30;
    by("more-groups").hidden = shown >= sorted.length;
    by("more-groups").textContent = `Show more (${number(sorted.length - shown)})`;
  };
  by("more-groups").addEventListener("click", more);
  more();
}

function group(cells, open) {
  const task = taskOf(cells[0]), outcome = outcomes[outcomeOf[cells[0]]];
  return make("article", { class: "group", "data-status": outcome.status },
    make("div", { class: "group-head" },
      make("span", { class: "badge" }, H === 1 ? word(outcome.status) : plural(cells.length, "host") + ": " + word(outcome.status)),
      make("h3", {}, task.name), make("span", { class: "place" }, [task.module, task.place].filter(Boolean).join(" · "))),
    ...story(outcome, open), H === 1 ? null : hostList(cells, 12));
}

// ---- details of one result -------------------------------------------------------------------------------------------

function openDetails(cell, rows, from) {
  const task = taskOf(cell), outcome = outcomes[outcomeOf[cell]], dialog = by("details");
  const at = rows.indexOf(cell), step = by => rows[at + by] === undefined ? null : () => openDetails(rows[at + by], rows, from);
  const fact = (name, text) => text ? make("div", {}, make("dt", {}, name), make("dd", { title: text }, text)) : null;
  const same = results.filter(other => outcomeOf[other] === outcomeOf[cell] && Math.floor(other / H) === task.index);
  const said = story(outcome, true);
  dialog.replaceChildren(make("div", { class: "sheet", "data-status": outcome.status },
    make("div", { class: "sheet-head" }, make("h2", { id: "details-title" }, task.name),
      make("button", { type: "button", class: "close", on: { click: () => dialog.close() } }, "Close")),
    make("p", {}, make("span", { class: "badge" }, word(outcome.status)), " ", make("b", {}, hostOf(cell))),
    make("dl", { class: "facts" }, fact("Place", task.place), fact("Module", task.module), fact("Play", task.play[0]), fact("Took", seconds(timeOf[cell]))),
    make("h3", {}, "What it says"), ...(said.length ? said : [make("p", { class: "none" }, "Nothing: it is as it should be.")]),
    same.length > 1 ? make("h3", {}, `The same on ${plural(same.length, "host")}`) : null, same.length > 1 ? hostList(same, 40) : null));
  dialog.onkeydown = event => {
    const go = { ArrowDown: 1, ArrowRight: 1, j: 1, ArrowUp: -1, ArrowLeft: -1, k: -1 }[event.key];
    if (!go || event.target.tagName === "PRE" || !step(go)) return;
    event.preventDefault();
    step(go)();
  };
  dialog.onclick = event => { if (event.target === dialog) dialog.close(); };
  dialog.onclose = () => from(cell);
  if (!dialog.open) dialog.showModal();
}

// ---- colours ---------------------------------------------------------------------------------------------------------

function theme() {
  const root = document.documentElement, button = by("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  button.addEventListener("click", () => {
    const now = root.dataset.theme || (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Colours: ${root.dataset.theme}`);
  });
}
