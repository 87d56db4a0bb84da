/* What a click shows: the attributes of a feature, its figures as bars, and the other features at the place. */
"use strict";
ecopattern.card = (function () {
  var dom = ecopattern.dom, make = dom.make;

  /* hits: [layer, feature] pairs, the uppermost first. */
  function card(page, hits, turn) {
    var box = make("div", "ep-card"), place = 0;
    function show() {
      box.textContent = "";
      if (hits.length > 1) { box.appendChild(pager()); }
      content(page, hits[place][0], hits[place][1]).forEach(function (part) { box.appendChild(part); });
      turn(hits[place]);
    }
    function pager() {
      var bar = make("div", "ep-pager");
      bar.appendChild(dom.button("ep-step", page.texts.before, "M12 4L6 10l6 6", function () { step(-1); }));
      bar.appendChild(make("span", "", dom.say(page.texts.of_several, { number: place + 1, count: hits.length })));
      bar.appendChild(dom.button("ep-step", page.texts.after, "M8 4l6 6-6 6", function () { step(1); }));
      return bar;
    }
    function step(by) {
      place = (place + by + hits.length) % hits.length;
      show();
      box.querySelectorAll(".ep-step")[by < 0 ? 0 : 1].focus();
    }
    show();
    return box;
  }

  function content(page, layer, feature) {
    var meta = layer.meta, name = layer.name(feature), symbol = meta.symbols[layer.symbolOf[feature]], parts = [];
    var title = make("h2");
    title.appendChild(dom.long(name || meta.title, page.clipped, page.texts.more));
    parts.push(title);
    var kind = make("p", "ep-kind");
    kind.appendChild(ecopattern.paint.swatch(symbol, meta.kind));
    kind.appendChild(make("span", "", dom.shortened([meta.title, symbol.label].filter(Boolean).join(" · "), page.clipped)));
    if (meta.illustrative) { kind.appendChild(make("span", "ep-tag", page.texts.illustrative)); }
    parts.push(kind);
    if (meta.columns.length) { parts.push(table(page, layer, feature)); }
    var chart = bars(page, layer, feature);
    if (chart) { parts.push(chart); }
    return parts;
  }

  function table(page, layer, feature) {
    var whole = make("table"), body = make("tbody");
    layer.meta.columns.forEach(function (column, place) {
      var row = make("tr"), value = make("td", column[3] ? "n" : "");
      row.appendChild(make("th", "", dom.shortened(column[1], page.clipped))).setAttribute("scope", "row");
      value.appendChild(dom.long(dom.cell(layer.values[place][feature], column[2], page.decimals), page.clipped, page.texts.more));
      row.appendChild(value);
      body.appendChild(row);
    });
    whole.appendChild(body);
    return whole;
  }

  function bars(page, layer, feature) {
    var chosen = layer.meta.chart_keys.map(function (key) {
      var place = layer.meta.columns.findIndex(function (column) { return column[0] === key; });
      return { column: layer.meta.columns[place], value: layer.values[place][feature] };
    }).filter(function (bar) { return typeof bar.value === "number"; });
    if (!chosen.length) { return null; }
    var most = Math.max.apply(null, chosen.map(function (bar) { return Math.abs(bar.value); })) || 1, whole = make("figure", "ep-bars");
    whole.appendChild(make("figcaption", "", page.texts.chart));
    chosen.forEach(function (bar) {
      var row = make("div", "ep-bar"), wide = 100 * Math.abs(bar.value) / most;
      row.appendChild(make("span", "ep-bar-name", dom.shortened(bar.column[1], 24)));
      row.appendChild(dom.svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", class: "ep-bar-line", "aria-hidden": "true" }, [
        dom.svg("rect", { x: 0, y: 0, width: 100, height: 10, fill: "#e9eef1" }),
        dom.svg("rect", { x: 0, y: 0, width: wide, height: 10, fill: bar.value < 0 ? "#b2562a" : "#2a7f9e" })
      ]));
      row.appendChild(make("span", "ep-bar-value", dom.cell(bar.value, bar.column[2], page.decimals)));
      whole.appendChild(row);
    });
    return whole;
  }

  return { card: card };
})();
