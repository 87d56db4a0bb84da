/* Map tiles from elsewhere, only where the page was made with them; a key is asked for and kept for this visit only. */
"use strict";
ecopattern.background = function (page, map, state) {
  var tiles = page.tiles, dom = ecopattern.dom, make = dom.make, NAME = "ecopattern-key";

  function put(key) {
    state.background = L.tileLayer(tiles.url.split("{key}").join(encodeURIComponent(key)), { maxNativeZoom: tiles.max_zoom, maxZoom: page.max_zoom, pane: "tilePane" }).addTo(map);
  }

  function stored() { try { return sessionStorage.getItem(NAME) || ""; } catch (_) { return ""; } }

  function ask() {
    var form = make("form", "ep-key"), label = make("label", "", page.texts.key_ask), input = make("input");
    input.type = "password";
    input.autocomplete = "off";
    label.appendChild(input);
    form.appendChild(label);
    var send = make("button", "", page.texts.key_use);
    send.type = "submit";
    form.appendChild(send);
    form.appendChild(dom.button("ep-later", page.texts.key_later, "", function () { form.remove(); }));
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (!input.value.trim()) { return; }
      try { sessionStorage.setItem(NAME, input.value.trim()); } catch (_) { /* the page may not keep it */ }
      put(input.value.trim());
      form.remove();
    });
    map.getContainer().appendChild(form);
    L.DomEvent.disableClickPropagation(form);
  }

  if (!tiles.ask_key) { put(""); } else if (stored()) { put(stored()); } else { ask(); }
  var note = L.control({ position: "bottomright" });
  note.onAdd = function () { return make("div", "ep-attribution", tiles.attribution); };
  note.addTo(map);
};
