// The page's script: charts from the tables, the key and the choices that all charts obey, light and dark, the runs.
(() => {
  "use strict";
  const page = JSON.parse(document.getElementById("crosstalk-data").textContent);
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const shown = (value) => {
    if (value === null || value === undefined) return "–";
    if (typeof value !== "number") return String(value);
    const small = value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e9);
    const text = Number.isInteger(value) ? whole.format(value) : small ? value.toExponential(2) : number.format(value);
    return text.replace("-", "−");
  };

  // ---- light and dark: the reader's system decides until the button does; nothing is kept beyond this page
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const inLight = Object.fromEntries(Object.entries(page.dark).map(([light, dark]) => [dark, light]));
  const inTheme = (value) =>
    isDark() ? JSON.parse(JSON.stringify(value).replace(/#[0-9a-fA-F]{6}/g, (hex) => page.dark[hex] ?? hex)) : structuredClone(value);

  // ---- the reading: which measurement of a run, which mean over pairs
  const MAIN = page.main;
  const [measurement, interference] = MAIN.split("/");
  const reading = { measurement, interference };
  const nameOf = (r) => `${r.measurement}/${r.interference}`;
  // A reading as one says it; of a figure's, what its tables tell apart.
  const inWords = (name, figure) => {
    const [point, pairs] = name.split("/"), words = { measurement: page.measurements[point], interference: page.interferences[pairs] };
    const columns = new Set(figure ? Object.values(page.tables[figure]).flatMap((table) => table.columns) : ["variant"]);
    return Object.keys(words).filter((one) => columns.has("variant") || columns.has(one)).map((one) => words[one]).join(", ");
  };

  // The rows of a table that belong to a reading, as objects; made once for all charts that draw them.
  const cache = new Map();
  const rowsOf = (figure, table, readingName) => {
    const key = `${figure} ${table} ${readingName}`;
    if (!cache.has(key)) {
      const { columns, rows } = page.tables[figure][table];
      const [measurement, interference] = readingName.split("/");
      const wanted = { variant: readingName, measurement, interference };
      const checks = Object.entries(wanted).map(([name, value]) => [columns.indexOf(name), value]).filter(([i]) => i >= 0);
      cache.set(key, rows.filter((row) => checks.every(([i, value]) => row[i] === value))
        .map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
    }
    return cache.get(key);
  };

  // ---- charts
  const isolated = new Map();  // group -> the entry that is looked at alone
  const views = new Map();     // figure -> [{view, group}]
  const groupOf = (figure) => ($(`.key[data-group="${figure}"]`) ? figure : "experiment");

  async function draw(box) {
    const figure = box.dataset.figure;
    const readings = page.panels[figure] ?? {};
    const name = readings[nameOf(reading)] ? nameOf(reading) : MAIN;
    const note = $(".shown", box.parentElement);
    note.hidden = name === nameOf(reading);
    note.textContent = note.hidden ? "" : `This figure has no such reading of the runs; shown is: ${inWords(name, figure)}.`;
    (views.get(figure) ?? []).forEach((view) => view.finalize());
    const panels = readings[name] ?? [];
    const group = groupOf(figure), made = [], parts = [];
    for (const panel of panels) {
      const target = make("div", { className: isDark() ? "chart in-dark" : "chart" });
      const part = make("div", {}, ...(panels.length > 1 || group !== "experiment" ? [make("h4", { textContent: panel.title })] : []), target);
      parts.push([part, target, panel]);
    }
    box.replaceChildren(...parts.map(([part]) => part));
    for (const [, target, panel] of parts) {
      const datasets = {};
      let rows = 0;
      for (const table of Object.keys(page.tables[figure])) {
        datasets[table] = rowsOf(figure, table, name);
        rows = Math.max(rows, datasets[table].length);
      }
      const spec = { ...inTheme(page.specs[panel.spec]), datasets, width: "container", height: panel.height,
                     autosize: { type: "fit-x", contains: "padding" } };
      const result = await vegaEmbed(target, spec, { actions: false, renderer: rows > 1500 ? "canvas" : "svg",
        config: inTheme(page.config), tooltip: { theme: "custom" } });
      result.view.signal("isolated", isolated.get(group) ?? null).run();
      made.push(result.view);
    }
    views.set(figure, made);
  }
  let drawing = Promise.resolve();
  // Words, cards and tables of one reading: those of the chosen one are seen, and a picture's label is the words beside it.
  const whenRead = [];
  const follow = () => {
    for (const one of $$("[data-readings]")) one.hidden = !one.dataset.readings.split(" ").includes(nameOf(reading));
    for (const box of $$(".panels")) {
      const said = $("[data-readings]:not([hidden]) .said", box.parentElement);
      box.setAttribute("aria-label", said?.textContent ?? $("h3", box.parentElement).textContent);
    }
    whenRead.forEach((one) => one());
  };
  const stepBack = () => {
    const alone = isolated.get("experiment") ?? null;
    for (const one of $$("[data-experiment]")) one.classList.toggle("back", alone !== null && one.dataset.experiment !== alone);
  };
  const drawAll = () => (drawing = drawing.then(async () => {
    for (const box of $$(".panels")) {
      try {
        await draw(box);
      } catch (error) {  // one chart that fails must not take the others with it
        box.replaceChildren(make("p", { className: "notice", textContent: `This figure could not be drawn (${error.message}); its numbers are below.` }));
      }
    }
    document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1);
  }));

  for (const key of $$(".key")) {
    key.addEventListener("click", () => {
      const { isolate, group } = key.dataset;
      isolated.set(group, isolated.get(group) === isolate ? null : isolate);
      for (const other of $$(`.key[data-group="${group}"]`)) {
        other.setAttribute("aria-pressed", String(other.dataset.isolate === isolated.get(group)));
      }
      for (const [figure, ones] of views) {
        if (groupOf(figure) === group) ones.forEach((view) => view.signal("isolated", isolated.get(group)).run());
      }
      stepBack();
    });
  }
  for (const input of $$(".choice input")) {
    input.addEventListener("change", () => { reading[input.name] = input.value; follow(); drawAll(); });
  }

  const toggle = $("#theme");
  const nameToggle = () => {
    toggle.textContent = isDark() ? "Light" : "Dark";
    toggle.setAttribute("aria-pressed", String(isDark()));
    toggle.setAttribute("aria-label", isDark() ? "Change to light colours" : "Change to dark colours");
  };
  const retheme = () => { nameToggle(); drawAll(); };
  toggle.hidden = false;
  toggle.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; retheme(); });
  system.addEventListener("change", retheme);
  // Paper is light. A browser prints as soon as this returns, and drawing takes longer: the marks that stand there are given
  // their light colours, and page.css turns charts that are pixels.
  let before;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
    for (const mark of $$(".in-dark svg [fill], .in-dark svg [stroke]")) {
      for (const name of ["fill", "stroke"]) {
        const light = inLight[mark.getAttribute(name)];
        if (light) mark.setAttribute(name, light);
      }
    }
  });
  addEventListener("afterprint", () => {
    if (before) document.documentElement.dataset.theme = before; else delete document.documentElement.dataset.theme;
    retheme();
  });

  // ---- the numbers behind a figure, made when they are asked for
  const tableOf = (titles, rows, isNumber) => make("table", {},
    make("thead", {}, make("tr", {}, ...titles.map((title, i) =>
      title instanceof Node ? title : make("th", { textContent: title, scope: "col", className: isNumber[i] ? "number" : "" })))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, i) =>
      cell instanceof Node ? cell : make("td", { textContent: shown(cell), className: isNumber[i] ? "number" : "" }))))));
  const numeric = (rows, count) => [...Array(count).keys()].map((i) => rows.slice(0, 200).some((row) => typeof row[i] === "number"));
  for (const box of $$(".numbers")) {
    const { columns, rows } = page.tables[box.dataset.figure][box.dataset.table];
    box.closest("details").addEventListener("toggle", () => {
      if (box.childElementCount) return;
      const most = 500;
      const scroll = make("div", { className: "scroll", tabIndex: 0 }, tableOf(columns, rows.slice(0, most), numeric(rows, columns.length)));
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", `Numbers: ${box.dataset.table}`);
      box.append(scroll);
      if (rows.length > most) box.append(make("p", { className: "quiet small", textContent: `The first ${most} of ${whole.format(rows.length)} rows; the CSV file has all.` }));
    });
  }

  // ---- the table of runs: sorted, filtered, a page at a time
  const runsBox = $("#runs-table");
  if (runsBox) {
    const { columns, titles, rows } = page.runs, size = 50;
    const isNumber = numeric(rows, columns.length);
    let texts = [];
    // What was measured, in the chosen reading; in the main one where the page has no points of the chosen one.
    const fill = () => {
      const chosen = page.tables.figure2?.points ? rowsOf("figure2", "points", nameOf(reading)) : [];
      const name = chosen.length ? nameOf(reading) : MAIN;
      if (page.tables.figure2?.points) {
        const points = new Map(rowsOf("figure2", "points", name).map((point) => [point.run, point]));
        for (const row of rows) {
          const point = points.get(row[0]);
          for (const result of page.runs.results) row[columns.indexOf(result)] = point?.[result] ?? null;
          row[columns.indexOf("learned")] = page.runs.learned[Number(point?.learned ?? NaN)] ?? "";
        }
      }
      const said = $("#runs-reading");  // where runs are read as points
      if (said) said.textContent = inWords(name);
      texts = rows.map((row) => row.join(" ").toLowerCase());
    };
    const state = { by: 1, down: false, from: 0 };
    const compare = (a, b) => {
      const x = rows[a][state.by], y = rows[b][state.by];
      if (x === y) return a - b;
      if (x === null || x === undefined) return 1;
      if (y === null || y === undefined) return -1;
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true });
      return state.down ? -order : order;
    };
    const show = () => {
      const sought = $("#runs-filter").value.toLowerCase().split(/\s+/).filter(Boolean), status = $("#runs-state").value;
      const at = columns.indexOf("status");
      const found = [...rows.keys()].filter((i) => (!status || rows[i][at] === status) && sought.every((word) => texts[i].includes(word))).sort(compare);
      state.from = Math.min(state.from, Math.max(0, Math.ceil(found.length / size) - 1) * size);
      const part = found.slice(state.from, state.from + size);
      const focused = runsBox.contains(document.activeElement) ? document.activeElement.dataset.column : null;
      const heads = titles.map((title, i) => {
        const sorted = i === state.by;
        const button = make("button", { type: "button", textContent: title + (sorted ? (state.down ? " ▼" : " ▲") : "") });
        button.dataset.column = i;
        button.addEventListener("click", () => { state.down = sorted && !state.down; state.by = i; show(); });
        const head = make("th", { scope: "col", className: isNumber[i] ? "number" : "" }, button);
        head.setAttribute("aria-sort", sorted ? (state.down ? "descending" : "ascending") : "none");
        return head;
      });
      const body = part.map((i) => rows[i].map((cell, j) => {
        if (columns[j] === "run") return make("th", { scope: "row", title: cell }, make("code", { textContent: String(cell).slice(0, 12) }));
        if (columns[j] === "status") return make("td", { textContent: cell, className: `state-${cell}` });
        return cell;
      }));
      runsBox.replaceChildren(tableOf(heads, body, isNumber));
      if (focused !== null) $(`button[data-column="${focused}"]`, runsBox)?.focus();
      $("#runs-count").textContent = found.length ? `${whole.format(state.from + 1)}–${whole.format(state.from + part.length)} of ${whole.format(found.length)}` : "no run";
      $("#runs-previous").disabled = state.from === 0;
      $("#runs-next").disabled = state.from + size >= found.length;
    };
    const restart = () => { state.from = 0; show(); };
    $("#runs-filter").addEventListener("input", restart);
    $("#runs-state").addEventListener("change", restart);
    $("#runs-previous").addEventListener("click", () => { state.from -= size; show(); });
    $("#runs-next").addEventListener("click", () => { state.from += size; show(); });
    whenRead.push(() => { fill(); show(); });
  }

  nameToggle();
  follow();
  drawAll();
})();
