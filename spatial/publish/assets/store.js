/* Layers in typed arrays: unpacking, one set of vertices for each scale, an index of boxes, what lies under a place.
   Places are pixels of Web Mercator at zoom 0: 256 for the whole world, y to the south. */
"use strict";
ecopattern.store = (function () {
  var POINT = 0, LINE = 1, SHELL = 2, SPAN = 64, NODE = 16;

  function toWorld(lon, lat) {
    var sine = Math.sin(lat * Math.PI / 180);
    return [(lon + 180) / 360 * 256, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256];
  }

  function numbers(bytes, signed, running) {
    var found = new Int32Array(bytes.length), count = 0, value = 0, shift = 0, sum = 0;
    for (var i = 0; i < bytes.length; i++) {
      var byte = bytes[i];
      value |= (byte & 127) << shift;
      if (byte & 128) { shift += 7; continue; }
      if (signed) { value = (value >>> 1) ^ -(value & 1); }
      sum += value;
      found[count++] = running ? sum : value;
      value = 0;
      shift = 0;
    }
    return found.subarray(0, count);
  }

  function starts(lengths) {
    var found = new Int32Array(lengths.length + 1);
    for (var i = 0; i < lengths.length; i++) { found[i + 1] = found[i] + lengths[i]; }
    return found;
  }

  /* A block of the page as its JSON and its sections. */
  function unpack(id) {
    var text = atob(document.getElementById(id).textContent), bytes = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i++) { bytes[i] = text.charCodeAt(i); }
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).arrayBuffer().then(function (whole) {
      var place = 4 + new DataView(whole).getUint32(0, true);
      var head = JSON.parse(new TextDecoder().decode(new Uint8Array(whole, 4, place - 4))), sections = {};
      head.sections.forEach(function (section) {
        sections[section[0]] = new Uint8Array(whole, place, section[1]);
        place += section[1];
      });
      return { head: head, sections: sections };
    });
  }

  /* Boxes packed into a tree along a Hilbert curve. */
  function tree(boxes) {
    var count = boxes.length / 4, order = new Uint32Array(count), code = new Uint32Array(count), levels = [], whole = [Infinity, Infinity, -Infinity, -Infinity];
    for (var i = 0; i < count; i++) { grow(whole, boxes, 4 * i); }
    var wide = (whole[2] - whole[0]) || 1, high = (whole[3] - whole[1]) || 1;
    for (i = 0; i < count; i++) {
      order[i] = i;
      // A box without a place holds infinities; it is never found.
      var x = ((boxes[4 * i] + boxes[4 * i + 2]) / 2 - whole[0]) / wide, y = ((boxes[4 * i + 1] + boxes[4 * i + 3]) / 2 - whole[1]) / high;
      code[i] = x >= 0 && y >= 0 ? hilbert(Math.min(65535, x * 65535) | 0, Math.min(65535, y * 65535) | 0) : 0;
    }
    order.sort(function (a, b) { return code[a] - code[b] || a - b; });
    var below = new Float64Array(4 * count);
    for (i = 0; i < count; i++) { below.set(boxes.subarray(4 * order[i], 4 * order[i] + 4), 4 * i); }
    levels.push(below);
    while (below.length > 4 * NODE) {
      var nodes = Math.ceil(below.length / 4 / NODE), above = new Float64Array(4 * nodes);
      for (i = 0; i < nodes; i++) {
        var box = [Infinity, Infinity, -Infinity, -Infinity];
        for (var j = i * NODE; j < Math.min((i + 1) * NODE, below.length / 4); j++) { grow(box, below, 4 * j); }
        above.set(box, 4 * i);
      }
      levels.push(above);
      below = above;
    }
    return {
      whole: whole,
      /* Places of the boxes that touch a box, in ascending order. */
      query: function (x1, y1, x2, y2) {
        var found = [];
        function visit(level, from, to) {
          var part = levels[level];
          for (var k = from; k < to; k++) {
            if (part[4 * k] > x2 || part[4 * k + 1] > y2 || part[4 * k + 2] < x1 || part[4 * k + 3] < y1) { continue; }
            if (level) { visit(level - 1, k * NODE, Math.min((k + 1) * NODE, levels[level - 1].length / 4)); } else { found.push(order[k]); }
          }
        }
        if (count) { visit(levels.length - 1, 0, levels[levels.length - 1].length / 4); }
        return found.sort(function (a, b) { return a - b; });
      }
    };
  }

  function grow(box, boxes, at) {
    if (boxes[at] < box[0]) { box[0] = boxes[at]; }
    if (boxes[at + 1] < box[1]) { box[1] = boxes[at + 1]; }
    if (boxes[at + 2] > box[2]) { box[2] = boxes[at + 2]; }
    if (boxes[at + 3] > box[3]) { box[3] = boxes[at + 3]; }
  }

  function hilbert(x, y) {
    var d = 0;
    for (var s = 32768; s > 0; s >>= 1) {
      var rx = (x & s) > 0 ? 1 : 0, ry = (y & s) > 0 ? 1 : 0;
      d += s * s * ((3 * rx) ^ ry);
      if (!ry) {
        if (rx) { x = 65535 - x; y = 65535 - y; }
        var t = x;
        x = y;
        y = t;
      }
    }
    return d >>> 0;
  }

  function Layer(meta, block, quantum) {
    var sections = block.sections, head = block.head, x = numbers(sections.x, true, true), y = numbers(sections.y, true, true);
    this.meta = meta;
    this.count = head.features;
    this.values = head.values;
    this.shown = meta.shown;
    this.symbolOf = numbers(sections.symbols);
    this.kinds = sections.kinds;
    this.partStart = starts(numbers(sections.parts));
    this.refStart = starts(numbers(sections.refs));
    this.refs = numbers(sections.arcs, true, true);
    this.arcStart = starts(numbers(sections.lengths));
    this.levels = sections.levels;
    this.finer = [];
    this.x = new Float64Array(x.length);
    this.y = new Float64Array(x.length);
    for (var i = 0; i < x.length; i++) {
      var sine = Math.sin(y[i] * quantum * (Math.PI / 180));
      this.x[i] = (x[i] * quantum + 180) / 360 * 256;
      this.y[i] = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
    }
    this.boxes = this._boxes();
    this.tree = tree(this.boxes);
    var labelX = numbers(sections.label_x, true, true), labelY = numbers(sections.label_y, true, true);
    this.labels = [];
    for (i = 0; i < labelX.length; i++) { this.labels.push(toWorld(labelX[i] * quantum, labelY[i] * quantum)); }
    this.nameColumn = meta.columns.findIndex(function (column) { return column[0] === meta.name_key; });
  }

  Layer.prototype._boxes = function () {
    var boxes = new Float64Array(4 * this.count), box;
    for (var feature = 0; feature < this.count; feature++) {
      box = [Infinity, Infinity, -Infinity, -Infinity];
      for (var ref = this.refStart[this.partStart[feature]]; ref < this.refStart[this.partStart[feature + 1]]; ref++) {
        var arc = this.refs[ref] >> 1;
        for (var i = this.arcStart[arc]; i < this.arcStart[arc + 1]; i++) {
          if (this.x[i] < box[0]) { box[0] = this.x[i]; }
          if (this.x[i] > box[2]) { box[2] = this.x[i]; }
          if (this.y[i] < box[1]) { box[1] = this.y[i]; }
          if (this.y[i] > box[3]) { box[3] = this.y[i]; }
        }
      }
      boxes.set(box, 4 * feature);
    }
    return boxes;
  };

  /* The vertices drawn at a scale, with a box around every few of them. */
  Layer.prototype.at = function (level) {
    if (this.finer[level]) { return this.finer[level]; }
    var arcs = this.arcStart.length - 1, start = new Int32Array(arcs + 1), count = 0, i, arc;
    for (arc = 0; arc < arcs; arc++) {
      for (i = this.arcStart[arc]; i < this.arcStart[arc + 1]; i++) { if (this.levels[i] > level) { count++; } }
      start[arc + 1] = count;
    }
    var x = new Float64Array(count), y = new Float64Array(count), place = 0;
    for (i = 0; i < this.levels.length; i++) {
      if (this.levels[i] > level) { x[place] = this.x[i]; y[place++] = this.y[i]; }
    }
    var spanStart = new Int32Array(arcs + 1);
    for (arc = 0; arc < arcs; arc++) { spanStart[arc + 1] = spanStart[arc] + Math.max(1, Math.ceil((start[arc + 1] - start[arc] - 1) / SPAN)); }
    var boxes = new Float64Array(4 * spanStart[arcs]);
    for (arc = 0; arc < arcs; arc++) {
      for (var span = spanStart[arc]; span < spanStart[arc + 1]; span++) {
        var from = start[arc] + SPAN * (span - spanStart[arc]), to = Math.min(from + SPAN, start[arc + 1] - 1), box = [Infinity, Infinity, -Infinity, -Infinity];
        for (i = from; i <= to; i++) {
          if (x[i] < box[0]) { box[0] = x[i]; }
          if (x[i] > box[2]) { box[2] = x[i]; }
          if (y[i] < box[1]) { box[1] = y[i]; }
          if (y[i] > box[3]) { box[3] = y[i]; }
        }
        boxes.set(box, 4 * span);
      }
    }
    this.finer[level] = { x: x, y: y, start: start, spanStart: spanStart, boxes: boxes };
    return this.finer[level];
  };

  /* Calls visit(from, to, box, at) for each span of a part, in the part's own direction. */
  Layer.prototype.spans = function (vertices, part, visit) {
    for (var ref = this.refStart[part]; ref < this.refStart[part + 1]; ref++) {
      var arc = this.refs[ref] >> 1, backward = this.refs[ref] & 1, first = vertices.spanStart[arc], last = vertices.spanStart[arc + 1] - 1;
      for (var k = 0; k <= last - first; k++) {
        var span = backward ? last - k : first + k, from = vertices.start[arc] + SPAN * (span - first), to = Math.min(from + SPAN, vertices.start[arc + 1] - 1);
        if (backward) { visit(to, from, vertices.boxes, 4 * span); } else { visit(from, to, vertices.boxes, 4 * span); }
      }
    }
  };

  /* Whether a place is inside an area of the feature, or this close to a line or point of it. */
  Layer.prototype.hits = function (feature, x, y, near) {
    var vertices = this.at(0), inside = false, close = false, layer = this;
    for (var part = this.partStart[feature]; part < this.partStart[feature + 1]; part++) {
      var kind = this.kinds[part];
      this.spans(vertices, part, function (from, to, boxes, at) {
        if (kind >= SHELL) {
          if (boxes[at + 1] > y || boxes[at + 3] < y || boxes[at + 2] < x) { return; }
          for (var i = Math.min(from, to); i < Math.max(from, to); i++) {
            var y1 = vertices.y[i], y2 = vertices.y[i + 1];
            if ((y1 > y) !== (y2 > y) && x < vertices.x[i] + (y - y1) / (y2 - y1) * (vertices.x[i + 1] - vertices.x[i])) { inside = !inside; }
          }
        } else if (!close && boxes[at] <= x + near && boxes[at + 2] >= x - near && boxes[at + 1] <= y + near && boxes[at + 3] >= y - near) {
          close = layer._near(vertices, Math.min(from, to), Math.max(from, to), x, y, near);
        }
      });
    }
    return inside || close;
  };

  Layer.prototype._near = function (vertices, from, to, x, y, near) {
    for (var i = from; i <= to; i++) {
      var j = Math.min(i + 1, to), dx = vertices.x[j] - vertices.x[i], dy = vertices.y[j] - vertices.y[i], square = dx * dx + dy * dy;
      var share = square ? Math.max(0, Math.min(1, ((x - vertices.x[i]) * dx + (y - vertices.y[i]) * dy) / square)) : 0;
      if (Math.hypot(vertices.x[i] + share * dx - x, vertices.y[i] + share * dy - y) <= near) { return true; }
    }
    return false;
  };

  /* Features under a place, the uppermost first; a shape too small to hit counts where its mark is. */
  Layer.prototype.under = function (x, y, near) {
    var boxes = this.boxes, layer = this;
    return this.tree.query(x - near, y - near, x + near, y + near).filter(function (feature) {
      var at = 4 * feature, small = Math.max(boxes[at + 2] - boxes[at], boxes[at + 3] - boxes[at + 1]) < near;
      return small || layer.hits(feature, x, y, near);
    }).reverse();
  };

  Layer.prototype.name = function (feature) {
    var value = this.nameColumn < 0 ? null : this.values[this.nameColumn][feature];
    return value === null || value === undefined ? "" : String(value);
  };

  return { POINT: POINT, LINE: LINE, SHELL: SHELL, Layer: Layer, unpack: unpack, toWorld: toWorld };
})();
