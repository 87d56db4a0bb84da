"""GDAL's own ``gdaldem``, as a program where there is one, else out of the library that rasterio brings."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import rasterio


def name() -> str:
    """Return which of the two is used, empty where there is neither."""
    if shutil.which("gdaldem"):
        return "gdaldem"
    return f"GDALDEMProcessing of libgdal {rasterio.__gdal_version__}" if _library() else ""


def slope(dem: Path, out: Path, *options: str, product: str = "slope") -> None:
    """Write the slope of a file of heights with gdaldem's options, such as ``-alg ZevenbergenThorne``."""
    program = shutil.which("gdaldem")
    if program:
        subprocess.run([program, product, str(dem), str(out), "-q", *options], check=True)
        return
    library = _library()
    if library is None:
        raise FileNotFoundError("gdaldem")
    library.GDALAllRegister()
    for function in (library.GDALOpen, library.GDALDEMProcessingOptionsNew, library.GDALDEMProcessing):
        function.restype = ctypes.c_void_p
    arguments = (ctypes.c_char_p * (len(options) + 1))(*(option.encode() for option in options), None)
    settings = ctypes.c_void_p(library.GDALDEMProcessingOptionsNew(arguments, None))
    source = ctypes.c_void_p(library.GDALOpen(str(dem).encode(), 0))
    fault = ctypes.c_int(0)
    made = library.GDALDEMProcessing(str(out).encode(), source, product.encode(), None, settings, ctypes.byref(fault))
    library.GDALDEMProcessingOptionsFree(settings)
    library.GDALClose(source)
    if not made or fault.value:
        raise RuntimeError(f"gdaldem failed on {dem}")
    library.GDALClose(ctypes.c_void_p(made))


def _library() -> ctypes.CDLL | None:
    folder = Path(rasterio.__file__).parent.parent / "rasterio.libs"
    for path in sorted(folder.glob("libgdal*")):
        library = ctypes.CDLL(str(path))
        if hasattr(library, "GDALDEMProcessing"):
            return library
    return None
