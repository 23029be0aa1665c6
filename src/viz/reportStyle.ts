/** How a report looks: on light and dark screens, and on paper. */

/** CSS of `report`. */
export const style = `
:root{--ground:#f5f6f8;--card:#fff;--ink:#1c2330;--muted:#5c6675;--line:#e3e6eb;--frame:#c3c9d3;--accent:#0b62a8;--soft:#eaf2f9}
@media screen and (prefers-color-scheme:dark){:root{--ground:#11151b;--card:#191f28;--ink:#e4e8ee;--muted:#9aa5b4;--line:#2a323e;--frame:#445062;--accent:#6db3ec;--soft:#1e2c3a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
header{margin:0 4px 28px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.015em;margin:0;overflow-wrap:anywhere}
header p{margin:6px 0 0;color:var(--muted);font-size:16px}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin-top:22px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 20px 12px;min-width:140px}
.tile b{display:block;font-size:26px;line-height:1.2;font-weight:650;letter-spacing:-.01em;color:var(--accent);font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tile span{color:var(--muted);font-size:13px}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:20px 24px 24px;margin:0 0 18px}
h2{font-size:17px;margin:0 0 14px;letter-spacing:-.005em}
p{margin:0 0 12px;max-width:75ch;white-space:pre-line;overflow-wrap:anywhere}
.note{color:var(--muted);font-size:13px;margin:12px 0 0}
.pictures{display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start}
figure{margin:0;max-width:100%;overflow-x:auto}
figure svg{display:block;max-width:100%;height:auto}
figure svg:not(.viz){background:#fff;border-radius:8px;padding:8px}
.viz text{fill:var(--ink)}
.viz .viz-paper{fill:var(--card)}
.viz .viz-muted{fill:var(--muted)}
.viz .viz-grid{stroke:var(--line)}
.viz .viz-frame{stroke:var(--frame)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;font-size:13px;color:var(--muted);border-bottom:1px solid var(--frame);padding:6px 12px}
td{padding:6px 12px;border-bottom:1px solid var(--line)}
tbody tr:last-child td{border-bottom:0}
.number{text-align:right}
.path{display:inline-block;min-width:22px;margin-right:6px;color:var(--muted)}
.share{width:22%;min-width:90px}
.share i{display:block;height:6px;border-radius:3px;background:var(--accent);opacity:.75}
dl{margin:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:0 32px}
dl div{display:flex;justify-content:space-between;gap:16px;padding:6px 0;border-bottom:1px solid var(--line)}
dt{color:var(--muted)}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
pre{margin:0;padding:14px 16px;background:var(--soft);border-radius:10px;overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
figure+p,.pictures+*,.wide+pre{margin-top:14px}
@media print{body{background:#fff;font-size:12px}main{max-width:none;padding:0}section,.tile{break-inside:avoid;border-color:#ccc}pre{white-space:pre-wrap}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media (max-width:560px){main{padding:24px 12px}section{padding:16px}dl{grid-template-columns:1fr}}
`
