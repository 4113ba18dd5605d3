"""Programs from Go modules, images, Maven, Debian, and the versions of what they hold."""
