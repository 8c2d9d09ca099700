/** The looks of a study's page: one column, the reader's own fonts and colour scheme, nothing loaded. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1c1c1c;--soft:#555;--line:#ccc;--link:#0a58a6;--tint:#f4f5f7}
@media(prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e6e6e6;--soft:#b4b4b4;--line:#454a50;--link:#83bdf5;--tint:#1f242a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,"Liberation Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,nav,main,footer{max-width:70rem;margin:0 auto;padding:0 1rem}
header{padding-top:2rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem}
h2{font-size:1.4rem;line-height:1.25;margin:2.6rem 0 .8rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-100rem}
.skip:focus{position:static;display:inline-block;padding:.5rem 1rem}
.lede,.note,footer{color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:1rem 0;padding:0}
.findings li{margin:.35rem 0;max-width:52rem}
figure{margin:0 0 1.5rem}
figcaption{margin:.6rem 0;max-width:46rem}
.drawing,.scroll{overflow-x:auto}
.drawing svg{display:block;max-width:100%;height:auto}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--link)}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;margin:.5rem 0}
caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{padding:.22rem .8rem .22rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:normal;font-weight:400}
thead th{font-weight:600;vertical-align:bottom}
.n{text-align:right;white-space:nowrap}
thead .n{white-space:normal}
pre,code{font-family:ui-monospace,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.85rem}
pre{background:var(--tint);padding:.8rem;overflow-x:auto;max-height:30rem;overflow-wrap:normal;margin:.5rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:.5rem 0}
dt{color:var(--soft)}
dd{margin:0}
.hash{font-family:ui-monospace,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.8rem}
footer{padding-top:2rem;padding-bottom:2rem;font-size:.9rem}
@media(max-width:32rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}h1{font-size:1.5rem}}
@media print{.drawing,.scroll,pre{overflow:visible;max-height:none}nav,.skip{display:none}}
`.trim()
