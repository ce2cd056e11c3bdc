"""A guideline as web pages are written: banners, menus, lists, a table, a figure."""

from __future__ import annotations

GUIDELINE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Gout | Trust guidelines</title><style>.x{color:red}</style></head>
<body class="has-sidebar"><a class="skip-link" href="#main">Skip to main content</a>
<div id="cookie-banner"><p>We use cookies</p><button>Accept</button></div>
<header role="banner"><a href="/">Trust</a><nav><ul><li><a href="/">Home</a></li><li>Guidelines</li></ul></nav></header>
<ol class="breadcrumbs"><li>Home</li><li>Gout</li></ol>
<main id="main"><article>
<h1>Gout: diagnosis&nbsp;and management</h1>
<p class="lead">This
covers adults<sup><a href="#ref1">1</a>,<a href="#ref2">2</a></sup>. BMI over 30&nbsp;kg/m<sup>2</sup>,
platelets &lt; 100 × 10<sup>9</sup>/L, chol&shy;esterol [<a href="#bib3">3</a>].</p>
<nav class="toc"><h2>On this page</h2><ul><li><a href="#a">Acute</a></li></ul></nav>
<section id="social-support"><h2>Acute treatment</h2>
<p>For an acute attack, give <strong>one</strong> of:</p>
<ul><li>naproxen 500&nbsp;mg twice daily:<ul><li>with a PPI<li>not if eGFR &lt; 30</ul></li>
<li><p>colchicine 500 mic<b>rograms</b></p><p>Stop if diarrhoea occurs.</p></li></ul>
<h3>Doses</h3>
<table><caption>Table 1. Colchicine</caption>
<thead><tr><th rowspan=2>eGFR<th colspan=2>Dose</tr><tr><th>Adults<th>Children
</tr></thead><tbody><tr><td colspan=3>First line</td></tr><tr><td rowspan=2>30–60<td>500 mcg<td>not used</tr>
<tr><td>250 mcg<td><ul><li>a</li><li>b</li></ul></tr><tr><td>below 30<td colspan=2>avoid</tr></tbody>
<tfoot><tr><td colspan=3>eGFR in ml/min/1.73 m<sup>2</sup>.</tr></tfoot></table>
<figure><img src=x.png alt="flow"><figcaption>Figure 1. Pathway for <i>acute</i> gout</figcaption></figure>
<p><b>Special groups</b></p><p>If pregnant, refer. <img alt="" src=a.gif><img src=chart.png></p>
</section></article></main><aside><p>Related</p></aside><footer>© 2024</footer><script>var a=1;</script></body></html>
"""
