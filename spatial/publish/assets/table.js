/* The features in view as a table: only the rows that are seen are in the page. */
"use strict";
ecopattern.table = (function () {
  var dom = ecopattern.dom, make = dom.make, ROW = 29;

  function table(page, map, layers, open) {
    var box = make("section", "ep-table"), head = make("div", "ep-table-head"), choice = make("select"), count = make("span", "ep-count");
    var scroll = make("div", "ep-scroll"), whole = make("table"), top = make("thead"), body = make("tbody"), listed = layers.filter(function (layer) { return layer.meta.columns.length; });
    var state = { layer: null, rows: [], sort: -1, down: false };
    box.setAttribute("aria-label", page.texts.table);
    box.hidden = true;
    choice.setAttribute("aria-label", page.texts.table_layer);
    count.setAttribute("role", "status");
    scroll.tabIndex = 0;
    listed.slice().reverse().forEach(function (layer) {
      var option = make("option", "", dom.shortened(layer.meta.title, 40));
      option.value = layer.meta.key;
      choice.appendChild(option);
    });
    choice.addEventListener("change", function () { state.sort = -1; pick(); });
    [choice, count, dom.button("ep-close", page.texts.close, "M5 5l10 10M15 5L5 15", toggle)].forEach(function (part) { head.appendChild(part); });
    whole.appendChild(top);
    whole.appendChild(body);
    scroll.appendChild(whole);
    box.appendChild(head);
    box.appendChild(scroll);
    scroll.addEventListener("scroll", function () { rows(); });
    box.addEventListener("keydown", function (event) { if (event.key === "Escape") { toggle(); event.stopPropagation(); } });
    map.on("moveend", refresh);
    if (listed.length) { pick(); }

    function pick() {
      state.layer = listed.find(function (layer) { return layer.meta.key === choice.value; });
      titles();
      refresh();
    }

    function titles() {
      var row = make("tr");
      state.layer.meta.columns.forEach(function (column, place) {
        var cell = make("th", column[3] ? "n" : ""), press = dom.button("ep-sort", dom.shortened(column[1], 30), "", function () {
          state.down = state.sort === place ? !state.down : false;
          state.sort = place;
          titles();
          refresh();
          top.querySelectorAll("button")[place].focus();
        });
        cell.setAttribute("aria-sort", state.sort === place ? (state.down ? "descending" : "ascending") : "none");
        if (state.sort === place) { press.appendChild(make("span", "", state.down ? " ▼" : " ▲")); }
        cell.appendChild(press);
        row.appendChild(cell);
      });
      top.textContent = "";
      top.appendChild(row);
    }

    /* The features whose boxes touch the view, in the order asked for; those without a value come last. */
    function refresh() {
      if (box.hidden || !state.layer) { return; }
      var view = map.getBounds(), store = ecopattern.store, low = store.toWorld(view.getWest(), view.getNorth()), high = store.toWorld(view.getEast(), view.getSouth());
      state.rows = state.layer.shown ? state.layer.tree.query(low[0], low[1], high[0], high[1]) : [];
      if (state.sort >= 0) {
        var values = state.layer.values[state.sort], turn = state.down ? -1 : 1;
        var compare = new Intl.Collator(page.lang === "zh" ? "zh-CN" : "en", { numeric: true }).compare;
        state.rows.sort(function (a, b) {
          var x = values[a], y = values[b], none = (x === null || x === "") - (y === null || y === "");
          if (none || x === null || x === "") { return none || a - b; }
          return turn * (typeof x === "number" && typeof y === "number" ? x - y : compare(String(x), String(y))) || a - b;
        });
      }
      count.textContent = dom.say(page.texts[state.layer.shown ? "in_view" : "hidden_layer"], { count: state.rows.length, all: state.layer.count });
      scroll.scrollTop = 0;
      rows(true);
    }

    function rows() {
      var from = Math.max(0, Math.floor(scroll.scrollTop / ROW) - 5), to = Math.min(state.rows.length, from + Math.ceil((scroll.clientHeight || 240) / ROW) + 12);
      body.textContent = "";
      body.appendChild(space(from));
      state.rows.slice(from, to).forEach(function (feature) { body.appendChild(line(feature)); });
      body.appendChild(space(state.rows.length - to));
    }

    function space(count) {
      var row = make("tr", "ep-space");
      row.style.height = count * ROW + "px";
      row.setAttribute("aria-hidden", "true");
      return row;
    }

    function line(feature) {
      var layer = state.layer, row = make("tr");
      row.tabIndex = 0;
      layer.meta.columns.forEach(function (column, place) {
        row.appendChild(make("td", column[3] ? "n" : "", dom.shortened(dom.cell(layer.values[place][feature], column[2], page.decimals), 60)));
      });
      row.addEventListener("click", function () { open(layer, feature); });
      row.addEventListener("keydown", function (event) { if (event.key === "Enter") { open(layer, feature); } });
      return row;
    }

    function toggle() {
      box.hidden = !box.hidden;
      map.invalidateSize({ pan: false });
      refresh();
      if (box.hidden) { document.querySelector(".ep-table-tool").focus(); } else { choice.focus(); }
    }

    return { box: box, refresh: refresh, toggle: toggle };
  }

  return { make: table };
})();
