# basename(1) dirname(1): only take names apart
tool basename dirname pathchk col colcrt pipdeptree
default read
