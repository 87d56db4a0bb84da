/* What a map must carry on the screen and on paper: north, scale, coordinates, watermark; and the A3 sheet for printing. */
"use strict";
ecopattern.sheet = (function () {
  var dom = ecopattern.dom, make = dom.make, MM = 96 / 25.4, MAP_MM = [306, 232], SHARP = 2.5, ON_PAGE = 34;

  function north(page) {
    var box = make("div", "ep-north");
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", page.texts.north);
    box.title = page.texts.north;
    box.appendChild(dom.svg("svg", { viewBox: "0 0 30 44", width: 30, height: 44 }, [
      dom.svg("path", { d: "M15 12L24 42L15 36Z", fill: "#1f3a4d", stroke: "#1f3a4d", "stroke-linejoin": "round" }),
      dom.svg("path", { d: "M15 12L6 42L15 36Z", fill: "#ffffff", stroke: "#1f3a4d", "stroke-linejoin": "round" }),
      dom.svg("path", { d: "M11 9V1l8 8V1", fill: "none", stroke: "#ffffff", "stroke-width": 4 }),
      dom.svg("path", { d: "M11 9V1l8 8V1", fill: "none", stroke: "#1f3a4d", "stroke-width": 1.8 })
    ]));
    return box;
  }

  function position(page, map) {
    var control = L.control({ position: "bottomleft" });
    control.onAdd = function () {
      var box = make("div", "ep-position"), degrees = make("span"), plane = make("span", "ep-plane");
      box.appendChild(make("span", "ep-system", "CGCS2000"));
      box.appendChild(degrees);
      box.appendChild(plane);
      function say(place) {
        var flat = ecopattern.geodesy.gaussKruger(place.lng, place.lat);
        degrees.textContent = place.lng.toFixed(6) + "°E " + place.lat.toFixed(6) + "°N";
        plane.textContent = dom.say(page.texts.plane, { zone: flat.zone, x: flat.x.toFixed(1), y: flat.y.toFixed(1) });
      }
      map.on("mousemove", function (event) { say(event.latlng); });
      map.on("moveend", function () { say(map.getCenter()); });
      say(map.getCenter());
      return box;
    };
    control.addTo(map);
  }

  /* The text in slanting rows over a rectangle. */
  function stamp(context, text, width, height, size) {
    context.save();
    context.font = "600 " + size + "px " + getComputedStyle(document.body).fontFamily;
    context.fillStyle = "rgba(120, 20, 30, 0.15)";
    context.textAlign = "center";
    var step = context.measureText(text).width + 5 * size;
    for (var y = -height, row = 0; y < 2 * height; y += 8.5 * size, row++) {
      for (var x = -width + (row % 2) * step / 2; x < 2 * width; x += step) {
        context.setTransform(context.ep || 1, 0, 0, context.ep || 1, 0, 0);
        context.translate(width / 2, height / 2);
        context.rotate(-Math.PI / 7);
        context.translate(-width / 2, -height / 2);
        context.fillText(text, x, y);
      }
    }
    context.restore();
  }

  function watermark(page, map) {
    if (!page.watermark) { return; }
    var canvas = make("canvas", "ep-watermark");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", page.watermark);
    map.getContainer().appendChild(canvas);
    function draw() {
      var ratio = Math.min(window.devicePixelRatio || 1, 2), width = map.getSize().x, height = map.getSize().y, context = canvas.getContext("2d");
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      context.ep = ratio;
      stamp(context, dom.shortened(page.watermark, 60), width, height, width < 600 ? 14 : 20);
    }
    draw();
    map.on("resize", draw);
  }

  /* ---- the printed sheet ---- */
  function print(page, map, state) {
    var sheet = make("section", "ep-sheet");
    sheet.setAttribute("aria-hidden", "true");
    document.body.appendChild(sheet);
    window.addEventListener("beforeprint", function () { fill(sheet, page, map, state); });
    window.addEventListener("afterprint", function () { sheet.textContent = ""; });
  }

  function fill(sheet, page, map, state) {
    sheet.textContent = "";
    sheet.appendChild(make("h1", "", dom.shortened(page.title, 90)));
    var body = make("div", "ep-sheet-body"), figure = make("div", "ep-sheet-map"), canvas = make("canvas"), frame = frameFor(map, page);
    canvas.width = frame.width * SHARP;
    canvas.height = frame.height * SHARP;
    figure.appendChild(canvas);
    figure.appendChild(north(page));
    figure.appendChild(scale(page, frame));
    body.appendChild(figure);
    var shown = state.layers.filter(function (layer) { return layer.shown && layer.count; });
    var entries = shown.reduce(function (sum, layer) { return sum + 1 + (layer.meta.symbols.length > 1 ? layer.meta.symbols.length : 0); }, 0), legend = key(page, shown);
    body.appendChild(entries <= ON_PAGE ? legend : make("div", "ep-sheet-key", page.texts.legend_next));
    sheet.appendChild(body);
    var foot = make("div", "ep-sheet-foot");
    page.lines.forEach(function (line) { foot.appendChild(make("p", line[1] ? "warn" : "", dom.shortened(line[0], 400))); });
    sheet.appendChild(foot);
    if (entries > ON_PAGE) {
      legend.classList.add("ep-sheet-second");
      sheet.appendChild(legend);
    }
    draw(canvas, page, map, state, frame);
  }

  /* The view on the screen, as large as it fits on the sheet. */
  function frameFor(map, page) {
    var width = Math.round(MAP_MM[0] * MM), height = Math.round(MAP_MM[1] * MM), size = map.getSize(), zoom = map.getZoom() + Math.log2(Math.min(width / size.x, height / size.y));
    var middle = map.project(map.getCenter(), zoom), frame = ecopattern.view.frameOf(page, { x: middle.x - width / 2, y: middle.y - height / 2 }, zoom, width, height, SHARP);
    frame.zoom = zoom;
    frame.latitude = map.getCenter().lat;
    return frame;
  }

  function draw(canvas, page, map, state, frame) {
    // Chromium prints a canvas that was drawn on as vectors, a little too small for its frame; a picture it prints as it is.
    var beside = new OffscreenCanvas(canvas.width, canvas.height), context = beside.getContext("2d");
    context.scale(SHARP, SHARP);
    context.fillStyle = "#f6f8f7";
    context.fillRect(0, 0, frame.width, frame.height);
    if (state.background) { tiles(context, state.background, map, frame); }
    if (state.picture) { picture(context, page.picture, state.picture.getElement(), frame); }
    var steps = ecopattern.view.all(context, state.layers, frame);
    while (!steps.next().done) { continue; }
    graticule(context, frame);
    ecopattern.view.labels(context, state.layers, frame, page.labels);
    if (page.watermark) {
      context.ep = SHARP;
      stamp(context, dom.shortened(page.watermark, 60), frame.width, frame.height, 26);
    }
    canvas.getContext("bitmaprenderer").transferFromImageBitmap(beside.transferToImageBitmap());
  }

  function picture(context, bounds, image, frame) {
    var low = ecopattern.store.toWorld(bounds[0], bounds[3]), high = ecopattern.store.toWorld(bounds[2], bounds[1]);
    context.drawImage(image, (low[0] - frame.x) * frame.scale, (low[1] - frame.y) * frame.scale, (high[0] - low[0]) * frame.scale, (high[1] - low[1]) * frame.scale);
  }

  function tiles(context, layer, map, frame) {
    Object.keys(layer._tiles).forEach(function (name) {
      var tile = layer._tiles[name], size = 256 / Math.pow(2, tile.coords.z);
      if (!tile.loaded || !tile.el.naturalWidth) { return; }
      context.drawImage(tile.el, (tile.coords.x * size - frame.x) * frame.scale, (tile.coords.y * size - frame.y) * frame.scale, size * frame.scale, size * frame.scale);
    });
  }

  /* Crosses at round degrees, and their figures along the frame. */
  function graticule(context, frame) {
    var west = frame.x / 256 * 360 - 180, wide = frame.width / frame.scale / 256 * 360, steps = [10, 5, 2, 1, 0.5, 1 / 3, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120, 1 / 360, 1 / 720, 1 / 3600];
    var step = steps.find(function (found) { return wide / found >= 4; }) || steps[steps.length - 1], lons = [], lats = [];
    function lat(y) { return Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180 / Math.PI; }
    var south = lat(frame.y + frame.height / frame.scale), top = lat(frame.y);
    for (var k = Math.ceil(west / step); k * step < west + wide; k++) { lons.push(k * step); }
    for (k = Math.ceil(south / step); k * step < top; k++) { lats.push(k * step); }
    context.strokeStyle = "rgba(31, 58, 77, 0.55)";
    context.lineWidth = 0.8;
    context.font = "10px Arial, sans-serif";
    context.textAlign = "center";
    lons.forEach(function (lon) {
      var x = (ecopattern.store.toWorld(lon, south)[0] - frame.x) * frame.scale;
      line(context, x, 0, x, 7);
      line(context, x, frame.height - 7, x, frame.height);
      lats.forEach(function (at) {
        var y = (ecopattern.store.toWorld(lon, at)[1] - frame.y) * frame.scale;
        line(context, x - 4, y, x + 4, y);
        line(context, x, y - 4, x, y + 4);
      });
      figure(context, degrees(lon), x, 16);
      figure(context, degrees(lon), x, frame.height - 10);
    });
    lats.forEach(function (at) {
      var y = (ecopattern.store.toWorld(west, at)[1] - frame.y) * frame.scale;
      [[0, 7, 14], [frame.width - 7, frame.width, frame.width - 10]].forEach(function (side) {
        line(context, side[0], y, side[1], y);
        context.save();
        context.translate(side[2], y);
        context.rotate(-Math.PI / 2);
        figure(context, degrees(at), 0, 3);
        context.restore();
      });
    });
  }

  function line(context, x1, y1, x2, y2) {
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  function figure(context, text, x, y) {
    context.save();
    context.strokeStyle = "rgba(255,255,255,0.9)";
    context.lineWidth = 3;
    context.strokeText(text, x, y);
    context.fillStyle = "#1f3a4d";
    context.fillText(text, x, y);
    context.restore();
  }

  function degrees(value) {
    var seconds = Math.round(value * 3600), minutes = Math.floor(seconds / 60), text = Math.floor(minutes / 60) + "°" + String(minutes % 60).padStart(2, "0") + "′";
    return seconds % 60 ? text + String(seconds % 60).padStart(2, "0") + "″" : text;
  }

  /* A bar of a round length, and the scale of the paper at the middle of the sheet. */
  function scale(page, frame) {
    var box = make("div", "ep-sheet-scale"), metres = 40075016.686 / 256 * Math.cos(frame.latitude * Math.PI / 180) / frame.scale, most = metres * 170;
    var power = Math.pow(10, Math.floor(Math.log10(most))), round = [5, 2, 1].find(function (n) { return n * power <= most; }) * power, bar = make("div", "ep-sheet-bar");
    bar.style.width = round / metres + "px";
    for (var i = 0; i < 4; i++) { bar.appendChild(make("i")); }
    var denominator = metres / (0.0254 / 96), digits = Math.pow(10, Math.max(0, Math.floor(Math.log10(denominator)) - 2));
    box.appendChild(make("b", "", dom.say(page.texts.scale_about, { scale: dom.digits(Math.round(denominator / digits) * digits, 0) })));
    box.appendChild(bar);
    var ends = make("div", "ep-sheet-ends");
    ends.style.width = bar.style.width;
    ends.appendChild(make("span", "", "0"));
    ends.appendChild(make("span", "", round < 1000 ? round + " " + page.texts.unit_m : round / 1000 + " " + page.texts.unit_km));
    box.appendChild(ends);
    return box;
  }

  function key(page, layers) {
    var box = make("div", "ep-sheet-key");
    box.appendChild(make("h2", "", page.texts.legend));
    ecopattern.panel.groups(layers).forEach(function (group) {
      group.layers.forEach(function (layer) {
        var meta = layer.meta, title = make("p", "ep-sheet-title");
        if (meta.symbols.length === 1) { title.appendChild(ecopattern.paint.swatch(meta.symbols[0], meta.kind)); }
        title.appendChild(make("span", "ep-name", dom.shortened(meta.title, 60)));
        if (meta.illustrative) { title.appendChild(make("span", "ep-tag", page.texts.illustrative)); }
        box.appendChild(title);
        if (meta.note) { box.appendChild(make("p", "ep-sheet-note", dom.shortened(meta.note, 64))); }
        if (meta.symbols.length > 1) {
          meta.symbols.forEach(function (symbol) {
            var row = make("p", "ep-sheet-row");
            row.appendChild(ecopattern.paint.swatch(symbol, meta.kind));
            row.appendChild(make("span", "ep-name", dom.shortened(symbol.label, 60)));
            box.appendChild(row);
          });
        }
      });
    });
    return box;
  }

  return { north: north, position: position, watermark: watermark, print: print };
})();
