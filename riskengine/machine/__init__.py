"""From kernels to machine code, kept between processes."""
