/* Elements and texts. Whatever comes from data is set as text, never as markup. */
"use strict";
ecopattern.dom = (function () {
  var SVG = "http://www.w3.org/2000/svg";

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) { element.className = className; }
    if (text !== undefined && text !== null) { element.textContent = text; }
    return element;
  }

  function svg(tag, attributes, children) {
    var element = document.createElementNS(SVG, tag);
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    (children || []).forEach(function (child) { element.appendChild(child); });
    return element;
  }

  function icon(path) {
    return svg("svg", { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" }, [svg("path", { d: path })]);
  }

  function button(className, title, path, press) {
    var element = make("button", className);
    element.type = "button";
    element.title = title;
    element.setAttribute("aria-label", title);
    if (path) { element.appendChild(icon(path)); } else { element.textContent = title; }
    element.addEventListener("click", press);
    return element;
  }

  function shortened(text, length) {
    var signs = Array.from(text.slice(0, 2 * length + 2));
    return signs.length <= length ? text : signs.slice(0, length - 1).join("") + "…";
  }

  /* A text of any length: the first of it, and a button for the rest. */
  function long(text, length, more) {
    var box = make("span", "ep-long", text.length > length ? shortened(text, length) : text);
    if (text.length <= length) { return box; }
    var whole = make("span"), rest = button("ep-more", more, "", function () { box.classList.add("ep-whole"); box.textContent = text; });
    whole.appendChild(box);
    whole.appendChild(rest);
    rest.addEventListener("click", function () { rest.remove(); });
    return whole;
  }

  function digits(value, decimals) {
    var parts = value.toFixed(decimals).split(".");
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ",");
    return parts.join(".");
  }

  /* Six significant digits as C's %g writes them. */
  function general(value) {
    if (!value) { return "0"; }
    var parts = value.toExponential(5).split("e"), power = Number(parts[1]);
    if (power < -4 || power >= 6) {
      return parts[0].replace(/\.?0+$/, "") + "e" + (power < 0 ? "-" : "+") + String(Math.abs(power)).padStart(2, "0");
    }
    var text = value.toFixed(Math.max(0, 5 - power));
    return text.indexOf(".") < 0 ? text : text.replace(/\.?0+$/, "");
  }

  /* A cell as every other output writes it. */
  function cell(value, kind, decimals) {
    if (value === null || value === undefined || value === "") { return "—"; }
    if (typeof value === "string") { return value; }
    if (kind === "exact") { return general(value); }
    return digits(value, kind === "count" ? 0 : decimals[kind]);
  }

  function say(template, values) {
    return Object.keys(values).reduce(function (text, key) { return text.split("{" + key + "}").join(values[key]); }, template);
  }

  return { make: make, svg: svg, button: button, shortened: shortened, long: long, cell: cell, digits: digits, say: say };
})();
