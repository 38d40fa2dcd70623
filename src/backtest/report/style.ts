/** The style of the report; colours are those of the page (src/ui/css/base.css). */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#fff, #131619);
  --raised: light-dark(#f7f8f9, #181c20);
  --ink: light-dark(#191c20, #e8eaed);
  --dim: light-dark(#5a626d, #9aa4af);
  --line: light-dark(#e2e5e9, #2b3138);
  --expected: light-dark(#0072b2, #56b4e9);
  --interval: light-dark(rgb(0 114 178 / 0.16), rgb(86 180 233 / 0.2));
  --alarm: light-dark(#d55e00, #ff8b4a);
  --marked: light-dark(#00805f, #2fc79e);
}
* { box-sizing: border-box; }
body {
  max-width: 1160px;
  margin: 0 auto;
  padding: 28px 24px 48px;
  background: var(--page);
  color: var(--ink);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { margin: 0 0 4px; font-size: 26px; font-weight: 650; letter-spacing: -0.02em; }
h2 { margin: 0; font-size: 15px; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0 0 12px; }
.dim, footer, dt, .tiles p, figcaption { color: var(--dim); }
a { color: inherit; text-decoration-color: var(--dim); text-underline-offset: 3px; }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; }
.tiles div { flex: 1 1 150px; padding: 10px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); }
.tiles dd { margin: 0; font-size: 24px; font-weight: 650; letter-spacing: -0.02em; }
.tiles p { margin: 0; font-size: 12px; }
.legend { color: var(--dim); }
.k { display: inline-block; width: 18px; margin: 0 6px 0 14px; vertical-align: middle; }
.k:first-child { margin-left: 0; }
.k.value { border-top: 1.5px solid var(--ink); }
.k.yhat { border-top: 2px solid var(--expected); }
.k.interval { height: 12px; background: var(--interval); }
.k.alarm { width: 6px; height: 12px; background: var(--alarm); opacity: 0.55; }
.k.marked { height: 4px; background: var(--marked); }
.table { max-height: 420px; margin: 0 0 28px; overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 5px 12px; text-align: right; white-space: nowrap; }
th { font-weight: 400; }
th:first-child { max-width: 520px; overflow: hidden; text-align: left; text-overflow: ellipsis; }
thead th { position: sticky; top: 0; background: var(--raised); color: var(--dim); }
tbody tr { border-top: 1px solid var(--line); }
section { padding: 16px 0 20px; border-top: 1px solid var(--line); }
.chart { position: relative; margin: 0 0 12px; padding: 0 0 20px 58px; }
.chart svg { display: block; width: 100%; height: 200px; overflow: hidden; border: solid var(--line); border-width: 0 0 1px 1px; }
.y, .x { color: var(--dim); font-size: 11px; }
.y span { position: absolute; left: 0; width: 52px; text-align: right; }
.y { position: absolute; inset: 0 auto 20px 0; }
.y span { transform: translateY(-50%); }
.x { position: absolute; inset: auto 0 0 58px; height: 18px; overflow: hidden; }
.x span { position: absolute; padding-left: 3px; border-left: 1px solid var(--line); }
.interval { fill: var(--interval); stroke: none; }
.yhat, .value { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.yhat { stroke: var(--expected); stroke-width: 1.2; }
.value { stroke: var(--ink); stroke-width: 1; }
rect.alarm { fill: var(--alarm); opacity: 0.45; }
rect.at { fill: transparent; }
rect.at:hover { fill: var(--ink); opacity: 0.18; }
rect.marked { fill: var(--marked); }
.closeups { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px 20px; }
figure { margin: 0; }
figure .chart { margin: 0 0 2px; }
figure .chart svg { height: 120px; }
figcaption { padding-left: 58px; font-size: 12px; }
figcaption b { color: var(--ink); font-weight: 600; }
figcaption .right { color: var(--marked); }
.verdict { font-size: 16px; }
.verdict p { margin: 0 0 4px; }
details { margin: 0 0 28px; }
summary { cursor: pointer; }
pre { overflow: auto; padding: 10px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); user-select: all; }
footer { padding-top: 16px; border-top: 1px solid var(--line); font-size: 12px; }
`;
