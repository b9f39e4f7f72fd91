# envsubst(1)
tool envsubst
default medium secrets.env puts variables into text
