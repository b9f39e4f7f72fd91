# cscope(1)
tool cscope
default low
