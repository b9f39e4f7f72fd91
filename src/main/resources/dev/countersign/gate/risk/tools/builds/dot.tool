# dot(1): prints unless -o names a file
tool dot neato fdp sfdp twopi circo
default low
flag -o =write
flag -T,-K,-G,-N,-E,-l =value
args read
