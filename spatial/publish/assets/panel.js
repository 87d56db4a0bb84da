/* The side of the page: search, layers by group with their legend, and what is said of them. */
"use strict";
ecopattern.panel = (function () {
  var dom = ecopattern.dom, make = dom.make, MOST_FOUND = 50, NOTE = 40;

  function legend(page, layers, change) {
    var box = make("div", "ep-legend");
    groups(layers).forEach(function (group) {
      var field = make("fieldset");
      field.appendChild(make("legend", "", group.title));
      group.layers.forEach(function (layer) { field.appendChild(entry(page, layer, change)); });
      box.appendChild(field);
    });
    return box;
  }

  /* The panel reads from the top of the map to its bottom. */
  function groups(layers) {
    var found = [];
    layers.slice().reverse().forEach(function (layer) {
      var group = found.find(function (known) { return known.title === layer.meta.group; });
      if (!group) { group = { title: layer.meta.group, layers: [] }; found.push(group); }
      group.layers.push(layer);
    });
    return found;
  }

  function entry(page, layer, change) {
    var meta = layer.meta, box = make("div", "ep-entry"), label = make("label"), input = make("input");
    input.type = "checkbox";
    input.checked = layer.shown;
    input.addEventListener("change", function () { layer.shown = input.checked; change(); });
    layer.input = input;
    label.appendChild(input);
    if (meta.symbols.length === 1) { label.appendChild(ecopattern.paint.swatch(meta.symbols[0], meta.kind)); }
    var name = make("span", "ep-name", dom.shortened(meta.title, page.clipped));
    name.title = meta.title;
    label.appendChild(name);
    if (meta.illustrative) { label.appendChild(make("span", "ep-tag", page.texts.illustrative)); }
    box.appendChild(label);
    if (meta.symbols.length > 1) { box.appendChild(classes(page, meta)); }
    if (meta.note) {
      var note = make("p", "ep-note");
      note.appendChild(dom.long(meta.note, NOTE, page.texts.more));
      box.appendChild(note);
    }
    return box;
  }

  function classes(page, meta) {
    var list = make("ul", "ep-classes");
    meta.symbols.forEach(function (symbol) {
      var item = make("li"), text = make("span", "ep-name", dom.shortened(symbol.label, page.clipped));
      text.title = symbol.label;
      item.appendChild(ecopattern.paint.swatch(symbol, meta.kind));
      item.appendChild(text);
      list.appendChild(item);
    });
    if (meta.symbols.length <= page.classes) { return list; }
    var folded = make("details");
    folded.appendChild(make("summary", "", dom.say(page.texts.classes, { count: meta.symbols.length })));
    folded.appendChild(list);
    return folded;
  }

  /* Names that hold what is typed, or whose pinyin initials do; those that begin with it first. */
  function find(layers, typed) {
    var wanted = typed.trim().toLowerCase(), found = [];
    if (!wanted) { return found; }
    layers.slice().reverse().forEach(function (layer) {
      if (layer.nameColumn < 0) { return; }
      for (var feature = 0; feature < layer.count; feature++) {
        var name = layer.name(feature).toLowerCase(), place = name.indexOf(wanted);
        var initials = layer.initials[feature] || "", second = place < 0 ? initials.indexOf(wanted) : place;
        if (second >= 0) { found.push({ layer: layer, feature: feature, rank: second + (place < 0 ? 0.5 : 0) }); }
      }
    });
    return found.sort(function (a, b) { return a.rank - b.rank; });
  }

  function search(page, layers, open) {
    var box = make("div", "ep-search"), input = make("input"), list = make("ul"), status = make("p", "ep-status");
    input.type = "search";
    input.placeholder = page.texts.search;
    input.setAttribute("aria-label", page.texts.search);
    status.setAttribute("role", "status");
    input.addEventListener("input", function () {
      var found = find(layers, input.value);
      list.textContent = "";
      status.textContent = input.value.trim() ? dom.say(page.texts.found, { count: found.length }) : "";
      found.slice(0, MOST_FOUND).forEach(function (hit) {
        var item = make("li"), go = dom.button("ep-hit", hit.layer.name(hit.feature), "", function () { open(hit.layer, hit.feature); });
        go.textContent = dom.shortened(hit.layer.name(hit.feature), 40);
        go.appendChild(make("small", "", dom.shortened(hit.layer.meta.title, 24)));
        item.appendChild(go);
        list.appendChild(item);
      });
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && list.firstChild) { list.firstChild.firstChild.click(); }
      if (event.key === "Escape") { input.value = ""; list.textContent = status.textContent = ""; event.stopPropagation(); }
    });
    [input, status, list].forEach(function (part) { box.appendChild(part); });
    return box;
  }

  function side(page, layers, change, open) {
    var aside = make("aside", "ep-side"), head = make("div", "ep-side-head");
    aside.setAttribute("aria-label", page.texts.panel);
    head.appendChild(make("strong", "", page.texts.panel));
    var close = dom.button("ep-close", page.texts.close, "M5 5l10 10M15 5L5 15", function () { toggle(false); });
    head.appendChild(close);
    aside.appendChild(head);
    if (layers.some(function (layer) { return layer.nameColumn >= 0; })) { aside.appendChild(search(page, layers, open)); }
    aside.appendChild(legend(page, layers, change));
    if (!layers.some(function (layer) { return layer.count; })) { aside.appendChild(make("p", "ep-empty", page.texts.nothing)); }
    // On a telephone the panel lies behind a button.
    var opener = dom.button("ep-opener", page.texts.panel, "", function () { toggle(true); });
    opener.setAttribute("aria-expanded", "false");
    function toggle(open) {
      document.body.classList.toggle("ep-open", open);
      opener.setAttribute("aria-expanded", String(open));
      (open ? close : opener).focus();
    }
    aside.addEventListener("keydown", function (event) { if (event.key === "Escape" && document.body.classList.contains("ep-open")) { toggle(false); } });
    return [aside, opener];
  }

  return { side: side, groups: groups, find: find };
})();
