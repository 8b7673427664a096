"use strict";
// The table of everything: three views of the same results, filtered, sorted, and drawn only where it is seen.
const ROW = 36;  // as .row is high at the usual font size; measured before the first row is drawn
const filters = { host: "", task: "", statuses: new Set(), verdict: "" };
const table = { view: "results", rows: [], sort: null, descending: false, height: ROW, active: 0 };

const grouped = (count, index) => {
  const cells = Array.from({ length: count }, () => []);
  for (const cell of results) cells[index(cell)].push(cell);
  return cells;
};
let perTask = null, perHost = null;

const STATUS_ORDER = ["ok", "rescued", "changed", "would_change", "unknown", "failed", "unreachable", "ignored", "skipped"];
const trouble = row => ["failed", "unreachable", "unknown", "would_change", "changed"].reduce((sum, s, i) => sum + (row.counts[s] || 0) * 100 ** (4 - i), 0);
const text = (content, name) => make("span", { role: "cell", class: name, title: content }, content);
const statusCell = status => make("span", { role: "cell", class: "status", "data-status": status }, word(status));
const shareCell = row => make("span", { role: "cell" }, bar(row.counts, STATUS_ORDER, "results"));
const saidCell = row => text(["failed", "unreachable", "unknown", "would_change", "changed"].filter(s => row.counts[s]).map(s => `${number(row.counts[s])} ${word(s)}`).join(", ") || (row.counts.skipped === row.total ? "skipped" : "all ok"), "minor");

const VIEWS = {
  results: {
    grid: "8.5rem minmax(6rem, 12rem) minmax(10rem, 3fr) minmax(5rem, 1fr) minmax(7rem, 1.4fr) 5rem",
    one: "result",
    rows: () => results,
    keeps: cell => (!filters.statuses.size || filters.statuses.has(statusOf(cell))) && hostMatches[cell % H] && taskMatches[Math.floor(cell / H)],
    columns: [
      ["Status", (a, b) => RANK[statusOf(a)] - RANK[statusOf(b)], cell => statusCell(statusOf(cell))],
      ["Host", (a, b) => hostRank[a % H] - hostRank[b % H], cell => text(hostOf(cell))],
      ["Task", (a, b) => Math.floor(a / H) - Math.floor(b / H), cell => text(taskOf(cell).name)],
      ["Module", (a, b) => compare(taskOf(a).module, taskOf(b).module), cell => text(taskOf(cell).module, "minor")],
      ["Place", (a, b) => Math.floor(a / H) - Math.floor(b / H), cell => text(taskOf(cell).place, "place minor")],
      ["Took", (a, b) => timeOf[a] - timeOf[b], cell => text(seconds(timeOf[cell]), "number")]],
    open: cell => openDetails(cell, table.rows, focusResult),
  },
  tasks: {
    grid: "minmax(10rem, 3fr) minmax(6rem, 1.2fr) minmax(8rem, 2fr) minmax(7rem, 1.5fr) 5rem",
    one: "task",
    rows: () => (perTask ||= grouped(tasks.length, cell => Math.floor(cell / H)).map((cells, index) => ({ index, ...tally(cells) })).filter(row => row.total)),
    keeps: row => taskMatches[row.index] && (!filters.statuses.size || [...filters.statuses].some(s => row.counts[s])),
    columns: [
      ["Task", (a, b) => a.index - b.index, row => text(tasks[row.index].name)],
      ["Place", (a, b) => a.index - b.index, row => text(tasks[row.index].place, "place minor")],
      ["On the hosts", (a, b) => trouble(b) - trouble(a), shareCell],
      ["Came to", (a, b) => trouble(b) - trouble(a), saidCell],
      ["Slowest", (a, b) => a.slowest - b.slowest, row => text(seconds(row.slowest), "number")]],
    open: row => { by("filter-task").value = "=" + tasks[row.index].name; view("results"); readFilters(); },
  },
  hosts: {
    grid: "minmax(8rem, 1fr) 9rem minmax(8rem, 24rem) minmax(7rem, 18rem) 5.5rem",
    one: "host",
    rows: () => (perHost ||= grouped(H, cell => cell % H).map((cells, index) => ({ index, verdict: VERDICTS[data.verdicts[index]], ...tally(cells) }))),
    keeps: row => hostMatches[row.index] && (!filters.verdict || row.verdict === filters.verdict) && (!filters.statuses.size || [...filters.statuses].some(s => row.counts[s])),
    columns: [
      ["Host", (a, b) => hostRank[a.index] - hostRank[b.index], row => text(hosts[row.index])],
      ["Came to", (a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict), row => make("span", { role: "cell", class: "status", "data-verdict": row.verdict }, row.verdict)],
      ["Tasks", (a, b) => trouble(b) - trouble(a), shareCell],
      ["Of them", (a, b) => trouble(b) - trouble(a), saidCell],
      ["Took", (a, b) => a.time - b.time, row => text(seconds(row.time), "number")]],
    open: row => { by("filter-host").value = "=" + hosts[row.index]; view("results"); readFilters(); },
  },
};

// ---- filters ---------------------------------------------------------------------------------------------------------

const hostRank = new Int32Array(H);
hosts.map((name, index) => [name, index]).sort((a, b) => compare(a[0], b[0])).forEach(([, index], rank) => { hostRank[index] = rank; });
let hostMatches = hosts.map(() => true), taskMatches = tasks.map(() => true);

/** Words are all looked for; with "=" before it, the whole name. */
function matcher(wanted) {
  const plain = wanted.trim().toLowerCase();
  if (plain.startsWith("=")) return name => name.toLowerCase() === plain.slice(1);
  const words = plain.split(/\s+/).filter(Boolean);
  return name => { const lower = name.toLowerCase(); return words.every(one => lower.includes(one)); };
}

function readFilters() {
  const host = matcher(by("filter-host").value), task = matcher(by("filter-task").value);
  hostMatches = hosts.map(host);
  const whole = by("filter-task").value.trim().startsWith("=");
  taskMatches = tasks.map(one => task(one.name) || (!whole && task(`${one.name} ${one.module} ${one.place}`)));
  refresh();
}

function showChips() {
  const { counts } = tally(results);
  by("chips").append(...Object.keys(RANK).filter(status => counts[status]).map(status => make("button", { type: "button", class: "dot", "aria-pressed": "false", "data-status": status,
    on: { click: event => {
      const on = !filters.statuses.delete(status);
      if (on) filters.statuses.add(status);
      event.currentTarget.setAttribute("aria-pressed", on);
      refresh();
    } } }, word(status) + " ", make("b", {}, number(counts[status])))));
}

// ---- the table -------------------------------------------------------------------------------------------------------

function view(name) {
  table.view = name;
  table.sort = null;
  if (name !== "hosts") filters.verdict = "";
  for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", button.dataset.view === name);
  by("table").style.setProperty("--columns", VIEWS[name].grid);
  refresh();
}

function showColumns() {
  by("columns").replaceChildren(...VIEWS[table.view].columns.map(([name], index) => make("span", { role: "columnheader", class: index === VIEWS[table.view].columns.length - 1 ? "number" : ["Module", "Place", "Of them"].includes(name) ? "minor" : null,
    "aria-sort": table.sort === index ? (table.descending ? "descending" : "ascending") : null },
    make("button", { type: "button", on: { click: () => {
      table.descending = table.sort === index && !table.descending;
      table.sort = index;
      refresh();
      by("columns").children[index].firstChild.focus();
    } } }, name))));
}

function refresh() {
  const shape = VIEWS[table.view];
  table.rows = shape.rows().filter(shape.keeps);
  if (table.sort !== null) {
    const order = shape.columns[table.sort][1], sign = table.descending ? -1 : 1;
    table.rows.sort((a, b) => sign * order(a, b));
  }
  table.active = 0;
  showColumns();
  const all = shape.rows().length;
  by("count").textContent = table.rows.length === all ? plural(all, shape.one) : `${number(table.rows.length)} of ${plural(all, shape.one)}`;
  if (filters.verdict) by("count").textContent += `, ${filters.verdict}`;
  by("table").setAttribute("aria-rowcount", table.rows.length + 1);
  const most = Math.max(8, Math.floor(innerHeight * .66 / table.height));
  by("viewport").style.height = Math.max(2, Math.min(table.rows.length, most)) * table.height + "px";
  by("spacer").style.height = table.rows.length * table.height + "px";
  by("viewport").scrollTop = 0;
  draw();
}

function draw() {
  const box = by("viewport"), shape = VIEWS[table.view];
  const first = Math.max(0, Math.floor(box.scrollTop / table.height) - 8);
  const last = Math.min(table.rows.length, Math.ceil((box.scrollTop + box.clientHeight) / table.height) + 8);
  const had = box.contains(document.activeElement) && document.activeElement !== box;
  const rows = [];
  for (let i = first; i < last; i++)
    rows.push(make("div", { class: "row opens", role: "row", "aria-rowindex": i + 2, "data-row": i, tabindex: i === table.active ? "0" : "-1", style: `top:${i * table.height}px` },
      ...shape.columns.map(([, , cell]) => cell(table.rows[i]))));
  if (!rows.length) rows.push(make("p", { class: "empty" }, "Nothing fits these filters."));
  for (const old of box.querySelectorAll(".row, .empty")) old.remove();
  box.append(...rows);
  // The active row keeps the keyboard; scrolled out of sight, the list itself has it.
  if (had) (box.querySelector(`[data-row="${table.active}"]`) || box).focus({ preventScroll: true });
}

function focusRow(index, scroll = true) {
  const box = by("viewport");
  table.active = Math.max(0, Math.min(table.rows.length - 1, index));
  const top = table.active * table.height;
  if (scroll && (top < box.scrollTop || top + table.height > box.scrollTop + box.clientHeight)) {
    box.scrollTop = top < box.scrollTop ? top : top + table.height - box.clientHeight;
    draw();
  }
  const row = box.querySelector(`[data-row="${table.active}"]`);
  for (const one of box.querySelectorAll('.row[tabindex="0"]')) one.tabIndex = -1;
  if (!row) return;
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
}

const focusResult = cell => focusRow(Math.max(0, table.rows.indexOf(cell)));

function listen() {
  const box = by("viewport");
  box.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  box.addEventListener("click", event => {
    const row = event.target.closest("[data-row]");
    if (row) VIEWS[table.view].open(table.rows[row.dataset.row]);
  });
  box.addEventListener("keydown", event => {
    const page = Math.floor(box.clientHeight / table.height);
    const to = { ArrowDown: table.active + 1, ArrowUp: table.active - 1, PageDown: table.active + page, PageUp: table.active - page, Home: 0, End: table.rows.length - 1 }[event.key];
    if (to !== undefined) focusRow(to);
    else if (event.key === "Enter" && table.rows.length) VIEWS[table.view].open(table.rows[table.active]);
    else return;
    event.preventDefault();
  });
  for (const id of ["filter-host", "filter-task"]) by(id).addEventListener("input", readFilters);
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => view(button.dataset.view));
  document.addEventListener("keydown", event => {
    if (event.key !== "/" || event.target.tagName === "INPUT" || by("details").open) return;
    event.preventDefault();
    by("filter-task").focus();
  });
  addEventListener("resize", refresh);
}

theme();
showAnswer();
showDifferences();
showChips();
by("columns").append(make("span", {}, "x"));
table.height = Math.round(by("columns").getBoundingClientRect().height) || ROW;
listen();
view("results");
document.body.dataset.ready = "yes";
