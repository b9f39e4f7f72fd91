# csvkit, xsv, qsv, miller, datamash, q
tool csvcut csvgrep csvlook csvstat csvsort csvjson csvclean csvformat csvjoin csvstack in2csv xsv qsv mlr datamash visidata vd tsv-utils
default read
flag -c,-d,-f,-m,-r,-n,-t,--sheet =value
flag -I,-i low
flag -o,--output =write
