# df(1)
tool df
default read
