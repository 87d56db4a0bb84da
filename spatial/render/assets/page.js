/* Draws a screening's layers. Everything from data is set as text, never as markup. */
"use strict";
var ecopattern = (function () {
  var drawn = [];

  function data(id) { return JSON.parse(document.getElementById(id).textContent); }

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) { element.className = className; }
    if (text !== undefined && text !== null) { element.textContent = text; }
    return element;
  }

  function symbol(style) {
    var element = make("span", "ep-symbol", style.symbol);
    element.style.background = style.fill;
    element.style.color = style.ink;
    return element;
  }

  function factsTable(facts) {
    var table = make("table"), body = make("tbody");
    facts.forEach(function (fact) {
      var row = make("tr");
      row.appendChild(make("th", "", fact[0]));
      row.appendChild(make("td", "", fact[1]));
      body.appendChild(row);
    });
    table.appendChild(body);
    return table;
  }

  function gridTable(grid) {
    var table = make("table"), head = make("tr"), body = make("tbody"), top = make("thead");
    grid.columns.forEach(function (title) { head.appendChild(make("th", "", title)); });
    top.appendChild(head);
    grid.rows.forEach(function (cells) {
      var row = make("tr");
      cells.forEach(function (text, place) { row.appendChild(make("td", grid.numeric[place] ? "n" : "", text)); });
      body.appendChild(row);
    });
    table.appendChild(top);
    table.appendChild(body);
    return table;
  }

  function popup(content, verdicts) {
    var box = make("div", "ep-popup");
    box.appendChild(make("h2", "", content.title));
    if (content.verdict) {
      var chip = make("span", "ep-verdict", content.verdict_text);
      chip.style.background = verdicts[content.verdict].fill;
      chip.style.color = verdicts[content.verdict].ink;
      box.appendChild(chip);
    }
    box.appendChild(factsTable(content.facts));
    (content.grids || []).forEach(function (grid) {
      box.appendChild(make("h3", "", grid.title));
      box.appendChild(gridTable(grid));
    });
    if (content.more) {
      box.appendChild(make("h3", "", content.more_title));
      box.appendChild(factsTable(content.more));
    }
    return box;
  }

  function bind(layer, content, verdicts, tip) {
    layer.bindPopup(function () { return popup(content, verdicts); }, { maxWidth: 500, minWidth: 260 });
    if (tip || content.tip) { layer.bindTooltip(make("span", "", tip || content.tip), { sticky: true }); }
  }

  /* Of several points of one project each says its number. */
  function tipOf(at, content) { return at[3] ? content.tip + " · " + at[3] : content.tip; }

  function symbolMarker(at, content, layer) {
    var verdicts = layer.verdicts;
    var icon = L.divIcon({
      className: "", html: symbol(verdicts[content.verdict]), iconSize: [22, 22], iconAnchor: [11, 11], popupAnchor: [0, -8]
    });
    return L.marker([at[0], at[1]], {
      icon: icon, title: tipOf(at, content), alt: content.verdict_text, riseOnHover: true, zIndexOffset: 1000 * layer.rank
    });
  }

  function dot(at, content, layer) {
    var verdicts = layer.verdicts;
    return L.circleMarker([at[0], at[1]], { radius: 4, weight: 1, color: "#ffffff", fillColor: verdicts[content.verdict].fill, fillOpacity: 1 });
  }

  /* One layer of the map: shapes, and a symbol for each project that has a place. */
  function draw(group, id) {
    var layer = data(id), make = layer.dots ? dot : symbolMarker;
    L.geoJSON(layer.shapes, {
      style: function (feature) {
        var content = layer.contents[feature.properties.place];
        return L.extend({}, layer.style, content && content.style);
      },
      pointToLayer: function (feature, place) { return L.circleMarker(place, layer.style); },
      onEachFeature: function (feature, shape) {
        var content = layer.contents[feature.properties.place];
        if (content) { bind(shape, content, layer.verdicts); }
      }
    }).addTo(group);
    (layer.symbols || []).forEach(function (at) {
      var content = layer.contents[at[2]], marker = make(at, content, layer);
      bind(marker, content, layer.verdicts, tipOf(at, content));
      marker.addTo(group);
    });
    drawn.push(group);
  }

  /* Keep the stated order of layers whichever was switched on last. */
  function restack() {
    drawn.forEach(function (group) { if (group._map) { group.bringToFront(); } });
  }

  function swatch(style) {
    if (style.symbol) { return symbol(style); }
    var element = make("span", "ep-swatch");
    if (style.kind === "line") {
      element.style.borderBottom = "3px " + (style.dash ? "dashed " : "solid ") + style.edge;
      element.style.height = "8px";
    } else {
      element.style.border = "1.5px " + (style.dash ? "dashed " : "solid ") + style.edge;
      element.style.background = style.background;
    }
    if (style.kind === "point") { element.className += " ep-point"; }
    return element;
  }

  /* The panel: layers by group, each with its key, and projects that have no place on the map. */
  function panel(map, id, groups) {
    var content = data(id);
    var control = L.control({ position: "topright" });
    control.onAdd = function () {
      var box = make("details", "ep-panel");
      box.open = map.getSize().x > 640;
      box.appendChild(make("summary", "", content.title));
      content.groups.forEach(function (part) {
        var field = make("fieldset");
        field.appendChild(make("legend", "", part.title));
        part.layers.forEach(function (entry) {
          var label = make("label"), input = make("input"), group = groups[entry.layer];
          input.type = "checkbox";
          input.checked = map.hasLayer(group);
          input.addEventListener("change", function () {
            if (input.checked) { map.addLayer(group); restack(); } else { map.removeLayer(group); }
          });
          label.appendChild(input);
          label.appendChild(swatch(entry.style));
          label.appendChild(make("span", "ep-name", entry.name));
          if (entry.tag) { label.appendChild(make("span", "ep-tag", entry.tag)); }
          field.appendChild(label);
        });
        box.appendChild(field);
      });
      content.unplaced.forEach(function (part) {
        var list = make("details", "ep-unplaced");
        list.open = part.entries.length <= 3;
        list.appendChild(make("summary", "", part.title));
        part.entries.forEach(function (entry) {
          var row = make("div", "ep-row");
          row.appendChild(symbol(content.verdicts[entry.verdict]));
          row.appendChild(make("span", "ep-name", entry.title));
          list.appendChild(row);
        });
        box.appendChild(list);
      });
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
    restack();
  }

  function position(map, id) {
    var control = L.control({ position: "bottomleft" });
    var label = data(id).position;
    control.onAdd = function () {
      var box = make("div", "ep-position", label);
      map.on("mousemove", function (event) {
        box.textContent = label + " " + event.latlng.lng.toFixed(5) + ", " + event.latlng.lat.toFixed(5);
      });
      return box;
    };
    control.addTo(map);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  }

  return { draw: draw, panel: panel, position: position };
})();
