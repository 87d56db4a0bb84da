from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.runtime.blocks import blocks_of, require_memory


@given(st.integers(1, 500), st.integers(0, 5), st.integers(1, 200))
def test_blocks_cover_every_row_once_and_read_their_halo(rows: int, halo: int, height: int) -> None:
    blocks = blocks_of(rows, halo=halo, height=height)
    assert [row for block in blocks for row in range(*block.rows)] == list(range(rows))
    assert [block.number for block in blocks] == list(range(len(blocks)))
    for block in blocks:
        assert block.read == (max(block.rows[0] - halo, 0), min(block.rows[1] + halo, rows))
        assert list(range(*block.read))[block.inner] == list(range(*block.rows))


def test_memory_is_estimated_and_too_much_refused() -> None:
    blocks = blocks_of(2048, halo=1, height=1024)
    assert require_memory(blocks, 1024, bytes_per_cell=8, at_once=2) == pytest.approx(16 * 1025 / 1024)
    with pytest.raises(InputError, match=r"about 65600 MiB \(1024 columns a row\), more than the limit of 4096 MiB"):
        require_memory(blocks, 1024, bytes_per_cell=8, at_once=8192)
