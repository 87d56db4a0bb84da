"""Writing grids as Cloud Optimized GeoTIFF: whole or not at all, the same bytes for the same numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import numpy as np
import rasterio.shutil
from numpy.typing import NDArray

from spatial.errors import InputError, fault_of
from spatial.grid import Grid
from spatial.io.atomic import replacing

#: Names of GDAL's kinds of numbers.
_KINDS = {"float32": "Float32", "float64": "Float64", "uint8": "Byte", "int16": "Int16", "int32": "Int32"}


@dataclass(frozen=True)
class Band:
    """What the numbers of a raster are.

    Parameters
    ----------
    name
        Such as ``"slope"``.
    dtype
        Kind of number.
    nodata
        Number that stands for no data; nan is one.
    unit
        Of the numbers, empty for codes.
    tags
        Texts that go with the file: sources, parameters, versions.
    overview
        How a coarser copy is made of the cells.
    classes
        Name and colour (``#rrggbb``) of the codes 0, 1, 2, ...; empty for measurements.
    """

    name: str
    dtype: str
    nodata: float
    unit: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    overview: Literal["average", "mode", "nearest"] = "average"
    classes: Sequence[tuple[str, str]] = ()


def write_cog(path: Path, rows: Path | NDArray[Any] | Iterable[NDArray[Any]], grid: Grid, band: Band) -> None:
    """Write a Cloud Optimized GeoTIFF, under a temporary name until it is complete.

    Parameters
    ----------
    path
        ``.tif``; its folder must exist.
    rows : ndarray, shape (rows, columns), or Path
        The numbers, or a file of them row by row without anything else, or the numbers a few rows at a time;
        the last two may be larger than memory.
    grid
        Where the cells lie.
    band
        What the numbers are.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix=".rows-", dir=path.parent) as name, replacing(path) as temporary:
        folder = Path(name)
        raw = rows if isinstance(rows, Path) else folder / "rows.raw"
        if not isinstance(rows, Path):
            with raw.open("wb") as file:
                for part in [rows] if isinstance(rows, np.ndarray) else rows:
                    file.write(np.ascontiguousarray(part, dtype=band.dtype).tobytes())
        # A description of the plain file that GDAL copies from, block by block.
        description = raw.parent / "rows.vrt"
        description.write_bytes(_description(raw, grid, band))
        try:
            rasterio.shutil.copy(
                description,
                temporary,
                driver="COG",
                compress="DEFLATE",
                predictor="YES" if not band.classes else "NO",
                overview_resampling=band.overview.upper(),
                num_threads="ALL_CPUS",
                bigtiff="IF_SAFER",
            )
        except Exception as error:
            # GDAL has exceptions of its own for a disk that is full, a folder that is closed, and so on.
            raise InputError("file_unwritable", file=path, fault=fault_of(error)) from error
        finally:
            description.unlink()


def _description(raw: Path, grid: Grid, band: Band) -> bytes:
    rows, columns = grid.shape
    size = np.dtype(band.dtype).itemsize
    root = ET.Element("VRTDataset", rasterXSize=str(columns), rasterYSize=str(rows))
    # Without a mapping of axes GDAL takes x for east, whatever the system's own order.
    ET.SubElement(root, "SRS").text = grid.crs.to_wkt()
    ET.SubElement(root, "GeoTransform").text = ", ".join(repr(float(number)) for number in grid.transform.to_gdal())
    listed = ET.SubElement(root, "Metadata")
    for key, text in sorted(band.tags.items()):
        ET.SubElement(listed, "MDI", key=key).text = text
    one = ET.SubElement(root, "VRTRasterBand", dataType=_KINDS[band.dtype], band="1", subClass="VRTRawRasterBand")
    ET.SubElement(one, "Description").text = band.name
    ET.SubElement(one, "UnitType").text = band.unit
    ET.SubElement(one, "NoDataValue").text = str(band.nodata)
    if band.classes:
        ET.SubElement(one, "ColorInterp").text = "Palette"
        listed, table = ET.Element("Metadata"), ET.SubElement(one, "ColorTable")
        one.insert(0, listed)
        for code, (text, colour) in enumerate(band.classes):
            red, green, blue = (str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
            ET.SubElement(table, "Entry", c1=red, c2=green, c3=blue, c4="255")
            if text:
                ET.SubElement(listed, "MDI", key=str(code)).text = text
    ET.SubElement(one, "SourceFilename", relativeToVRT="1").text = raw.name
    for key, number in (("ImageOffset", 0), ("PixelOffset", size), ("LineOffset", size * columns)):
        ET.SubElement(one, key).text = str(number)
    ET.SubElement(one, "ByteOrder").text = "LSB"
    return bytes(ET.tostring(root))
