# unzip(1)
tool unzip
default medium write.unpack unpacks an archive over what is there
flag -l,-v,-Z,-t,-p,-c,-z lowers
flag -d =write
flag -x,-P =value
special unpack
