// Charts on uPlot. A page gives <div class="chart" data-chart="fan" data-source="id"> and the data in
// <script type="application/json" id="id">. Kinds: fan, lines, bars. Each chart has its table on the page.
(function () {
  "use strict";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const fmt = (v) => (v == null ? "–" : Math.abs(v) >= 100 || Number.isInteger(v) ? supply.group(v) : v.toFixed(1).replace(".", ","));
  const day = (iso) => Date.UTC(+iso.slice(0, 4), +iso.slice(5, 7) - 1, +iso.slice(8, 10)) / 1000;
  const label = (s) => { const d = new Date(s * 1000); return String(d.getUTCDate()).padStart(2, "0") + "/" + String(d.getUTCMonth() + 1).padStart(2, "0"); };
  const full = (s) => label(s) + "/" + new Date(s * 1000).getUTCFullYear();

  function base(el, data, extra) {
    const ink = css("--ink-2"), line = css("--line-2");
    return Object.assign({
      width: el.clientWidth, height: +el.dataset.height || 280, tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "UTC"),
      cursor: { y: false }, legend: { live: true },
      axes: [
        { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, values: (_u, v) => v.map(label), font: "12px Be Vietnam Pro", space: 60 },
        { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, values: (_u, v) => v.map(fmt), font: "12px Be Vietnam Pro", size: 64 },
      ],
      hooks: data.today ? { draw: [(u) => {
        const x = u.valToPos(day(data.today), "x", true); if (!isFinite(x)) return;
        const c = u.ctx; c.save(); c.strokeStyle = ink; c.setLineDash([4, 4]); c.beginPath(); c.moveTo(x, u.bbox.top); c.lineTo(x, u.bbox.top + u.bbox.height); c.stroke(); c.restore();
      }] } : {},
    }, extra);
  }
  const x = { value: (_u, v) => (v == null ? "–" : full(v)) };
  const value = (_u, v) => fmt(v);

  const kinds = {
    // {days, history, median, lo50, hi50, lo95, hi95, today, labels:{x,history,median,band50,band95}}
    fan(el, d) {
      const accent = css("--accent"), l = d.labels;
      return [base(el, d, {
        series: [Object.assign({ label: l.x }, x), { label: l.history, stroke: css("--ink"), width: 2, value, points: { size: 4 } }, { label: l.median, stroke: accent, width: 2, dash: [6, 4], value },
          { label: l.band95 + " ↓", stroke: "transparent", value, points: { show: false } }, { label: l.band95 + " ↑", stroke: "transparent", value, points: { show: false } },
          { label: l.band50 + " ↓", stroke: "transparent", value, points: { show: false } }, { label: l.band50 + " ↑", stroke: "transparent", value, points: { show: false } }],
        bands: [{ series: [4, 3], fill: css("--band-95") }, { series: [6, 5], fill: css("--band-50") }],
        scales: { x: { time: true }, y: { range: (_u, _a, b) => [0, (b || 1) * 1.05] } },
      }), [d.days.map(day), d.history, d.median, d.lo95, d.hi95, d.lo50, d.hi50]];
    },
    // {days, series:[{label, values, stepped?}], today?}
    lines(el, d) {
      const colours = [css("--accent"), css("--ink"), css("--warn"), css("--info"), css("--danger")];
      return [base(el, d, {
        series: [Object.assign({ label: d.x || "" }, x), ...d.series.map((s, i) => ({ label: s.label, stroke: colours[i % 5], width: 2, value, points: { show: s.values.length < 60 }, paths: s.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined }))],
        scales: { x: { time: true }, y: { range: (_u, _a, b) => [0, (b || 1) * 1.05] } },
      }), [d.days.map(day), ...d.series.map((s) => s.values)]];
    },
    // {labels:[…], series:[{label, values}]}: groups side by side; every bar has its own place on x
    bars(el, d) {
      const colours = [css("--accent"), css("--info"), css("--warn"), css("--danger"), css("--ink-2")];
      const n = d.series.length, step = 0.8 / n, xs = [];
      const places = d.series.map((_s, i) => d.labels.map((_l, k) => { xs.push(k + (i - (n - 1) / 2) * step); return xs.length - 1; }));
      const order = xs.map((_v, k) => k).sort((a, b) => xs[a] - xs[b]), rank = new Map(order.map((k, r) => [k, r]));
      const columns = d.series.map((s, i) => { const c = xs.map(() => null); places[i].forEach((k, j) => { c[rank.get(k)] = s.values[j]; }); return c; });
      const o = base(el, {}, {
        series: [{ label: d.x || "", value: (_u, v) => (v == null ? "–" : d.labels[Math.round(v)] ?? "–") }, ...d.series.map((s, i) => ({ label: s.label, fill: colours[i % 5], stroke: colours[i % 5], width: 0, value, points: { show: false }, paths: uPlot.paths.bars({ size: [0.92, 64], align: 0 }) }))],
        scales: { x: { time: false, range: [-0.6, d.labels.length - 0.4] }, y: { range: (_u, _a, b) => [0, (b || 1) * 1.08] } },
      });
      o.axes[0].values = (_u, v) => v.map((k) => d.labels[k] ?? "");
      o.axes[0].splits = () => d.labels.map((_l, k) => k);
      o.axes[0].grid = { show: false };
      return [o, [order.map((k) => xs[k]), ...columns]];
    },
  };
  function draw(el) {
    const d = JSON.parse(document.getElementById(el.dataset.source).textContent);
    const [options, data] = kinds[el.dataset.chart](el, d);
    if (el.dataset.legend === "off") options.legend = { show: false };
    el.replaceChildren();
    const plot = new uPlot(options, data, el);
    new ResizeObserver(() => plot.setSize({ width: el.clientWidth, height: options.height })).observe(el);
  }
  const all = (where) => where.querySelectorAll(".chart[data-chart]").forEach((el) => { try { draw(el); } catch (e) { el.textContent = supply.say("Không vẽ được biểu đồ; số liệu ở bảng bên dưới.", "The chart cannot be drawn; the figures are in the table below."); console.error(e); } });
  document.addEventListener("DOMContentLoaded", () => all(document));
  document.addEventListener("htmx:load", (e) => all(e.detail.elt));
})();
