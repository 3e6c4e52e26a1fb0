/** The look of a report, in light and in dark. Custom properties are the charts' colours too. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f4ef; --card: #ffffff; --ink: #1d1f24; --quiet: #666971; --line: #e6e2d9;
  --category-0: #2f66d0; --category-1: #d9663a; --category-2: #1f8f6b; --category-3: #9a4fc0;
  --category-4: #b58900; --category-5: #c23a6b; --category-6: #3a9db5; --other: #9296a0;
  --degree-0: #12306e; --degree-1: #2f66d0; --degree-2: #4f9fb8; --degree-3: #8dbf7f; --degree-4: #e0b53f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15161a; --card: #1e2026; --ink: #ecebe6; --quiet: #a0a3ac; --line: #33363f;
    --category-0: #6d9bff; --category-1: #f0895f; --category-2: #4cc39a; --category-3: #c08be0;
    --category-4: #dcb53c; --category-5: #ef749f; --category-6: #66c7de; --other: #7b7f8a;
    --degree-0: #f4d35e; --degree-1: #9fd356; --degree-2: #4cc39a; --degree-3: #4a90d9; --degree-4: #6a5acd;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1180px; padding: 32px 24px 48px; background: var(--ground); color: var(--ink);
  font: 15px / 1.5 ui-sans-serif, system-ui, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
header p { margin: 2px 0 0; color: var(--quiet); overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 28px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 10px; font-size: 17px; }
main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px; }
section { padding: 18px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; min-width: 0; }
section.wide { grid-column: 1 / -1; }
section > p { margin: 12px 0 0; color: var(--quiet); font-size: 14px; max-width: 76ch; }
#facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 18px; }
#facts > div { flex: 1 1 120px; padding: 12px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
#facts dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
#facts dt { color: var(--quiet); font-size: 13px; }
#figures, #decile-table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { color: var(--quiet); font-weight: 500; }
th, td { padding: 4px 10px; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
tbody tr { border-top: 1px solid var(--line); }
tbody th { padding-top: 12px; }
td.top { font-weight: 700; }
#declaration { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 0; }
#declaration dt { color: var(--quiet); }
#declaration dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 12px; }
summary { color: var(--quiet); cursor: pointer; font-size: 14px; }
pre { margin: 10px 0 0; padding: 14px; overflow: auto; background: var(--ground); border-radius: 8px; font: 12.5px / 1.5 ui-monospace, monospace; }
#map-controls { display: flex; flex-wrap: wrap; gap: 16px; align-items: center; margin-bottom: 8px; color: var(--quiet); }
select, input { padding: 4px 8px; border: 1px solid var(--line); border-radius: 6px; background: var(--ground); color: var(--ink); font: inherit; }
input { flex: 0 1 260px; }
.tip {
  position: absolute; z-index: 10; width: max-content; max-width: 340px; padding: 8px 12px; pointer-events: none;
  background: var(--card); color: var(--ink); border: 1px solid var(--line); border-radius: 8px;
  box-shadow: 0 4px 18px #0004; font-size: 13px; overflow-wrap: anywhere;
}
.tip div, .tip ol { color: var(--quiet); }
.tip ol { margin: 2px 0 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; white-space: pre-wrap; }
.uplot, .uplot * { font-family: inherit; }
.u-legend { margin-top: 2px; margin-left: 4px; text-align: left; font-size: 13px; color: var(--ink); }
.u-legend tr { border: 0; }
.u-legend th, .u-legend td { padding: 1px 4px 1px 0; color: inherit; font-variant-numeric: tabular-nums; }
:not(#map) > .uplot tr.u-series:first-child .u-marker { display: none; }
.u-legend .u-value { color: var(--quiet); min-width: 4em; }
.u-legend .u-marker { width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.u-select { background: #8885; }
footer { margin-top: 24px; color: var(--quiet); font-size: 13px; }
@media (max-width: 820px) { main { grid-template-columns: minmax(0, 1fr); } }
@media print { body { max-width: none; } section { break-inside: avoid; } }
`;
