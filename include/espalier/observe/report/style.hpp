// SPDX-License-Identifier: BSL-1.0
/// @file
/// The style of the page: one sheet for light, dark and paper, and for the charts within it.
/// It asks the network for nothing; fonts are those that the reader has.
#pragma once

#include <string_view>

namespace espalier::html {

inline constexpr std::string_view page_style = R"css(
:root{color-scheme:light dark;--paper:#fff;--sheet:#f6f7f8;--ink:#1c2127;--soft:#59636e;--rule:#dfe3e7;--grid:#e9ecef;
--model:#1f5fa8;--other:#b4560f;--good:#1a7357;--doubt:#8a6100;--bad:#a5392b;--cell:31,95,168}
@media (prefers-color-scheme:dark){:root{--paper:#14171a;--sheet:#1c2025;--ink:#e6e9ec;--soft:#a0a9b3;--rule:#343b43;--grid:#272d34;
--model:#7db1ee;--other:#eda265;--good:#5cc6a1;--doubt:#e0b44c;--bad:#f0857a;--cell:125,177,238}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:62rem;margin:0 auto;padding:3rem 1.5rem 4rem}
h1,h2,.verdict p{font-family:Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif}
h1{font-size:2rem;line-height:1.2;font-weight:600;margin:0 0 1.2rem;overflow-wrap:anywhere}
h2{font-size:1.35rem;font-weight:600;margin:3.2rem 0 .6rem;padding-top:1.1rem;border-top:1px solid var(--rule)}
h3{font-size:1rem;font-weight:600;margin:1.8rem 0 .3rem}
p{margin:.5rem 0;max-width:46rem}
.verdict{border-left:5px solid var(--soft);background:var(--sheet);padding:1rem 1.3rem;border-radius:0 6px 6px 0}
.verdict p{font-size:1.2rem;line-height:1.5;margin:.15rem 0 0;max-width:none}
.verdict strong{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft)}
.verdict.better{border-color:var(--good)}.verdict.better strong{color:var(--good)}
.verdict.chance{border-color:var(--doubt)}.verdict.chance strong{color:var(--doubt)}
.verdict.worse{border-color:var(--bad)}.verdict.worse strong{color:var(--bad)}
.notice{border-left:5px solid var(--doubt);padding:.1rem 1.3rem;margin:1rem 0}
.soft{color:var(--soft);font-size:.9rem}
dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.4rem,1fr));gap:.9rem 1rem;margin:1.8rem 0 0}
dl.facts div{border-top:2px solid var(--rule);padding-top:.4rem}
dt{color:var(--soft);font-size:.85rem}
dl.facts dd{margin:0;font-size:1.1rem;white-space:nowrap;font-variant-numeric:tabular-nums}
dl.run{display:grid;grid-template-columns:9rem 1fr;gap:.4rem 1.2rem;margin:1rem 0}
dl.run dd{margin:0;overflow-wrap:anywhere}
.table{overflow-x:auto;margin:1rem 0 .4rem}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.38rem .9rem .38rem 0;border-bottom:1px solid var(--grid);font-weight:400}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:.85rem;vertical-align:bottom;border-bottom:1px solid var(--soft)}
thead .number{white-space:normal}
tfoot th,tfoot td{border-top:1px solid var(--soft);border-bottom:0;font-weight:600}
tbody th{overflow-wrap:anywhere;min-width:8.5rem}
time{white-space:nowrap}.number{text-align:right;white-space:nowrap}.number+:not(.number){padding-left:1.2rem}
tr.strong th,tr.strong td{font-weight:600}
td small{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
figure{margin:1.2rem 0 0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(21rem,1fr));gap:0 1.5rem}
figcaption{color:var(--soft);font-size:.9rem;max-width:46rem;margin-top:.3rem}
figure h3{margin-top:.2rem}.pair figure,h2+figure{margin-top:.4rem}
.wide{overflow-x:auto}.wide svg{min-width:40rem}
pre{background:var(--sheet);border-radius:6px;padding:.9rem 1.1rem;overflow-x:auto;font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;margin:.8rem 0}
pre.command{white-space:pre-wrap;overflow-wrap:anywhere}
footer{margin-top:3.5rem;border-top:1px solid var(--rule);padding-top:.9rem;color:var(--soft);font-size:.85rem}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
svg .tick{fill:var(--soft);font-size:11.5px;font-variant-numeric:tabular-nums}
svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
svg .grid{stroke:var(--grid)}svg .rule{stroke:var(--soft)}svg .zero{stroke:var(--soft);stroke-width:1.2}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
svg .line.model{stroke:var(--model)}svg .line.other{stroke:var(--other)}svg .line.faint{stroke:var(--model);stroke-width:1;opacity:.22}
svg .line.under{stroke:var(--other);stroke-width:6;opacity:.5}
svg .line.diagonal{stroke:var(--soft);stroke-dasharray:5 4;stroke-width:1.4}
svg .mark.model{fill:var(--model)}svg .mark.other{fill:var(--other)}
svg .whisker{fill:none;stroke-width:1.3}svg .whisker.model{stroke:var(--model)}svg .whisker.other{stroke:var(--other)}svg .whisker.ink{stroke:var(--ink)}
svg .best{stroke:var(--other);stroke-width:1;stroke-dasharray:2 3}svg .ring{fill:none;stroke:var(--other);stroke-width:2}
svg .bar.better{fill:var(--model);opacity:.75}svg .bar.worse{fill:var(--other);opacity:.75}
svg .cell{fill:rgb(var(--cell))}
svg .shade-1{fill-opacity:.1}svg .shade-2{fill-opacity:.22}svg .shade-3{fill-opacity:.37}svg .shade-4{fill-opacity:.54}svg .shade-5{fill-opacity:.74}svg .shade-6{fill-opacity:.95}
@media screen{.long{max-height:30rem;overflow:auto;border:1px solid var(--rule);border-radius:6px;padding:.5rem .9rem 0}
.long thead th{position:sticky;top:-.5rem;background:var(--paper)}.long tfoot th,.long tfoot td{position:sticky;bottom:0;background:var(--paper)}}
@media (max-width:40rem){main{padding:1.6rem 1rem 3rem}h1{font-size:1.6rem}dl.run{grid-template-columns:1fr;gap:0}dl.run dd{margin-bottom:.6rem}}
@media print{:root{color-scheme:light;--paper:#fff;--sheet:#f6f7f8;--ink:#000;--soft:#444;--rule:#bbb;--grid:#ddd;--model:#1f5fa8;--other:#b4560f;--good:#1a7357;--doubt:#8a6100;--bad:#a5392b;--cell:31,95,168}
body{font-size:10.5pt}main{max-width:none;padding:0}h2,h3{break-after:avoid}figure,tr,.verdict,dl.facts div{break-inside:avoid}thead{display:table-header-group}tfoot{display:table-row-group}caption{break-after:avoid;break-inside:avoid}dl.facts{grid-template-columns:repeat(auto-fit,minmax(5.6rem,1fr))}dl.facts dd{font-size:1rem}
pre{white-space:pre-wrap}.verdict,svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}.table,.wide{overflow:visible}.wide svg{min-width:0}}
)css";

} // namespace espalier::html
