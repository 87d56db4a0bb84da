/* The layers on the map: tiles painted a little at a time, so that the map never stands still, and canvases over them. */
"use strict";
ecopattern.view = (function () {
  var paint = ecopattern.paint, TILE = 512, SLICE_MS = 12, LEAST_MS = 3, LATE_MS = 34, RANK = ["area", "point", "line"], APART_PX = 320, FIRST_MS = 60, work = [], waiting = false, first = true, idle = [], slice = SLICE_MS, last = 0;

  /* Work goes on between frames; what is asked for last belongs to what is seen now. */
  function schedule(job) {
    work.push(job);
    if (!waiting) { waiting = true; requestAnimationFrame(run); }
  }

  /* What is painted costs as much again when the browser shows it: after a late frame less is done in the next. */
  function run() {
    var now = performance.now(), late = now - last > LATE_MS && now - last < 1000;
    slice = Math.max(LEAST_MS, Math.min(SLICE_MS, slice * (late ? 0.6 : 1.15)));
    last = now;
    var until = now + (first ? FIRST_MS : slice);
    while (work.length && performance.now() < until) {
      if (work[0].gone || work[0].steps.next().done) { work.shift(); }
    }
    if (work.length) { requestAnimationFrame(run); return; }
    waiting = false;
    first = false;
    idle.splice(0).forEach(function (call) { call(); });
  }

  function whenIdle(call) { if (work.length) { idle.push(call); } else { call(); } }

  /* The scale whose outlines are near enough to the true ones. */
  function levelFor(page, zoom, latitude) {
    var metres = 40075016.686 / 256 * Math.cos(latitude * Math.PI / 180) / Math.pow(2, zoom), level = 0;
    page.tolerances_m.forEach(function (tolerance, place) { if (tolerance <= page.error_px * metres) { level = place; } });
    return level;
  }

  function frameOf(page, corner, zoom, width, height, ratio) {
    var scale = Math.pow(2, zoom);
    return { x: corner.x / scale, y: corner.y / scale, scale: scale, width: width, height: height, ratio: ratio, mark: page.mark_px, level: levelFor(page, zoom, page.latitude) };
  }

  function* all(context, layers, frame) {
    for (var i = 0; i < layers.length; i++) { if (layers[i].shown) { yield* paint.layer(context, layers[i], frame); } }
  }

  var Tiles = L.GridLayer.extend({
    initialize: function (page, layers) {
      L.setOptions(this, { tileSize: TILE, updateWhenZooming: false, updateWhenIdle: false, updateInterval: 60, keepBuffer: 1, pane: "overlayPane" });
      this.page = page;
      this.layers = layers;
    },
    createTile: function (coords, done) {
      var tile = document.createElement("canvas"), ratio = Math.min(window.devicePixelRatio || 1, 2);
      tile.width = tile.height = TILE * ratio;
      tile.coords = coords;
      tile.job = { gone: false, steps: this._paint(tile, tile, ratio, done) };
      schedule(tile.job);
      return tile;
    },
    _paint: function* (tile, canvas, ratio, done) {
      var context = canvas.getContext("2d"), frame = frameOf(this.page, { x: tile.coords.x * TILE, y: tile.coords.y * TILE }, tile.coords.z, TILE, TILE, ratio);
      context.scale(ratio, ratio);
      yield* all(context, this.layers, frame);
      if (canvas !== tile) {
        var seen = tile.getContext("2d");
        seen.setTransform(1, 0, 0, 1, 0, 0);
        seen.clearRect(0, 0, tile.width, tile.height);
        seen.drawImage(canvas, 0, 0);
      }
      if (done) { done(null, tile); }
    },
    /* Paint the tiles anew beside themselves and show each when it is whole: nothing flickers. */
    repaint: function () {
      for (var key in this._tiles) {
        var tile = this._tiles[key].el, beside = document.createElement("canvas");
        if (tile.again) { tile.again.gone = true; }
        beside.width = beside.height = tile.width;
        tile.again = { gone: false, steps: this._paint(tile, beside, tile.width / TILE) };
        schedule(tile.again);
      }
    },
    _removeTile: function (key) {
      var tile = this._tiles[key];
      if (tile) {
        tile.el.job.gone = true;
        if (tile.el.again) { tile.el.again.gone = true; }
      }
      L.GridLayer.prototype._removeTile.call(this, key);
    },
    /* As Leaflet's, but tiles are made for the zoom as it is, halves included: ours can be painted at any. */
    _setView: function (center, zoom, noPrune, noUpdate) {
      if (!noUpdate) {
        this._tileZoom = zoom;
        this._updateLevels();
        this._resetGrid();
        this._update(center);
        if (!noPrune) { this._pruneTiles(); }
        this._noPrune = Boolean(noPrune);
      }
      this._setZoomTransforms(center, zoom);
    }
  });

  /* A canvas that covers the map and somewhat more, drawn when the map has come to rest. */
  var Cover = L.Layer.extend({
    initialize: function (page, pane, draw) {
      L.setOptions(this, { pane: pane });
      this.page = page;
      this.draw = draw;
    },
    onAdd: function (map) {
      this.canvas = L.DomUtil.create("canvas", "ep-cover leaflet-zoom-hide", this.getPane());
      map.on("moveend zoomend resize viewreset", this.redraw, this);
      this.redraw();
    },
    onRemove: function (map) {
      L.DomUtil.remove(this.canvas);
      map.off("moveend zoomend resize viewreset", this.redraw, this);
    },
    redraw: function () {
      var map = this._map;
      if (!map || map._animatingZoom) { return; }
      var ratio = Math.min(window.devicePixelRatio || 1, 2), size = map.getSize(), pad = L.point(Math.round(size.x / 5), Math.round(size.y / 5)), whole = size.add(pad.multiplyBy(2));
      var corner = map.containerPointToLayerPoint(pad.multiplyBy(-1));
      L.DomUtil.setPosition(this.canvas, corner);
      this.canvas.width = whole.x * ratio;
      this.canvas.height = whole.y * ratio;
      this.canvas.style.width = whole.x + "px";
      this.canvas.style.height = whole.y + "px";
      var context = this.canvas.getContext("2d");
      context.scale(ratio, ratio);
      this.draw(context, frameOf(this.page, map.getPixelOrigin().add(corner), map.getZoom(), whole.x, whole.y, ratio));
    }
  });

  /* Names of labelled layers, the upper layers and larger features first; none over another. */
  function labels(context, layers, frame, most) {
    var taken = [], count = 0;
    context.font = "600 12.5px " + getComputedStyle(document.body).fontFamily;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    var named = [];
    RANK.forEach(function (kind) {
      named = named.concat(layers.filter(function (found) { return found.meta.kind === kind; }).reverse());
    });
    named.forEach(function (found) {
      if (!found.shown || !found.labels.length) { return; }
      var boxes = found.boxes;
      found.tree.query(frame.x, frame.y, frame.x + frame.width / frame.scale, frame.y + frame.height / frame.scale).sort(function (a, b) {
        return extent(boxes, b) - extent(boxes, a) || a - b;
      }).forEach(function (feature) {
        if (count < most && write(context, found, feature, frame, taken)) { count += 1; }
      });
    });
    return taken;
  }

  function extent(boxes, feature) { return boxes[4 * feature + 2] - boxes[4 * feature] + boxes[4 * feature + 3] - boxes[4 * feature + 1]; }

  function write(context, found, feature, frame, taken) {
    var text = ecopattern.dom.shortened(found.name(feature), 18), at = found.labels[feature], kind = found.kinds[found.partStart[feature]];
    if (!text) { return false; }
    var wide = context.measureText(text).width / 2 + 4, x = (at[0] - frame.x) * frame.scale, y = (at[1] - frame.y) * frame.scale;
    if (kind === ecopattern.store.POINT) { y -= found.meta.symbols[found.symbolOf[feature]].radius + 10; }
    var box = [x - wide, y - 9, x + wide, y + 9, text];
    if (box[0] < 0 || box[1] < 0 || box[2] > frame.width || box[3] > frame.height) { return false; }
    // A name several times as wide as its area would seem to belong to the neighbours.
    if (kind === ecopattern.store.SHELL && extent(found.boxes, feature) * frame.scale < wide) { return false; }
    // One name for a river that comes in many pieces.
    if (taken.some(function (other) { return other[4] === text && Math.hypot(other[0] - box[0], other[1] - box[1]) < APART_PX; })) { return false; }
    if (taken.some(function (other) { return other[0] < box[2] && other[2] > box[0] && other[1] < box[3] && other[3] > box[1]; })) { return false; }
    taken.push(box);
    context.strokeStyle = "rgba(255,255,255,0.92)";
    context.lineWidth = 3.5;
    context.strokeText(text, x, y);
    context.fillStyle = kind === ecopattern.store.LINE ? "#1b4f72" : "#1c2a33";
    context.fillText(text, x, y);
    return true;
  }

  return { Tiles: Tiles, Cover: Cover, labels: labels, all: all, frameOf: frameOf, whenIdle: whenIdle };
})();
