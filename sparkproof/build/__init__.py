"""Programs from Go modules, images, and packages of Maven, Debian and PyPI, each built once per machine."""
