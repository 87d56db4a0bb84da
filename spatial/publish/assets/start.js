/* Puts the page together: reads its blocks, draws the layers, answers pointer and keyboard, keeps the view in the address. */
"use strict";
ecopattern.start = function (map) {
  var dom = ecopattern.dom, make = dom.make, store = ecopattern.store;
  var page = JSON.parse(document.getElementById("ep-page").textContent), main = document.querySelector("main.page"), box = map.getContainer();
  var wait = document.getElementById("ep-wait"), state = { layers: [], hovered: null, opened: null, busy: false };
  page.latitude = (page.extent[1] + page.extent[3]) / 2;

  function fail(text) {
    wait.textContent = text;
    wait.classList.add("ep-failed");
  }

  if (typeof DecompressionStream === "undefined") { fail(page.texts.old_browser); return; }
  Promise.all(page.layers.map(function (meta) {
    return store.unpack(meta.block).then(function (block) {
      var layer = new store.Layer(meta, block, page.quantum_deg);
      layer.initials = block.head.initials || [];
      return layer;
    });
  })).then(function (layers) {
    state.layers = layers;
    assemble();
    wait.remove();
  }).catch(function (error) { fail(page.texts.broken + " " + error); });

  function assemble() {
    underground();
    state.tiles = new ecopattern.view.Tiles(page, state.layers).addTo(map);
    map.createPane("ep-labels").style.zIndex = 450;
    map.getPane("ep-labels").style.pointerEvents = "none";
    state.glow = new ecopattern.view.Cover(page, "ep-labels", glow).addTo(map);
    state.names = new ecopattern.view.Cover(page, "ep-labels", function (context, frame) {
      ecopattern.view.labels(context, state.layers, frame, page.labels);
    }).addTo(map);
    ecopattern.panel.side(page, state.layers, changed, open).forEach(function (part) { main.appendChild(part); });
    state.table = ecopattern.table.make(page, map, state.layers, open);
    main.appendChild(state.table.box);
    furniture();
    pointer();
    keyboard();
    permalink();
    ecopattern.view.whenIdle(function () { document.body.classList.add("ep-ready"); });
    map.invalidateSize({ pan: false });
  }

  function underground() {
    if (page.tiles) { ecopattern.background(page, map, state); }
    if (page.picture) {
      var bounds = page.picture, image = document.getElementById("ep-picture").textContent;
      state.picture = L.imageOverlay("data:image/png;base64," + image, [[bounds[1], bounds[0]], [bounds[3], bounds[2]]], { pane: "tilePane", interactive: false, alt: "" }).addTo(map);
    }
  }

  function changed() {
    state.tiles.repaint();
    state.names.redraw();
    state.table.refresh();
    remember();
  }

  /* ---- what is looked at ---- */
  function glow(context, frame) {
    [state.opened, state.hovered].forEach(function (hit) {
      if (hit && hit[0].shown) { ecopattern.paint.highlight(context, hit[0], hit[1], frame); }
    });
  }

  function under(latlng, near) {
    var scale = Math.pow(2, map.getZoom()), at = store.toWorld(latlng.lng, latlng.lat), found = [];
    state.layers.slice().reverse().forEach(function (layer) {
      if (layer.shown) { layer.under(at[0], at[1], near / scale).forEach(function (feature) { found.push([layer, feature]); }); }
    });
    // What is only an outline, such as the district's, is meant last.
    function hollow(hit) {
      var symbol = hit[0].meta.symbols[hit[0].symbolOf[hit[1]]];
      return hit[0].meta.kind === "area" && !symbol.fill && !symbol.hatch;
    }
    return found.filter(function (hit) { return !hollow(hit); }).concat(found.filter(hollow));
  }

  function show(hits, latlng) {
    if (!hits.length) { map.closePopup(); return; }
    var content = ecopattern.card.card(page, hits, function (hit) { state.opened = hit; state.glow.redraw(); if (state.popup) { state.popup.update(); } });
    state.popup = null;
    var size = map.getSize(), popup = L.popup({ maxWidth: Math.min(380, size.x - 60), minWidth: Math.min(240, size.x - 80), maxHeight: Math.max(140, size.y - 130), autoPanPadding: [16, 16] });
    popup.setLatLng(latlng).setContent(content).openOn(map);
    state.popup = popup;
  }

  /* Bring a feature into view and say what is known of it. */
  function open(layer, feature) {
    var at = 4 * feature, boxes = layer.boxes;
    if (!layer.shown) { layer.shown = layer.input.checked = true; changed(); }
    if (!(boxes[at] <= boxes[at + 2])) { return; }
    document.body.classList.remove("ep-open");
    var bounds = L.latLngBounds(latlng(boxes[at], boxes[at + 1]), latlng(boxes[at + 2], boxes[at + 3]));
    map.fitBounds(bounds, { maxZoom: Math.min(15, page.max_zoom), padding: [40, 40], animate: false });
    var place = layer.labels.length ? latlng(layer.labels[feature][0], layer.labels[feature][1]) : inside(layer, feature);
    show([[layer, feature]], place);
    var close = box.querySelector(".leaflet-popup-close-button");
    if (close) { close.focus(); }
  }

  /* A place in the feature: the middle of its box, or the nearest of a few tried that is inside. */
  function inside(layer, feature) {
    var at = 4 * feature, b = layer.boxes, x = (b[at] + b[at + 2]) / 2, y = (b[at + 1] + b[at + 3]) / 2, near = 1 / Math.pow(2, map.getZoom());
    for (var step = 0; step < 40; step++) {
      var px = step ? b[at] + (b[at + 2] - b[at]) * ((step * 0.618034) % 1) : x, py = step ? b[at + 1] + (b[at + 3] - b[at + 1]) * ((step * 0.754878) % 1) : y;
      if (layer.hits(feature, px, py, near)) { return latlng(px, py); }
    }
    return latlng(x, y);
  }

  function latlng(x, y) {
    return L.latLng(Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180 / Math.PI, x / 256 * 360 - 180);
  }

  /* ---- pointer and keyboard ---- */
  function pointer() {
    var tip = L.tooltip({ direction: "top", offset: [0, -6], className: "ep-tip" }), asked = null, touch = false;
    box.addEventListener("pointerdown", function (event) { touch = event.pointerType === "touch"; });
    map.on("click", function (event) { if (!state.busy) { show(under(event.latlng, touch ? 14 : 5), event.latlng); } });
    map.on("popupclose", function () { state.opened = null; state.popup = null; state.glow.redraw(); });
    map.on("mousemove", function (event) {
      if (asked === null) { requestAnimationFrame(hover); }
      asked = event.latlng;
    });
    map.on("mouseout", function () { asked = null; hovered(null); });
    function hover() {
      var place = asked;
      asked = null;
      if (!place || state.busy || (map.dragging && map.dragging.moving())) { return; }
      hovered(under(place, 4)[0] || null, place);
    }
    function hovered(hit, place) {
      var same = hit === state.hovered || (hit && state.hovered && hit[0] === state.hovered[0] && hit[1] === state.hovered[1]);
      if (!same) {
        state.hovered = hit;
        state.glow.redraw();
        box.classList.toggle("ep-over", Boolean(hit));
      }
      var text = hit && (hit[0].name(hit[1]) || hit[0].meta.title);
      if (!text) { tip.remove(); return; }
      if (!same) { tip.setContent(make("span", "", dom.shortened(text, 60))); }
      tip.setLatLng(place);
      if (!map.hasLayer(tip)) { tip.addTo(map); }
    }
  }

  function keyboard() {
    box.setAttribute("aria-label", page.texts.map);
    box.setAttribute("role", "application");
    box.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && event.target === box && !state.busy) { show(under(map.getCenter(), 8), map.getCenter()); }
    });
    // Where Enter would look is shown to those who move by keys.
    box.addEventListener("keydown", function () { box.classList.add("ep-keys"); });
    box.addEventListener("pointerdown", function () { box.classList.remove("ep-keys"); });
    box.addEventListener("keyup", function (event) { if (event.key === "Tab") { box.classList.add("ep-keys"); } });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") { map.closePopup(); } });
    box.appendChild(make("div", "ep-cross"));
  }

  /* ---- furniture ---- */
  function furniture() {
    var tools = L.control({ position: "topleft" });
    tools.onAdd = function () {
      var bar = make("div", "leaflet-bar ep-tools");
      bar.appendChild(dom.button("ep-tool", page.texts.home, "M3 9.5L10 3l7 6.5M5 8.5V17h10V8.5", home));
      ecopattern.measure.tools(page, map, state).forEach(function (tool) { bar.appendChild(tool); });
      bar.appendChild(dom.button("ep-tool ep-table-tool", page.texts.table, "M3 4h14v12H3zM3 8h14M3 12h14M8 4v12", function () { state.table.toggle(); }));
      bar.appendChild(dom.button("ep-tool", page.texts.print, "M6 7V3h8v4M6 14H3V7h14v7h-3M6 12h8v5H6z", function () { window.print(); }));
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    };
    tools.addTo(map);
    var north = L.control({ position: "topright" });
    north.onAdd = function () { return ecopattern.sheet.north(page); };
    north.addTo(map);
    ecopattern.sheet.position(page, map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    ecopattern.sheet.watermark(page, map);
    ecopattern.sheet.print(page, map, state);
  }

  function home() {
    var e = page.extent;
    map.fitBounds([[e[1], e[0]], [e[3], e[2]]], { padding: [12, 12] });
  }

  /* ---- the view in the address ---- */
  var written = "", timer = 0;
  function remember() {
    clearTimeout(timer);
    timer = setTimeout(function () {
      var c = map.getCenter(), shown = state.layers.filter(function (layer) { return layer.shown; }).map(function (layer) { return layer.meta.key; });
      written = "#map=" + [map.getZoom(), c.lat.toFixed(5), c.lng.toFixed(5)].join("/") + "&layers=" + shown.join(",");
      try { history.replaceState(null, "", written); } catch (_) { location.replace(written); }
    }, 250);
  }

  function recall() {
    var view = /map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)/.exec(location.hash), shown = /layers=([\w,-]*)/.exec(location.hash);
    if (view) { map.setView([Number(view[2]), Number(view[3])], Math.min(page.max_zoom, Number(view[1])), { animate: false }); }
    if (shown) {
      var keys = shown[1].split(",");
      state.layers.forEach(function (layer) { layer.shown = layer.input.checked = keys.indexOf(layer.meta.key) >= 0; });
      state.tiles.repaint();
      state.names.redraw();
      state.table.refresh();
    }
  }

  function permalink() {
    recall();
    window.addEventListener("hashchange", function () { if (location.hash !== written) { recall(); } });
    map.on("moveend", remember);
  }
};
