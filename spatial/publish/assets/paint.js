/* Drawing layers on a canvas: tiles of the map, the printed sheet and the legend all come from here. */
"use strict";
ecopattern.paint = (function () {
  var store = ecopattern.store, PERIOD = 8, BATCH = 1500, patterns = {};

  var STROKES = {
    slash: [[0, 8, 8, 0], [-2, 2, 2, -2], [6, 10, 10, 6]],
    backslash: [[0, 0, 8, 8], [-2, 6, 2, 10], [6, -2, 10, 2]],
    horizontal: [[0, 4, 8, 4]],
    vertical: [[4, 0, 4, 8]]
  };
  STROKES.cross = STROKES.slash.concat(STROKES.backslash);

  /* Hatches repeat every eight pixels, which divide a tile: they run on from one tile to the next. */
  function pattern(context, hatch, colour, ratio) {
    var key = [hatch, colour, ratio].join();
    if (!patterns[key]) {
      var canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
      canvas.width = canvas.height = Math.round(PERIOD * ratio);
      pen.scale(canvas.width / PERIOD, canvas.width / PERIOD);
      pen.strokeStyle = pen.fillStyle = colour;
      pen.lineWidth = 1;
      pen.beginPath();
      if (hatch === "dots") {
        pen.arc(2, 2, 1, 0, 7);
        pen.arc(6, 6, 1, 0, 7);
        pen.fill();
      } else {
        STROKES[hatch].forEach(function (s) { pen.moveTo(s[0], s[1]); pen.lineTo(s[2], s[3]); });
        pen.stroke();
      }
      patterns[key] = canvas;
    }
    var made = context.createPattern(patterns[key], "repeat");
    made.setTransform(new DOMMatrix().scale(PERIOD / patterns[key].width));
    return made;
  }

  function pen(context, symbol) {
    context.strokeStyle = symbol.edge;
    context.lineWidth = symbol.width;
    context.setLineDash(symbol.dash ? symbol.dash.split(/[ ,]+/).map(Number) : []);
    context.lineJoin = "round";
    context.lineCap = symbol.dash ? "butt" : "round";
  }

  function fillArea(context, symbol, ratio) {
    if (symbol.fill) {
      context.globalAlpha = symbol.fill_opacity;
      context.fillStyle = symbol.fill;
      context.fill("evenodd");
    }
    if (symbol.hatch) {
      context.globalAlpha = 0.75;
      context.fillStyle = pattern(context, symbol.hatch, symbol.edge || symbol.fill, ratio);
      context.fill("evenodd");
    }
    context.globalAlpha = 1;
  }

  function dot(context, symbol, x, y, radius) {
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    if (symbol.fill) {
      context.globalAlpha = symbol.fill_opacity;
      context.fillStyle = symbol.fill;
      context.fill();
      context.globalAlpha = 1;
    }
    if (symbol.edge && symbol.width) {
      pen(context, symbol);
      context.stroke();
    }
  }

  /* frame: x, y (world pixels of the upper left corner), scale, width, height, ratio (device to CSS pixels), level. */
  function* layer(context, found, frame) {
    var meta = found.meta, widest = meta.symbols.reduce(function (most, s) { return Math.max(most, s.width, s.radius); }, 2) + 2, pad = widest / frame.scale;
    var view = [frame.x - pad, frame.y - pad, frame.x + frame.width / frame.scale + pad, frame.y + frame.height / frame.scale + pad];
    var features = found.tree.query(view[0], view[1], view[2], view[3]), vertices = found.at(frame.level), done = 0, i, part, rest = [];
    for (i = 0; i < features.length; i++) {
      var feature = features[i], symbol = meta.symbols[found.symbolOf[feature]], first = found.kinds[found.partStart[feature]];
      if (first >= store.SHELL && tiny(found, feature, frame)) {
        mark(context, found, feature, symbol, frame);
        done += 8;
      } else {
        rest.push(feature);
        if (first >= store.SHELL && (symbol.fill || symbol.hatch)) {
          context.beginPath();
          for (part = found.partStart[feature]; part < found.partStart[feature + 1]; part++) {
            if (found.kinds[part] >= store.SHELL) { done += trace(context, found, vertices, part, frame, view, false); }
          }
          fillArea(context, symbol, frame.ratio);
        }
      }
      if (done > BATCH) { done = 0; yield; }
    }
    yield* edges(context, found, vertices, rest, frame, view);
    for (i = 0; i < rest.length; i++) {
      for (part = found.partStart[rest[i]]; part < found.partStart[rest[i] + 1]; part++) {
        if (found.kinds[part] !== store.POINT) { continue; }
        var at = vertices.start[found.refs[found.refStart[part]] >> 1], point = meta.symbols[found.symbolOf[rest[i]]];
        dot(context, point, (vertices.x[at] - frame.x) * frame.scale, (vertices.y[at] - frame.y) * frame.scale, point.radius);
        if ((done += 20) > BATCH) { done = 0; yield; }
      }
    }
  }

  function tiny(found, feature, frame) {
    var at = 4 * feature, boxes = found.boxes;
    return Math.max(boxes[at + 2] - boxes[at], boxes[at + 3] - boxes[at + 1]) * frame.scale < frame.mark;
  }

  function mark(context, found, feature, symbol, frame) {
    var at = 4 * feature, boxes = found.boxes, x = ((boxes[at] + boxes[at + 2]) / 2 - frame.x) * frame.scale, y = ((boxes[at + 1] + boxes[at + 3]) / 2 - frame.y) * frame.scale;
    context.globalAlpha = symbol.fill ? Math.min(1, symbol.fill_opacity + 0.35) : 1;
    context.fillStyle = symbol.fill || symbol.edge;
    context.fillRect(x - 1.5, y - 1.5, 3, 3);
    context.globalAlpha = 1;
  }

  /* An outline for filling: a stretch outside the frame becomes its chord, which stays outside as well. */
  function trace(context, found, vertices, part, frame, view, open) {
    var steps = 0, begun = false, x = vertices.x, y = vertices.y, scale = frame.scale;
    found.spans(vertices, part, function (from, to, boxes, at) {
      if (!begun) { context.moveTo((x[from] - frame.x) * scale, (y[from] - frame.y) * scale); begun = true; }
      if (boxes[at] > view[2] || boxes[at + 1] > view[3] || boxes[at + 2] < view[0] || boxes[at + 3] < view[1]) {
        context[open ? "moveTo" : "lineTo"]((x[to] - frame.x) * scale, (y[to] - frame.y) * scale);
        steps += 1;
        return;
      }
      var step = from <= to ? 1 : -1;
      for (var i = from; i !== to; i += step) { context.lineTo((x[i + step] - frame.x) * scale, (y[i + step] - frame.y) * scale); }
      steps += Math.abs(to - from);
    });
    if (!open) { context.closePath(); }
    return steps + 2;
  }

  /* Edges and lines, one symbol after the other; an arc that two shapes of one symbol share is drawn once. */
  function* edges(context, found, vertices, features, frame, view) {
    var symbols = found.meta.symbols, drawn = new Set(), of = symbols.map(function () { return []; });
    features.forEach(function (feature) { of[found.symbolOf[feature]].push(feature); });
    for (var s = 0; s < symbols.length; s++) {
      if (!of[s].length || !symbols[s].edge || !symbols[s].width) { continue; }
      var steps = 0;
      drawn.clear();
      context.beginPath();
      for (var i = 0; i < of[s].length; i++) {
        for (var part = found.partStart[of[s][i]]; part < found.partStart[of[s][i] + 1]; part++) {
          if (found.kinds[part] === store.POINT) { continue; }
          for (var ref = found.refStart[part]; ref < found.refStart[part + 1]; ref++) {
            var arc = found.refs[ref] >> 1;
            if (drawn.has(arc)) { continue; }
            drawn.add(arc);
            steps += strokeArc(context, vertices, arc, frame, view);
          }
        }
        if (steps > BATCH) {
          pen(context, symbols[s]);
          context.stroke();
          context.beginPath();
          steps = 0;
          yield;
        }
      }
      pen(context, symbols[s]);
      context.stroke();
    }
    context.setLineDash([]);
  }

  function strokeArc(context, vertices, arc, frame, view) {
    var x = vertices.x, y = vertices.y, boxes = vertices.boxes, scale = frame.scale, steps = 1, first = vertices.spanStart[arc], on = false;
    for (var span = first; span < vertices.spanStart[arc + 1]; span++) {
      var at = 4 * span;
      if (boxes[at] > view[2] || boxes[at + 1] > view[3] || boxes[at + 2] < view[0] || boxes[at + 3] < view[1]) { on = false; continue; }
      var from = vertices.start[arc] + 64 * (span - first), to = Math.min(from + 64, vertices.start[arc + 1] - 1);
      if (!on) { context.moveTo((x[from] - frame.x) * scale, (y[from] - frame.y) * scale); }
      on = true;
      for (var i = from + 1; i <= to; i++) { context.lineTo((x[i] - frame.x) * scale, (y[i] - frame.y) * scale); }
      steps += to - from;
    }
    return steps;
  }

  /* One feature on top of everything, so that it is seen which one is meant. */
  function highlight(context, found, feature, frame) {
    var vertices = found.at(frame.level), part, pad = 8 / frame.scale;
    var view = [frame.x - pad, frame.y - pad, frame.x + frame.width / frame.scale + pad, frame.y + frame.height / frame.scale + pad];
    context.lineJoin = "round";
    [["#ffffff", 5], ["#00a2c7", 2.5]].forEach(function (style) {
      context.strokeStyle = style[0];
      context.lineWidth = style[1];
      context.beginPath();
      for (part = found.partStart[feature]; part < found.partStart[feature + 1]; part++) {
        if (found.kinds[part] === store.POINT) {
          var at = vertices.start[found.refs[found.refStart[part]] >> 1], radius = found.meta.symbols[found.symbolOf[feature]].radius + 3;
          var x = (vertices.x[at] - frame.x) * frame.scale, y = (vertices.y[at] - frame.y) * frame.scale;
          context.moveTo(x + radius, y);
          context.arc(x, y, radius, 0, 7);
        } else {
          for (var ref = found.refStart[part]; ref < found.refStart[part + 1]; ref++) { strokeArc(context, vertices, found.refs[ref] >> 1, frame, view); }
        }
      }
      context.stroke();
    });
    if (found.partStart[feature] < found.partStart[feature + 1] && tiny(found, feature, frame)) {
      var box = found.boxes, corner = 4 * feature;
      context.beginPath();
      context.arc((box[corner] - frame.x) * frame.scale, (box[corner + 1] - frame.y) * frame.scale, 7, 0, 7);
      context.stroke();
    }
  }

  /* What the legend shows: the same symbol, drawn by the same code. kind: area, line or point. */
  function swatch(symbol, kind) {
    var canvas = document.createElement("canvas"), ratio = 3, context = canvas.getContext("2d");
    canvas.width = 26 * ratio;
    canvas.height = 16 * ratio;
    canvas.className = "ep-swatch";
    canvas.setAttribute("aria-hidden", "true");
    context.scale(ratio, ratio);
    if (kind === "point") {
      dot(context, symbol, 13, 8, Math.min(symbol.radius, 7));
    } else if (kind === "line") {
      context.beginPath();
      context.moveTo(1, 8);
      context.lineTo(25, 8);
      pen(context, symbol);
      context.stroke();
    } else {
      var inset = Math.max(1, symbol.width / 2);
      context.beginPath();
      context.rect(inset, inset, 26 - 2 * inset, 16 - 2 * inset);
      fillArea(context, symbol, ratio);
      if (symbol.edge && symbol.width) {
        pen(context, symbol);
        context.stroke();
      }
    }
    return canvas;
  }

  return { layer: layer, highlight: highlight, swatch: swatch };
})();
