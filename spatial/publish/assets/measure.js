/* Measuring on the ellipsoid: clicks or Enter set corners, a double click or the button ends, Escape takes all away. */
"use strict";
ecopattern.measure = (function () {
  var dom = ecopattern.dom, make = dom.make, geodesy = ecopattern.geodesy;
  var STYLE = { color: "#b3261e", weight: 2.5, dashArray: "6 4", fillColor: "#b3261e", fillOpacity: 0.08, interactive: false };

  function lengthText(page, metres) {
    return metres < 1000 ? dom.digits(metres, 1) + " " + page.texts.unit_m : dom.digits(metres / 1000, 3) + " " + page.texts.unit_km;
  }

  function areaText(page, square) {
    return [dom.digits(square, 1) + " " + page.texts.unit_m2, dom.digits(square / 10000, 4) + " " + page.texts.unit_ha, dom.digits(square * 3 / 2000, 2) + " " + page.texts.unit_mu].join(" = ");
  }

  function tools(page, map, state) {
    var corners = [], mode = "", shape = null, dots = L.layerGroup(), result = make("div", "ep-result"), text = make("output"), buttons = {};
    result.hidden = true;
    result.setAttribute("role", "status");
    result.appendChild(text);
    result.appendChild(dom.button("ep-close", page.texts.close, "M5 5l10 10M15 5L5 15", stop));
    map.getContainer().appendChild(result);
    L.DomEvent.disableClickPropagation(result);
    buttons.distance = dom.button("ep-tool", page.texts.measure_distance, "M2 14L14 2l4 4L6 18zM6 10l2 2M9 7l2 2M12 4l2 2", function () { start("distance"); });
    buttons.area = dom.button("ep-tool", page.texts.measure_area, "M3 7l8-4 6 6-4 8H5z", function () { start("area"); });

    function start(wanted) {
      if (mode === wanted) { stop(); return; }
      stop();
      map.closePopup();
      mode = wanted;
      state.busy = true;
      buttons[mode].setAttribute("aria-pressed", "true");
      shape = (mode === "area" ? L.polygon([], STYLE) : L.polyline([], STYLE)).addTo(map);
      dots.addTo(map);
      map.doubleClickZoom.disable();
      map.getContainer().classList.add("ep-measuring");
      map.on("click", click).on("dblclick", finish).on("mousemove", follow);
      document.addEventListener("keydown", key, true);
      result.hidden = false;
      report(corners);
      map.getContainer().focus();
    }

    function click(event) { add(event.latlng); }

    function add(latlng) {
      var last = corners[corners.length - 1];
      // The second click of a double click is at the place of the first.
      if (last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(latlng)) < 2) { return; }
      corners.push(latlng);
      L.circleMarker(latlng, { radius: 4, color: "#ffffff", weight: 1.5, fillColor: "#b3261e", fillOpacity: 1, interactive: false }).addTo(dots);
      draw(corners);
    }

    function follow(event) { if (corners.length) { draw(corners.concat([event.latlng])); } }

    function draw(places) {
      shape.setLatLngs(places);
      report(places);
    }

    function report(places) {
      var at = places.map(function (place) { return [place.lng, place.lat]; }), length = 0;
      for (var i = 1; i < at.length; i++) { length += geodesy.distance(at[i - 1], at[i]); }
      if (mode === "distance") {
        text.textContent = at.length > 1 ? dom.say(page.texts.distance_is, { length: lengthText(page, length) }) : page.texts.measure_hint;
      } else if (at.length > 2) {
        text.textContent = dom.say(page.texts.area_is, { area: areaText(page, geodesy.area(at)), length: lengthText(page, length + geodesy.distance(at[at.length - 1], at[0])) });
      } else {
        text.textContent = page.texts.measure_hint;
      }
    }

    /* What was measured stays to be read until the tool is closed. */
    function finish() {
      if (!mode) { return; }
      draw(corners);
      quiet();
      setTimeout(function () { state.busy = false; }, 300);
    }

    function quiet() {
      map.off("click", click).off("dblclick", finish).off("mousemove", follow);
      document.removeEventListener("keydown", key, true);
      map.getContainer().classList.remove("ep-measuring");
      map.doubleClickZoom.enable();
      if (mode) { buttons[mode].removeAttribute("aria-pressed"); }
      mode = "";
    }

    function stop() {
      quiet();
      state.busy = false;
      corners = [];
      dots.clearLayers();
      if (shape) { shape.remove(); shape = null; }
      result.hidden = true;
    }

    function key(event) {
      if (event.key === "Escape") { stop(); event.stopPropagation(); }
      if (event.key === "Enter" && event.target === map.getContainer()) { add(map.getCenter()); event.stopPropagation(); }
    }

    return [buttons.distance, buttons.area];
  }

  return { tools: tools, lengthText: lengthText, areaText: areaText };
})();
