"""Soil erosion by water: factors, CSLE and RUSLE, grades, conservation measures."""
