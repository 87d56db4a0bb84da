/* Lengths, areas and projected coordinates on the CGCS2000 ellipsoid. Angles in degrees, lengths in metres. */
"use strict";
var ecopattern = window.ecopattern || {};
ecopattern.geodesy = (function () {
  var A = 6378137, F = 1 / 298.257222101, B = A * (1 - F), E2 = F * (2 - F), E = Math.sqrt(E2), RAD = Math.PI / 180, PIECE_M = 2000;

  function distance(from, to) { return inverse(from, to).length; }

  /* Vincenty 1975, inverse: length and first azimuth; converges everywhere but between nearly opposite points. */
  function inverse(from, to) {
    var l = (to[0] - from[0]) * RAD, u1 = Math.atan((1 - F) * Math.tan(from[1] * RAD)), u2 = Math.atan((1 - F) * Math.tan(to[1] * RAD));
    var s1 = Math.sin(u1), c1 = Math.cos(u1), s2 = Math.sin(u2), c2 = Math.cos(u2), lambda = l, before, turns = 0;
    var ss, cs, sigma, c2a, c2m;
    do {
      var sl = Math.sin(lambda), cl = Math.cos(lambda);
      ss = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
      if (ss === 0) { return { length: 0, azimuth: 0 }; }
      cs = s1 * s2 + c1 * c2 * cl;
      sigma = Math.atan2(ss, cs);
      var sa = c1 * c2 * sl / ss;
      c2a = 1 - sa * sa;
      c2m = c2a ? cs - 2 * s1 * s2 / c2a : 0;
      var c = F / 16 * c2a * (4 + F * (4 - 3 * c2a));
      before = lambda;
      lambda = l + (1 - c) * F * sa * (sigma + c * ss * (c2m + c * cs * (2 * c2m * c2m - 1)));
    } while (Math.abs(lambda - before) > 1e-14 && ++turns < 60);
    var k = series(c2a);
    var azimuth = Math.atan2(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda));
    return { length: B * k[0] * (sigma - bend(k[1], ss, cs, c2m)), azimuth: azimuth };
  }

  function series(c2a) {
    var k = c2a * (A * A - B * B) / (B * B);
    return [1 + k / 16384 * (4096 + k * (k * (320 - 175 * k) - 768)), k / 1024 * (256 + k * (k * (74 - 47 * k) - 128))];
  }

  function bend(kb, ss, cs, c2m) {
    return kb * ss * (c2m + kb / 4 * (cs * (2 * c2m * c2m - 1) - kb / 6 * c2m * (4 * ss * ss - 3) * (4 * c2m * c2m - 3)));
  }

  /* Vincenty 1975, direct: the place at a distance in a direction. */
  function along(from, azimuth, metres) {
    var u1 = Math.atan((1 - F) * Math.tan(from[1] * RAD)), s1 = Math.sin(u1), c1 = Math.cos(u1), sin = Math.sin(azimuth), cos = Math.cos(azimuth);
    var sigma1 = Math.atan2(s1, c1 * cos), sa = c1 * sin, c2a = 1 - sa * sa, k = series(c2a), sigma = metres / (B * k[0]), before, turns = 0, c2m;
    do {
      c2m = Math.cos(2 * sigma1 + sigma);
      before = sigma;
      sigma = metres / (B * k[0]) + bend(k[1], Math.sin(sigma), Math.cos(sigma), c2m);
    } while (Math.abs(sigma - before) > 1e-14 && ++turns < 60);
    var ss = Math.sin(sigma), cs = Math.cos(sigma);
    var lambda = Math.atan2(ss * sin, c1 * cs - s1 * ss * cos), c = F / 16 * c2a * (4 + F * (4 - 3 * c2a));
    c2m = Math.cos(2 * sigma1 + sigma);
    var l = lambda - (1 - c) * F * sa * (sigma + c * ss * (c2m + c * cs * (2 * c2m * c2m - 1)));
    return [from[0] + l / RAD, Math.atan2(s1 * cs + c1 * ss * cos, (1 - F) * Math.hypot(sa, s1 * ss - c1 * cs * cos)) / RAD];
  }

  /* Snyder 1987, (3-12): what makes areas on a sphere those on the ellipsoid. */
  function q(sine) { return (1 - E2) * (sine / (1 - E2 * sine * sine) - Math.log((1 - E * sine) / (1 + E * sine)) / (2 * E)); }
  var QP = q(1), R2 = A * A * QP / 2;

  /* Spherical excess over great circles of the authalic sphere, edge by edge; long edges in pieces along the geodesic. */
  function area(ring) {
    var sum = 0, places = [];
    ring.forEach(function (from, i) {
      var edge = inverse(from, ring[(i + 1) % ring.length]), pieces = Math.max(1, Math.ceil(edge.length / PIECE_M));
      places.push(from);
      for (var k = 1; k < pieces; k++) { places.push(along(from, edge.azimuth, edge.length * k / pieces)); }
    });
    for (var i = 0; i < places.length; i++) {
      var from = places[i], to = places[(i + 1) % places.length], l = (to[0] - from[0]) * RAD;
      var t1 = Math.tan(Math.asin(q(Math.sin(from[1] * RAD)) / QP) / 2), t2 = Math.tan(Math.asin(q(Math.sin(to[1] * RAD)) / QP) / 2);
      sum += 2 * Math.atan2(Math.tan(l / 2) * (t1 + t2), 1 + t1 * t2);
    }
    return Math.abs(sum) * R2;
  }

  var N = F / (2 - F), N2 = N * N, N3 = N2 * N, N4 = N3 * N, N5 = N4 * N, N6 = N5 * N;
  /* Krueger 1912 to the sixth order (Karney 2011, equation 35): forward coefficients. */
  var ALPHA = [
    N / 2 - 2 / 3 * N2 + 5 / 16 * N3 + 41 / 180 * N4 - 127 / 288 * N5 + 7891 / 37800 * N6,
    13 / 48 * N2 - 3 / 5 * N3 + 557 / 1440 * N4 + 281 / 630 * N5 - 1983433 / 1935360 * N6,
    61 / 240 * N3 - 103 / 140 * N4 + 15061 / 26880 * N5 + 167603 / 181440 * N6,
    49561 / 161280 * N4 - 179 / 168 * N5 + 6601661 / 7257600 * N6,
    34729 / 80640 * N5 - 3418889 / 1995840 * N6,
    212378941 / 319334400 * N6
  ];
  var RECTIFYING = A / (1 + N) * (1 + N2 / 4 + N4 / 64 + N6 / 256);

  /* The 3-degree Gauss-Kruger zone of a place, and northing and easting with the zone's number before it. */
  function gaussKruger(lon, lat) {
    var zone = Math.round(lon / 3), l = (lon - 3 * zone) * RAD, sine = Math.sin(lat * RAD);
    var t = Math.sinh(Math.atanh(sine) - E * Math.atanh(E * sine)), xi = Math.atan2(t, Math.cos(l)), eta = Math.asinh(Math.sin(l) / Math.hypot(t, Math.cos(l)));
    var north = xi, east = eta;
    ALPHA.forEach(function (a, j) {
      north += a * Math.sin(2 * (j + 1) * xi) * Math.cosh(2 * (j + 1) * eta);
      east += a * Math.cos(2 * (j + 1) * xi) * Math.sinh(2 * (j + 1) * eta);
    });
    return { zone: zone, x: RECTIFYING * north, y: RECTIFYING * east + 500000 + 1000000 * zone };
  }

  return { distance: distance, area: area, gaussKruger: gaussKruger };
})();
window.ecopattern = ecopattern;
